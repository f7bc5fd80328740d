#include "io/number.hpp"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace eckart::io {
namespace {

double real(std::string_view text, char decimal = '.') {
  double value = -999;
  EXPECT_EQ(parse_whole(text, decimal, value), NumberStatus::ok) << text;
  return value;
}

std::complex<double> complex(std::string_view text, char decimal = '.') {
  std::complex<double> value = -999;
  EXPECT_EQ(parse_whole(text, decimal, value), NumberStatus::ok) << text;
  return value;
}

NumberStatus status(std::string_view text, char decimal = '.') {
  double value = 0;
  return parse_whole(text, decimal, value);
}

NumberStatus complex_status(std::string_view text) {
  std::complex<double> value;
  return parse_whole(text, '.', value);
}

TEST(Number, ReadsWhatProgramsWrite) {
  EXPECT_EQ(real("1"), 1);
  EXPECT_EQ(real("+1.5"), 1.5);
  EXPECT_EQ(real("-.5e-3"), -.5e-3);
  EXPECT_EQ(real("5."), 5);
  EXPECT_EQ(real("1.0D-03"), 1e-3);
  EXPECT_EQ(real("2d2"), 200);
  EXPECT_EQ(real("0x1.8p+1"), 3);
  EXPECT_EQ(real("-0X1P-2"), -0.25);
  EXPECT_EQ(real("0.1000000000000000055511151231257827"), 0.1);
  EXPECT_TRUE(std::signbit(real("-0")));
}

TEST(Number, ReadsNanAndInfinityInAnyCase) {
  EXPECT_TRUE(std::isnan(real("nan")));
  EXPECT_TRUE(std::isnan(real("-NaN")));
  EXPECT_EQ(real("inf"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(real("-Infinity"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(real("+Inf", ','), std::numeric_limits<double>::infinity());
}

TEST(Number, RoundsTinyNumbersAndReportsLargeOnes) {
  EXPECT_EQ(real("4.9e-324"), 4.9e-324);
  EXPECT_EQ(real("1e-400"), 0);
  EXPECT_TRUE(std::signbit(real("-1e-400")));
  EXPECT_EQ(real("0." + std::string(400, '0') + "1"), 0);
  EXPECT_EQ(real("1e-99999999999999999999"), 0);
  EXPECT_EQ(real("1.7976931348623157e308"), std::numeric_limits<double>::max());
  EXPECT_EQ(status("1e309"), NumberStatus::too_large);
  EXPECT_EQ(status("-1e99999999999999999999"), NumberStatus::too_large);
  EXPECT_EQ(status("1" + std::string(400, '0')), NumberStatus::too_large);
  EXPECT_EQ(status("0.001e400"), NumberStatus::too_large);
  EXPECT_EQ(status("0x1p5000"), NumberStatus::too_large);
  EXPECT_EQ(real("0x1p-5000"), 0);
  EXPECT_EQ(complex_status("1+1e999j"), NumberStatus::too_large);
}

TEST(Number, ReadsDecimalCommasWhenAsked) {
  EXPECT_EQ(real("1,5", ','), 1.5);
  EXPECT_EQ(real("-,5", ','), -.5);
  EXPECT_EQ(real("1,5e2", ','), 150);
  EXPECT_EQ(real("1,5D2", ','), 150);
  EXPECT_EQ(real("17", ','), 17);
  EXPECT_EQ(complex("1,5-2,5j", ','), std::complex<double>(1.5, -2.5));
  EXPECT_EQ(status("1,5"), NumberStatus::not_a_number);
  EXPECT_EQ(status("1.5", ','), NumberStatus::not_a_number);
  EXPECT_EQ(status(".5", ','), NumberStatus::not_a_number);
  EXPECT_EQ(status("1,", ','), NumberStatus::not_a_number);
  EXPECT_EQ(status("1,2,3", ','), NumberStatus::not_a_number);
}

TEST(Number, ReadsComplexNumbersOfSeveralPrograms) {
  EXPECT_EQ(complex("1+2j"), std::complex<double>(1, 2));
  EXPECT_EQ(complex("1-2i"), std::complex<double>(1, -2));
  EXPECT_EQ(complex("(1.0e+00+-2.0e+00j)"), std::complex<double>(1, -2));  // older numpy.savetxt
  EXPECT_EQ(complex("1.0 + 2.0im"), std::complex<double>(1, 2));           // Julia
  EXPECT_EQ(complex("2j"), std::complex<double>(0, 2));
  EXPECT_EQ(complex("-3"), std::complex<double>(-3, 0));
  EXPECT_EQ(complex("inf-infj").imag(), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(complex("nan+nanj").imag()));
  EXPECT_TRUE(std::signbit(complex("1-0j").imag()));
}

TEST(Number, RefusesWhatIsNone) {
  for (const char* text :
       {"",   "+",    "-", "+-1", "--1", "1e",  "e5",    "abc",   "nano",  "1 2",  " 1", "1.2.3",
        "0x", "0x-1", "j", "i",   "1+j", "1+2", "(1+2j", "1+2j)", "1+2jj", "1j+2", ".",  "1,000"}) {
    EXPECT_EQ(complex_status(text), NumberStatus::not_a_number) << text;
    EXPECT_EQ(status(text), NumberStatus::not_a_number) << text;
  }
}

TEST(Number, ReadsIntegersToTheEndOf64Bits) {
  const auto integer = [](std::string_view text) {
    std::int64_t value = -999;
    const NumberEnd end = parse_number(text.data(), text.data() + text.size(), value);
    return std::pair(value, end.status);
  };
  EXPECT_EQ(integer("+42"), std::pair(std::int64_t{42}, NumberStatus::ok));
  EXPECT_EQ(integer("9223372036854775807"), std::pair(INT64_MAX, NumberStatus::ok));
  EXPECT_EQ(integer("9223372036854775808").second, NumberStatus::too_large);
  EXPECT_EQ(integer("+-1").second, NumberStatus::not_a_number);
  EXPECT_EQ(integer("x").second, NumberStatus::not_a_number);
}

}  // namespace
}  // namespace eckart::io
