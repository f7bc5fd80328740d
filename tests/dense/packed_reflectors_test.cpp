#include "dense/reduction/packed_reflectors.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/random.hpp>

namespace eckart::dense {
namespace {

template <class T>
class PackedReflectorsTest : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(PackedReflectorsTest, Types);

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

Execution with_threads(int threads) {
  return {.threads = threads, .stop = {}, .progress = {}};
}

// Every kernel, blocks wider and narrower than what it takes at once, strips of one tile and of all.
TYPED_TEST(PackedReflectorsTest, AreTheProductOfTheirReflectors) {
  using T = TypeParam;
  for (const Stored stored : {Stored::columns, Stored::rows}) {
    for (const auto& [m, k, c, block] : {std::array<Index, 4>{1, 1, 1, 1},
                                         {2, 1, 3, 1},
                                         {3, 3, 2, 2},
                                         {8, 3, 8, 3},
                                         {17, 16, 5, 4},
                                         {40, 17, 4, 17},
                                         {60, 50, 33, 16},
                                         {60, 60, 150, 9},
                                         {300, 11, 10, 8}}) {
      const Reflectors<T> reflectors(stored, m, k);
      Matrix<T> t(block, k);
      {
        Workspace work(form_factors_memory<T>(k, block));
        form_factors<T>(with_threads(2), stored, reflectors.v.view(), reflectors.tau, t.view(),
                        work);
        EXPECT_EQ(work.peak(), work.size());
      }
      const ReflectorSide<T> side{stored, reflectors.v.view(), t.view(), k, block};
      for (const Processor processor : {Processor::base, Processor::fma, Processor::avx512}) {
        if (processor > this_processor()) {
          continue;
        }
        for (const blas::Op op : {blas::Op::none, blas::Op::adjoint}) {
          Matrix<T> start(m, c);
          fill_normal(start.view(), Random(11));
          Matrix<T> want(start), first;
          reflectors.apply(op, want.view());
          for (const int threads : {1, 3}) {
            for (const Index strip : {Index{1}, Index{1} << 20}) {
              const PackedOptions options{.strip = strip, .processor = processor};
              Matrix<T> got(start);
              Workspace work(apply_packed_memory<T>(m, k, block, c, threads, options));
              apply_packed<T>(with_threads(threads), op, side, got.view(), work, options);
              EXPECT_EQ(work.peak(), work.size());
              first = first.empty() ? got : first;
              for (Index j = 0; j < c; ++j) {
                double error = 0, norm = 0;
                for (Index i = 0; i < m; ++i) {
                  error += static_cast<double>(std::norm(got(i, j) - want(i, j)));
                  norm += static_cast<double>(std::norm(want(i, j)));
                  ASSERT_EQ(got(i, j), first(i, j));
                }
                ASSERT_LE(std::sqrt(error / norm),
                          10.0 * static_cast<double>(m) * double{epsilon<T>})
                    << m << " x " << k << ", column " << j;
              }
            }
          }
        }
      }
    }
  }
}

// What one column becomes does not depend on those beside it.
TYPED_TEST(PackedReflectorsTest, TransformEachColumnByItself) {
  using T = TypeParam;
  const Index m = 50, k = 30, c = 70, block = 8;
  const Reflectors<T> reflectors(Stored::columns, m, k);
  Matrix<T> t(block, k), all(m, c);
  Workspace form(form_factors_memory<T>(k, block));
  form_factors<T>(with_threads(1), Stored::columns, reflectors.v.view(), reflectors.tau, t.view(),
                  form);
  const ReflectorSide<T> side{Stored::columns, reflectors.v.view(), t.view(), k, block};
  fill_normal(all.view(), Random(12));
  Matrix<T> one(m, 1);
  for (Index i = 0; i < m; ++i) {
    one(i, 0) = all(i, 40);
  }
  for (Matrix<T>* x : {&all, &one}) {
    Workspace work(apply_packed_memory<T>(m, k, block, x->cols(), 1));
    apply_packed<T>(with_threads(1), blas::Op::none, side, x->view(), work);
  }
  for (Index i = 0; i < m; ++i) {
    ASSERT_EQ(one(i, 0), all(i, 40));
  }
}

TYPED_TEST(PackedReflectorsTest, FactorsHaveZerosBelowTheTriangle) {
  using T = TypeParam;
  const Index k = 37;
  const Reflectors<T> reflectors(Stored::columns, 50, k);
  Matrix<T> t(k, k);
  std::vector<T> scratch(static_cast<std::size_t>(2 * k * k));
  form_triangular_factor<T>(Stored::columns, reflectors.v.view(), reflectors.tau, t.view(),
                            scratch);
  for (Index j = 0; j < k; ++j) {
    EXPECT_EQ(t(j, j), reflectors.tau[static_cast<std::size_t>(j)]);
    for (Index i = j + 1; i < k; ++i) {
      ASSERT_EQ(t(i, j), T{0});
    }
  }
}

}  // namespace
}  // namespace eckart::dense
