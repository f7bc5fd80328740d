#include "blas/block_product.hpp"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include <eckart/random.hpp>

namespace eckart::blas {
namespace {

template <class T>
class BlockProductTest : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(BlockProductTest, Types);

template <class T>
Matrix<T> random(Index rows, Index cols, std::uint64_t seed, Layout layout = Layout::column_major) {
  Matrix<T> a(rows, cols, layout);
  fill_normal(a.view(), Random(seed));
  return a;
}

// Every remainder of rows and columns, more than one tile, both orders, on every processor that this one can stand for.
TYPED_TEST(BlockProductTest, AgreesWithGemm) {
  using T = TypeParam;
  const Execution execution{.threads = 2, .stop = {}, .progress = {}};
  for (const auto& [m, n, b] : {std::array<Index, 3>{1, 1, 1},
                                {7, 3, 2},
                                {33, 25, 1},
                                {64, 40, 4},
                                {257, 31, 3},
                                {530, 47, 16},
                                {1100, 29, 5},
                                {300, 64, 33}}) {
    for (const Layout layout : {Layout::column_major, Layout::row_major}) {
      const Matrix<T> a = random<T>(m, n, 1, layout), copy(a.view());
      for (const Op op : {Op::none, Op::transpose, Op::adjoint}) {
        const Index from = op == Op::none ? n : m, to = op == Op::none ? m : n;
        const Matrix<T> x = random<T>(from, b, 2), start = random<T>(to, b, 3);
        for (const bool accumulate : {false, true}) {
          Matrix<T> want(start);
          gemm<T>(execution, op, Op::none, T{1}, copy, x, T(accumulate ? 1 : 0), want.view());
          for (const Processor processor : {Processor::base, Processor::fma, Processor::avx512}) {
            for (const Index gemm_from : {Index{0}, Index{1000}}) {
              if (processor > this_processor()) {
                continue;
              }
              Matrix<T> got(start);
              block_product<T>(execution, op, a, x, accumulate, got.view(),
                               {.gemm_from = gemm_from, .processor = processor});
              for (Index k = 0; k < b; ++k) {
                for (Index i = 0; i < to; ++i) {
                  ASSERT_LE(std::abs(got(i, k) - want(i, k)),
                            4 * static_cast<Real<T>>(from + 10) * epsilon<T>)
                      << m << " " << n << " " << b << ", op " << static_cast<char>(op) << ": " << i
                      << ", " << k;
                }
              }
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace eckart::blas
