#pragma once

// Bulge chasing:  B_band = Q2 B P2^H,  all n x n, B_band upper triangular with b superdiagonals, B(d, e) real upper bidiagonal.
//
// Method: Householder bulge chasing by columns (Lang 1996; Haidar, Kurzak, Luszczek 2013). Sweep s = 0 ... n - 2 finishes row s
// and column s + 1. Its step k works on the indices
//
//   I(s, k) = [s + 1 + k b,  min(s + (k + 1) b, n - 1)],   k = 0 ... steps(s) - 1,  steps(s) = ceil((n - 1 - s) / b)
//
// with a reflector P(s, k) of the columns I(s, k) from the right and one, Q(s, k), of the rows I(s, k) from the left:
//
//                 I(s,k)
//              +----------+
//   I(s,k-1)   | O        |   1. Q(s, k-1) of the step before is applied to O (k = 0: O is row s alone).
//              +----------+   2. P(s, k) leaves of the first row of O its first entry; it is applied to O and D.
//   I(s,k)     | D        |   3. Q(s, k) leaves of the first column of D its first entry; it is applied to D.
//              +----------+
//
// Of every bulge only the first row or column is removed; the next sweep, whose blocks lie one further down and to the right,
// takes up the rest. So b - 1 subdiagonals and 2 b - 1 superdiagonals fill up, and no more.
//
// Order. Step (s, k) reads and writes the columns I(s, k) only, apart from the reflector that step (s, k - 1) hands on. The
// columns of (s + 1, k) are those of (s, k) less the first, and the first of (s, k + 1). Hence (s + 1, k) may run when (s, k + 1)
// is done (or, where there is none, when (s, k) is), and every schedule that keeps to this does the same operations on the same
// numbers: the result has the same bits for any number of threads.
//
// Schedule. Sweeps go in groups of `group`. At time t a group does step t - j of its sweep j, for j = 0, 1, ...: the columns that
// it works on stay in a core's own cache while all its sweeps pass over them. A thread takes the next group and follows the
// group before it at the distance that the order demands.
//
// Complex: reflectors are I - tau v v^H with complex tau and make the entry that they leave real; a factor of modulus 1 on row 0
// (`phase`) does it for d(0). Blocks of one column still get their reflector, so d and e are real.
//
// Cost: 8 n^2 b flops (complex: 32), all on windows of 2 b x b entries in cache. The reflectors of both sides
// take n^2 (1 + 4 / b) entries, padding included, and n^2 / b for tau. chase() keeps them where it is given a place; the driver
// always gives one, since the audit applies Q2 and P2: values alone hold as much. Backward stable: normwise, ||E|| of order n eps
// ||B_band||. It succeeds for every finite matrix whose norm may be squared; NaN passes through and nothing waits for convergence.

#include <algorithm>
#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

#include "core/simd.hpp"

namespace eckart::dense {

/// The band of n x n with room for the bulges. Entry (i, j) is matrix()(i, j), where -(b - 1) <= j - i <= 2 b - 1: the storage is
/// LAPACK's for a band with b - 1 sub- and 2 b - 1 superdiagonals, entry (i, j) at storage(above + i - j, j), and a few rows more
/// above and below, so that whole vectors of the processor may be read and written and equal rows of all columns have equal
/// alignment. What lies outside the upper band, spare rows included, must be zero when chase() begins; take_band() sees to it.
template <Scalar T>
struct BandStorage {
  MatrixView<T> storage;  // rows x n, rows = storage.col_stride()
  Index n = 0;
  Index band = 0;   // b: at least 1, at most n - 1 (1 where n = 1)
  Index above = 0;  // the row of the storage in which the diagonal stands

  /// A view in which entry (i, j) of the band is entry (i, j), as long as it has a place. Blocks of it are column-major matrices
  /// whose column stride is storage.col_stride() - 1: an upper triangular or square part of the band is copied as from any matrix.
  [[nodiscard]] MatrixView<T> matrix() const noexcept {
    return {storage.data() + above, n, n, 1, storage.col_stride() - 1};
  }
};

/// Storage of zeros from the workspace. A band beyond n - 1 is taken for n - 1.
template <Scalar T>
[[nodiscard]] BandStorage<T> take_band(Index n, Index band, Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan band_memory(Index n, Index band);

/// Reflectors of one side. H(s, k) = I - tau v v^H, v(0) = 1, on the rows I(s, k). First come all H(s, 0), s ascending, then all
/// H(s, 1), ...: the vectors of consecutive sweeps at the same k lie `stride` apart, each padded with zeros to that length.
template <Scalar T>
struct ChaseSide {
  std::span<T> vectors;  // reflectors() * stride
  std::span<T> tau;      // reflectors()
};

/// Q2 = diag(phase, 1, ..., 1) Q(0, 0) Q(0, 1) ... Q(1, 0) ..., P2 = P(0, 0) P(0, 1) ... P(1, 0) ...; see chase_vectors.hpp.
template <Scalar T>
struct Chase {
  Index n = 0;
  Index band = 0;
  T phase{1};
  ChaseSide<T> left{}, right{};

  /// Zeros between one vector and the next: a register tile of chase_vectors.cpp reads up to three entries beyond either end.
  static constexpr Index padding = 4;
  [[nodiscard]] Index stride() const noexcept { return band + padding; }
  /// Steps of a sweep that has `rest` = n - 1 - s rows below it; also the number of blocks k.
  [[nodiscard]] Index steps(Index s) const noexcept { return (n - 1 - s + band - 1) / band; }
  /// The number of sweeps that have a step k.
  [[nodiscard]] Index sweeps(Index k) const noexcept {
    return std::max<Index>(0, n - 1 - k * band);
  }
  /// The place of reflector (s, k) in tau; times stride(), that of its vector.
  [[nodiscard]] Index place(Index s, Index k) const noexcept {
    return k * (n - 1) - band * (k * (k - 1) / 2) + s;
  }
  [[nodiscard]] Index reflectors() const noexcept { return n <= 1 ? 0 : place(0, steps(0)); }
};

/// A chase of n x n that holds no reflectors. A band beyond n - 1 is taken for n - 1.
template <Scalar T>
[[nodiscard]] Chase<T> chase_shape(Index n, Index band) {
  return {.n = n, .band = std::clamp<Index>(band, 1, std::max<Index>(n - 1, 1))};
}

/// Room for the reflectors from the workspace, to be filled by chase().
template <Scalar T>
[[nodiscard]] Chase<T> take_chase(Index n, Index band, Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan chase_reflectors_memory(Index n, Index band);

struct ChaseOptions {
  Index group = 0;  // sweeps that a thread interleaves; 0: as measured. No result depends on it.
  Processor processor = this_processor();
};

/// Reduces the band, which is destroyed, to d (n) and e (n - 1). The reflectors go to `keep` (from take_chase for the same n and
/// band) unless it is null.
template <Scalar T>
void chase(const Execution& execution, const BandStorage<T>& band, std::span<Real<T>> d,
           std::span<Real<T>> e, Chase<T>* keep, const ChaseOptions& options, Workspace& work);
/// With so many threads (Execution::thread_count()).
template <Scalar T>
[[nodiscard]] MemoryPlan chase_memory(Index n, Index band, Index threads,
                                      const ChaseOptions& options);

}  // namespace eckart::dense
