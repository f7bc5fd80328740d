#include "report/terminal.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include <eckart/error.hpp>

#include "report/markup.hpp"
#include "report/sample.hpp"

namespace eckart::report {
namespace {

using testing::occurrences;

constexpr TerminalStyle ascii = {.width = 80, .unicode = false, .colour = false};

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    found.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return found;
}

int widest(const std::string& text) {
  int width = 0;
  for (const std::string& line : lines(text)) {
    width = std::max(width, display_width(line));
  }
  return width;
}

TEST(Terminal, CountsColumnsNotBytes) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("σ₁ × ‖A‖"), 8);
  EXPECT_EQ(display_width("日本"), 4);
  EXPECT_EQ(display_width("e\xCC\x81"), 1) << "e with a combining accent";
  EXPECT_EQ(display_width("\x1b[1;31mred\x1b[0m"), 3);
  EXPECT_EQ(display_width("\xff"), 1);
}

TEST(Terminal, ControlCharactersOfNamesAreShownNotObeyed) {
  EXPECT_EQ(printable("a\x1b[2J\nb\x7F"), "a\\x1b[2J\\x0ab\\x7f");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "\\u{9b}31m")
      << "the one-character CSI";
  EXPECT_EQ(printable("photo\xE2\x80\xAEgnp.exe"), "photo\\u{202e}gnp.exe")
      << "right-to-left override";
  EXPECT_EQ(printable("caf\xE9"), "caf\\xe9");
  EXPECT_EQ(printable("σ"), "σ");
  EXPECT_EQ(printable("σ", false), "\\u{3c3}");
  SpectrumReport r = testing::sample(2, 2, {2, 1});
  r.file = "x\x1b]0;owned\x07.npy";
  EXPECT_EQ(occurrences(summary(r, {}), "\x1b"), 0U);
}

TEST(Terminal, ShortensInTheMiddle) {
  EXPECT_EQ(shortened("abcdefghij", 10), "abcdefghij");
  EXPECT_EQ(shortened("abcdefghij", 7), "abc…hij");
  EXPECT_EQ(shortened("abcdefghij", 7, false), "ab...ij");
  EXPECT_EQ(shortened("日本語日本語", 5), "日…語");
  for (int columns = 0; columns < 14; ++columns) {
    for (const bool unicode : {true, false}) {
      EXPECT_LE(display_width(shortened("日本語 abc 日本語", columns, unicode)), columns);
    }
  }
}

TEST(Table, AlignsItsColumns) {
  Table table;
  table.add_column("name", Align::left);
  table.add_column("time", Align::right, "ms");
  table.add_row({"σ₁", "1.5"});
  table.add_row({"bidiagonalize", "120.0"});
  table.add_row({"none"});
  EXPECT_EQ(table.text({}),
            "name            time\n"
            "                  ms\n"
            "σ₁               1.5\n"
            "bidiagonalize  120.0\n"
            "none\n");
  EXPECT_THROW(table.add_row({"a", "b", "c"}), InvalidArgument);
}

TEST(Table, DropsColumnsThatDoNotFitAndSaysSo) {
  Table table;
  for (const char* heading : {"one", "two", "three"}) {
    table.add_column(heading);
  }
  table.add_row({"1", "2", "3"});
  EXPECT_EQ(table.text({.width = 10}), "one  two\n  1    2\n(1 co…nal)\n");
  EXPECT_EQ(Table().text({}), "\n");
}

TEST(Plot, DrawsADecayInAscii) {
  EXPECT_EQ(
      spectrum_plot(std::vector<double>{1000, 100, 10, 1}, {.width = 20, .unicode = false}, 4),
      "    |***\n"
      "100 +   ****\n"
      "    |       *****\n"
      "  1 +            ***\n"
      "    +---------------\n"
      "     1             4\n");
}

TEST(Plot, DrawsADecayInBraille) {
  EXPECT_EQ(spectrum_plot(std::vector<double>{1000, 100, 10, 1}, {.width = 20}, 4),
            "    │⠑⠢⢄⡀\n"
            "100 ┤   ⠈⠑⠢⢄⡀\n"
            "    │       ⠈⠑⠢⣀\n"
            "  1 ┤           ⠉⠒⠤⣀\n"
            "    └───────────────\n"
            "     1             4\n");
}

TEST(Plot, TakesAnyValuesAndAnyWidth) {
  std::vector<double> decades = testing::geometric(5000, 1e300, 0.76);
  const std::vector<std::vector<double>> data = {{},
                                                 {0},
                                                 {3},
                                                 {0, 0, 0},
                                                 {5, 5, 5},
                                                 {5e-324},
                                                 {1.7e308, 5e-324},
                                                 {2, 1, 0, 0},
                                                 decades,
                                                 std::vector<double>(10, 0.0)};
  for (const auto& values : data) {
    for (const bool unicode : {true, false}) {
      for (const int width : {1, 2, 3, 5, 8, 9, 12, 40, 80, 300}) {
        for (const int height : {0, 1, 2, 8}) {
          const TerminalStyle style = {.width = width, .unicode = unicode};
          const std::string plot = spectrum_plot(values, style, height);
          EXPECT_LE(widest(plot), width);
          EXPECT_EQ(plot.empty(), values.empty());
          EXPECT_LE(lines(plot).size(), static_cast<std::size_t>(std::max(height, 1) + 2));
          EXPECT_EQ(occurrences(plot, "nan") + occurrences(plot, "inf"), 0U);
        }
      }
    }
  }
}

