#pragma once

// The pseudoinverse (Moore 1920, Penrose 1955) of A (m x n, rank r):
//
//   A^+ = V_r diag(1 / sigma_1, ..., 1 / sigma_r) U_r^H        n x m
//
// the one matrix X with A X A = A, X A X = X, and A X and X A Hermitian. A^+ b is the shortest of
// all minimizers of ||A x - b||; to solve for few b, least_squares() is cheaper and more accurate
// than forming A^+.
//
// Error (Wedin, BIT 13, 1973, pp. 217-232; Stewart and Sun, Matrix Perturbation
// Theory, chapter III): when A + E has the rank of A and eta = ||A^+||_2 ||E||_2 < 1,
//
//   || (A + E)^+ - A^+ ||_2  <=  mu ||A^+||_2^2 ||E||_2 / (1 - eta),    ||A^+||_2 = 1 / sigma_r,
//
// mu = (1 + sqrt 5) / 2 for r < min(m, n), sqrt 2 for r = min(m, n) and m != n, 1 for a square
// matrix of full rank. Where E changes the rank the two are at least 1 / ||E||_2 apart.

#include <eckart/execution.hpp>
#include <eckart/rank.hpp>

namespace eckart {

template <Scalar T>
struct Pseudoinverse {
  Matrix<T> inverse;     // n x m
  RankReport rank;       // how many values were inverted, and how close that decision was
  double norm = 0;       // ||A^+||_2 = 1 / sigma_r; 0 when the rank is 0
  double condition = 0;  // ||A||_2 ||A^+||_2 = sigma_1 / sigma_r; 0 when the rank is 0
  /// On the 2-norm of the error: the bound above for ||E||_2 = max(m, n) eps sigma_1, which is what
  /// the SVD's own rounding amounts to. Infinite when eta >= 1.
  double error_bound = 0;
};

/// Needs U and Vh, thin or full. Throws InvalidArgument when they are missing, and OutOfRange when
/// 1 / sigma_r exceeds the type (sigma_r below 3e-309 for double, 3e-39 for float): a rank rule
/// with a larger atol leaves such values out. Cost: 2 m n r flops after the SVD; memory: the result
/// and one factor.
template <Scalar T>
[[nodiscard]] Pseudoinverse<T> pseudoinverse(const Svd<T>& d, const RankRule& rule = {},
                                             const Execution& run = {});

template <MatrixLike A>
[[nodiscard]] Pseudoinverse<ScalarOf<A>> pseudoinverse(const A& a, const RankRule& rule = {},
                                                       SvdOptions options = {}) {
  options.u = Vectors::thin;
  options.v = Vectors::thin;
  return pseudoinverse(svd(a, options), rule, execution_of(options));
}

/// The bound above for an error of 2-norm `perturbation` in the entries, in units of A. Infinite
/// when eta >= 1, 0 when the rank is 0. Throws InvalidArgument when `perturbation` is negative or
/// NaN.
[[nodiscard]] double pseudoinverse_error_bound(const Spectrum& s, double perturbation,
                                               const RankRule& rule = {});

}  // namespace eckart
