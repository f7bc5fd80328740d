#pragma once

// A triangular preconditioner from a sketch:  A P R^-1 is well conditioned, whatever the condition of A (m x n, m >> n).
//
//   1. B = S A,  S (2 n + 16) x m with four entries of +-1/2 in each column: a row of A is added to four random rows of B
//   2. B P = Q_B R with column pivoting; r: the leading entries with |r_jj| > tolerance |r_11|, the numerical rank
//   3. R_1 (n x n) is the first r rows of R, [R_11 R_12], and zero below
//
// Balabanov, "Randomized Cholesky QR factorizations", arXiv 2210.09953; Melnichenko, Balabanov, Murray, Demmel, Mahoney and
// Luszczek, "CholeskyQR with randomization and pivoting for tall matrices (CQRRPT)", SIAM J. Matrix Anal. Appl. 46 (2025).
// S preserves lengths in the range of A up to a factor c (about 6 for a Gaussian S of this height), so the columns of
// A P [R_11^-1; 0] have a condition number of about c. Here nothing is built on that: tall_qr.cpp measures it.
//
// Columns of a numerically deficient A, the last n - r of A P, are A_1 R_11^-1 R_12 up to an error of about tolerance ||A||,
// which is what step 3 drops.
//
// Cost: 8 m n flops of vector additions at the speed of cache, and 10/3 n^3 for step 2. The sketch is seeded: the same every time.

#include <span>

#include <eckart/workspace.hpp>

#include "dense/tall/tall_rows.hpp"

namespace eckart::dense {

/// r1 and pivots as in step 3: column j of A P is column pivots[j] of A. Returns r; 0 when the sketch is zero or not finite.
template <Scalar T>
[[nodiscard]] Index sketch_factor(const Execution& execution, const TallRows<T>& a,
                                  const RowLeaves& leaves, std::uint64_t seed, MatrixView<T> r1,
                                  std::span<Index> pivots, Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan sketch_memory(Index n, const RowLeaves& leaves);

/// Sixty-four random bits for a counter (SplitMix64: Steele, Lea and Flood, OOPSLA 2014).
[[nodiscard]] constexpr std::uint64_t random_bits(std::uint64_t seed,
                                                  std::uint64_t counter) noexcept {
  std::uint64_t z = seed + (counter + 1) * 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

}  // namespace eckart::dense
