// The cumulative energy over the number of triplets, and a table of what 90, 99 and 99.9 % of it
// cost.

#include <array>

#include <fmt/format.h>

#include <eckart/low_rank.hpp>
#include <eckart/thresholds.hpp>

#include "report/page_parts.hpp"
#include "report/page_sections.hpp"
#include "report/text.hpp"

namespace eckart::report::page {

namespace {

constexpr std::size_t energy_on_log = 30;  // from so many values on, k runs on a logarithmic axis
constexpr std::array shares = {0.9, 0.99, 0.999};
constexpr std::array share_names = {"90 %", "99 %", "99.9 %"};

}  // namespace

std::string energy(const SpectrumReport& r) {
  if (is_zero(r)) {
    return "";
  }
  const Spectrum s = spectrum_of(r);
  const std::vector<double> errors = relative_low_rank_errors(s);
  const bool log = r.values.size() > energy_on_log;
  svg::Chart chart;
  chart.id = "energy";
  chart.title = "Cumulative energy";
  chart.x = {.label = log ? "number of triplets k, logarithmic" : "number of triplets k",
             .scale = log ? Scale::log : Scale::linear,
             .low = log ? 1.0 : 0.0,
             .high = static_cast<double>(value_count(r)),
             .integer = true,
             .categories = {}};
  chart.y = {.label = "energy", .low = 0, .high = 1, .percent = true, .categories = {}};
  const std::vector<double> y = cumulative_energy(s);
  svg::Series line = {"", svg::Mark::line, indices(r.values.size()), y, 1};
  if (!log) {  // no triplets, no energy
    line.x.insert(line.x.begin(), 0);
    line.y.insert(line.y.begin(), 0);
  }
  chart.series.push_back(std::move(line));
  svg::Series marks = {"", svg::Mark::points, {}, {}, 2};
  std::string rows;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const Index k = energy_rank(s, shares[i]);
    const std::string name = share_names[i];
    marks.x.push_back(static_cast<double>(k));
    marks.y.push_back(y[static_cast<std::size_t>(k - 1)]);
    chart.guides.push_back(
        {svg::Guide::Across::x, static_cast<double>(k), fmt::format("{} at k = {}", name, k)});
    chart.description += fmt::format("{} of the energy at k = {}. ", name, k);
    rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", name,
                        format_count(k), format_percent(errors[static_cast<std::size_t>(k)], 2),
                        format_percent(low_rank_storage(r.rows, r.cols, k)));
  }
  chart.series.push_back(marks);
  const std::string table =
      "<div><h3>What a share of the energy costs</h3><div "
      "class=\"scroll\"><table><thead><tr><th>Energy</th><th>Triplets "
      "k</th><th>Relative error</th><th>Storage</th></tr></thead><tbody>\n" +
      rows +
      "</tbody></table></div><p class=\"caption\">The relative error is ‖A − A<sub>k</sub>‖ / ‖A‖ "
      "in the Frobenius norm. "
      "Storage compares the k (m + n) numbers of the factors U S and Vᴴ with the m n of the "
      "matrix.</p></div>";
  return section(
      "Energy",
      "The squares of the singular values add up to the sum of the squared entries. Each triplet "
      "carries its "
      "share; few large shares mean that a few triplets describe the matrix well.",
      "<div class=\"pair\">\n" + figure(chart, "Cumulative energy", "") + table + "</div>");
}

}  // namespace eckart::report::page
