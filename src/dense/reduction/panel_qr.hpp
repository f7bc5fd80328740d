#pragma once

// QR decomposition of a panel that stays in cache, its reflectors ready for products:
//
//   A = Q [R; 0],   Q = I - V T V^H     A m x b;  k = min(m, b) reflectors;  R k x b,  V m x k,  T k x k
//
// Householder QR, blocked over `inner` columns, looking left, so that the wide part of the work has the shape of products:
//
// 1. The block J receives the reflectors of the columns before it:  A_J <- A_J - V T^H (V^H A_J).
// 2. Its columns are reduced one by one: the reflector of a column, H^H a = beta e_1 with beta real, is applied to the others of
//    the block, four at a time (the inner products in one pass, the update in a second), on vectors of the processor.
// 3. R's columns are moved away, and ones and zeros take their place in V.
// 4. T grows by the columns of J (block_reflector.hpp) from  V^H V_J.
//
// Cost: 3 m b^2 flops, 2 m b inner of them in step 2. Columns are padded with zeros to a multiple of `panel_rows_multiple` and
// aligned to a cache line (panel_storage), so that no loop has a tail.
//
// Accuracy: that of Householder QR, columnwise backward stable (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed.,
// theorem 19.4), for every input: zero and repeated columns need no pivoting, and a column whose square leaves the range of the
// type is scaled by a power of two first. NaN goes through.

#include <string_view>

#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

#include "core/simd.hpp"

namespace eckart::dense {

struct PanelOptions {
  Index inner = 16;                        // columns of a block
  Processor processor = this_processor();  // for which the loops of step 2 are compiled
};

inline constexpr Index panel_rows_multiple = 16;

/// The length to which a column of `rows` entries is padded.
[[nodiscard]] constexpr Index panel_length(Index rows) noexcept {
  return (rows + panel_rows_multiple - 1) / panel_rows_multiple * panel_rows_multiple;
}
/// The distance of columns: that length, moved off the multiples of a page, where equal rows of all columns would compete for the
/// same few lines of the cache.
[[nodiscard]] constexpr Index panel_stride(Index rows) noexcept {
  constexpr Index page = 256;  // entries: 1 to 4 KiB
  const Index length = panel_length(rows);
  return length % page == 0 ? length + panel_rows_multiple : length;
}

/// Memory for a panel of rows x cols, aligned and padded; the padding is zeroed.
template <Scalar T>
[[nodiscard]] MatrixView<T> panel_storage(Index rows, Index cols, Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan panel_storage_memory(std::string_view name, Index rows, Index cols);

/// A, m x b in panel_storage, or the first m rows of one with more where the next panel_length(m) - m rows are zero, becomes V with its ones and zeros in
/// the first k columns. r (k x b) and t (k x k) are written, with zeros below their diagonals.
template <Scalar T>
void panel_qr(MatrixView<T> a, MatrixView<T> r, MatrixView<T> t, const PanelOptions& options,
              Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan panel_qr_memory(Index m, Index b, const PanelOptions& options);

}  // namespace eckart::dense
