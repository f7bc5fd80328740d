#include "truncated/stopping.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/error.hpp>

namespace eckart::truncated {
namespace {

const std::vector<double> values = {4, 2, 1};  // squares 16, 4, 1
const double norm = std::sqrt(16 + 4 + 1 + 0.25);

Known known(std::size_t count, bool all = false) {
  return {.values = std::span(values).first(count), .all = all, .frobenius_norm = norm};
}

TEST(Stopping, ARankIsDecidedWhenSoManyValuesAreKnown) {
  EXPECT_FALSE(decide(rank(3), known(2)));
  EXPECT_EQ(decide(rank(3), known(3))->k, 3);
  EXPECT_EQ(decide(rank(5), known(3, true))->k, 3);
  EXPECT_STREQ(decide(rank(5), known(3, true))->bound_by, "all");
}

TEST(Stopping, EnergyIsAShareOfTheWholeNorm) {
  EXPECT_EQ(decide(energy(16 / 21.25 - 1e-9), known(3))->k, 1);
  EXPECT_EQ(decide(energy(16 / 21.25 + 1e-9), known(3))->k, 2);
  EXPECT_FALSE(decide(energy(0.99), known(3)));
  EXPECT_EQ(decide(energy(0), known(0))->k, 0);
}

TEST(Stopping, SpectralErrorsNeedTheValueThatIsLeftOut) {
  EXPECT_FALSE(decide(absolute_error(1.5, Norm::spectral), known(2)));
  EXPECT_EQ(decide(absolute_error(1.5, Norm::spectral), known(3))->k, 2);
  EXPECT_EQ(decide(relative_error(0.5, Norm::spectral), known(3))->k, 1);
  EXPECT_EQ(decide(absolute_error(4, Norm::spectral), known(1))->k, 0);
}

TEST(Stopping, TheSmallestRankOfSeveralRulesHolds) {
  const Decision decision = *decide(rank(3) & above(3) & energy(0.9), known(3));
  EXPECT_EQ(decision.k, 1);
  EXPECT_STREQ(decision.bound_by, "absolute error");
}

TEST(Stopping, OfTwoRulesOfOneKindTheWeakerHolds) {
  EXPECT_EQ(*(rank(3) & rank(5)).rank, 3);
  EXPECT_EQ(*(relative_error(0.1) & relative_error(0.2)).relative_frobenius, 0.2);
  EXPECT_EQ(*(energy(0.9) & energy(0.8)).energy, 0.8);
}

TEST(Stopping, AZeroMatrixKeepsNothing) {
  const std::vector<double> zeros(2, 0.0);
  EXPECT_EQ(decide(energy(0.5), {.values = zeros, .all = true, .frobenius_norm = 0})->k, 0);
  EXPECT_EQ(decide(relative_error(0.5, Norm::spectral),
                   {.values = zeros, .all = false, .frobenius_norm = {}})
                ->k,
            0);
}

TEST(Stopping, SaysWhichRulesCannotBeDecided) {
  EXPECT_THROW(require_rule({}), InvalidArgument);
  EXPECT_TRUE(needs_norm(energy(0.5)));
  EXPECT_FALSE(needs_norm(relative_error(0.5, Norm::spectral) & rank(3)));
  EXPECT_NE(lost_in_rounding(relative_error(1e-9), 1e-16), "");
  EXPECT_EQ(lost_in_rounding(relative_error(1e-3) & rank(4), 1e-16), "");
  EXPECT_EQ(lost_in_rounding(energy(1), 1e-16), "");
}

}  // namespace
}  // namespace eckart::truncated
