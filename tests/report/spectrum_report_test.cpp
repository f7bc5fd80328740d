#include "report/spectrum_report.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "report/sample.hpp"

namespace eckart::report {
namespace {

using Values = std::vector<double>;

TEST(Spectrum, EnergyIsTheShareOfTheSquares) {
  const Values energy = cumulative_energy(Values{2, 1, 1});
  EXPECT_DOUBLE_EQ(energy[0], 4.0 / 6);
  EXPECT_DOUBLE_EQ(energy[1], 5.0 / 6);
  EXPECT_EQ(energy[2], 1);
  EXPECT_EQ(cumulative_energy(Values{0, 0}), (Values{1, 1}));
  EXPECT_TRUE(cumulative_energy(Values{}).empty());
}

TEST(Spectrum, EnergyDoesNotDependOnTheScale) {
  const Values plain = {3, 2, 1}, huge = {3e307, 2e307, 1e307}, tiny = {3e-320, 2e-320, 1e-320};
  for (std::size_t i = 0; i < plain.size(); ++i) {
    EXPECT_NEAR(cumulative_energy(huge)[i], cumulative_energy(plain)[i], 1e-15);
    EXPECT_NEAR(cumulative_energy(tiny)[i], cumulative_energy(plain)[i], 1e-3)
        << "denormals have few digits";
  }
}

TEST(Spectrum, EnergyRankIsTheFirstThatReachesTheShare) {
  const Values values = {3, 1};  // 90 %, 10 %
  EXPECT_EQ(energy_rank(values, 0.9), 1);
  EXPECT_EQ(energy_rank(values, 0.91), 2);
  EXPECT_EQ(energy_rank(values, 1), 2);
  EXPECT_EQ(energy_rank(Values{0, 0}, 0.9), 0) << "nothing holds all of nothing";
  EXPECT_EQ(energy_rank(Values{}, 0.9), 0);
}

TEST(Spectrum, ErrorsFarBelowRoundingKeepTheirDigits) {
  const Values values = {1, 1e-12};
  EXPECT_NEAR(relative_error(values, 1), 1e-12, 1e-24);
  EXPECT_EQ(relative_error(values, 0), 1);
  EXPECT_EQ(relative_error(values, 2), 0);
  EXPECT_EQ(relative_error(values, 99), 0);
  EXPECT_EQ(relative_error(Values{}, 0), 0);
  EXPECT_EQ(relative_errors(Values{0, 0}), (Values{0, 0, 0}));
}

TEST(Spectrum, ConditionBeyondDoubleHasALogarithm) {
  EXPECT_NEAR(*log10_condition(Values{1e300, 1e-300}), 600, 1e-9);
  EXPECT_TRUE(std::isinf(*log10_condition(Values{1, 0})));
  EXPECT_FALSE(log10_condition(Values{0, 0}).has_value());
  EXPECT_FALSE(log10_condition(Values{}).has_value());
}

TEST(Spectrum, StorageCountsTheNumbersOfTheFactors) {
  EXPECT_DOUBLE_EQ(storage_ratio(100, 50, 10), 10 * 151 / 5000.0);
  EXPECT_EQ(storage_ratio(0, 5, 0), 0);
}

}  // namespace
}  // namespace eckart::report
