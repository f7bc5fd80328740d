#pragma once

// Operators whose largest singular values belong to singular values of A that are not its largest. A is m x n and tall here.
//
//   kind        B, n x n                                    values of B         found by
//   triangle    R^-1,  A = Q R                              1 / sigma           Householder QR
//   normal      alpha (A^H A - x^2 I)^-1                    alpha / |sigma^2 - x^2|   sparse Cholesky with signs, refined by A
//   lu          A^-1,  A square                             1 / sigma           sparse L U
//   augmented   alpha (A^H A - alpha beta I)^-1             alpha / |sigma^2 - x^2|   sparse L U of the augmented matrix
//   given       A^-1                                        1 / sigma           the caller's
//   folded      I - A^H A / t,  t >= sigma_1^2              1 - sigma^2 / t     nothing but products
//
// augmented: alpha = beta = x; for x = 0 beta = -alpha = -eps^(3/4) sigma_1, or eps^(5/8), so that a singular A has a factorisation, too, and B no larger
// values than deflation stands. Values below that shift are like zeros to B, and told apart afterwards, by A, where all of them were found. triangle: a diagonal entry of R below rounding of the largest is set to that.
// normal: alpha = x, or 1 where that is zero; R^-1 of A^H A = R^H R, whose values are 1 / sigma, where x is zero and that is exact enough.
//
// step() is one step of inverse iteration. Krylov vectors of B have errors of the size of a residual in every direction, also in those
// of large singular values, and A multiplies them by sigma_1. A step takes them down by (sigma_i / sigma_j)^2, so that a residual r
// relative to a value of B becomes r sigma_i. Left vectors come from it and not from A v / s, which has an error of eps sigma_1 / s.

#include <memory>
#include <string>

#include <eckart/operator.hpp>

#include "operators/sparse_factors.hpp"

namespace eckart::truncated {

template <Scalar T>
class Inverse {
 public:
  Inverse() = default;
  Inverse(const Inverse&) = delete;
  Inverse& operator=(const Inverse&) = delete;
  virtual ~Inverse() = default;

  /// n.
  [[nodiscard]] virtual Index size() const = 0;
  /// y <- B x, or B^H x.
  virtual void apply(const Execution& execution, MatrixView<const T> x, MatrixView<T> y,
                     bool adjoint) const = 0;
  /// From v (n x k), right singular vectors of A nearly: u (m x k) and v_next (n x k), unit columns that are so, better.
  virtual void step(const Execution& execution, MatrixView<const T> v, MatrixView<T> u,
                    MatrixView<T> v_next) const = 0;
  /// u (m x k) turns towards left singular vectors of zeros, which no product with a right one gives: false where step() gave them.
  virtual bool turn_to_left_zeros(const Execution&, MatrixView<T>) const { return false; }
  /// Of one vector.
  [[nodiscard]] virtual OperatorCost cost() const = 0;
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;
  [[nodiscard]] virtual std::string description() const = 0;
};

/// `a` is overwritten: tall, column-major.
template <Scalar T>
[[nodiscard]] std::unique_ptr<Inverse<T>> inverse_by_qr(const Execution& execution, Matrix<T>&& a);

template <Scalar T>
[[nodiscard]] constexpr double flops_of(double multiplications) noexcept {
  return (ComplexScalar<T> ? 8 : 2) * multiplications;
}

/// Every column of length 1.
template <Scalar T>
void normalize_columns(MatrixView<T> x);

/// Of a sparse `a`, as `normal` has it, tall: near x, which may be zero. Nothing where rounding of A^H A hides too much for solutions with
/// this error. normal_inverse.cpp.
template <Scalar T>
[[nodiscard]] std::unique_ptr<Inverse<T>> inverse_by_normal(const Execution& execution,
                                                            const NormalCount<T>& normal,
                                                            SparseMatrix<Wide<T>> a, double x,
                                                            double error);

template <Scalar T>
[[nodiscard]] std::unique_ptr<Inverse<T>> inverse_by_lu(SparseLu<T> lu);

/// Of an m x n A.
template <Scalar T>
[[nodiscard]] std::unique_ptr<Inverse<T>> inverse_by_augmented_lu(SparseLu<T> lu, Index m);

template <Scalar T>
[[nodiscard]] std::unique_ptr<Inverse<T>> inverse_as_given(const Operator<T>& inverse);

/// Of 2^exponent A, and t in that scale.
template <Scalar T>
[[nodiscard]] std::unique_ptr<Inverse<T>> folded(const Operator<T>& a, int exponent, double t);

}  // namespace eckart::truncated
