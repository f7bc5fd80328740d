#pragma once

// The orthogonal Procrustes problem (Schonemann 1966): which orthogonal Q lays one cloud of points
// on another?
//
//   min || c A Q - B ||_F     A, B  m x n (a point a row),  Q  n x n unitary,  c = 1 or free
//
//   A^H B = U diag(s) V^H     Q = U V^H,     c = sum(s_i) / ||A||_F^2
//
// Rotations only (det Q = +1, real matrices; Kabsch 1976, Umeyama 1991): where det(U V^T) = -1, the
// direction of the smallest value is turned round, Q = U diag(1, ..., 1, -1) V^T and the last value
// counts negatively in the sum. With `centre`, the column means are taken off first and a
// translation is returned: c A Q + (row t) lies on B.
//
// Q is unique when sigma_n > 0 (rotations: when sigma_{n-1} + d sigma_n > 0, d = det(U V^T)). Its
// sensitivity to A^H B is that of the polar factor (polar.hpp). (Golub and Van Loan, Matrix
// Computations, 4th ed., section 6.4.1; Soderkvist 1993.)

#include <vector>

#include <eckart/svd.hpp>

namespace eckart {

struct ProcrustesOptions {
  bool scale = false;          // c is free, c >= 0; otherwise c = 1
  bool rotation_only = false;  // det Q = +1; real types
  bool centre = false;         // c A Q + t
};

template <Scalar T>
struct Procrustes {
  Matrix<T> Q;                   // n x n
  double scale = 1;              // c; 1 too where it is free and A is 0, so that any c does
  Matrix<T> translation;         // 1 x n, the row t; zero unless centred
  std::vector<double> values;    // singular values of A^H B / (||A||_F ||B||_F), clouds centred
  double residual = 0;           // || c A Q + t - B ||_F, computed from the matrices
  double relative_residual = 0;  // residual / ||B||_F (of the centred B); 0 when both are 0
  bool reflected = false;        // real types: the best orthogonal Q is a reflection, det Q = -1
  bool unique = true;            // Q is determined, by the rank rule on the values
};

/// Throws InvalidArgument (shapes differ; rotation_only for a complex type), NonFinite, OutOfRange.
/// Cost: 2 m n^2 flops for A^H B, an SVD of it (n x n), 2 n^3 + 2 m n^2 for Q and the residual.
template <Scalar T>
[[nodiscard]] Procrustes<T> procrustes(MatrixView<const T> a, MatrixView<const T> b,
                                       const ProcrustesOptions& options = {},
                                       SvdOptions svd_options = {});

template <MatrixLike A, MatrixLike B>
[[nodiscard]] Procrustes<ScalarOf<A>> procrustes(const A& a, const B& b,
                                                 const ProcrustesOptions& options = {},
                                                 const SvdOptions& svd_options = {}) {
  return procrustes<ScalarOf<A>>(as_view(a), as_view(b), options, svd_options);
}

}  // namespace eckart
