#include "dense/tall/row_solve.hpp"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>

namespace eckart::dense {
namespace {

template <class T>
class RowSolveTest : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(RowSolveTest, Types);

TYPED_TEST(RowSolveTest, EveryProcessor) {
  using T = TypeParam;
  for (const auto& [rows, n] : {std::pair<Index, Index>{1, 1}, {37, 5}, {64, 32}, {33, 19}}) {
    const std::string size = std::to_string(rows) + "x" + std::to_string(n);
    const Matrix<T> a = generate<T>("normal " + size);
    Matrix<T> r = generate<T>("normal " + std::to_string(n));
    std::vector<T> reciprocals;
    for (Index j = 0; j < n; ++j) {
      r(j, j) = static_cast<T>(n + j);
      reciprocals.push_back(1 / r(j, j));
      for (Index i = j + 1; i < n; ++i) {
        r(i, j) = std::numeric_limits<T>::quiet_NaN();  // never read
      }
    }
    for (const Processor processor : {Processor::base, Processor::fma, Processor::avx512}) {
      if (processor > this_processor()) {
        continue;
      }
      Matrix<T> x = a;
      solve_rows<T>(r.view(), reciprocals, x.view(), processor);
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < n; ++j) {
          T sum = 0, sizes = 0;
          for (Index l = 0; l <= j; ++l) {
            sum += x(i, l) * r(l, j);
            sizes += std::abs(x(i, l) * r(l, j));
          }
          EXPECT_NEAR(sum, a(i, j), static_cast<T>(2 * n + 2) * epsilon<T> * sizes) << size;
        }
      }
    }
  }
}

}  // namespace
}  // namespace eckart::dense
