#include "report/spectrum_report.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include <eckart/error.hpp>

#include "report/sample.hpp"

namespace eckart::report {
namespace {

using Values = std::vector<double>;

TEST(Spectrum, IsThatOfTheValuesAndTheShape) {
  const Spectrum s = spectrum_of(testing::sample(4, 3, {3, 2, 1}));
  EXPECT_EQ(s.values(), (Values{3, 2, 1}));
  EXPECT_EQ(s.rows(), 4);
  EXPECT_EQ(s.cols(), 3);
  EXPECT_THROW(static_cast<void>(spectrum_of(testing::sample(4, 4, {3, 2, 1}))), InvalidArgument);
  EXPECT_THROW(static_cast<void>(spectrum_of(testing::sample(2, 2, {1, 2}))), InvalidArgument);
}

TEST(Spectrum, ConditionBeyondDoubleHasALogarithm) {
  EXPECT_NEAR(*log10_condition(Values{1e300, 1e-300}), 600, 1e-9);
  EXPECT_TRUE(std::isinf(*log10_condition(Values{1, 0})));
  EXPECT_FALSE(log10_condition(Values{0, 0}).has_value());
  EXPECT_FALSE(log10_condition(Values{}).has_value());
}

}  // namespace
}  // namespace eckart::report
