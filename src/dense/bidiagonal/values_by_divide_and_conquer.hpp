#pragma once

// The singular values alone of a real upper bidiagonal matrix by divide and conquer.
//
//   B(d, e) = U diag(s) V^T   (n x n),   s descending; U and V are not formed
//
// Method. M. Gu and S. Eisenstat, A divide-and-conquer algorithm for the bidiagonal SVD, SIAM J. Matrix Anal. Appl. 16(1), 1995; the
// form without vectors that is LAPACK's lasda. A merge (arrow.hpp) takes from the vectors of its two blocks the last row of V1 and
// the first of V2. So each block carries the first and the last row of its V, a matrix W of 2 rows, and a merge makes its own from
// those of its blocks:
//
//   first row   ((first row of V1) | 0) [q | V]  times the right vectors of M
//   last row    (0 | (last row of V2))  [q | V]  times the same
//
//   1. Refuse NaN and infinity; scale by a power of two.
//   2. Leaves of at most `leaf` rows: implicit QR iteration, its rotations applied to W.
//   3. Merges, upwards: W as a V of two rows, one for each block; deflation rotates its columns; then the right vectors of M, with
//      the recomputed weights, are multiplied to it as they are formed, none of them stored. The last merge needs its roots
//      alone. A merge whose secular equation is not solved falls back to QR iteration on its block.
//   4. Undo the scaling.
//
// Cost: per merge of k columns about 6 k^2 divisions in vectors for the roots, k^2 for the weights and k^2 for W; without deflation
// twice that of the last merge in all: O(n^2). Memory: O(n).
// Measured (double, one thread of a shared EPYC of 2023, B of a random normal matrix, leaves of 4; in brackets LAPACK's dqds in the
// same run): n = 16: 6.2 us (6.1), 32: 15 (20), 64: 43 (71), 128: 116 (239), 256: 343 (907), 512: 1.07 ms (3.48), 1024: 3.7 (14.0),
// 2048: 13 (53). At n = 64 half of it are roots, about 6 passes over the poles, and a sixth leaves.
// Accuracy: n eps sigma_1, absolute. Small values of a graded matrix have no relative accuracy, where dqds gives it.
// Fails on NaN and infinity, and when QR iteration, the last resort, does not converge: returns false.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/workspace.hpp>

#include "dense/bidiagonal/divide_and_conquer.hpp"

namespace eckart::dense {

/// The memory that divide_and_conquer_values() takes for an n x n matrix.
template <RealScalar R>
[[nodiscard]] MemoryPlan divide_and_conquer_values_memory(Index n);

/// d: n entries, the diagonal on entry, the descending values on exit. e: n - 1 entries, left alone. `options.wanted` is ignored.
/// Returns false when it failed; then d is undefined.
template <RealScalar R>
[[nodiscard]] bool divide_and_conquer_values(const Execution& execution, std::span<R> d,
                                             std::span<R> e, const DivideAndConquerOptions& options,
                                             Workspace& work);

}  // namespace eckart::dense
