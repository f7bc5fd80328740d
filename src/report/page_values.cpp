// The table of values. The first rows stand open, the rest behind a line to unfold, and its length
// is bounded.

#include <algorithm>

#include <fmt/format.h>

#include <eckart/low_rank.hpp>
#include <eckart/thresholds.hpp>

#include "report/page_parts.hpp"
#include "report/page_sections.hpp"
#include "report/text.hpp"

namespace eckart::report::page {

namespace {

constexpr std::size_t first_rows = 50;  // rows of the table of values that stand open

/// Rows begin ... end - 1 of the table of values.
std::string values_table(const SpectrumReport& r, std::size_t begin, std::size_t end) {
  const Spectrum s = spectrum_of(r);
  const std::vector<double> energy = cumulative_energy(s);
  const std::vector<double> errors = relative_low_rank_errors(s);
  const double largest = is_zero(r) ? 1 : r.values.front();
  std::string rows;
  for (std::size_t i = begin; i < end; ++i) {
    if (static_cast<Index>(i) == r.rank.rank) {
      rows += fmt::format(
          "<tr class=\"cut\"><td colspan=\"6\">At or below the rank threshold {}: counted as "
          "zero.</td></tr>\n",
          html_number(r.rank.threshold));
    }
    const double ratio = r.values[i] / largest;
    rows += fmt::format(
        "<tr><td>{}</td><td>{}</td><td class=\"ratio\">{}</td><td>{}</td><td "
        "class=\"ratio\">{}</td>"
        "<td class=\"share\"><i style=\"width:{:.2f}%\"></i></td></tr>\n",
        format_count(static_cast<Index>(i + 1)), html_padded(r.values[i], 8), html_padded(ratio, 3),
        format_percent(energy[i], 2), html_padded(errors[i + 1], 3), 100 * ratio * ratio);
  }
  return "<div class=\"scroll\"><table class=\"dense\"><thead><tr><th>i</th><th>σ<sub>i</sub></th>"
         "<th class=\"ratio\">σ<sub>i</sub> / σ<sub>1</sub></th><th>Energy up to i</th>"
         "<th class=\"ratio\">Error of rank i</th><th class=\"share words\">Energy of "
         "i</th></tr></thead>"
         "<tbody>\n" +
         rows + "</tbody></table></div>";
}

}  // namespace

std::string values(const SpectrumReport& r) {
  if (r.values.empty()) {
    return "";
  }
  const std::size_t open = std::min(first_rows, r.values.size());
  const std::size_t shown = std::min(table_limit, r.values.size());
  std::string body = "<div class=\"values\">" + values_table(r, 0, open) + "</div>";
  if (shown > open) {
    body += fmt::format("\n<details><summary>Values {} to {}</summary>{}</details>", open + 1,
                        format_count(static_cast<Index>(shown)), values_table(r, open, shown));
  }
  if (shown < r.values.size()) {
    body += fmt::format(
        "\n<p class=\"note\">{} further values are left out of this page; they are in the JSON and "
        "in the npz.</p>",
        format_count(static_cast<Index>(r.values.size() - shown)));
  }
  return section("Values",
                 r.kept > 0 && r.kept < value_count(r)
                     ? fmt::format("The first {} were kept in the output; all are listed here.",
                                   counted(r.kept, "triplet", "triplets"))
                     : "All singular values; the energy of all up to each; the relative Frobenius "
                       "error that is "
                       "left when the rest is dropped.",
                 body);
}

}  // namespace eckart::report::page
