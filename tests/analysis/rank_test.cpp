#include <limits>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/rank.hpp>

#include "analysis/fixtures.hpp"

namespace eckart {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(Spectrum, TakesShapeFromTheReportOrTheFactors) {
  Svd<float> d = testing::known_svd<float>(5, 3, {3, 2, 1});
  d.report = {};
  const Spectrum s(d);
  EXPECT_EQ(s.rows(), 5);
  EXPECT_EQ(s.cols(), 3);
  EXPECT_EQ(s.eps(), 0x1p-23);
  d.U = {};
  EXPECT_THROW(Spectrum{d}, InvalidArgument) << "the shape is unknown";
  d.report.rows = 5;
  d.report.cols = 3;
  EXPECT_EQ(Spectrum(d).rows(), 5);
  d.report.cols = 2;
  EXPECT_THROW(Spectrum{d}, InvalidArgument) << "three values of a 5 x 2 matrix";
}

TEST(Spectrum, RefusesWhatIsNotASpectrum) {
  EXPECT_THROW(Spectrum({1, 2}, 2, 2), InvalidArgument) << "ascending";
  EXPECT_THROW(Spectrum({1, -1}, 2, 2), InvalidArgument);
  EXPECT_THROW(Spectrum({nan, 1}, 2, 2), InvalidArgument);
  EXPECT_THROW(Spectrum({1, nan}, 2, 2), InvalidArgument);
  EXPECT_THROW(Spectrum({inf, 1}, 2, 2), InvalidArgument);
  EXPECT_THROW(Spectrum({1}, 2, 2), InvalidArgument);
  EXPECT_THROW(Spectrum({1}, 1, 1, 0), InvalidArgument);
  EXPECT_NO_THROW(Spectrum({}, 0, 4));
}

TEST(Rank, DefaultThresholdIsLargerSideTimesEps) {
  const double eps = epsilon<double>;
  const RankReport r = numerical_rank(Spectrum({2, 21 * eps, 19 * eps}, 3, 10));
  EXPECT_EQ(r.threshold, 20 * eps);
  EXPECT_EQ(r.rank, 2);
  EXPECT_EQ(r.near_threshold, 2);
  EXPECT_EQ(r.sigma_rank, 21 * eps);
  EXPECT_EQ(r.sigma_next, 19 * eps);
  EXPECT_DOUBLE_EQ(r.gap, 21.0 / 19.0);
  EXPECT_EQ(r.sigma_1, 2);
}

TEST(Rank, KnowsTheTypeOfTheMatrix) {
  const std::vector<double> values = {1, 1e-3, 1e-9};
  EXPECT_EQ(numerical_rank(testing::known_svd<float>(4, 3, values)).rank, 2);
  EXPECT_EQ(numerical_rank(testing::known_svd<double>(4, 3, values)).rank, 3);
  EXPECT_EQ(numerical_rank(testing::known_svd<std::complex<float>>(4, 3, values)).rank, 2);
}

TEST(Rank, AValueOnTheThresholdDoesNotCount) {
  const Spectrum s({8, 4, 2}, 3, 3);
  EXPECT_EQ(numerical_rank(s, {.atol = 4}).rank, 1);
  EXPECT_EQ(numerical_rank(s, {.atol = 0, .rtol = 0.25}).rank, 2);
  EXPECT_EQ(numerical_rank(s, {.atol = 3, .rtol = 0.25}).threshold, 3)
      << "the larger tolerance rules";
  EXPECT_EQ(numerical_rank(s, {.atol = 0, .rtol = 0}).rank, 3);
}

TEST(Rank, CountsDoubtfulValuesWithinAFactorOfTen) {
  const Spectrum s({1000, 10, 9, 1, 0.1, 0.09}, 6, 6);
  EXPECT_EQ(numerical_rank(s, {.atol = 1, .rtol = 0}).near_threshold, 4) << "10, 9, 1 and 0.1";
  EXPECT_EQ(numerical_rank(s, {.atol = 0, .rtol = 0}).near_threshold, 0);
}

TEST(Rank, ZeroEmptyAndFullRankMatrices) {
  const RankReport zero = numerical_rank(Spectrum({0, 0}, 2, 3));
  EXPECT_EQ(zero.rank, 0);
  EXPECT_EQ(zero.gap, 0);
  EXPECT_EQ(zero.threshold, 0);
  const RankReport empty = numerical_rank(Spectrum({}, 0, 3));
  EXPECT_EQ(empty.rank, 0);
  EXPECT_EQ(empty.sigma_1, 0);
  const RankReport full = numerical_rank(Spectrum({3, 2}, 2, 2));
  EXPECT_EQ(full.rank, 2);
  EXPECT_EQ(full.gap, inf);
  EXPECT_EQ(numerical_rank(Spectrum({0, 0}, 2, 2), {.atol = 0, .rtol = inf}).threshold, 0);
}

TEST(Rank, IsInvariantUnderPowersOfTwoDownToDenormals) {
  const std::vector<double> values = testing::geometric(12, 0.03);
  const Index rank = numerical_rank(Spectrum(values, 12, 12)).rank;
  ASSERT_GT(rank, 8);
  ASSERT_LT(rank, 12);
  for (const int shift : {-900, -3, 40, 1000}) {
    std::vector<double> scaled = values;
    for (double& x : scaled) {
      x = std::ldexp(x, shift);
    }
    EXPECT_EQ(numerical_rank(Spectrum(scaled, 12, 12)).rank, rank) << shift;
  }
  EXPECT_EQ(numerical_rank(Spectrum({5e-324}, 1, 1)).rank, 1);
}

TEST(Rank, RefusesSenselessTolerances) {
  const Spectrum s({1}, 1, 1);
  EXPECT_THROW(static_cast<void>(numerical_rank(s, {.atol = -1})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(numerical_rank(s, {.atol = nan})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(numerical_rank(s, {.atol = 0, .rtol = nan})), InvalidArgument);
}

}  // namespace
}  // namespace eckart