TEST(Plot, SaysHowManyZerosItLeavesOut) {
  EXPECT_NE(spectrum_plot(std::vector<double>{2, 1, 0, 0}, {}).find("(2 zeros not drawn)"),
            std::string::npos);
  EXPECT_EQ(spectrum_plot(std::vector<double>{0}, {}), "all 1 value is zero\n");
}

TEST(Bar, FillsInEighths) {
  EXPECT_EQ(bar(0.5, 8, {}), "████");
  EXPECT_EQ(bar(1, 3, {}), "███");
  EXPECT_EQ(bar(1.0 / 16, 2, {}), "▏");
  EXPECT_EQ(bar(1e-9, 5, {}), "▏") << "what is there is seen";
  EXPECT_EQ(bar(0, 5, {}), "");
  EXPECT_EQ(bar(7, 2, ascii), "##");
  EXPECT_EQ(bar(std::numeric_limits<double>::quiet_NaN(), 5, {}), "");
  EXPECT_EQ(bar(0.5, 0, {}), "");
}

TEST(Summary, IsWhatItWas) {
  SpectrumReport r = testing::sample(6, 4, {4, 2, 1, 0});
  r.file = "a.npy";
  EXPECT_EQ(summary(r, ascii),
            "a.npy  6 x 4  float64\n"
            "\n"
            "i     value   s/s1    energy  cumulative\n"
            "1  4.000000   1.00   76.19 %  ###############\n"
            "2  2.000000  0.500   95.24 %  ###################\n"
            "3  1.000000  0.250  100.00 %  ####################\n"
            "4         0      0  100.00 %  ####################\n"
            "\n"
            "rank           3 of 4  threshold 5.33e-15\n"
            "condition      infinite: singular\n"
            "energy         90 % in 2, 99 % in 3, 99.9 % in 3\n"
            "residual       0.021  in units of rounding; accepted up to 10\n"
            "orthogonality  U 0.34  V 0.27\n"
            "audit          passed\n"
            "path           bidiagonalize -> divide and conquer (audit passed)\n"
            "time           173 ms  2 threads  6.1 MiB of working memory\n"
            "\n"
            "5 +\n"
            "  |*****\n"
            "  |     ********\n"
            "  |             ********\n"
            "2 +                     *********\n"
            "  |                              ********\n"
            "  |                                      *********\n"
            "1 +                                               *****\n"
            "  +-----------------------------------------------------------------------------\n"
            "   1                            (1 zero not drawn)                             4\n");
}

TEST(Summary, HasColourOnlyWhenAsked) {
  const SpectrumReport r = testing::image_sample();
  EXPECT_EQ(occurrences(summary(r, {.width = 80, .unicode = true, .colour = false}), "\x1b"), 0U);
  const std::string coloured = summary(r, {.width = 80, .unicode = true, .colour = true});
  EXPECT_GT(occurrences(coloured, "\x1b["), 10U);
  EXPECT_EQ(occurrences(coloured, "\x1b["), 2 * occurrences(coloured, "\x1b[0m"))
      << "every colour ends";
}

TEST(Summary, IsAsciiWhereTheTerminalIs) {
  SpectrumReport r = testing::image_sample();
  r.file = "φωτογραφία.png";
  const std::string text = summary(r, ascii);
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) {
    return c == '\n' || (c >= ' ' && c <= '~');
  })) << text;
}

TEST(Summary, TakesAnyMatrixAndAnyWidth) {
  for (const auto& values : std::vector<std::vector<double>>{
           {}, {0}, {3}, {0, 0}, {1.7e308, 5e-324}, testing::geometric(2000, 1, 0.9)}) {
    for (const int width : {1, 10, 40, 80, 200}) {
      const auto size = static_cast<Index>(values.size());
      const std::string text = summary(testing::sample(size, size, values), {.width = width});
      EXPECT_EQ(occurrences(text, "nan"), 0U);
      EXPECT_EQ(occurrences(text, "rank "), values.empty() ? 0U : 1U);
    }
  }
}

TEST(Summary, NeverClaimsAPassThatWasNot) {
  SpectrumReport r = testing::sample(4, 3, {3, 2, 1});
  r.audit.passed = false;
  EXPECT_NE(summary(r, {}).find("NOT PASSED"), std::string::npos);
}

TEST(FactList, AlignsValuesAndTheirFurtherLines) {
  const std::vector<Fact> facts = {{"BLAS", "OpenBLAS\n0.3.28"}, {"threads", "2"}, {"none", ""}};
  EXPECT_EQ(fact_list(facts, {}),
            "BLAS     OpenBLAS\n"
            "         0.3.28\n"
            "threads  2\n"
            "none     \n");
}

TEST(FactList, BreaksValuesWhereTheTerminalEnds) {
  const std::vector<Fact> facts = {
      {"rank", "406 of 427  threshold 6.36; 62 values within a factor 10 of it"},
      {"path", "a-word-that-is-longer-than-the-line and more"},
      {"blank", "0123456789012345678901234567890123456789   "}};
  EXPECT_EQ(fact_list(facts, {.width = 40}),
            "rank   406 of 427  threshold 6.36; 62\n"
            "       values within a factor 10 of it\n"
            "path   a-word-that-is-longer-than-the-line\n"
            "       and more\n"
            "blank  0123456789012345678901234567890123456789   \n");
  EXPECT_LE(widest(summary(testing::image_sample(), {.width = 40})), 40);
  for (int width = 1; width < 40; ++width) {
    EXPECT_EQ(occurrences(fact_list(facts, {.width = width}), "factor"), 1U);
  }
}

}  // namespace
}  // namespace eckart::report
