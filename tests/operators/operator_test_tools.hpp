#pragma once

// An operator against the matrix that it stands for.

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/operators.hpp>
#include <eckart/random.hpp>

namespace eckart {

template <class T>
Matrix<T> random_matrix(Index rows, Index cols, std::uint64_t seed) {
  Matrix<T> a(rows, cols);
  fill_normal(a.view(), Random(seed));
  return a;
}

inline Execution with_threads(int threads) {
  return {.threads = threads, .stop = {}, .progress = {}};
}

template <class T>
Matrix<T> plain_product(MatrixView<const T> a, MatrixView<const T> x, bool adjoint = false) {
  const Index rows = adjoint ? a.cols() : a.rows(), inside = adjoint ? a.rows() : a.cols();
  Matrix<T> y(rows, x.cols());
  for (Index k = 0; k < x.cols(); ++k) {
    for (Index i = 0; i < rows; ++i) {
      T sum{};
      for (Index j = 0; j < inside; ++j) {
        sum += (adjoint ? conjugate(a(j, i)) : a(i, j)) * x(j, k);
      }
      y(i, k) = sum;
    }
  }
  return y;
}

template <class T>
Real<T> largest_difference(MatrixView<const T> a, MatrixView<const T> b) {
  Real<T> worst = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      const Real<T> d = std::abs(a(i, j) - b(i, j));
      worst = d <= worst ? worst : d;  // NaN is worst
    }
  }
  return worst;
}

// Products with blocks of several widths, from and into sub-matrices, for one thread and three; y holds NaN before.
template <class T>
void expect_stands_for(const Operator<T>& op, MatrixView<const T> a, Real<T> scale = 1) {
  ASSERT_EQ(op.rows(), a.rows());
  ASSERT_EQ(op.cols(), a.cols());
  expect_adjoint_pair<T>(op);
  const Real<T> bound = 40 * static_cast<Real<T>>(a.rows() + a.cols() + 10) * epsilon<T> * scale;
  for (const bool adjoint : {false, true}) {
    const Index from = adjoint ? a.rows() : a.cols(), to = adjoint ? a.cols() : a.rows();
    for (const Index b : {1, 2, 3, 5, 8, 17}) {
      const Matrix<T> whole = random_matrix<T>(from + 3, b, 7);
      const MatrixView<const T> x = whole.view().block(1, 0, from, b);
      const Matrix<T> want = plain_product<T>(a, x, adjoint);
      Matrix<T> one;
      for (const int threads : {1, 3}) {
        Matrix<T> y(to + 2, b);
        const MatrixView<T> got = y.view().block(1, 0, to, b);
        for (Index k = 0; k < b; ++k) {
          std::fill_n(got.col(k), to, std::numeric_limits<Real<T>>::quiet_NaN());
        }
        if (adjoint) {
          op.apply_adjoint(with_threads(threads), x, got);
        } else {
          op.apply(with_threads(threads), x, got);
        }
        ASSERT_LE(largest_difference<T>(got, want.view()), bound)
            << op.description() << ", adjoint " << adjoint << ", b " << b;
        for (Index k = 0; k < b; ++k) {
          ASSERT_EQ(y(0, k), T{});
          ASSERT_EQ(y(to + 1, k), T{});
        }
        if (threads == 1) {
          one = Matrix<T>(got);
        } else {
          ASSERT_EQ(largest_difference<T>(got, one.view()), 0) << op.description();
        }
      }
      // There and back, whether or not that is one pass.
      Matrix<T> there(to, b), back(from, b);
      op.apply_and_back({}, adjoint, Real<T>(0.5), x, there.view(), back.view());
      Matrix<T> half = want;
      for (Index i = 0; i < to * b; ++i) {
        half.data()[i] *= Real<T>(0.5);
      }
      ASSERT_LE(largest_difference<T>(there.view(), half.view()), bound) << op.description();
      ASSERT_LE(
          largest_difference<T>(back.view(), plain_product<T>(a, half.view(), !adjoint).view()),
          bound * static_cast<Real<T>>(to) * scale)
          << op.description() << ", there and back, adjoint " << adjoint << ", b " << b;
      if (op.goes_back_in_one_pass(
              adjoint)) {  // without what lies between, and the same for three threads
        Matrix<T> alone(from, b);
        op.apply_and_back(with_threads(3), adjoint, Real<T>(0.5), x, MatrixView<T>(), alone.view());
        ASSERT_EQ(largest_difference<T>(alone.view(), back.view()), 0) << op.description();
      }
    }
  }
}

/// <A x, y> = <x, A^H y>.
template <class T>
void expect_adjoint_pair(const Operator<T>& op) {
  const Matrix<T> x = random_matrix<T>(op.cols(), 2, 11), y = random_matrix<T>(op.rows(), 2, 12);
  Matrix<T> ax(op.rows(), 2), ahy(op.cols(), 2);
  op.apply({}, x, ax.view());
  op.apply_adjoint({}, y, ahy.view());
  const auto inner = [](const Matrix<T>& a, const Matrix<T>& b, Index k, double& size) {
    T sum{};
    for (Index i = 0; i < a.rows(); ++i) {
      sum += conjugate(a(i, k)) * b(i, k);
      size += double{std::abs(a(i, k))} * double{std::abs(b(i, k))};
    }
    return sum;
  };
  for (Index k = 0; k < 2; ++k) {
    double size = 0;
    const T left = inner(y, ax, k, size), right = inner(ahy, x, k, size);
    ASSERT_LE(double{std::abs(left - right)}, 100 * double{epsilon<T>} * size) << op.description();
  }
}

template <class T>
class EveryScalar : public ::testing::Test {};
using Scalars = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;

}  // namespace eckart
