#include "truncated/orthogonalize.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>

#include "blas/gemm.hpp"

namespace eckart::truncated {
namespace {

using blas::Op;

template <class T>
class Orthogonalize : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(Orthogonalize, Types);

template <Scalar T>
double norm_of(MatrixView<const T> a) {
  double sum = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      sum += double{std::norm(a(i, j))};
    }
  }
  return std::sqrt(sum);
}

template <Scalar T>
Matrix<T> product(Op op, MatrixView<const T> a, MatrixView<const T> b) {
  Matrix<T> c(op == Op::none ? a.rows() : a.cols(), b.cols());
  blas::gemm<T>(op, Op::none, T(1), a, b, T(0), c.view());
  return c;
}

/// Orthonormal columns: what orthogonalize() makes of a normal matrix.
template <Scalar T>
Matrix<T> basis(Index m, Index p) {
  Matrix<T> z = generate<T>("normal " + std::to_string(m) + "x" + std::to_string(p) + " seed=7");
  Matrix<T> c(0, p), r(p, p);
  Workspace work(orthogonalize_memory<T>(0, p));
  static_cast<void>(orthogonalize<T>({.threads = 1, .stop = {}, .progress = {}},
                                     z.view().columns(0, 0), z.view(), c.view(), r.view(),
                                     Real<T>{0}, Random(1), work));
  return z;
}

/// W = Z C + Q R to rounding, [Z Q] orthonormal; returns how many columns were replaced.
template <Scalar T>
Index check(const Matrix<T>& z, const Matrix<T>& w, Real<T> negligible = 0) {
  const Index p = z.cols(), b = w.cols(), m = w.rows();
  Matrix<T> q = w, c(p, b), r(b, b);
  Workspace work(orthogonalize_memory<T>(p, b));
  const Index replaced =
      orthogonalize<T>({.threads = 1, .stop = {}, .progress = {}}, z.view(), q.view(), c.view(),
                       r.view(), negligible, Random(3), work);
  Matrix<T> rest = w;
  if (p > 0) {
    blas::gemm<T>(Op::none, Op::none, T(-1), z.view(), c.view(), T(1), rest.view());
  }
  blas::gemm<T>(Op::none, Op::none, T(-1), q.view(), r.view(), T(1), rest.view());
  const double unit = double{epsilon<T>} * static_cast<double>(m);
  EXPECT_LE(norm_of<T>(rest.view()),
            unit * norm_of<T>(w.view()) + static_cast<double>(b) * double{negligible});
  Matrix<T> gram = product<T>(Op::adjoint, q.view(), q.view());
  for (Index i = 0; i < b; ++i) {
    gram(i, i) -= T{1};
  }
  EXPECT_LE(norm_of<T>(gram.view()), 5 * unit);
  if (p > 0) {
    EXPECT_LE(norm_of<T>(product<T>(Op::adjoint, z.view(), q.view()).view()), 5 * unit);
  }
  for (Index j = 0; j < b; ++j) {
    for (Index i = j + 1; i < b; ++i) {
      EXPECT_EQ(r(i, j), T{});
    }
  }
  return replaced;
}

TYPED_TEST(Orthogonalize, AnyBlockAgainstAnyBasis) {
  using T = TypeParam;
  for (const Index p : {0, 1, 20}) {
    for (const Index b : {1, 4, 9}) {
      EXPECT_EQ(check<T>(basis<T>(60, p), generate<T>("normal 60x" + std::to_string(b))), 0);
    }
  }
}

// Once, coefficients were put into C where they belonged into R: Z was empty and began where W did.
TYPED_TEST(Orthogonalize, DependentColumnsWithoutABasis) {
  using T = TypeParam;
  Matrix<T> w = generate<T>("normal 50x4");
  for (Index i = 0; i < 50; ++i) {
    w(i, 3) = w(i, 0) - w(i, 2);
  }
  const Real<T> negligible = 100 * epsilon<T>;
  EXPECT_EQ(check<T>(Matrix<T>(w.view().columns(0, 0)), w, negligible), 1);
}

TYPED_TEST(Orthogonalize, WhatLiesInTheBasisIsReplaced) {
  using T = TypeParam;
  const Matrix<T> z = basis<T>(50, 6);
  const Matrix<T> mix = generate<T>("normal 6x3");
  const Matrix<T> w = product<T>(Op::none, z.view(), mix.view());
  EXPECT_EQ(check<T>(z, w, 100 * epsilon<T>), 3);
}

TYPED_TEST(Orthogonalize, WhatNearlyLiesInTheBasisKeepsItsDigits) {
  using T = TypeParam;
  const Matrix<T> z = basis<T>(50, 6);
  Matrix<T> w = product<T>(Op::none, z.view(), generate<T>("normal 6x3").view());
  const Matrix<T> small = generate<T>("normal 50x3 seed=5");
  for (Index j = 0; j < 3; ++j) {
    for (Index i = 0; i < 50; ++i) {
      w(i, j) += small(i, j) * (1000 * epsilon<T>);
    }
  }
  EXPECT_EQ(check<T>(z, w), 0);
}

TYPED_TEST(Orthogonalize, ColumnsOfEverySizeAndNone) {
  using T = TypeParam;
  Matrix<T> w = generate<T>("normal 50x5");
  for (Index i = 0; i < 50; ++i) {
    w(i, 1) *= Real<T>(1e-6);
    w(i, 2) = T{};
    w(i, 4) *= Real<T>(1e6);
  }
  EXPECT_EQ(check<T>(basis<T>(50, 3), w, 1e-20F), 1);
  EXPECT_EQ(check<T>(basis<T>(50, 3), Matrix<T>(50, 4)), 4);
}

}  // namespace
}  // namespace eckart::truncated
