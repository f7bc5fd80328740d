#pragma once

// The four subspaces of A (m x n, rank r) as orthonormal bases, a vector a column:
//
//   range       { A x }          m x r         columns 1 .. r of U
//   left null   { y: A^H y = 0 } m x (m - r)   the other columns of a full U
//   row space   { A^H y }        n x r         columns 1 .. r of V
//   null space  { x: A x = 0 }   n x (n - r)   the other columns of a full V
//
// r is the numerical rank (rank.hpp). A unit vector v of the null space found has
// ||A v||_2 <= sigma_{r+1}. How sure a subspace is depends on the gap alone (Wedin 1972; Stewart
// and Sun, Matrix Perturbation Theory, chapter V): a change E of A turns it by an angle theta
// with sin(theta) <= ||E||_2 / (sigma_r - sigma_{r+1} - ||E||_2).
//
// Thin factors suffice: columns that are not there are made by completion (complete_basis), at
// 4 m k (m - k) flops.

#include <eckart/execution.hpp>
#include <eckart/rank.hpp>

namespace eckart {

/// Basis of the range, m x r. Needs U (InvalidArgument otherwise).
template <Scalar T>
[[nodiscard]] Matrix<T> range_basis(const Svd<T>& d, const RankRule& rule = {});

/// Basis of the orthogonal complement of the range, m x (m - r). Needs U.
template <Scalar T>
[[nodiscard]] Matrix<T> left_null_space_basis(const Svd<T>& d, const RankRule& rule = {},
                                              const Execution& run = {});

/// Basis of the row space, n x r: columns of V, not of Vh. Needs Vh.
template <Scalar T>
[[nodiscard]] Matrix<T> row_space_basis(const Svd<T>& d, const RankRule& rule = {},
                                        const Execution& run = {});

/// Basis of the null space, n x (n - r): columns of V, not of Vh. Needs Vh.
template <Scalar T>
[[nodiscard]] Matrix<T> null_space_basis(const Svd<T>& d, const RankRule& rule = {},
                                         const Execution& run = {});

/// For Q (m x k, k <= m) with orthonormal columns, m - k more columns that make [Q, result]
/// unitary. By Householder QR of Q, whose reflectors are orthogonal to rounding whatever Q is; each
/// new column follows the sign rule (its largest entry is real and positive). Throws
/// InvalidArgument when k > m or when || I - Q^H Q ||_F exceeds 100 k sqrt(m) eps: completing
/// columns that are not orthonormal has no meaning. Cost: 2 m k^2 + 4 m (m - k) k flops.
template <Scalar T>
[[nodiscard]] Matrix<T> complete_basis(MatrixView<const T> q, const Execution& run = {});

template <MatrixLike Q>
[[nodiscard]] Matrix<ScalarOf<Q>> complete_basis(const Q& q, const Execution& run = {}) {
  return complete_basis<ScalarOf<Q>>(as_view(q), run);
}

// From a matrix: the vectors of one side only are computed.

template <MatrixLike A>
[[nodiscard]] Matrix<ScalarOf<A>> range_basis(const A& a, const RankRule& rule = {},
                                              SvdOptions options = {}) {
  options.u = Vectors::thin;
  options.v = Vectors::none;
  return range_basis(svd(a, options), rule);
}
template <MatrixLike A>
[[nodiscard]] Matrix<ScalarOf<A>> left_null_space_basis(const A& a, const RankRule& rule = {},
                                                        SvdOptions options = {}) {
  options.u = Vectors::full;
  options.v = Vectors::none;
  return left_null_space_basis(svd(a, options), rule, execution_of(options));
}
template <MatrixLike A>
[[nodiscard]] Matrix<ScalarOf<A>> row_space_basis(const A& a, const RankRule& rule = {},
                                                  SvdOptions options = {}) {
  options.u = Vectors::none;
  options.v = Vectors::thin;
  return row_space_basis(svd(a, options), rule, execution_of(options));
}
template <MatrixLike A>
[[nodiscard]] Matrix<ScalarOf<A>> null_space_basis(const A& a, const RankRule& rule = {},
                                                   SvdOptions options = {}) {
  options.u = Vectors::none;
  options.v = Vectors::full;
  return null_space_basis(svd(a, options), rule, execution_of(options));
}

}  // namespace eckart
