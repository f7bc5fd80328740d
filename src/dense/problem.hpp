#pragma once

// What has to be computed, after transposition.
//
// A wide matrix is decomposed through its conjugate transpose, so that inside the room every matrix is tall:
//
//   A = L diag(s) R^H      A m x n, m >= n      L m x n, R n x n, vectors as columns
//
// L, R are U, V for a tall matrix and V, U for a wide one. Vectors as columns on both sides: a back-transformation acts on
// column-major memory from the left, whichever side it belongs to, and the first k vectors are the first k columns.
//
// L needs R beside it for the audit and the sign rule, and R is the small one, so R is computed whenever L is. R alone never
// forms L: its audit goes along the chain of the reduction (chain_audit.hpp).

#include <algorithm>
#include <span>

#include <eckart/svd.hpp>

#include "dense/bidiagonal/bidiagonal_svd.hpp"

namespace eckart::dense {

struct Problem {
  Index m = 0, n = 0;       // m >= n
  bool transposed = false;  // the matrix given was wide
  bool want_left = false, want_right = false;
  bool keeps_right = false;  // the caller asked for R itself
  Index vectors = 0;         // columns of L and of R that are computed, the leading ones
  Index left_columns = 0;    // of the result: `vectors`, or m for a full basis
  bool qr_first = false;

  Problem(Index rows, Index cols, const SvdOptions& options)
      : m(std::max(rows, cols)), n(std::min(rows, cols)), transposed(rows < cols) {
    const Vectors left = transposed ? options.v : options.u;
    const Vectors right = transposed ? options.u : options.v;
    want_left = left != Vectors::none;
    keeps_right = right != Vectors::none;
    want_right = want_left || keeps_right;
    vectors = options.leading > 0 ? std::min(options.leading, n) : n;
    left_columns = left == Vectors::full ? m : vectors;
    qr_first = m > n && static_cast<double>(m) >= options.qr_first * static_cast<double>(n);
  }
};

/// Whether a tall matrix goes through its triangular factor. Not with Jacobi, which has its own pivoted QR decomposition, and whose
/// accuracy for columns of very different size a Gram matrix would spoil. With LAPACK's driver it does as with ours: LAPACK then
/// decomposes the factor.
[[nodiscard]] inline bool goes_through_qr(const Problem& problem, const SvdOptions& options) {
  return problem.qr_first && options.driver != Driver::jacobi;
}

/// The ladder, lowest rung first. With values alone qr_iteration stands for dqds, which is the faster one for small n.
[[nodiscard]] inline std::span<const Driver> rungs(Driver driver, Index n, bool vectors) {
  using enum Driver;
  static constexpr Driver all[] = {divide_and_conquer, qr_iteration, jacobi};
  static constexpr Driver of_few_values[] = {qr_iteration, divide_and_conquer, jacobi};
  static constexpr Driver by_merges[] = {divide_and_conquer, jacobi};
  static constexpr Driver by_qr[] = {qr_iteration, jacobi};
  static constexpr Driver reference[] = {lapack, jacobi};
  static constexpr Driver last[] = {jacobi};
  switch (driver) {
    case automatic:
      return !vectors && n < values_by_merges_from ? std::span<const Driver>(of_few_values) : all;
    case divide_and_conquer:
      return by_merges;
    case qr_iteration:
      return by_qr;
    case lapack:
      return reference;
    case jacobi:
      break;
  }
  return last;
}

}  // namespace eckart::dense
