#pragma once

// What every contestant returns, and how wrong it is.

#include <algorithm>
#include <cmath>
#include <vector>

#include <eckart/matrix.hpp>

#include "blas/gemm.hpp"

namespace eckart::bench {

template <Scalar T>
struct Decomposition {
  Matrix<T> u;  // m x k
  std::vector<Real<T>> s;
  Matrix<T> vh;  // k x n; both empty for values alone
};

/// Errors in units of rounding, as in the tests: ||A - U S Vh||_F / (||A||_F max(m,n) eps), and the larger of
/// ||I - U^H U||_F / (m eps) and ||I - Vh Vh^H||_F / (n eps). Values alone: the largest |s_i - exact_i| / (s_1 max(m,n) eps).
struct Errors {
  double residual = 0;
  double orthogonality = 0;
  double values = 0;
};

template <Scalar T>
double frobenius(MatrixView<const T> a) {
  double sum = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      sum += static_cast<double>(std::norm(a(i, j)));
    }
  }
  return std::sqrt(sum);
}

template <Scalar T>
double gram_defect(blas::Op left, blas::Op right, MatrixView<const T> q, Index count,
                   Index length) {
  Matrix<T> gram = Matrix<T>::identity(count, count);
  blas::gemm<T>(left, right, T(1), q, q, T(-1), gram.view());
  return frobenius<T>(gram) / (static_cast<double>(length) * double{epsilon<T>});
}

template <Scalar T>
Errors errors_of(MatrixView<const T> a, const Decomposition<T>& d,
                 const std::vector<Real<T>>& exact) {
  Errors errors;
  const double unit = static_cast<double>(std::max(a.rows(), a.cols())) * double{epsilon<T>};
  for (std::size_t i = 0; i < d.s.size() && !exact.empty(); ++i) {
    const double difference = std::abs(double{d.s[i]} - double{exact[i]});
    errors.values = std::max(errors.values, difference / (double{exact.front()} * unit));
  }
  if (d.u.empty()) {
    return errors;
  }
  const Index k = static_cast<Index>(d.s.size());
  Matrix<T> us = d.u;
  for (Index j = 0; j < k; ++j) {
    for (Index i = 0; i < us.rows(); ++i) {
      us(i, j) *= d.s[static_cast<std::size_t>(j)];
    }
  }
  Matrix<T> residual(a);
  const Matrix<T> vh(d.vh.view());
  blas::gemm<T>(blas::Op::none, blas::Op::none, T(-1), us, vh, T(1), residual.view());
  errors.residual = frobenius<T>(residual) / (frobenius<T>(a) * unit);
  errors.orthogonality =
      std::max(gram_defect<T>(blas::Op::adjoint, blas::Op::none, d.u, k, a.rows()),
               gram_defect<T>(blas::Op::none, blas::Op::adjoint, vh, k, a.cols()));
  return errors;
}

}  // namespace eckart::bench
