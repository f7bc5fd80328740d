#pragma once

// Operators whose singular values a test knows.

#include <algorithm>
#include <functional>

#include <eckart/operators.hpp>
#include <eckart/random.hpp>

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

/// m x n, two reflectors on either side of diag(value(0), value(1), ...).
inline Matrix<double> with_values(Index m, Index n, const std::function<double(Index)>& value,
                                  std::uint64_t seed) {
  Matrix<double> a(m, n);
  for (Index i = 0; i < std::min(m, n); ++i) {
    a(i, i) = value(i);
  }
  const auto reflect = [](MatrixView<double> b, const Matrix<double>& w, Index of) {
    double length = 0;
    for (Index i = 0; i < b.rows(); ++i) {
      length += w(i, of) * w(i, of);
    }
    for (Index j = 0; j < b.cols(); ++j) {
      double sum = 0;
      for (Index i = 0; i < b.rows(); ++i) {
        sum += w(i, of) * b(i, j);
      }
      for (Index i = 0; i < b.rows(); ++i) {
        b(i, j) -= 2 / length * sum * w(i, of);
      }
    }
  };
  Matrix<double> w(std::max(m, n), 4);
  fill_normal<double>(w.view(), Random(seed));
  reflect(a.view(), w, 0);
  reflect(a.view(), w, 1);
  reflect(a.view().transposed(), w, 2);
  reflect(a.view().transposed(), w, 3);
  return a;
}

}  // namespace eckart
