#include "dense/reduction/block_reflector.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/random.hpp>

namespace eckart::dense {
namespace {

template <class T>
class BlockReflectorTest : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(BlockReflectorTest, Types);

// k random reflectors of length m; every third is the identity. Entries that must not be read are NaN.
template <Scalar T>
struct Reflectors {
  Reflectors(Stored stored, Index m, Index k) : columns(m, k), tau(static_cast<std::size_t>(k)) {
    fill_normal(columns.view(), Random(7));
    for (Index j = 0; j < k; ++j) {
      Real<T> square = 1;
      for (Index i = 0; i < m; ++i) {
        columns(i, j) = i < j ? T{0} : i == j ? T{1} : columns(i, j);
        square += i > j ? std::norm(columns(i, j)) : 0;
      }
      // I - tau v v^H is unitary for every tau on the circle |tau - 1 / v^H v| = 1 / v^H v.
      T value = T(2 / square);
      if constexpr (ComplexScalar<T>) {
        value = T(1 / square) * (T(1) + std::polar(Real<T>(1), Real<T>(j)));
      }
      tau[static_cast<std::size_t>(j)] = j % 3 == 2 ? T{0} : value;
    }
    const T unread = T(std::numeric_limits<Real<T>>::quiet_NaN());
    v = stored == Stored::columns ? Matrix<T>(m, k) : Matrix<T>(k, m);
    for (Index j = 0; j < k; ++j) {
      for (Index i = 0; i < m; ++i) {
        const T entry = i <= j ? unread : columns(i, j);
        (stored == Stored::columns ? v(i, j) : v(j, i)) =
            stored == Stored::columns ? entry : conjugate(entry);
      }
    }
  }

  // C <- H_1 ... H_k C, or H_k^H ... H_1^H C, one by one.
  void apply(blas::Op op, MatrixView<T> c) const {
    const Index k = columns.cols();
    for (Index step = 0; step < k; ++step) {
      const Index j = op == blas::Op::none ? k - 1 - step : step;
      const T scalar = tau[static_cast<std::size_t>(j)];
      const T factor = op == blas::Op::none ? scalar : conjugate(scalar);
      for (Index col = 0; col < c.cols(); ++col) {
        T sum{};
        for (Index i = 0; i < c.rows(); ++i) {
          sum += conjugate(columns(i, j)) * c(i, col);
        }
        for (Index i = 0; i < c.rows(); ++i) {
          c(i, col) -= factor * sum * columns(i, j);
        }
      }
    }
  }

  Matrix<T> columns, v;
  std::vector<T> tau;
};

TYPED_TEST(BlockReflectorTest, IsTheProductOfItsReflectors) {
  using T = TypeParam;
  for (const Stored stored : {Stored::columns, Stored::rows}) {
    for (const auto& [m, k, c] : {std::array<Index, 3>{1, 1, 1},
                                  {2, 1, 3},
                                  {3, 3, 2},
                                  {8, 3, 8},
                                  {17, 16, 5},
                                  {40, 17, 4},
                                  {60, 50, 33}}) {
      const Reflectors<T> reflectors(stored, m, k);
      Matrix<T> triangle(k, k), t(k, k);
      Workspace work(form_block_reflector_memory<T>(k));
      const BlockReflector<T> h = form_block_reflector<T>(
          stored, reflectors.v.view(), reflectors.tau, triangle.view(), t.view(), work);
      EXPECT_EQ(work.peak(), work.size());
      EXPECT_EQ(h.size(), k);
      EXPECT_EQ(h.length(), m);
      for (const blas::Op op : {blas::Op::none, blas::Op::adjoint}) {
        Matrix<T> got(m, c);
        fill_normal(got.view(), Random(11));
        Matrix<T> want(got);
        std::vector<T> scratch(static_cast<std::size_t>(apply_block_reflector_scratch<T>(m, k, c)));
        apply_block_reflector<T>(op, h, got.view(), scratch);
        reflectors.apply(op, want.view());
        for (Index j = 0; j < c; ++j) {
          double error = 0, norm = 0;
          for (Index i = 0; i < m; ++i) {
            error += static_cast<double>(std::norm(got(i, j) - want(i, j)));
            norm += static_cast<double>(std::norm(want(i, j)));
          }
          ASSERT_LE(std::sqrt(error / norm), 10.0 * static_cast<double>(m) * double{epsilon<T>})
              << m << " x " << k << ", column " << j;
        }
      }
    }
  }
}

TYPED_TEST(BlockReflectorTest, LeavesZerosBelowTheTriangle) {
  using T = TypeParam;
  const Index k = 37;
  const Reflectors<T> reflectors(Stored::columns, 50, k);
  Matrix<T> triangle(k, k), t(k, k);
  Workspace work(form_block_reflector_memory<T>(k));
  static_cast<void>(form_block_reflector<T>(Stored::columns, reflectors.v.view(), reflectors.tau,
                                            triangle.view(), t.view(), work));
  for (Index j = 0; j < k; ++j) {
    EXPECT_EQ(t(j, j), reflectors.tau[static_cast<std::size_t>(j)]);
    EXPECT_EQ(triangle(j, j), T{1});
    for (Index i = j + 1; i < k; ++i) {
      ASSERT_EQ(t(i, j), T{0});
      ASSERT_EQ(triangle(j, i), T{0});
    }
  }
}

}  // namespace
}  // namespace eckart::dense
