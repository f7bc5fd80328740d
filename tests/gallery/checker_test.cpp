// The checker checked: it accepts an exact decomposition and names each way in which one can be
// wrong.

#include "support/checker.hpp"

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>

namespace eckart {
namespace {

using testing::check_svd;

template <class T>
class CheckerOfType : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(CheckerOfType, Types);

// A = P diag(s), P a permutation: U = P, Vh = I, all exact. 5 x 3, values 4, 2, 1 times `size`.
template <Scalar T>
struct Example {
  explicit Example(Real<T> size = 1, Vectors u = Vectors::thin, Vectors v = Vectors::thin)
      : a(5, 3) {
    options.u = u;
    options.v = v;
    result.U = Matrix<T>(u == Vectors::none ? 0 : 5, u == Vectors::none   ? 0
                                                     : u == Vectors::thin ? 3
                                                                          : 5);
    result.Vh = v == Vectors::none ? Matrix<T>() : Matrix<T>::identity(3, 3);
    for (Index j = 0; j < 5; ++j) {
      if (j < 3) {
        result.s.push_back(4 * size / static_cast<Real<T>>(1 << j));
        a(4 - j, j) = result.s.back();
      }
      if (j < result.U.cols()) {
        result.U(4 - j, j) = 1;
      }
    }
  }
  [[nodiscard]] testing::SvdCheck check() const { return check_svd<T>(a, result, options); }

  Matrix<T> a;
  Svd<T> result;
  SvdOptions options;
};

TYPED_TEST(CheckerOfType, AcceptsExactDecompositionsOfEverySizeAndOption) {
  using R = Real<TypeParam>;
  const R tiny = std::numeric_limits<R>::denorm_min() * 2,
          huge = std::numeric_limits<R>::max() / 16;
  for (const R size : {R{1}, tiny, huge}) {
    for (const Vectors u : {Vectors::none, Vectors::thin, Vectors::full}) {
      for (const Vectors v : {Vectors::none, Vectors::thin, Vectors::full}) {
        const auto check = Example<TypeParam>(size, u, v).check();
        EXPECT_TRUE(check.passed()) << check.text();
        EXPECT_LT(check.residual, 1e-3) << size;
        EXPECT_EQ(check.orthogonality_u, 0);
      }
    }
  }
}

TYPED_TEST(CheckerOfType, SeesAWrongValueAtEverySizeAndOption) {
  using R = Real<TypeParam>;
  const R tiny = std::numeric_limits<R>::min(), huge = std::numeric_limits<R>::max() / 16;
  for (const R size : {R{1}, tiny, huge}) {
    for (const Vectors u : {Vectors::none, Vectors::thin, Vectors::full}) {
      for (const Vectors v : {Vectors::none, Vectors::thin, Vectors::full}) {
        Example<TypeParam> example(size, u, v);
        example.result.s[1] *= 1 + 400 * epsilon<TypeParam>;
        EXPECT_GT(example.check().residual, testing::check_threshold) << size;
      }
    }
  }
}

TYPED_TEST(CheckerOfType, SeesFactorsThatAreNotOrthogonal) {
  Example<TypeParam> u(1, Vectors::full, Vectors::full);
  u.result.U(0, 4) *= 1 + 100 * epsilon<TypeParam>;  // a column that takes no part in the product
  EXPECT_GT(u.check().orthogonality_u, testing::check_threshold);
  EXPECT_LT(u.check().residual, 1);
  Example<TypeParam> v(1, Vectors::none, Vectors::thin);
  v.result.Vh(0, 1) = 100 * epsilon<TypeParam>;
  EXPECT_GT(v.check().orthogonality_v, testing::check_threshold);
}

TYPED_TEST(CheckerOfType, SeesVectorsOfAnotherMatrixWhenOnlyOneFactorIsGiven) {
  Example<TypeParam> u(1, Vectors::thin, Vectors::none);
  u.result.U(4, 0) = 0;  // orthonormal, but not the columns of A
  u.result.U(0, 0) = 1;
  EXPECT_GT(u.check().residual, testing::check_threshold);
  Example<TypeParam> v(1, Vectors::none, Vectors::thin);
  v.result.Vh(0, 0) = v.result.Vh(1, 1) = 0;  // right vectors in the wrong order
  v.result.Vh(0, 1) = v.result.Vh(1, 0) = 1;
  EXPECT_GT(v.check().residual, testing::check_threshold);
}

TYPED_TEST(CheckerOfType, SeesStructuralFaults) {
  using R = Real<TypeParam>;
  const auto fault = [](auto spoil) {
    Example<TypeParam> example;
    spoil(example.result);
    return example.check().fault;
  };
  using Result = Svd<TypeParam>;
  EXPECT_NE(fault([](Result& r) { r.s.pop_back(); }).find("s is 2"), std::string::npos);
  EXPECT_NE(fault([](Result& r) { r.U = Matrix<TypeParam>(5, 5); }).find("U is 5 x 5"),
            std::string::npos);
  EXPECT_NE(fault([](Result& r) { r.Vh = Matrix<TypeParam>(); }).find("Vh is 0 x 0"),
            std::string::npos);
  EXPECT_NE(fault([](Result& r) { std::swap(r.s[0], r.s[1]); }).find("s[1]"), std::string::npos);
  EXPECT_NE(fault([](Result& r) { r.s[2] = -r.s[2]; }).find("s[2]"), std::string::npos);
  EXPECT_NE(fault([](Result& r) { r.s[0] = std::numeric_limits<R>::quiet_NaN(); }).find("s[0]"),
            std::string::npos);
  EXPECT_NE(fault([](Result& r) { r.Vh(1, 1) = -1; }).find("row 1"), std::string::npos);
  if constexpr (ComplexScalar<TypeParam>) {
    EXPECT_NE(fault([](Result& r) { r.Vh(2, 2) = TypeParam(0, 1); }).find("row 2"),
              std::string::npos);
  }
}

TYPED_TEST(CheckerOfType, NaNInAFactorNeverPasses) {
  Example<TypeParam> u;
  u.result.U(2, 1) = std::numeric_limits<Real<TypeParam>>::quiet_NaN();
  EXPECT_FALSE(u.check().passed());
  Example<TypeParam> v;
  v.result.Vh(2, 1) = std::numeric_limits<Real<TypeParam>>::quiet_NaN();
  EXPECT_FALSE(v.check().passed());
}

TEST(Checker, AZeroMatrixHasZeroValuesAndAnyBases) {
  Example<double> example(0, Vectors::full, Vectors::full);
  EXPECT_TRUE(example.check().passed()) << example.check().text();
  example.result.s[0] = 1e-300;
  EXPECT_FALSE(example.check().passed());
}

TEST(Checker, EmptyMatrices) {
  Svd<double> result;
  result.U = Matrix<double>::identity(4, 4);
  EXPECT_TRUE(check_svd<double>(Matrix<double>(4, 0), result, {.u = Vectors::full}).passed());
  result.U = Matrix<double>(4, 0);
  EXPECT_TRUE(check_svd<double>(Matrix<double>(4, 0), result, {}).passed());
}

}  // namespace
}  // namespace eckart
