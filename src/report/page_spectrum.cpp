// The singular values over their index, twice: linear for the leading ones, logarithmic for the
// decay and the rank threshold.

#include <algorithm>

#include <fmt/format.h>

#include "report/page_parts.hpp"
#include "report/page_sections.hpp"
#include "report/text.hpp"

namespace eckart::report::page {

namespace {

constexpr std::size_t few = 60;  // so many values are drawn as points, more as a line

Index zeros(const SpectrumReport& r) {
  return std::count_if(r.values.begin(), r.values.end(), [](double s) { return !(s > 0); });
}

svg::Chart spectrum_chart(const SpectrumReport& r, Scale scale) {
  svg::Chart chart;
  const bool log = scale == Scale::log;
  chart.id = log ? "spectrum-log" : "spectrum-linear";
  chart.title = log ? "Singular values, logarithmic" : "Singular values, linear";
  chart.description =
      r.values.empty()
          ? "There are no values."
          : fmt::format("{} from {} down to {}.", counted(value_count(r), "value", "values"),
                        format_number(r.values.front()), format_number(r.values.back()));
  const double margin = r.values.size() <= few ? 0.5 : 0;
  chart.x = {.label = "index i",
             .low = 1 - margin,
             .high = static_cast<double>(value_count(r)) + margin,
             .integer = true,
             .categories = {}};
  chart.y = {.label = "singular value", .scale = scale, .low = {}, .high = {}, .categories = {}};
  if (!log) {
    chart.y.low = 0;
  }
  const std::vector<double> x = indices(r.values.size());
  chart.series.push_back(
      {"", r.values.size() <= few ? svg::Mark::points : svg::Mark::line, x, r.values, 1});
  if (log && r.rank.threshold > 0 && r.rank.rank < value_count(r)) {
    chart.guides.push_back({svg::Guide::Across::y, r.rank.threshold, "rank threshold"});
  }
  return chart;
}

}  // namespace

std::string spectrum(const SpectrumReport& r) {
  if (r.values.empty()) {
    return "";
  }
  const std::string introduction =
      "The singular values in descending order: how strongly the matrix acts in each direction.";
  if (is_zero(r)) {
    return section("Spectrum", introduction, "<p>All are zero: there is nothing to draw.</p>");
  }
  std::string log_caption = "A steady slope is a geometric decay; a cliff is a gap in the rank.";
  if (const Index count = zeros(r); count > 0) {
    log_caption = fmt::format("{} exactly zero and cannot stand on a logarithmic axis.",
                              counted(count, "value is", "values are"));
  }
  return section("Spectrum", introduction,
                 "<div class=\"pair\">\n" +
                     figure(spectrum_chart(r, Scale::linear), "Linear",
                            "On a linear scale the leading values stand out.") +
                     figure(spectrum_chart(r, Scale::log), "Logarithmic", log_caption) + "</div>");
}

}  // namespace eckart::report::page
