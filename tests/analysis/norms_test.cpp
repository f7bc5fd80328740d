#include <limits>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/norms.hpp>

#include "analysis/fixtures.hpp"

namespace eckart {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(Norms, ClosedForms) {
  const Spectrum s({4, 3, 0}, 3, 5);
  EXPECT_EQ(spectral_norm(s), 4);
  EXPECT_EQ(nuclear_norm(s), 7);
  EXPECT_EQ(frobenius_norm(s), 5);
  EXPECT_EQ(ky_fan_norm(s, 1), 4);
  EXPECT_EQ(ky_fan_norm(s, 2), 7);
  EXPECT_EQ(ky_fan_norm(s, 3), 7);
  EXPECT_DOUBLE_EQ(schatten_norm(s, 3), std::cbrt(64.0 + 27.0));
  EXPECT_EQ(condition_number(s), inf);
  EXPECT_EQ(condition_number(Spectrum({4, 2}, 2, 2)), 2);
}

TEST(Norms, SchattenMeetsTheNamedOnes) {
  const Spectrum s(testing::geometric(20, 0.8, 3), 20, 30);
  EXPECT_DOUBLE_EQ(schatten_norm(s, 1), nuclear_norm(s));
  EXPECT_DOUBLE_EQ(schatten_norm(s, 2), frobenius_norm(s));
  EXPECT_EQ(schatten_norm(s, inf), spectral_norm(s));
  EXPECT_DOUBLE_EQ(ky_fan_norm(s, 20), nuclear_norm(s));
  double above = schatten_norm(s, 1);
  for (const double p : {1.5, 2.0, 4.0, 50.0, 1e6}) {
    const double norm = schatten_norm(s, p);
    EXPECT_LE(norm, above) << "descending in p, p = " << p;
    EXPECT_GE(norm, spectral_norm(s));
    above = norm;
  }
}

TEST(Norms, HugeAndTinyValuesStayInRange) {
  const Spectrum huge({1e308, 5e307}, 2, 2);
  EXPECT_DOUBLE_EQ(frobenius_norm(huge), std::sqrt(1.25) * 1e308);
  EXPECT_DOUBLE_EQ(nuclear_norm(huge), 1.5e308);
  EXPECT_DOUBLE_EQ(schatten_norm(huge, 7), 1e308 * std::pow(1 + std::pow(0.5, 7), 1.0 / 7));
  const Spectrum tiny({3e-320, 4e-322}, 2, 2);
  EXPECT_EQ(nuclear_norm(tiny), 3e-320 + 4e-322);
  EXPECT_NEAR(frobenius_norm(Spectrum({4e-310, 3e-310}, 2, 2)) / 5e-310, 1, 1e-12);
  EXPECT_THROW(static_cast<void>(nuclear_norm(Spectrum({1e308, 1e308}, 2, 2))), OutOfRange);
  EXPECT_THROW(static_cast<void>(frobenius_norm(Spectrum({1.7e308, 1.7e308}, 2, 2))), OutOfRange);
  EXPECT_THROW(static_cast<void>(schatten_norm(Spectrum({1.7e308, 1.7e308}, 2, 2), 3)), OutOfRange);
}

TEST(Norms, SmallValuesAreNotLostBehindLargeOnes) {
  std::vector<double> values(1 << 20, 1e-16);
  values[0] = 1;
  const Spectrum s(values, 1 << 20, 1 << 20);
  EXPECT_DOUBLE_EQ(nuclear_norm(s), 1 + ((1 << 20) - 1) * 1e-16);
}

TEST(Norms, EmptyAndZero) {
  for (const Spectrum& s : {Spectrum({}, 0, 3), Spectrum({0, 0}, 2, 2)}) {
    EXPECT_EQ(spectral_norm(s), 0);
    EXPECT_EQ(nuclear_norm(s), 0);
    EXPECT_EQ(frobenius_norm(s), 0);
    EXPECT_EQ(schatten_norm(s, 2.5), 0);
    EXPECT_EQ(ky_fan_norm(s, s.count()), 0);
  }
  EXPECT_EQ(condition_number(Spectrum({}, 0, 3)), 0);
  EXPECT_EQ(condition_number(Spectrum({0}, 1, 1)), inf);
}

TEST(Norms, RefuseWrongParameters) {
  const Spectrum s({2, 1}, 2, 2);
  EXPECT_THROW(static_cast<void>(schatten_norm(s, 0.5)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(schatten_norm(s, nan)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(ky_fan_norm(s, 0)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(ky_fan_norm(s, 3)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(ky_fan_norm(Spectrum({}, 0, 2), 1)), InvalidArgument);
}

template <class T>
class FrobeniusOfEntries : public ::testing::Test {};
TYPED_TEST_SUITE(FrobeniusOfEntries, testing::ScalarTypes);

TYPED_TEST(FrobeniusOfEntries, AgreesWithTheSingularValues) {
  for (const auto& [m, n] : testing::all_shapes) {
    const auto d = testing::known_svd<TypeParam>(m, n, testing::geometric(std::min(m, n), 0.7));
    const double from_values = frobenius_norm(d);
    EXPECT_NEAR(frobenius_norm(testing::assembled(d)), from_values,
                30 * testing::eps<TypeParam>() * from_values);
  }
}

TYPED_TEST(FrobeniusOfEntries, TakesEveryStride) {
  const auto a = testing::normal_matrix<TypeParam>(6, 5, 3);
  const double whole = frobenius_norm(a);
  EXPECT_DOUBLE_EQ(frobenius_norm(Matrix<TypeParam>(a, Layout::row_major)), whole);
  EXPECT_DOUBLE_EQ(frobenius_norm(a.view().transposed()), whole);
  const MatrixView<const TypeParam> reversed(&a(5, 4), 6, 5, -1, -6);
  EXPECT_DOUBLE_EQ(frobenius_norm(reversed), whole);
  const MatrixView<const TypeParam> repeated(&a(0, 0), 3, 4, 0, 0);
  EXPECT_DOUBLE_EQ(frobenius_norm(repeated),
                   std::sqrt(12.0) * frobenius_norm(a.view().block(0, 0, 1, 1)));
}

TYPED_TEST(FrobeniusOfEntries, NeitherOverflowsNorVanishes) {
  using R = Real<TypeParam>;
  const R huge = std::ldexp(R{1}, std::numeric_limits<R>::max_exponent - 4);
  const R tiny = std::numeric_limits<R>::denorm_min();
  Matrix<TypeParam> a(2, 2);
  a(0, 0) = TypeParam{3 * huge};
  a(1, 1) = TypeParam{4 * huge};
  EXPECT_DOUBLE_EQ(frobenius_norm(a), 5 * static_cast<double>(huge));
  a(0, 0) = TypeParam{3 * tiny};
  a(1, 1) = TypeParam{4 * tiny};
  EXPECT_EQ(frobenius_norm(a), 5 * static_cast<double>(tiny));
}

TYPED_TEST(FrobeniusOfEntries, NamesTheFirstBadEntry) {
  Matrix<TypeParam> a(3, 3);
  a(1, 2) = TypeParam{std::numeric_limits<Real<TypeParam>>::quiet_NaN()};
  a(2, 1) = TypeParam{std::numeric_limits<Real<TypeParam>>::infinity()};
  try {
    static_cast<void>(frobenius_norm(a));
    FAIL() << "no error";
  } catch (const NonFinite& e) {
    EXPECT_EQ(e.row(), 2);
    EXPECT_EQ(e.column(), 1);
  }
}

TEST(FrobeniusOfEntriesDouble, IsExactToAFewEpsForManyEntries) {
  const Matrix<double> ones = [] {
    Matrix<double> a(1000, 1000);
    std::fill_n(a.data(), 1000 * 1000, 0.1);
    return a;
  }();
  EXPECT_NEAR(frobenius_norm(ones), 100.0, 1e-13);
}

TEST(FrobeniusOfEntriesDouble, TooLargeForDoubleIsAnError) {
  Matrix<double> a(1, 4);
  std::fill_n(a.data(), 4, 1.7e308);
  EXPECT_THROW(static_cast<void>(frobenius_norm(a)), OutOfRange);
}

}  // namespace
}  // namespace eckart
