#pragma once

// What the analysis functions share when they work on the factors of an Svd: checked access to U
// and Vh whether they are thin, full or missing, copies in the form the BLAS room takes, and exact
// scaling by powers of two.

#include <optional>
#include <span>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/rank.hpp>
#include <eckart/svd.hpp>

namespace eckart::analysis {

struct Shape {
  Index rows = 0, cols = 0;
};

/// m x n of the matrix that was decomposed: from the report, or where that is blank from the
/// factors. Throws InvalidArgument when neither agrees with the number of singular values.
template <Scalar T>
[[nodiscard]] Shape shape_of(const Svd<T>& d);

/// The first `count` columns of U, m x count, count <= min(m, n). Throws InvalidArgument when U was
/// not computed or does not fit.
template <Scalar T>
[[nodiscard]] MatrixView<const T> left_vectors(const Svd<T>& d, Index count);

/// The first `count` rows of Vh, count x n. Throws likewise.
template <Scalar T>
[[nodiscard]] MatrixView<const T> right_vectors(const Svd<T>& d, Index count);

/// a^H as a matrix of its own, column-major.
template <Scalar T>
[[nodiscard]] Matrix<T> adjoint(const Execution& run, MatrixView<const T> a);

/// a diag(weights): a copy whose column j is multiplied by weights[j].
template <Scalar T>
[[nodiscard]] Matrix<T> scaled_columns(MatrixView<const T> a, std::span<const Real<T>> weights);

/// A view that gemm accepts under every Op: `a` itself when it is stored by columns (real: or by
/// rows), otherwise a copy.
template <Scalar T>
class BlasReady {
 public:
  explicit BlasReady(MatrixView<const T> a);
  [[nodiscard]] MatrixView<const T> view() const noexcept { return copy_ ? copy_->view() : view_; }

 private:
  MatrixView<const T> view_;
  std::optional<Matrix<T>> copy_;
};

/// a <- 2^exponent a, exact short of underflow and overflow.
template <Scalar T>
void scale_by_power(MatrixView<T> a, int exponent) noexcept;

/// Throws OutOfRange, naming `what`, when an entry of a is not finite.
template <Scalar T>
void require_in_range(MatrixView<const T> a, const char* what);

/// `value` when it is finite, OutOfRange naming `what` otherwise.
[[nodiscard]] double require_in_range(double value, const char* what);

}  // namespace eckart::analysis
