#pragma once

// Operators whose singular values a test knows.

#include <algorithm>
#include <functional>

#include <eckart/operators.hpp>

namespace eckart {

/// An operator that knows nothing but its products.
template <Scalar T>
struct Blind {
  DenseOperator<T> a;
  [[nodiscard]] Index rows() const { return a.rows(); }
  [[nodiscard]] Index cols() const { return a.cols(); }
  void apply(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const {
    a.apply(execution, x, y);
  }
  void apply_adjoint(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const {
    a.apply_adjoint(execution, x, y);
  }
};

/// diag(values) m x n as an operator: a matrix of any size with known values, written out nowhere.
template <Scalar T>
struct Diagonal {
  Index m, n;
  std::function<double(Index)> value;
  [[nodiscard]] Index rows() const { return m; }
  [[nodiscard]] Index cols() const { return n; }
  void apply(const Execution&, MatrixView<const T> x, MatrixView<T> y) const {
    for (Index j = 0; j < x.cols(); ++j) {
      std::fill_n(y.col(j), y.rows(), T{});
      for (Index i = 0; i < std::min(m, n); ++i) {
        y(i, j) = x(i, j) * static_cast<Real<T>>(value(i));
      }
    }
  }
  void apply_adjoint(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const {
    apply(execution, x, y);
  }
  [[nodiscard]] OperatorCost cost() const { return {.flops = 2.0 * static_cast<double>(n)}; }
};

}  // namespace eckart
