#include "blas/rows_gram.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <eckart/random.hpp>

#include "blas/lapack.hpp"

namespace eckart::blas {
namespace {

template <class T>
class RowsGramTest : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(RowsGramTest, Types);

// Every tile and its remainders, fewer columns than are copied, more than stay in the cache, on every processor that this one can
// stand for. Rounding errors of a sum of k squares, whose mean is k, grow like the root of k. And what lies beside A, which tiles read, is never in the sum: it is NaN here.
TYPED_TEST(RowsGramTest, AgreesWithTheRankUpdate) {
  using T = TypeParam;
  for (const Index n : {1, 3, 7, 8, 9, 16, 23, 24, 25, 40, 63, 100, 131, 255, 256}) {
    for (const Index k : {1, 2, 5, 30, 700}) {
      Matrix<T> wide(n + 3, k), start(n, n);
      fill_normal(wide.view(), Random(1));
      for (Index j = 0; j < k; ++j) {
        for (Index i = n; i < n + 3; ++i) {
          wide(i, j) = T{std::numeric_limits<Real<T>>::quiet_NaN()};
        }
      }
      fill_normal(start.view(), Random(2));
      const MatrixView<const T> a = wide.view().top_rows(n);
      Matrix<T> want(start);
      herk_of_rows<T>(a, 1, want.view());
      for (const Processor processor : {Processor::base, Processor::fma, Processor::avx512}) {
        if (processor > this_processor()) {
          continue;
        }
        Matrix<T> got(start);
        const auto* const ahead = reinterpret_cast<const char*>(want.data());
        add_gram_of_rows<T>(a, got.view(), {ahead, ahead + sizeof(T) * static_cast<std::size_t>(n)},
                            processor);
        for (Index j = 0; j < n; ++j) {
          for (Index i = 0; i <= j; ++i) {
            ASSERT_LE(std::abs(got(i, j) - want(i, j)),
                      2 * std::pow(static_cast<Real<T>>(k + 10), Real<T>{1.5}) * epsilon<T>)
                << n << " " << k << ": " << i << ", " << j;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace eckart::blas
