#pragma once

// Minimum-norm least squares: for A (m x n, rank r) and several right-hand sides B (m x p), the X
// (n x p) each of whose columns minimizes ||A x - b||_2 and is the shortest that does:
//
//   X = V_r diag(1 / sigma_i) (U_r^H B)
//
// in that order, never through A^+. Any shape: tall (fit), wide (shortest solution),
// rank-deficient, square. With a Tikhonov parameter lambda > 0 it minimizes ||A x - b||^2 +
// lambda^2 ||x||^2 instead: component i is multiplied by the filter factor
//
//   f_i = sigma_i^2 / (sigma_i^2 + lambda^2),      X = V_r diag(f_i / sigma_i) (U_r^H B)
//
// (Hansen, Rank-Deficient and Discrete Ill-Posed Problems, SIAM 1998, chapter 4). Values that the
// rank rule does not count are left out in both cases: they are rounding errors.
//
// Error of x, relative and to first order in eps, for a backward stable computation that keeps the
// rank (Wedin 1973; Bjorck, Numerical Methods for Least Squares Problems, SIAM 1996, section 1.4;
// LAPACK Users' Guide, section 4.5):
//
//   eps (2 kappa / cos(theta) + tan(theta) kappa^2)
//   kappa = sigma_1 / sigma_r,   sin(theta) = ||b - A x|| / ||b||
//
// The square of kappa matters only when b does not fit.

#include <vector>

#include <eckart/execution.hpp>
#include <eckart/rank.hpp>

namespace eckart {

struct LeastSquaresOptions {
  RankRule rank = {};
  double lambda = 0;  // Tikhonov parameter in units of A, >= 0
};

template <Scalar T>
struct LeastSquares {
  Matrix<T> X;                    // n x p
  std::vector<Real<T>> s;         // of A, all min(m, n) values
  RankReport rank;                // of A
  double condition = 0;           // sigma_1 / sigma_r; 0 when the rank is 0
  double degrees_of_freedom = 0;  // sum of the filter factors: r for lambda = 0, less with lambda
  std::vector<double> residual_norms;  // ||b - A x||_2 of each right-hand side
  std::vector<double> solution_norms;  // ||x||_2
  std::vector<double>
      error_bounds;  // relative, the formula above; 0 for b = 0, infinite for b orthogonal to the
                     // range. For lambda > 0 it is that of the problem [A; lambda I] x = [b; 0]
};

/// From a decomposition; needs U and Vh, thin or full. The residual is b - U_r f (U_r^H b): that of
/// the decomposition.
///
/// Throws InvalidArgument (missing vectors, B of other than m rows, lambda negative or not finite),
/// NonFinite (NaN or infinity in B), OutOfRange (an entry of X exceeds the type). Cost: 2 p r (2 m
/// + n) flops.
template <Scalar T>
[[nodiscard]] LeastSquares<T> least_squares(const Svd<T>& d, MatrixView<const T> b,
                                            const LeastSquaresOptions& options = {},
                                            const Execution& run = {});

/// From a matrix: decomposes it; the residual is b - A x of the X returned. For no more right-hand sides than unknowns neither U nor V
/// is formed: U^H is applied to B and V to the result, as the parts that they are products of, each of which is audited.
template <Scalar T>
[[nodiscard]] LeastSquares<T> least_squares(MatrixView<const T> a, MatrixView<const T> b,
                                            const LeastSquaresOptions& options = {},
                                            SvdOptions svd_options = {});

template <Scalar T, MatrixLike B>
[[nodiscard]] LeastSquares<T> least_squares(const Svd<T>& d, const B& b,
                                            const LeastSquaresOptions& options = {},
                                            const Execution& run = {}) {
  return least_squares<T>(d, as_view(b), options, run);
}
template <MatrixLike A, MatrixLike B>
[[nodiscard]] LeastSquares<ScalarOf<A>> least_squares(const A& a, const B& b,
                                                      const LeastSquaresOptions& options = {},
                                                      const SvdOptions& svd_options = {}) {
  return least_squares<ScalarOf<A>>(as_view(a), as_view(b), options, svd_options);
}

}  // namespace eckart
