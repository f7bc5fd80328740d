#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/low_rank.hpp>
#include <eckart/norms.hpp>

#include "analysis/fixtures.hpp"

namespace eckart {
namespace {

using testing::difference;
using testing::largest_difference;

template <class T>
class LowRankOf : public ::testing::Test {};
TYPED_TEST_SUITE(LowRankOf, testing::ScalarTypes);

TYPED_TEST(LowRankOf, ErrorsAreThoseOfTheSubtraction) {
  for (const auto& [m, n] : testing::all_shapes) {
    const auto values = testing::geometric(std::min(m, n), 0.6, 3);
    for (const Vectors which : {Vectors::thin, Vectors::full}) {
      const auto d = testing::known_svd<TypeParam>(m, n, values, which);
      const Matrix<TypeParam> a = testing::assembled(d);
      for (Index k = 0; k <= std::min(m, n); ++k) {
        const auto kept = low_rank(d, k);
        const Matrix<TypeParam> ak = low_rank_matrix(kept);
        ASSERT_EQ(kept.U.cols(), k);
        ASSERT_EQ(kept.Vh.rows(), k);
        EXPECT_EQ(static_cast<Index>(kept.s.size()), k);
        EXPECT_NEAR(frobenius_norm(difference(a, ak)), kept.error.frobenius,
                    100 * testing::eps<TypeParam>());
        EXPECT_EQ(largest_difference(low_rank_matrix(d, k), ak), 0);
      }
    }
  }
}

TYPED_TEST(LowRankOf, RefusesRanksOutsideTheMatrix) {
  const auto d = testing::known_svd<TypeParam>(4, 3, {3, 2, 1});
  EXPECT_THROW(static_cast<void>(low_rank(d, -1)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(low_rank(d, 4)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(low_rank_matrix(d, 4)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(low_rank_error(d, 4)), InvalidArgument);
}

TEST(LowRankError, ClosedForm) {
  const LowRankError e = low_rank_error(Spectrum({12, 4, 3}, 3, 6), 1);
  EXPECT_EQ(e.spectral, 4);
  EXPECT_EQ(e.frobenius, 5);
  EXPECT_DOUBLE_EQ(e.relative_spectral, 1.0 / 3);
  EXPECT_DOUBLE_EQ(e.relative_frobenius, 5.0 / 13);
  EXPECT_DOUBLE_EQ(e.energy, 144.0 / 169);
  EXPECT_DOUBLE_EQ(e.storage, 0.5);
}

TEST(LowRankError, EndsOfTheCurve) {
  const std::vector<LowRankError> curve =
      low_rank_errors(Spectrum(testing::geometric(9, 0.4), 9, 12));
  ASSERT_EQ(curve.size(), 10U);
  EXPECT_EQ(curve.front().energy, 0);
  EXPECT_EQ(curve.front().relative_frobenius, 1);
  EXPECT_EQ(curve.back().energy, 1);
  EXPECT_EQ(curve.back().frobenius, 0);
  EXPECT_EQ(curve.back().spectral, 0);
  for (std::size_t k = 1; k < curve.size(); ++k) {
    EXPECT_LT(curve[k].frobenius, curve[k - 1].frobenius);
    EXPECT_GE(curve[k].frobenius, curve[k].spectral);
    EXPECT_GE(curve[k].energy, curve[k - 1].energy);
  }
}

TEST(LowRankError, OfTinyTailsKeepsItsDigits) {
  // Squares of the tail vanish beside those of the head, and would vanish altogether.
  const LowRankError e = low_rank_error(Spectrum({1e150, 4e-200, 3e-200}, 3, 3), 1);
  EXPECT_DOUBLE_EQ(e.frobenius, 5e-200);
  EXPECT_NEAR(low_rank_error(Spectrum({1, 4e-180, 3e-180}, 3, 3), 1).relative_frobenius / 5e-180, 1,
              1e-14);
}

TEST(LowRankError, RelativeErrorsAreInRangeWhereTheNormsAreNot) {
  const std::vector<double> plain = relative_low_rank_errors(Spectrum({3, 2, 1}, 3, 3));
  const std::vector<double> huge =
      relative_low_rank_errors(Spectrum({1.5e308, 1e308, 0.5e308}, 3, 3));
  ASSERT_EQ(plain.size(), 4U);
  ASSERT_EQ(huge.size(), 4U);
  for (Index k = 0; k <= 3; ++k) {
    const auto at = static_cast<std::size_t>(k);
    EXPECT_DOUBLE_EQ(huge[at], plain[at]);
    EXPECT_EQ(plain[at], low_rank_error(Spectrum({3, 2, 1}, 3, 3), k).relative_frobenius);
  }
  EXPECT_NEAR(relative_low_rank_errors(Spectrum({1, 1e-12}, 2, 2))[1], 1e-12, 1e-24);
  EXPECT_EQ(relative_low_rank_errors(Spectrum({0, 0}, 2, 2)), (std::vector<double>{0, 0, 0}));
}

TEST(LowRankError, StorageCountsTheNumbersOfTheFactors) {
  EXPECT_DOUBLE_EQ(low_rank_storage(100, 50, 10), 10 * 150 / 5000.0);
  EXPECT_EQ(low_rank_storage(0, 5, 0), 0);
}

TEST(LowRankError, ZeroAndEmptyMatrices) {
  const LowRankError zero = low_rank_error(Spectrum({0, 0}, 2, 2), 1);
  EXPECT_EQ(zero.energy, 1);
  EXPECT_EQ(zero.relative_frobenius, 0);
  EXPECT_EQ(zero.relative_spectral, 0);
  const LowRankError empty = low_rank_error(Spectrum({}, 0, 4), 0);
  EXPECT_EQ(empty.frobenius, 0);
  EXPECT_EQ(empty.storage, 0);
}

TEST(LowRankError, RankForAnErrorIsTheSmallest) {
  const Spectrum s({12, 4, 3, 0}, 4, 4);
  EXPECT_EQ(rank_for_error(s, 1), 0);
  EXPECT_EQ(rank_for_error(s, 0.99), 1);
  EXPECT_EQ(rank_for_error(s, 5.0 / 13), 1) << "an error that is just met";
  EXPECT_EQ(rank_for_error(s, 0.38), 2);
  EXPECT_EQ(rank_for_error(s, 0), 3);
  EXPECT_EQ(rank_for_error(Spectrum({1, 1e-200}, 2, 2), 0), 2);
  EXPECT_EQ(rank_for_error(Spectrum({0}, 1, 1), 0), 0);
  EXPECT_THROW(static_cast<void>(rank_for_error(s, -0.1)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(rank_for_error(s, 1.5)), InvalidArgument);
}

TEST(LowRankUnique, NeedsAGapBehindK) {
  const auto d = testing::known_svd<double>(4, 4, {2, 1, 1, 0.5});
  EXPECT_TRUE(low_rank(d, 1).unique);
  EXPECT_FALSE(low_rank(d, 2).unique);
  EXPECT_TRUE(low_rank(d, 3).unique);
  EXPECT_TRUE(low_rank(d, 4).unique);
}

}  // namespace
}  // namespace eckart
