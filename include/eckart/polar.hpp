#pragma once

// The polar decomposition: a rotation times a stretch, as z = e^(i phi) |z| for numbers.
//
//   right form, m >= n    A = W H    W^H W = I    W = U V^H    H = V diag(s) V^H    n x n
//   left form,  m <= n    A = H W    W W^H = I    W = U V^H    H = U diag(s) U^H    m x m
//
// W is m x n; H is Hermitian and positive semidefinite. H is unique; W is when sigma_min > 0. W is
// the matrix with orthonormal columns (rows) that is nearest to A in every unitarily invariant norm
// (Fan and Hoffman 1955), at the distance ||A - W||_F = sqrt(sum (sigma_i - 1)^2).
//
// Errors for a change E of A, to first order (Higham, Functions of Matrices, SIAM 2008,
// chapter 8; Kenney and Laub 1991; Li 1995):
//
//   ||dH||_F <= sqrt(2) ||E||_F        ||dW||_F <= kappa_W ||E||_F
//   kappa_W = 2 / (sigma_n + sigma_{n-1}) for a real square matrix, 1 / sigma_min otherwise

#include <eckart/execution.hpp>
#include <eckart/rank.hpp>

namespace eckart {

/// `automatic`: right for m >= n, left for m < n. A square matrix has both forms, with the same W.
enum class PolarSide { automatic, right, left };

template <Scalar T>
struct Polar {
  Matrix<T> W;                        // m x n, orthonormal columns (right) or rows (left)
  Matrix<T> H;                        // exactly Hermitian: H(j, i) == conj(H(i, j)), real diagonal
  PolarSide side = PolarSide::right;  // never automatic
  bool unique = true;                 // sigma_min is above the rank threshold: W is determined by A
  double smallest_eigenvalue = 0;     // of H: sigma_min
  double distance_to_orthonormal = 0;  // ||A - W||_F
  double condition_w = 0;              // kappa_W; infinite when sigma_min is 0
  double residual = 0;                 // ||U S Vh - W H||_F / (||A||_F max(m, n) eps)
  double orthogonality = 0;            // ||I - W^H W||_F / (max(m, n) eps); left form: of W W^H
};

/// Needs U and Vh. Throws InvalidArgument when they are missing or the side does not fit the shape.
/// Cost: 2 m n k + n^2 k flops (k = min(m, n)) and as much again for the two figures.
template <Scalar T>
[[nodiscard]] Polar<T> polar_decomposition(const Svd<T>& d, PolarSide side = PolarSide::automatic,
                                           const Execution& run = {});

template <MatrixLike A>
[[nodiscard]] Polar<ScalarOf<A>> polar_decomposition(const A& a,
                                                     PolarSide side = PolarSide::automatic,
                                                     SvdOptions options = {}) {
  options.u = Vectors::thin;
  options.v = Vectors::thin;
  return polar_decomposition(svd(a, options), side, execution_of(options));
}

/// W alone: the nearest matrix with orthonormal columns (m >= n) or rows (m <= n); for a square
/// matrix the nearest unitary one. Where A is rank-deficient it is one of several that are equally
/// near. Cost: 2 m n k flops.
template <Scalar T>
[[nodiscard]] Matrix<T> nearest_orthonormal(const Svd<T>& d, const Execution& run = {});

template <MatrixLike A>
[[nodiscard]] Matrix<ScalarOf<A>> nearest_orthonormal(const A& a, SvdOptions options = {}) {
  options.u = Vectors::thin;
  options.v = Vectors::thin;
  return nearest_orthonormal(svd(a, options), execution_of(options));
}

}  // namespace eckart
