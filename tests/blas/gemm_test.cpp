#include "blas/gemm.hpp"

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/random.hpp>

#include "blas/info.hpp"
#include "blas/integer.hpp"

namespace eckart::blas {
namespace {

template <class T>
class Gemm : public testing::Test {};
using Types = testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(Gemm, Types);

template <Scalar T>
T entry(Op op, MatrixView<const T> a, Index i, Index j) {
  return op == Op::none ? a(i, j) : op == Op::transpose ? a(j, i) : conjugate(a(j, i));
}

TYPED_TEST(Gemm, MatchesTheDefinitionForEveryOperationAndLayout) {
  using T = TypeParam;
  const Index m = 7, n = 5, k = 6;
  for (const Op op_a : {Op::none, Op::transpose, Op::adjoint}) {
    for (const Op op_b : {Op::none, Op::transpose, Op::adjoint}) {
      for (const Layout layout : {Layout::column_major, Layout::row_major}) {
        if (layout == Layout::row_major && ComplexScalar<T> &&
            (op_a == Op::adjoint || op_b == Op::adjoint)) {
          continue;  // BLAS has no conjugation without transposition
        }
        Matrix<T> a(op_a == Op::none ? m : k, op_a == Op::none ? k : m, layout);
        Matrix<T> b(op_b == Op::none ? k : n, op_b == Op::none ? n : k, layout);
        Matrix<T> c(m, n);
        fill_normal(a.view(), Random(1));
        fill_normal(b.view(), Random(2));
        fill_normal(c.view(), Random(3));
        const Matrix<T> before = c;
        gemm(op_a, op_b, T(2), a, b, T(-1), c.view());
        for (Index i = 0; i < m; ++i) {
          for (Index j = 0; j < n; ++j) {
            T sum = -before(i, j);
            for (Index l = 0; l < k; ++l) {
              sum += T(2) * entry<T>(op_a, a, i, l) * entry<T>(op_b, b, l, j);
            }
            EXPECT_LE(std::abs(c(i, j) - sum), 100 * epsilon<T>);
          }
        }
      }
    }
  }
}

TYPED_TEST(Gemm, GivesTheSameBitsForAnyNumberOfThreads) {
  using T = TypeParam;
  for (const auto [m, n, k] : {std::array<Index, 3>{700, 300, 90}, {100, 1200, 64}}) {
    Matrix<T> a(m, k), b(k, n), one(m, n), many(m, n);
    fill_normal(a.view(), Random(1));
    fill_normal(b.view(), Random(2));
    gemm(Execution{.threads = 1, .stop = {}, .progress = {}}, Op::none, Op::none, T(1), a, b, T(0),
         one.view());
    gemm(Execution{.threads = 3, .stop = {}, .progress = {}}, Op::none, Op::none, T(1), a, b, T(0),
         many.view());
    EXPECT_TRUE(std::equal(one.data(), one.data() + m * n, many.data()));
  }
}

TEST(Blas, RefusesShapesThatDoNotFit) {
  Matrix<double> a(3, 4), b(3, 4), c(3, 4);
  EXPECT_THROW(gemm(Op::none, Op::none, 1.0, a, b, 0.0, c.view()), InvalidArgument);
}

TEST(Blas, RefusesSizesThatDoNotFitItsIntegers) {
  EXPECT_EQ(narrow<std::int32_t>(2147483647, "m"), 2147483647);
  EXPECT_THROW(static_cast<void>(narrow<std::int32_t>(2147483648, "m")), SizeLimit);
}

TEST(Blas, ComputesProductsRightly) {
  EXPECT_TRUE(self_test());
}

TEST(Blas, NamesTheLibraryItRunsOn) {
  const Info found = info();
  EXPECT_TRUE(found.integer_bits == 32 || found.integer_bits == 64);
  EXPECT_NE(found.library.find(".so"), std::string::npos) << found.library;
}

}  // namespace
}  // namespace eckart::blas
