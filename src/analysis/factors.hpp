#pragma once

// What the analysis functions share when they work on the factors of an Svd: checked access to U
// and Vh whether they are thin, full or missing, and products and copies in the form the BLAS room takes.

#include <optional>
#include <span>
#include <string>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/spectrum.hpp>
#include <eckart/svd.hpp>

#include "blas/gemm.hpp"

namespace eckart::analysis {

struct Shape {
  Index rows = 0, cols = 0;
};

/// "rows x cols".
[[nodiscard]] std::string size_text(Index rows, Index cols);

/// max(m, n) eps: the size, relative to sigma_1, of what rounding alone may leave.
[[nodiscard]] double rounding_unit(const Spectrum& s);

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

/// op_a(a) op_b(b) as a matrix of its own; the views are as gemm takes them.
template <Scalar T>
[[nodiscard]] Matrix<T> product(const Execution& run, blas::Op op_a, MatrixView<const T> a,
                                blas::Op op_b, MatrixView<const T> b);
template <Scalar T>
[[nodiscard]] Matrix<T> product(const Execution& run, MatrixView<const T> a,
                                MatrixView<const T> b) {
  return product<T>(run, blas::Op::none, a, blas::Op::none, b);
}

/// ||I - Q^H Q||_F, or ||I - Q Q^H||_F where Q has more columns than rows.
template <Scalar T>
[[nodiscard]] double orthonormality_defect(const Execution& run, MatrixView<const T> q);

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

/// Throws OutOfRange, naming `what`, when an entry of a is not finite.
template <Scalar T>
void require_in_range(MatrixView<const T> a, const char* what);

/// `value` when it is finite, OutOfRange naming `what` otherwise.
[[nodiscard]] double require_in_range(double value, const char* what);

}  // namespace eckart::analysis
