#include "blas/tall_product.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/random.hpp>

namespace eckart::blas {
namespace {

template <class T>
class TallProductTest : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(TallProductTest, Types);

// Every tile, its remainders of rows and columns, more than one piece, on every processor that this one can stand for.
TYPED_TEST(TallProductTest, AgreesWithGemm) {
  using T = TypeParam;
  for (const auto& [m, n, k] : {std::array<Index, 3>{1, 1, 1},
                                {5, 30, 3},
                                {9, 24, 8},
                                {100, 25, 16},
                                {383, 47, 24},
                                {384, 48, 32},
                                {385, 50, 48},
                                {800, 31, 33},
                                {800, 70, 64},
                                {90, 61, 100}}) {
    Matrix<T> v(m, k), a(m, n), start(k, n), vh(k, m);
    fill_normal(v.view(), Random(1));
    fill_normal(a.view(), Random(2));
    fill_normal(start.view(), Random(3));
    for (Index j = 0; j < k; ++j) {
      for (Index i = 0; i < m; ++i) {
        vh(j, i) = conjugate(v(i, j));
      }
    }
    std::vector<T> packed(static_cast<std::size_t>(tall_product_work<T>(m, k)));
    for (const T beta : {T{0}, T{1}, T{-2}}) {
      Matrix<T> want(start);
      gemm<T>(Op::adjoint, Op::none, T{1}, v, a, beta, want.view());
      for (const Processor processor : {Processor::base, Processor::fma, Processor::avx512}) {
        if (processor > this_processor()) {
          continue;
        }
        for (const Op op : {Op::none, Op::adjoint}) {
          Matrix<T> got(start);
          tall_product<T>(Execution{.threads = 1, .stop = {}, .progress = {}}, op,
                          op == Op::none ? vh.view() : v.view(), a, beta, got.view(), packed,
                          processor);
          for (Index j = 0; j < n; ++j) {
            for (Index i = 0; i < k; ++i) {
              ASSERT_LE(std::abs(got(i, j) - want(i, j)),
                        4 * static_cast<Real<T>>(m + 10) * epsilon<T>)
                  << m << " " << n << " " << k << ": " << i << ", " << j;
            }
          }
        }
      }
    }
  }
}

TYPED_TEST(TallProductTest, GivesTheSameBitsForAnyNumberOfThreads) {
  using T = TypeParam;
  const Index m = 700, n = 650, k = 32;
  Matrix<T> v(m, k), a(m, n), one(k, n);
  fill_normal(v.view(), Random(1));
  fill_normal(a.view(), Random(2));
  std::vector<T> packed(static_cast<std::size_t>(tall_product_work<T>(m, k)));
  const auto multiply = [&](int threads, MatrixView<T> c) {
    tall_product<T>(Execution{.threads = threads, .stop = {}, .progress = {}}, Op::adjoint, v, a,
                    T{0}, c, packed);
  };
  multiply(1, one.view());
  for (const int threads : {2, 3}) {
    Matrix<T> other(k, n);
    multiply(threads, other.view());
    EXPECT_EQ(std::memcmp(one.data(), other.data(), sizeof(T) * static_cast<std::size_t>(k * n)),
              0);
  }
}

}  // namespace
}  // namespace eckart::blas
