// The page of a truncated decomposition: the leading triplets, each with its residual, and bounds on what nobody computed.
//
// A chart ends where knowledge ends: the values behind the last one are a bound across it and no curve.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/page_parts.hpp"
#include "report/page_sections.hpp"
#include "report/text.hpp"
#include "report/truncated_report.hpp"

namespace eckart::report {

namespace {

constexpr std::size_t few = 60;  // so many values are drawn as points, more as a line

Index count_of(const TruncatedFacts& facts) {
  return static_cast<Index>(facts.values.size());
}

Index all_of(const TruncatedFacts& facts) {
  return std::min(facts.report.rows, facts.report.cols);
}

bool is_judged_good(const TruncatedFacts& facts) {
  return facts.report.within_tolerance == count_of(facts);
}

/// What the sections of a whole decomposition say as well: vectors and stages.
SpectrumReport shared_part(const TruncatedFacts& facts) {
  SpectrumReport r;
  r.file = facts.file;
  r.rows = facts.report.rows;
  r.cols = facts.report.cols;
  r.dtype = facts.dtype;
  r.values = facts.values;
  r.vectors = facts.vectors;
  r.vectors_are_moduli = facts.vectors_are_moduli;
  r.column_names = facts.column_names;
  r.path = to_string(facts.report.method);
  if (facts.report.block > 0) {
    r.path += fmt::format(" with {} at a time and {} at most kept, {}, {}",
                          counted(facts.report.block, "vector", "vectors"),
                          format_count(facts.report.basis),
                          counted(facts.report.restarts, "restart", "restarts"),
                          counted(facts.report.products, "product", "products"));
  }
  if (!facts.report.reason.empty()) {
    r.path += "; because " + facts.report.reason;
  }
  r.stages = facts.report.stages;
  r.seconds = facts.report.seconds;
  r.threads = facts.report.threads;
  r.workspace_bytes = facts.report.workspace_bytes;
  return r;
}

std::string lead(const TruncatedFacts& facts) {
  const TruncatedReport& r = facts.report;
  std::string text = fmt::format(
      "The {} of a {} × {} matrix of {} numbers ({}). ",
      facts.values.size() == 1
          ? (facts.report.which == Which::largest
                 ? "largest singular triplet"
                 : "singular triplet (" + escape_markup(which_in_words(facts)) + ")")
          : fmt::format("{} {} of the {}", format_count(count_of(facts)),
                        escape_markup(which_in_words(facts)),
                        counted(all_of(facts), "singular triplet", "singular triplets")),
      format_count(r.rows), format_count(r.cols), escape_markup(facts.dtype),
      escape_markup(r.operator_description));
  if (!r.shortfall.empty()) {
    text += fmt::format("<span class=\"bad\">Not what was asked for:</span> {}. ",
                        escape_markup(r.shortfall));
  }
  text += is_judged_good(facts)
              ? "Each was checked by products formed anew: its residual is small enough."
              : fmt::format(
                    "<span class=\"bad\">{} of them did not converge:</span> their "
                    "residuals are larger than was asked for.",
                    format_count(count_of(facts) - r.within_tolerance));
  return text;
}

std::string facts_of(const TruncatedFacts& facts) {
  const TruncatedReport& r = facts.report;
  std::string out = page::fact(
      "Triplets",
      fmt::format("{} of {}", format_count(count_of(facts)), format_count(all_of(facts))),
      escape_markup(bound_in_words(facts)) + ".");
  if (!facts.values.empty()) {
    if (facts.report.which == Which::largest) {
      out += page::fact("Largest singular value", page::html_number(facts.values.front(), 5),
                        "The spectral norm: how much the matrix stretches at most.");
    } else {
      out +=
          page::fact("From", page::html_number(facts.values.front(), 5), "The largest of these.");
      out += page::fact("To", page::html_number(facts.values.back(), 5), "The smallest of these.");
      out += page::fact("Missing", facts.report.certified ? "none" : "not counted",
                        escape_markup(facts.report.certainty) + ".");
    }
    out += page::fact(
        "Largest residual",
        page::judged(is_judged_good(facts), page::html_number(largest_relative_residual(facts), 2)),
        fmt::format("Of its value; {} was asked for.", page::html_number(r.tolerance, 2)));
  }
  if (const auto energy = energy_up_to(facts); !energy.empty()) {
    out += page::fact("Energy", format_percent(energy.back(), 2),
                      "The share of the sum of squares that these triplets hold.");
  }
  if (r.left_out && r.frobenius_norm.value_or(0) > 0) {
    out += page::fact("Left out", format_percent(*r.left_out / *r.frobenius_norm, 2),
                      "‖A − U S Vᴴ‖ / ‖A‖ in the Frobenius norm.");
  }
  if (!r.left_out && r.left_out_at_most) {
    out += page::fact("Left out", "≤ " + page::html_number(*r.left_out_at_most, 4),
                      "‖A − U S Vᴴ‖ in the Frobenius norm, at most" + doubt_in_words(facts) + ".");
  }
  if (r.next_at_most && count_of(facts) < all_of(facts)) {
    const std::string bound =
        fmt::format("No value that is missing is above {}{}.",
                    page::html_number(*r.next_at_most, 4), doubt_in_words(facts));
    const std::string name = fmt::format("Value {}", format_count(count_of(facts) + 1));
    out += r.next_value > 0
               ? page::fact(name, page::html_number(r.next_value, 4), "As it was seen. " + bound)
               : page::fact(name, "≤ " + page::html_number(*r.next_at_most, 4), bound);
  }
  out += page::fact("Time", format_seconds(r.seconds, true),
                    fmt::format("On {}.", counted(r.threads, "thread", "threads")));
  return page::fact_list(out);
}

svg::Chart values_chart(const TruncatedFacts& facts) {
  svg::Chart chart;
  chart.id = "spectrum-log";
  chart.title = facts.report.which == Which::largest
                    ? "The largest singular values, logarithmic"
                    : "Singular values, " + which_in_words(facts) + ", logarithmic";
  chart.description =
      fmt::format("{} from {} down to {}.", counted(count_of(facts), "value", "values"),
                  format_number(facts.values.front()), format_number(facts.values.back()));
  const bool points = facts.values.size() <= few;
  const double margin = points ? 0.5 : 0;
  chart.x = {.label = "index i",
             .low = 1 - margin,
             .high = static_cast<double>(count_of(facts)) + margin,
             .integer = true,
             .categories = {}};
  chart.y = {
      .label = "singular value", .scale = Scale::log, .low = {}, .high = {}, .categories = {}};
  chart.series.push_back({"", points ? svg::Mark::points : svg::Mark::line,
                          page::indices(facts.values.size()), facts.values, 1});
  // Where the bound says more than the first value does.
  const double bound = facts.report.next_at_most.value_or(0);
  if (bound > 0 && bound < facts.values.front() && count_of(facts) < all_of(facts)) {
    chart.guides.push_back({svg::Guide::Across::y, bound, "bound of what is missing"});
  }
  return chart;
}

svg::Chart error_chart(const TruncatedFacts& facts, const std::vector<double>& energy) {
  svg::Chart chart;
  chart.id = "energy";
  chart.title = "What the first k triplets leave out";
  chart.description = fmt::format("{} of the energy in {}.", format_percent(energy.back(), 2),
                                  counted(count_of(facts), "triplet", "triplets"));
  chart.x = {.label = "number of triplets k",
             .low = 0,
             .high = static_cast<double>(count_of(facts)),
             .integer = true,
             .categories = {}};
  chart.y = {.label = "share", .low = 0, .high = 1, .percent = true, .categories = {}};
  svg::Series kept = {"energy", svg::Mark::line, page::indices(energy.size()), energy, 1};
  svg::Series error = {"relative error", svg::Mark::line, page::indices(energy.size()), {}, 2};
  for (const double share : energy) {
    error.y.push_back(std::sqrt(std::max(1 - share, 0.0)));
  }
  for (svg::Series* series : {&kept, &error}) {
    series->x.insert(series->x.begin(), 0);
  }
  kept.y.insert(kept.y.begin(), 0);
  error.y.insert(error.y.begin(), 1);
  chart.series = {std::move(kept), std::move(error)};
  return chart;
}

std::string spectrum(const TruncatedFacts& facts) {
  if (facts.values.empty() || !(facts.values.front() > 0)) {
    return "";
  }
  std::string body =
      page::figure(values_chart(facts), "Logarithmic",
                   "A singular value of the matrix lies within the residual of each of these; the "
                   "table below has them.");
  if (const auto energy = energy_up_to(facts); !energy.empty()) {
    body +=
        page::figure(error_chart(facts, energy), "What is left out",
                     "The relative error is ‖A − A<sub>k</sub>‖ / ‖A‖ in the Frobenius norm: the "
                     "square root of one less the energy.");
  }
  return page::section(
      "The largest values",
      count_of(facts) < all_of(facts)
          ? fmt::format("The first {} of {}. The others were not computed; what is said of them is "
                        "a bound.",
                        format_count(count_of(facts)),
                        counted(all_of(facts), "singular value", "singular values"))
          : "All there are.",
      "<div class=\"pair\">\n" + body + "</div>");
}

std::string rows_of(const TruncatedFacts& facts, std::size_t begin, std::size_t end) {
  const std::vector<double> energy = energy_up_to(facts);
  const double first = facts.values.front() > 0 ? facts.values.front() : 1;
  std::string rows;
  for (std::size_t i = begin; i < end; ++i) {
    rows += fmt::format(
        "<tr><td>{}</td><td>{}</td><td class=\"ratio\">{}</td><td>{}</td><td "
        "class=\"ratio\">{}</td></tr>\n",
        format_count(static_cast<Index>(i + 1)), page::html_padded(facts.values[i], 8),
        page::html_padded(facts.report.residuals[i], 2),
        page::html_padded(facts.values[i] / first, 3),
        energy.empty() ? std::string("unknown") : format_percent(energy[i], 2));
  }
  return "<div class=\"scroll\"><table class=\"dense\"><thead><tr><th>i</th><th>σ<sub>i</sub></th>"
         "<th class=\"ratio\">Residual</th><th>σ<sub>i</sub> / σ<sub>1</sub></th>"
         "<th class=\"ratio\">Energy up to i</th></tr></thead><tbody>\n" +
         rows + "</tbody></table></div>";
}

std::string values(const TruncatedFacts& facts) {
  if (facts.values.empty()) {
    return "";
  }
  const std::size_t open = std::min(few, facts.values.size()),
                    shown = std::min(table_limit, facts.values.size());
  std::string body = "<div class=\"values\">" + rows_of(facts, 0, open) + "</div>";
  if (shown > open) {
    body += fmt::format("\n<details><summary>Values {} to {}</summary>{}</details>", open + 1,
                        format_count(static_cast<Index>(shown)), rows_of(facts, open, shown));
  }
  if (shown < facts.values.size()) {
    body += fmt::format(
        "\n<p class=\"note\">{} further values are left out of this page; they are in the JSON and "
        "in the npz.</p>",
        format_count(static_cast<Index>(facts.values.size() - shown)));
  }
  return page::section(
      "Values",
      "The residual of a triplet is (‖A v − σ u‖² + ‖Aᴴ u − σ v‖²)<sup>1/2</sup>, from "
      "products formed anew. Where the next value is a gap d away, the value is "
      "right to about its square over d, and the vectors to the residual over d.",
      body);
}

}  // namespace

std::string to_html(const TruncatedFacts& facts) {
  const SpectrumReport shared = shared_part(facts);
  return page::document(
      {.name = page::headline_name(facts.file, facts.report.rows, facts.report.cols),
       .file = facts.file,
       .lead = lead(facts),
       .facts = facts_of(facts)},
      spectrum(facts) + page::vectors(shared) + values(facts) + page::stages(shared));
}

}  // namespace eckart::report
