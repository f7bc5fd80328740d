#pragma once

// The operators that Eckart brings along; operator.hpp says what an operator is.
//
//   truncated_svd(DenseOperator(A), rank(20))
//
// Each is a small value that passes where an Operator<T> is wanted.

#include <eckart/composed.hpp>
#include <eckart/operator.hpp>
#include <eckart/sparse.hpp>
#include <eckart/structured.hpp>

namespace eckart {

/// A matrix in memory, of any strides; a file mapped into memory is one, too.
///
/// Of a view, and of a Matrix with a name, it is a view: the caller keeps the entries alive. A Matrix that is moved in or that
/// nobody else holds, as in DenseOperator(generate<double>("hilbert 100")), belongs to the operator and its copies.
template <Scalar T>
class DenseOperator {
 public:
  explicit DenseOperator(MatrixView<const T> a) noexcept : a_(a) {}
  explicit DenseOperator(Matrix<T>&& a)
      : owned_(std::make_shared<const Matrix<T>>(std::move(a))), a_(owned_->view()) {}
  explicit DenseOperator(const Matrix<T>&& a) = delete;  // neither to be moved nor to be kept alive

  [[nodiscard]] Index rows() const noexcept { return a_.rows(); }
  [[nodiscard]] Index cols() const noexcept { return a_.cols(); }
  /// 2 m n flops a vector (8 complex). A view without a unit stride is copied a strip at a time.
  void apply(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const;
  void apply_adjoint(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const;
  /// Where goes_back_in_one_pass(adjoint): real matrices, down their columns where those are contiguous, along their rows where
  /// those are. Throws InvalidArgument elsewhere.
  void apply_and_back(const Execution& execution, bool adjoint, Real<T> factor,
                      MatrixView<const T> x, MatrixView<T> y, MatrixView<T> z) const;
  [[nodiscard]] bool goes_back_in_one_pass(bool adjoint) const noexcept;
  [[nodiscard]] std::optional<Real<T>> frobenius_norm(const Execution& execution) const;
  [[nodiscard]] std::string description() const { return "dense"; }
  [[nodiscard]] MatrixView<const T> dense_entries() const noexcept { return a_; }

 private:
  std::shared_ptr<const Matrix<T>> owned_;  // empty: the caller's
  MatrixView<const T> a_;
};

template <MatrixLike A>
DenseOperator(const A&) -> DenseOperator<ScalarOf<A>>;

}  // namespace eckart
