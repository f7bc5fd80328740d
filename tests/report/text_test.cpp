#include "report/text.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace eckart::report {
namespace {

TEST(Text, EscapesMarkup) {
  EXPECT_EQ(escape_markup(R"(<b a="1" c='2'>&</b>)"),
            "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;&lt;/b&gt;");
  EXPECT_EQ(escape_markup("σ·日本"), "σ·日本");
}

TEST(Text, ReplacesWhatMarkupForbids) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(escape_markup(std::string_view("a\0b", 3)), "a" + replacement + "b");
  EXPECT_EQ(escape_markup("\x1b[31m"), replacement + "[31m");
  EXPECT_EQ(escape_markup("a\nb\tc"), "a\nb\tc");
  EXPECT_EQ(escape_markup("\xff"), replacement);
  EXPECT_EQ(escape_markup("\xC0\xAF"), replacement + replacement) << "an overlong '/'";
  EXPECT_EQ(escape_markup("\xED\xA0\x80"), replacement + replacement + replacement)
      << "a surrogate";
  EXPECT_EQ(escape_markup("caf\xC3"), "caf" + replacement) << "cut short";
}

TEST(Text, ReadsCodePoints) {
  const std::string text = "aσ日😀";
  std::vector<char32_t> found;
  for (std::size_t at = 0; at < text.size();) {
    found.push_back(next_code_point(text, at));
  }
  EXPECT_EQ(found, (std::vector<char32_t>{U'a', U'σ', U'日', U'😀'}));
}

TEST(Text, EncodesBase64AsInRfc4648) {
  const auto encoded = [](std::string_view text) {
    return base64(std::vector<std::uint8_t>(text.begin(), text.end()));
  };
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encoded("\xff\xfe\xfd"), "//79");
}

TEST(Text, WritesNumbers) {
  EXPECT_EQ(format_number(0), "0");
  EXPECT_EQ(format_number(1234.5678), "1234.57");
  EXPECT_EQ(format_number(1.25e-300, 3), "1.25e-300");
  EXPECT_EQ(format_number(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(format_padded(2, 4), "2.000");
  EXPECT_EQ(format_padded(1234, 4), "1234");
  EXPECT_EQ(format_padded(0, 4), "0");
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(-1234567), "-1,234,567");
  EXPECT_EQ(format_count(std::numeric_limits<Index>::max()), "9,223,372,036,854,775,807");
  EXPECT_EQ(counted(1, "value", "values"), "1 value");
  EXPECT_EQ(counted(0, "value", "values"), "0 values");
}

TEST(Text, WritesBytesAndTimesWithoutCarryErrors) {
  EXPECT_EQ(format_bytes(1), "1 byte");
  EXPECT_EQ(format_bytes(1023), "1,023 bytes");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(1024 * 1024 - 1), "1.0 MiB");
  EXPECT_EQ(format_bytes(std::numeric_limits<std::uint64_t>::max()), "16.0 EiB");
  EXPECT_EQ(format_seconds(0), "0 s");
  EXPECT_EQ(format_seconds(12e-6), "12 us");
  EXPECT_EQ(format_seconds(12e-6, true), "12 µs");
  EXPECT_EQ(format_seconds(0.0834), "83.4 ms");
  EXPECT_EQ(format_seconds(0.99999), "1 s");
  EXPECT_EQ(format_seconds(99.99), "1 min 40 s");
  EXPECT_EQ(format_seconds(3599.9), "1 h 0 min");
  EXPECT_EQ(format_seconds(1e300), "1e+300 s");
  EXPECT_EQ(format_seconds(std::numeric_limits<double>::quiet_NaN()), "0 s");
}

TEST(Text, NeverRoundsAShareToAllOrNothing) {
  EXPECT_EQ(format_percent(1), "100.0 %");
  EXPECT_EQ(format_percent(0), "0.0 %");
  EXPECT_EQ(format_percent(0.999), "99.9 %");
  EXPECT_EQ(format_percent(0.99999), ">99.9 %");
  EXPECT_EQ(format_percent(1e-9), "<0.1 %");
  EXPECT_EQ(format_percent(0.12345, 2), "12.35 %");
}

TEST(Text, ClipsByCodePoints) {
  EXPECT_EQ(clipped("σύνολο", 6), "σύνολο");
  EXPECT_EQ(clipped("σύνολο", 3), "σύ…");
  EXPECT_EQ(clipped("ab", 1), "…");
  EXPECT_EQ(clipped("", 1), "");
}

}  // namespace
}  // namespace eckart::report
