#pragma once

// Products of a sparse matrix in compressed rows with a block of vectors.
//
//   Y = S X      S  m x n    X  n x b    Y  m x b
//
// Entry (i, j) of S adds s_ij times row j of X to row i of Y. With X column by column that is b lines of memory for an entry, so
// X is first copied row by row, b filled up with zeros to whole units of 64 bytes (one or two); then an entry is a
// few contiguous loads and multiply-adds, and row i of Y stays in registers until it is done.
//
// Complex rows are read as reals: P = sum Re(s) x and Q = sum Im(s) x, and y = P + i Q once a row, so that no entry needs a
// shuffle. A single vector is read where it stands.
//
// There and back, Z <- Z + S^H (factor S X): once row i of Y is done, its entries are at hand for S^H, whose column i they are,
// so they add to as many rows of Z. One reading of S, and Y need not exist. X and Z are read and written at random: it pays
// while both stay in the cache. With another block W in the place of Y, S X and S^H W come from that one reading as well.
//
// Cost 2 b flops an entry (8 complex); S is read once for each 128 bytes of a row of X: with wider rows X leaves
// the cache, which costs more than reading S again (measured). Rows of X are fetched some entries ahead,
// because nothing else can foresee them.

#include <cstdint>

#include "core/simd.hpp"

namespace eckart {

/// The arrays of a SparseMatrix, for rows first ... last - 1.
template <Scalar T, class I>
struct SparseRows {
  const Index* pointers;
  const I* columns;
  const T* values;
  Index first, last;
};

/// Reals in a unit.
template <Scalar T>
inline constexpr Index unit_lanes = 64 / static_cast<Index>(sizeof(Real<T>));

inline constexpr Index most_units = 2;

/// Units that hold b vectors, at most most_units.
template <Scalar T>
[[nodiscard]] constexpr Index units_for(Index b) noexcept {
  return b * (ComplexScalar<T> ? 2 : 1) <= unit_lanes<T> ? 1 : most_units;
}

/// y <- rows first ... last - 1 of S X; x and y row by row, `units` units a row.
template <Scalar T, class I>
using SparseKernel = void (*)(const SparseRows<T, I>&, const Real<T>* x, Real<T>* y) noexcept;

template <Scalar T, class I>
[[nodiscard]] SparseKernel<T, I> sparse_kernel(Index units,
                                               Processor processor = this_processor()) noexcept;

/// z <- z + S^H W for the rows first, first + 1, ... of W that w points at.
template <Scalar T, class I>
using BackKernel = void (*)(const SparseRows<T, I>&, const Real<T>* w, Real<T>* z) noexcept;

template <Scalar T, class I>
[[nodiscard]] BackKernel<T, I> back_kernel(Index units,
                                           Processor processor = this_processor()) noexcept;

/// Rows first, first + 1, ... of Y = factor S X go to y, one after the other; z <- z + S^H Y, or S^H W where w points at such rows of W.
template <Scalar T, class I>
using ThereAndBackKernel = void (*)(const SparseRows<T, I>&, Real<T> factor, const Real<T>* x,
                                    Real<T>* y, const Real<T>* w, Real<T>* z) noexcept;

template <Scalar T, class I>
[[nodiscard]] ThereAndBackKernel<T, I> there_and_back_kernel(
    Index units, Processor processor = this_processor()) noexcept;

}  // namespace eckart
