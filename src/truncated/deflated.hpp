#pragma once

// An inverse without what was found of it. As exact as L and R are: a part of L that is wrong by e leaves e times the largest value.

#include <string>

#include "blas/gemm.hpp"
#include "truncated/inverses.hpp"

namespace eckart::truncated {

/// (I - L L^H) B (I - R R^H), n x n; L and R  n x l orthonormal. What is referred to outlives it.
template <Scalar T>
struct Deflated {
  const Inverse<T>& b;
  MatrixView<const T> left, right;

  [[nodiscard]] Index rows() const { return b.size(); }
  [[nodiscard]] Index cols() const { return b.size(); }
  void apply(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const {
    product(execution, x, y, false);
  }
  void apply_adjoint(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const {
    product(execution, x, y, true);
  }
  [[nodiscard]] OperatorCost cost() const { return b.cost(); }
  [[nodiscard]] std::string description() const { return b.description(); }

 private:
  void product(const Execution& execution, MatrixView<const T> x, MatrixView<T> y,
               bool adjoint) const {
    if (left.cols() == 0) {
      b.apply(execution, x, y, adjoint);
      return;
    }
    Matrix<T> rest(x);
    project_off(execution, adjoint ? left : right, rest.view());
    b.apply(execution, rest.view(), y, adjoint);
    project_off(execution, adjoint ? right : left, y);
  }
  static void project_off(const Execution& execution, MatrixView<const T> q, MatrixView<T> x) {
    Matrix<T> c = Matrix<T>::uninitialized(q.cols(), x.cols());
    blas::gemm<T>(execution, blas::Op::adjoint, blas::Op::none, T(1), q, x, T(0), c.view());
    blas::gemm<T>(execution, blas::Op::none, blas::Op::none, T(-1), q, c.view(), T(1), x);
  }
};

}  // namespace eckart::truncated
