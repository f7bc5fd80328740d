#pragma once

// Plain arithmetic on matrices, by the textbook: what results are compared with.

#include <cstdint>

#include <gtest/gtest.h>

#include <eckart/matrix.hpp>
#include <eckart/random.hpp>
#include <eckart/types.hpp>

namespace eckart::testing {

/// m x n standard normal entries.
template <Scalar T>
Matrix<T> normal_matrix(Index m, Index n, std::uint64_t seed = 7) {
  Matrix<T> a(m, n);
  fill_normal(a.view(), Random(seed));
  return a;
}

template <Scalar T>
Matrix<T> product(const Matrix<T>& a, const Matrix<T>& b) {
  Matrix<T> c(a.rows(), b.cols());
  for (Index j = 0; j < b.cols(); ++j) {
    for (Index l = 0; l < a.cols(); ++l) {
      for (Index i = 0; i < a.rows(); ++i) {
        c(i, j) += a(i, l) * b(l, j);
      }
    }
  }
  return c;
}

template <Scalar T>
Matrix<T> adjoint(const Matrix<T>& a) {
  Matrix<T> b(a.cols(), a.rows());
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      b(j, i) = conjugate(a(i, j));
    }
  }
  return b;
}

template <Scalar T>
Matrix<T> difference(const Matrix<T>& a, const Matrix<T>& b) {
  Matrix<T> c = a;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      c(i, j) -= b(i, j);
    }
  }
  return c;
}

template <Scalar T>
double largest_difference(const Matrix<T>& a, const Matrix<T>& b) {
  EXPECT_EQ(a.rows(), b.rows());
  EXPECT_EQ(a.cols(), b.cols());
  double largest = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      // NaN must not pass: it compares false with everything.
      const auto x = static_cast<double>(std::abs(a(i, j) - b(i, j)));
      largest = x <= largest ? largest : x;
    }
  }
  return largest;
}

/// max |I - Q^H Q|.
template <Scalar T>
double orthonormality_defect(const Matrix<T>& q) {
  return largest_difference(product(adjoint(q), q), Matrix<T>::identity(q.cols(), q.cols()));
}

}  // namespace eckart::testing
