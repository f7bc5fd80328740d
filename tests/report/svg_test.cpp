#include "report/svg.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "report/markup.hpp"
#include "report/sample.hpp"

namespace eckart::report::svg {
namespace {

using report::testing::markup_fault;
using report::testing::occurrences;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Chart chart_of(std::vector<double> y, Mark mark = Mark::line, Scale scale = Scale::linear) {
  Chart chart;
  chart.id = "c";
  chart.title = "A chart";
  chart.description = "What it shows.";
  chart.y.scale = scale;
  std::vector<double> x(y.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<double>(i);
  }
  chart.series.push_back({"data", mark, std::move(x), std::move(y), 1});
  return chart;
}

/// The path data of a series.
std::string data_path(const std::string& chart) {
  const std::size_t at = chart.find(" d=\"", chart.find(" s1\"")) + 4;
  return chart.substr(at, chart.find('"', at) - at);
}

TEST(Svg, EveryChartIsWellFormedAndFreeOfNaN) {
  std::vector<double> decades;
  for (int i = -300; i <= 300; ++i) {
    decades.push_back(std::pow(10.0, i));
  }
  const double huge = std::numeric_limits<double>::max(),
               tiny = std::numeric_limits<double>::denorm_min();
  const std::vector<std::vector<double>> data = {{},
                                                 {0},
                                                 {3},
                                                 {0, 0, 0},
                                                 {5, 5, 5, 5},
                                                 {1, 2},
                                                 {-1, 0, 1},
                                                 {huge, -huge},
                                                 {tiny, 0, tiny},
                                                 {nan, nan},
                                                 {1, nan, 2, infinity, 3},
                                                 {-infinity},
                                                 decades,
                                                 std::vector<double>(5000, 1.5)};
  for (const Setting setting : {Setting::page, Setting::alone}) {
    for (const Scale scale : {Scale::linear, Scale::log}) {
      for (const Mark mark : {Mark::line, Mark::steps, Mark::points, Mark::bars}) {
        for (std::size_t i = 0; i < data.size(); ++i) {
          const std::string chart = render(chart_of(data[i], mark, scale), setting);
          EXPECT_EQ(markup_fault(chart), "") << i;
          EXPECT_EQ(occurrences(chart, "nan"), 0U) << i;
          EXPECT_EQ(occurrences(chart, "inf"), 0U) << i;
          EXPECT_EQ(occurrences(chart, "<script"), 0U);
          EXPECT_NE(
              chart.find("<title id=\"c-t\">A chart</title><desc id=\"c-d\">What it shows.</desc>"),
              std::string::npos);
        }
      }
    }
  }
}

TEST(Svg, LinesKeepOrderAndBreakAtGaps) {
  Chart chart = chart_of({0, 10, nan, 5, 5});
  chart.series[0].name.clear();
  chart.width = 163;  // a plot of 100 x 100 units: left margin 39 for labels of three characters
  chart.height = 145;
  chart.y.low = 0;
  chart.y.high = 10;
  EXPECT_EQ(data_path(render(chart)), "M39 114L66.5 14h0M121.5 64L149 64h0");
}

TEST(Svg, BarsStandOnZero) {
  Chart chart = chart_of({2, -2}, Mark::bars);
  chart.series[0].name.clear();
  chart.x.categories = {"a", "b"};
  const std::string path = data_path(render(chart));
  // Both bars begin and end at the same height, the line of zero.
  const std::string foot = path.substr(path.find(' ') + 1, path.find('V') - path.find(' ') - 1);
  EXPECT_EQ(occurrences(path, "V" + foot + "z"), 2U) << path;
  EXPECT_EQ(occurrences(path, " " + foot + "V"), 2U) << path;
}

TEST(Svg, LogarithmicAxisLeavesOutZeros) {
  const std::string path =
      data_path(render(chart_of({100, 10, 0, -1, 1}, Mark::points, Scale::log)));
  EXPECT_EQ(occurrences(path, "M"), 3U);
}

TEST(Svg, TextIsBoundedByThePictureNotByTheData) {
  std::vector<double> noise(300'000);
  for (std::size_t i = 0; i < noise.size(); ++i) {
    noise[i] = std::sin(static_cast<double>(i * i % 1000003));
  }
  for (const Mark mark : {Mark::line, Mark::points}) {
    EXPECT_LT(render(chart_of(noise, mark)).size(), mark == Mark::line ? 60'000U : 2'000'000U);
  }
  // So many points on one curve fall together.
  std::vector<double> decay(300'000);
  for (std::size_t i = 0; i < decay.size(); ++i) {
    decay[i] = std::exp(-3e-5 * static_cast<double>(i));
  }
  EXPECT_LT(render(chart_of(decay, Mark::points)).size(), 60'000U);
}

TEST(Svg, ReducedLinesKeepTheirPeaks) {
  std::vector<double> flat(100'000, 0.0);
  flat[54'321] = 1;
  const std::string chart = render(chart_of(flat));
  const std::string path = data_path(chart);
  Chart alone = chart_of({0, 1});
  const std::string top = data_path(render(alone));
  const std::string peak = top.substr(top.rfind(' ') + 1, top.find("h0") - top.rfind(' ') - 1);
  EXPECT_NE(path.find(" " + peak + "L"), std::string::npos)
      << "a line through the height of the peak, " << peak;
}

TEST(Svg, EscapesTextFromFiles) {
  Chart chart = chart_of({1, 2, 3}, Mark::bars);
  const std::string evil = "<script>alert(\"1\")</script>&'";
  chart.id = "\"><b>";
  chart.title = chart.description = chart.series[0].name = chart.x.label = chart.y.label = evil;
  chart.x.categories = {evil, "\xff\xfe", std::string("\0\x1b", 2)};
  chart.guides = {{Guide::Across::x, 1, evil}, {Guide::Across::y, 2, evil}};
  const std::string text = render(chart);
  EXPECT_EQ(markup_fault(text), "");
  EXPECT_EQ(occurrences(text, "<script"), 0U);
  EXPECT_EQ(occurrences(text, "<b"), 0U);
}

TEST(Svg, GuidesOutsideTheChartAreLeftOut) {
  Chart chart = chart_of({1, 2, 3});
  chart.guides = {{Guide::Across::y, 1e6, "far"},
                  {Guide::Across::x, nan, "nowhere"},
                  {Guide::Across::y, 2, "here"}};
  const std::string text = render(chart);
  EXPECT_EQ(occurrences(text, "far"), 0U);
  EXPECT_EQ(occurrences(text, "nowhere"), 0U);
  EXPECT_EQ(occurrences(text, ">here<"), 1U);
}

TEST(Svg, LabelsOfManyNamesAreThinnedOut) {
  Chart chart = chart_of(std::vector<double>(200, 1.0), Mark::bars);
  for (int i = 0; i < 200; ++i) {
    chart.x.categories.push_back("column number " + std::to_string(i));
  }
  EXPECT_LE(occurrences(render(chart), "<text"), 20U);
}

TEST(Svg, AloneItBringsItsColours) {
  const std::string text = render(chart_of({1, 2}), Setting::alone);
  EXPECT_EQ(occurrences(text, "xmlns=\"http://www.w3.org/2000/svg\""), 1U);
  EXPECT_EQ(occurrences(text, "prefers-color-scheme:dark"), 1U);
  EXPECT_EQ(occurrences(render(chart_of({1, 2})), "<style"), 0U);
}

TEST(HeatMap, JoinsCellsOfOneShadeIntoRuns) {
  HeatMap map;
  map.id = "h";
  map.rows = 2;
  map.cols = 4;
  map.values = {1, 1, 1, 0, -1, -0.5, -0.5, 0};
  const std::string text = render(map);
  EXPECT_EQ(markup_fault(text), "");
  EXPECT_NE(text.find(R"(<path class="high" fill-opacity="1" d="M0 0h3v1h-3z"/>)"),
            std::string::npos);
  EXPECT_NE(text.find(R"(<path class="low" fill-opacity="1" d="M0 1h1v1h-1z"/>)"),
            std::string::npos);
  EXPECT_NE(text.find(R"(<path class="low" fill-opacity="0.5" d="M1 1h2v1h-2z"/>)"),
            std::string::npos);
}

TEST(HeatMap, TakesEmptyShortZeroAndBrokenData) {
  const std::vector<std::vector<double>> data = {
      {}, {0, 0, 0, 0, 0, 0}, {1}, {nan, infinity, 1, 1e308, -1e308, 5e-324}};
  for (const auto& values : data) {
    HeatMap map;
    map.id = "h";
    map.rows = 2;
    map.cols = 3;
    map.values = values;
    const std::string text = render(map, Setting::alone);
    EXPECT_EQ(markup_fault(text), "");
    EXPECT_EQ(occurrences(text, "nan"), 0U);
  }
  EXPECT_EQ(markup_fault(render(HeatMap{})), "");
}

TEST(Markup, TheCheckerFindsFaults) {
  for (const char* broken : {"<a>", "<a></b>", "<a b=1/>", "<a b=\"1\" b=\"2\"/>", "a & b",
                             "<a b=\"<\"/>", "</a>", "<a", "a < b"}) {
    EXPECT_NE(markup_fault(broken), "") << broken;
  }
  EXPECT_EQ(markup_fault("<a b=\"&amp;\"><c/>text &lt;</a>"), "");
}

}  // namespace
}  // namespace eckart::report::svg
