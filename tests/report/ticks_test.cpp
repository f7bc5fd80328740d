#include "report/ticks.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace eckart::report {
namespace {

constexpr double huge = std::numeric_limits<double>::max();
constexpr double tiny = std::numeric_limits<double>::denorm_min();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> labels(const AxisScale& scale) {
  std::vector<std::string> found;
  for (const Tick& tick : scale.ticks()) {
    if (tick.major) {
      found.push_back(tick.label);
    }
  }
  return found;
}

using Labels = std::vector<std::string>;

TEST(Ticks, LinearStepsAreOneTwoOrFive) {
  EXPECT_EQ(labels(AxisScale(Scale::linear, 0, 10, true, 5)),
            (Labels{"0", "2", "4", "6", "8", "10"}));
  EXPECT_EQ(labels(AxisScale(Scale::linear, 0, 0.93, true, 5)),
            (Labels{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"}));
  EXPECT_EQ(labels(AxisScale(Scale::linear, -0.3, 0.3, true, 3)),
            (Labels{"-0.4", "-0.2", "0.0", "0.2", "0.4"}));
  EXPECT_EQ(labels(AxisScale(Scale::linear, 0, 24000, true, 5)),
            (Labels{"0", "5000", "10000", "15000", "20000", "25000"}));
}

TEST(Ticks, IntegerAxesHaveNoFractions) {
  EXPECT_EQ(labels(AxisScale(Scale::linear, 0.5, 3.5, false, 6, true)), (Labels{"1", "2", "3"}));
  EXPECT_EQ(labels(AxisScale(Scale::linear, 1, 1, false, 6, true)), (Labels{"0", "1"}));
}

TEST(Ticks, GivenEndsStayWhereTheyAre) {
  const AxisScale scale(Scale::linear, 0.5, 8.5, false, 6);
  EXPECT_DOUBLE_EQ(scale.position(0.5), 0);
  EXPECT_DOUBLE_EQ(scale.position(8.5), 1);
}

TEST(Ticks, LinearAxesOfAnySizeCountInPowersOfTen) {
  const AxisScale large(Scale::linear, 0, huge, true, 5);
  EXPECT_EQ(large.exponent(), 308);
  EXPECT_NEAR(large.position(huge), 0.9, 0.02);
  EXPECT_EQ(labels(large).back(), "2.0");
  const AxisScale small(Scale::linear, 0, tiny, true, 5);
  EXPECT_EQ(small.exponent(), -324);
  EXPECT_NEAR(small.position(tiny), 1, 0.2);
  const AxisScale both(Scale::linear, -huge, huge, true, 5);
  EXPECT_DOUBLE_EQ(both.position(0), 0.5);
}

TEST(Ticks, LogarithmicTicksAreFewOverSixHundredDecades) {
  const AxisScale scale(Scale::log, 1e-300, 1e300, true, 5);
  EXPECT_EQ(labels(scale), (Labels{"10^-200", "10^0", "10^200"}));
  EXPECT_LE(scale.ticks().size(), 40U);
  const AxisScale everything(Scale::log, tiny, huge, true, 5);
  EXPECT_GE(labels(everything).size(), 3U);
  EXPECT_GE(everything.position(tiny), 0);
  EXPECT_LE(everything.position(huge), 1);
}

TEST(Ticks, LogarithmicTicksArePowersOfTen) {
  EXPECT_EQ(labels(AxisScale(Scale::log, 3e-5, 2e6, true, 6)),
            (Labels{"10^-4", "10^-2", "10^0", "10^2", "10^4", "10^6"}));
  EXPECT_EQ(labels(AxisScale(Scale::log, 1000, 1, true, 2)), (Labels{"1", "100"}))
      << "ends in either order";
}

TEST(Ticks, LogarithmicTicksWithinADecadeAreOneTwoFive) {
  EXPECT_EQ(labels(AxisScale(Scale::log, 0.9, 1.1, true, 5)), (Labels{"0.5", "1", "2"}));
  EXPECT_EQ(labels(AxisScale(Scale::log, 1.5e-9, 4e-9, true, 5)),
            (Labels{"10^-9", "2·10^-9", "5·10^-9"}));
}

TEST(Ticks, PowersOfTenDoNotRoundToTheNextDecade) {
  for (int power = -300; power <= 300; ++power) {
    const double value = std::stod("1e" + std::to_string(power));
    const AxisScale scale(Scale::log, value, value * 100, true, 5);
    EXPECT_NEAR(scale.position(value), 0, 1e-9) << power;
    EXPECT_NEAR(scale.position(value * 100), 1, 1e-9) << power;
  }
}

TEST(Ticks, ConstantAndSenselessEndsGiveAnAxis) {
  for (const Scale kind : {Scale::linear, Scale::log}) {
    for (const double low : {0.0, -1.0, 3.0, huge, -huge, tiny, nan, infinity, -infinity}) {
      for (const double high : {0.0, -1.0, 3.0, 3.0 + 1e-15, huge, tiny, nan, infinity}) {
        for (const bool rounded : {true, false}) {
          const AxisScale scale(kind, low, high, rounded, 5);
          ASSERT_GE(scale.ticks().size(), 2U) << low << " " << high;
          ASSERT_LE(scale.ticks().size(), 60U) << low << " " << high;
          double last = -1;
          for (const Tick& tick : scale.ticks()) {
            ASSERT_TRUE(std::isfinite(tick.position)) << low << " " << high;
            ASSERT_GT(tick.position, last) << low << " " << high;
            last = tick.position;
          }
          ASSERT_TRUE(std::isfinite(scale.position(1)));
        }
      }
    }
  }
}

TEST(Ticks, ScalesByPowersOfTenThroughTheWholeRange) {
  EXPECT_NEAR(scaled_by_power_of_ten(tiny, 324), 4.94, 0.01);
  EXPECT_NEAR(scaled_by_power_of_ten(huge, -308), 1.797, 0.001);
}

}  // namespace
}  // namespace eckart::report
