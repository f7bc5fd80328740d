#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/thresholds.hpp>

#include "analysis/fixtures.hpp"

namespace eckart {
namespace {

TEST(SoftRanks, EqualValuesCountFully) {
  for (const double size : {1.0, 1e-310, 1e300}) {
    const Spectrum s({size, size, size, 0, 0}, 5, 9);
    EXPECT_EQ(stable_rank(s), 3);
    EXPECT_DOUBLE_EQ(participation_ratio(s), 3);
    EXPECT_DOUBLE_EQ(effective_rank(s), 3);
    EXPECT_LE(effective_rank(s), 3);
    EXPECT_EQ(energy_rank(s, 1), 3);
  }
}

TEST(SoftRanks, ClosedForms) {
  const Spectrum s({3, 1}, 2, 2);
  EXPECT_DOUBLE_EQ(stable_rank(s), 10.0 / 9);
  EXPECT_DOUBLE_EQ(participation_ratio(s), 100.0 / 82);
  EXPECT_DOUBLE_EQ(effective_rank(s), std::exp(-0.75 * std::log(0.75) - 0.25 * std::log(0.25)));
}

TEST(SoftRanks, StandBetweenOneAndTheRank) {
  for (const double ratio : {0.999, 0.5, 1e-3, 1e-100}) {
    const Spectrum s(testing::geometric(3, ratio), 3, 3);
    for (const double r : {stable_rank(s), participation_ratio(s), effective_rank(s)}) {
      EXPECT_GE(r, 1);
      EXPECT_LE(r, 3);
    }
    EXPECT_LE(stable_rank(s), effective_rank(s));
  }
  for (const Spectrum& none : {Spectrum({}, 0, 2), Spectrum({0, 0}, 2, 2)}) {
    EXPECT_EQ(stable_rank(none), 0);
    EXPECT_EQ(participation_ratio(none), 0);
    EXPECT_EQ(effective_rank(none), 0);
    EXPECT_EQ(energy_rank(none, 1), 0);
  }
}

TEST(EnergyRank, IsTheSmallestThatSuffices) {
  const Spectrum s({3, 1}, 2, 2);
  EXPECT_EQ(energy_rank(s, 0), 0);
  EXPECT_EQ(energy_rank(s, 1e-20), 1) << "some energy needs one value at least";
  EXPECT_EQ(energy_rank(s, 0.5), 1);
  EXPECT_EQ(energy_rank(s, 0.9), 1) << "nine tenths, just met";
  EXPECT_EQ(energy_rank(s, 0.901), 2);
  EXPECT_EQ(energy_rank(s, 1), 2);
  EXPECT_EQ(energy_rank(Spectrum({1, 1e-6, 0}, 3, 3), 1), 2);
  EXPECT_THROW(static_cast<void>(energy_rank(s, 1.01)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(energy_rank(s, -0.1)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(energy_rank(s, std::nan(""))), InvalidArgument);
}

TEST(CumulativeEnergy, IsTheShareOfTheSquaresAtAnyScale) {
  for (const double scale : {1.0, 3e307, 0x1p-1060}) {
    const std::vector<double> energy = cumulative_energy(Spectrum({2 * scale, scale, scale}, 3, 3));
    EXPECT_DOUBLE_EQ(energy[0], 4.0 / 6);
    EXPECT_DOUBLE_EQ(energy[1], 5.0 / 6);
    EXPECT_EQ(energy[2], 1);
  }
  EXPECT_EQ(cumulative_energy(Spectrum({0, 0}, 2, 2)), (std::vector<double>{1, 1}));
  EXPECT_TRUE(cumulative_energy(Spectrum({}, 0, 3)).empty());
}

TEST(EnergyRank, AgreesWithTheCumulativeEnergy) {
  const Spectrum s(testing::geometric(30, 0.9), 30, 40);
  const std::vector<double> energy = cumulative_energy(s);
  ASSERT_EQ(energy.size(), 30U);
  EXPECT_EQ(energy.back(), 1);
  EXPECT_TRUE(std::is_sorted(energy.begin(), energy.end()));
  for (const double share : {0.3, 0.77, 0.99}) {
    const auto k = static_cast<std::size_t>(energy_rank(s, share));
    EXPECT_GE(energy[k - 1], share);
    EXPECT_LT(energy[k - 2], share);
  }
}

TEST(GavishDonoho, ThresholdOfASpectrum) {
  const Spectrum s({100, 50, 3, 2, 1}, 5, 20);
  const HardThreshold known = optimal_hard_threshold(s, 0.7);
  EXPECT_EQ(known.beta, 0.25);
  EXPECT_DOUBLE_EQ(known.threshold, gavish_donoho_lambda(0.25) * std::sqrt(20.0) * 0.7);
  EXPECT_EQ(known.rank, 2);
  EXPECT_TRUE(known.noise_known);
  const HardThreshold unknown = optimal_hard_threshold(s);
  EXPECT_DOUBLE_EQ(unknown.threshold, gavish_donoho_omega(0.25) * 3);
  EXPECT_EQ(unknown.rank, 2);
  // The two rules agree when the noise is the one estimated.
  EXPECT_DOUBLE_EQ(optimal_hard_threshold(s, unknown.noise).threshold, unknown.threshold);
}

TEST(GavishDonoho, MedianOfAnEvenNumberOfValuesIsTheMeanOfTwo) {
  const HardThreshold t = optimal_hard_threshold(Spectrum({9, 4, 2, 1}, 4, 4));
  EXPECT_DOUBLE_EQ(t.threshold, t.coefficient * 3);
}

TEST(GavishDonoho, EndsOfTheRange) {
  EXPECT_EQ(optimal_hard_threshold(Spectrum({}, 0, 4)).rank, 0);
  EXPECT_EQ(optimal_hard_threshold(Spectrum({5, 1, 0, 0, 0}, 5, 5)).rank, 2)
      << "no noise to estimate";
  EXPECT_EQ(optimal_hard_threshold(Spectrum({5, 1}, 2, 2), 0.0).rank, 2);
  EXPECT_THROW(static_cast<void>(optimal_hard_threshold(Spectrum({1}, 1, 1), -1.0)),
               InvalidArgument);
  EXPECT_THROW(static_cast<void>(optimal_hard_threshold(Spectrum({1}, 1, 1), std::nan(""))),
               InvalidArgument);
  for (const double beta : {0.0, 1.01, -0.5, std::nan("")}) {
    EXPECT_THROW(static_cast<void>(gavish_donoho_lambda(beta)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(gavish_donoho_omega(beta)), InvalidArgument);
  }
}

TEST(OptimalShrinkage, MatchesThePublishedFormula) {
  const double sd = 0.5;
  const double unit = std::sqrt(8.0) * sd;
  const double beta = 0.5;
  const Spectrum s({9, 4, 2.5, 1}, 4, 8);
  const std::vector<double> shrunk = optimal_shrinkage(s, sd);
  ASSERT_EQ(shrunk.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const double y = s.values()[i] / unit;
    const double inner = (y * y - beta - 1) * (y * y - beta - 1) - 4 * beta;
    const double expected = y > 1 + std::sqrt(beta) ? unit * std::sqrt(inner) / y : 0.0;
    EXPECT_NEAR(shrunk[i], expected, 1e-13 * s[0]) << i;
  }
  EXPECT_GT(shrunk[2], 0);
  EXPECT_EQ(shrunk[3], 0);
  EXPECT_EQ(optimal_shrinkage(s, 0.0), s.values());
  EXPECT_TRUE(optimal_shrinkage(Spectrum({}, 3, 0)).empty());
  EXPECT_EQ(optimal_shrinkage(Spectrum({0, 0}, 2, 2), 1.0), (std::vector<double>{0, 0}));
}

}  // namespace
}  // namespace eckart
