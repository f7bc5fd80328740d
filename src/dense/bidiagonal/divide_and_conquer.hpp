#pragma once

// Singular values and vectors of a real upper bidiagonal matrix by divide and conquer.
//
//   B(d, e) = U diag(s) V^T   (n x n),   s descending, singular vectors in the columns of U and V
//
// Method. M. Gu and S. Eisenstat, A divide-and-conquer algorithm for the bidiagonal SVD, SIAM J. Matrix Anal. Appl. 16(1), 1995.
// B is cut at a row into two blocks of half the size, one with a column more than rows; each is decomposed, and their values and
// vectors give a broken arrow matrix whose decomposition is that of B (merge.hpp).
//
//   1. Refuse NaN and infinity; scale by a power of two, so that nothing that matters overflows or underflows.
//   2. Leaves of at most `leaf` rows: implicit QR iteration (bidiagonal_qr.hpp).
//   3. Merges, upwards. A block's U and V stand where they will stand in the whole, so that a merge reads and writes the same
//      place. A merge whose secular equation is not solved falls back to QR iteration on its block.
//   4. Undo the scaling; bring the columns into the order of the values, each moved once.
//
// Threads. Subtrees of at most `subtree` rows are tasks; above them the merges of a level are tasks, each with its share of the threads
// for its own work. What is a task depends on n alone.
//
// Cost: at most 8/3 n^3 flops in matrix products for both sides, a factor 2 to 10 less where values deflate, and O(n^2) for the
// rest. Memory: 1.5 n^2 + O(n). With `wanted` = k the last merge, three quarters of the work, forms k columns of each.
// Measured (double, one thread of a shared EPYC of 2023, B of a random normal matrix, in products n x n x n of the same run; in
// brackets LAPACK's bdsdc): n = 64: 9.4 (25), 128: 3.5 (10), 256: 2.4 (5.7), 512: 2.4 (6.0), 1024: 1.1 - 1.7 (2.7 - 3.1), 2048: 1.27
// (2.28); all ones, where nothing deflates, 2048: 1.5 (2.6 - 3.0), of which 1.33 are the products. Where the rest goes at n = 2048:
// roots 8 ms (6 passes over the poles), weights 1.4 ms, vectors 2 x 2 ms, against 530 ms of a product on that day (200 ms on a
// quiet processor), twice that over all levels; copies about as much. At n = 64, of 87 us: leaves about 30, roots and vectors 30,
// products 15.
// Accuracy: values to n eps sigma_1 (absolute: small values of a graded matrix have no relative accuracy), vectors orthogonal to n
// eps, whatever the gaps.
// Fails on NaN and infinity, and when QR iteration, the last resort, does not converge: returns false.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

namespace eckart::dense {

struct DivideAndConquerOptions {
  Index leaf = 8;              // blocks of at most this many rows are leaves; at least 2
  Index subtree = 256;         // blocks of at most this many rows are one task
  double deflation = 8;        // what is below this times eps |B| counts as zero
  int secular_steps = 60;      // most passes of the secular equation
  Index wanted = -1;           // leading columns of U and V that are formed; -1: all
  bool reject_merges = false;  // every merge falls back to QR iteration (for tests)
};

/// The memory that divide_and_conquer() takes.
template <RealScalar R>
[[nodiscard]] MemoryPlan divide_and_conquer_memory(Index n,
                                                   const DivideAndConquerOptions& options = {});

/// d: n entries, the diagonal on entry, the descending values on exit. e: n - 1 entries, destroyed. u, v: n x n, column-major; with
/// `wanted` the columns behind are undefined. Returns false when it failed; then the content is undefined.
template <RealScalar R>
[[nodiscard]] bool divide_and_conquer(const Execution& execution, std::span<R> d, std::span<R> e,
                                      MatrixView<R> u, MatrixView<R> v,
                                      const DivideAndConquerOptions& options, Workspace& work);

}  // namespace eckart::dense
