// The summary of a decomposition: what `eckart svd` prints.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <eckart/thresholds.hpp>

#include "report/terminal.hpp"
#include "report/terminal_text.hpp"
#include "report/text.hpp"

namespace eckart::report {

namespace {

/// What the matrix is: its name, cut to what the shape leaves of the line.
std::string heading(const SpectrumReport& r, const TerminalStyle& style) {
  const std::string shape = fmt::format("{} {} {}  {}", r.rows, sign("×", "x", style), r.cols,
                                        printable(r.dtype, style.unicode));
  return heading_line(r.title.empty() ? r.file : r.title, shape, style);
}

/// The first values, with their share of the energy.
std::string first_values(const SpectrumReport& r, const TerminalStyle& style, int rows) {
  const auto count = static_cast<Index>(r.values.size());
  const Index shown = std::min<Index>(count, std::max(0, rows));
  if (shown == 0) {
    return "";
  }
  constexpr int numbers_width = 48, most_bar = 20, least_bar = 5;
  const int bar_columns = std::min(most_bar, style.width - numbers_width);
  Table table;
  table.add_column("i");
  table.add_column("value");
  table.add_column(fmt::format("{0}/{0}1", sign("σ", "s", style)));
  table.add_column("energy");
  if (bar_columns >= least_bar) {
    table.add_column("cumulative", Align::left);
  }
  const Spectrum s = spectrum_of(r);
  const std::vector<double> energy = cumulative_energy(s);
  for (Index i = 0; i < shown; ++i) {
    const double share = energy[static_cast<std::size_t>(i)];
    std::vector<std::string> cells = {std::to_string(i + 1), format_padded(s[i], 7),
                                      s.largest() > 0 ? format_padded(s[i] / s.largest(), 3) : "",
                                      format_percent(share, 2)};
    if (bar_columns >= least_bar) {
      cells.push_back(bar(share, bar_columns, style));
    }
    table.add_row(std::move(cells));
  }
  std::string rest;
  if (shown < count) {
    rest = coloured(fmt::format("{} {} more", sign("…", "...", style), format_count(count - shown)),
                    dim, style) +
           "\n";
  }
  return table.text(style) + rest + "\n";
}

/// What follows from the values, and what the audit found.
std::string what_follows(const SpectrumReport& r, const TerminalStyle& style) {
  std::vector<Fact> facts;
  if (r.kept > 0) {
    facts.push_back(
        {"kept", fmt::format("{} of {}", r.kept,
                             counted(static_cast<Index>(r.values.size()), "triplet", "triplets"))});
  }
  if (const std::size_t count = r.values.size(); count > 0) {
    std::string doubt;
    if (r.rank.near_threshold > 0) {
      doubt = fmt::format("; {} within a factor 10 of it",
                          counted(r.rank.near_threshold, "value", "values"));
    }
    facts.push_back({"rank", fmt::format("{} of {}  threshold {}{}", r.rank.rank, count,
                                         format_number(r.rank.threshold, 3), doubt)});
  }
  if (const auto condition = log10_condition(r.values)) {
    const Spectrum s = spectrum_of(r);
    const double power = std::floor(*condition);
    facts.push_back(
        {"condition", std::isinf(*condition) ? "infinite: singular"
                      : *condition < 300
                          ? format_number(std::pow(10.0, *condition), 3)
                          : fmt::format("{:.3g}e+{}", std::pow(10.0, *condition - power), power)});
    facts.push_back(
        {"energy", fmt::format("90 % in {}, 99 % in {}, 99.9 % in {}", energy_rank(s, 0.9),
                               energy_rank(s, 0.99), energy_rank(s, 0.999))});
  }
  const auto judged = [&](double figure) {
    return coloured(format_number(figure, 2), figure <= r.audit_threshold ? green : red, style);
  };
  facts.push_back(
      {"residual", fmt::format("{}  in units of rounding; accepted up to {}",
                               judged(r.audit.residual), format_number(r.audit_threshold, 3))});
  if (r.has_u || r.has_v) {
    facts.push_back({"orthogonality",
                     fmt::format("{}{}{}", r.has_u ? "U " + judged(r.audit.orthogonality_u) : "",
                                 r.has_u && r.has_v ? "  " : "",
                                 r.has_v ? "V " + judged(r.audit.orthogonality_v) : "")});
  }
  facts.push_back({"audit", r.audit.passed ? coloured("passed", green, style)
                                           : coloured("NOT PASSED", red, style)});
  if (!r.path.empty()) {
    facts.push_back({"path", printable(r.path, style.unicode)});
  }
  facts.push_back(time_fact(r.seconds, r.threads, r.workspace_bytes, style));
  return fact_list(facts, style);
}

}  // namespace

std::string summary(const SpectrumReport& r, const TerminalStyle& style, int rows) {
  const std::string plot = spectrum_plot(r.values, style);
  return heading(r, style) + first_values(r, style, rows) + what_follows(r, style) +
         (plot.empty() ? "" : "\n" + plot);
}

}  // namespace eckart::report
