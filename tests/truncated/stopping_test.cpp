#include "truncated/stopping.hpp"

#include <cmath>
#include <string>
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
}

TEST(Stopping, NothingLeftOutIsLostInRoundingToo) {
  for (const Truncation& rule : {energy(1), relative_error(0), absolute_error(0)}) {
    EXPECT_NE(lost_in_rounding(rule, 1e-16), "");
  }
  EXPECT_EQ(lost_in_rounding(absolute_error(0, Norm::spectral), 1e-16), "");
}

TEST(Stopping, SaysInDigitsWhatIsLostAndWhatIsEnough) {
  const std::string text = lost_in_rounding(relative_error(1e-9), 0x1p-52);
  EXPECT_NE(text.find("an error of 1e-09 ||A||_F"), std::string::npos) << text;
  const std::string before = "ask for ";
  const double enough = std::stod(text.substr(text.find(before) + before.size()));
  EXPECT_NEAR(enough, 8.8e-8, 3e-9);
  EXPECT_EQ(lost_in_rounding(relative_error(enough), 0x1p-52), "");
}

TEST(Stopping, AllValuesDecideEveryShare) {
  EXPECT_EQ(decide_from_all(energy(1), 3, 3, values)->k, 3);
  EXPECT_EQ(decide_from_all(relative_error(1e-9), 4, 4, {1, 1e-3, 3e-9, 5e-10})->k, 3);
  EXPECT_EQ(decide_from_all(relative_error(0), 4, 4, {1, 1, 0, 0})->k, 2);
  for (const double unit : {1e-200, 1e200}) {
    EXPECT_EQ(decide_from_all(absolute_error(2.3 * unit), 3, 3, {4 * unit, 2 * unit, unit})->k, 1);
    EXPECT_EQ(decide_from_all(absolute_error(1.01 * unit), 3, 3, {4 * unit, 2 * unit, unit})->k, 2);
  }
}

}  // namespace
}  // namespace eckart::truncated
