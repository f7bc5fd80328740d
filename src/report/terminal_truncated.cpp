// The summary of a truncated decomposition: what `eckart svd -k` prints.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/terminal_text.hpp"
#include "report/text.hpp"
#include "report/truncated_report.hpp"

namespace eckart::report {

namespace {

std::string heading(const TruncatedFacts& facts, const TerminalStyle& style) {
  const TruncatedReport& r = facts.report;
  const std::string shape = fmt::format("{} {} {}  {}  {}", r.rows, sign("×", "x", style), r.cols,
                                        printable(facts.dtype, style.unicode),
                                        printable(r.operator_description, style.unicode));
  return heading_line(facts.file, shape, style);
}

/// The values, each with its residual.
std::string values(const TruncatedFacts& facts, const TerminalStyle& style, int rows) {
  const std::size_t count = facts.values.size();
  // A table that is but a few lines longer is shown whole: "1 more" takes as much room as the one.
  constexpr std::size_t few = 4;
  const auto most = static_cast<std::size_t>(std::max(0, rows));
  const std::size_t shown = count <= most + few ? count : most;
  if (shown == 0) {
    return "";
  }
  const std::vector<double> energy = energy_up_to(facts);
  Table table;
  table.add_column("i");
  table.add_column("value");
  table.add_column("residual");
  table.add_column(fmt::format("{0}/{0}1", sign("σ", "s", style)));
  if (!energy.empty()) {
    table.add_column("energy up to i");
  }
  const double first =
      facts.report.which == Which::largest ? facts.values.front() : facts.report.largest_value;
  for (std::size_t i = 0; i < shown; ++i) {
    const double value = facts.values[i];
    std::vector<std::string> cells = {std::to_string(i + 1), format_padded(value, 7),
                                      format_padded(facts.report.residuals[i], 2),
                                      first > 0 ? format_padded(value / first, 3) : ""};
    if (!energy.empty()) {
      cells.push_back(format_percent(energy[i], 2));
    }
    table.add_row(std::move(cells));
  }
  std::string rest;
  if (shown < count) {
    rest = coloured(fmt::format("{} {} more, down to {}", sign("…", "...", style),
                                format_count(static_cast<Index>(count - shown)),
                                format_number(facts.values.back(), 7)),
                    dim, style) +
           "\n";
  }
  return table.text(style) + rest + "\n";
}

std::string residual_text(const TruncatedFacts& facts, const TerminalStyle& style) {
  const TruncatedReport& r = facts.report;
  const auto count = static_cast<Index>(facts.values.size());
  const std::string asked = format_number(r.tolerance, 2) + " asked for";
  if (count == 0) {
    return "";
  }
  const std::string found = fmt::format("{} of its value at the most, {}",
                                        format_number(largest_relative_residual(facts), 2), asked);
  return r.within_tolerance == count
             ? coloured(count == 1 ? "small enough" : "all small enough", green, style) + ": " +
                   found
             : coloured(fmt::format("{} of {} small enough", r.within_tolerance, count), red,
                        style) +
                   ": " + found;
}

std::string left_out_text(const TruncatedFacts& facts, const TerminalStyle& style) {
  const TruncatedReport& r = facts.report;
  const std::string what(sign("‖A − U S Vᴴ‖_F", "||A - U S Vh||_F", style));
  if (!r.left_out || !r.frobenius_norm) {
    return r.left_out_at_most
               ? what + " at most " + format_number(*r.left_out_at_most, 4) + doubt_in_words(facts)
               : std::string("unknown, as the norm of the matrix is");
  }
  const double norm = *r.frobenius_norm;
  return fmt::format("{} = {}{}", what, format_number(*r.left_out, 4),
                     norm > 0 ? fmt::format(", {} of {}", format_percent(*r.left_out / norm, 2),
                                            sign("‖A‖_F", "||A||_F", style))
                              : std::string());
}

/// What is known of the value behind the last.
std::string next_text(const TruncatedFacts& facts) {
  const TruncatedReport& r = facts.report;
  const std::string seen =
      r.next_value > 0 ? "seen: " + format_number(r.next_value, 4) : "not seen";
  return r.next_at_most
             ? seen + "; at most " + format_number(*r.next_at_most, 4) + doubt_in_words(facts)
             : seen;
}

std::string what_follows(const TruncatedFacts& facts, const TerminalStyle& style) {
  const TruncatedReport& r = facts.report;
  const auto count = static_cast<Index>(facts.values.size());
  const Index all = std::min(r.rows, r.cols);
  const bool leading = r.which == Which::largest;
  std::vector<Fact> lines;
  lines.push_back(
      {"kept",
       fmt::format("{} of {}, {}{}", format_count(count), counted(all, "triplet", "triplets"),
                   leading ? "" : "the " + which_in_words(facts) + ", ", bound_in_words(facts))});
  if (!r.shortfall.empty()) {
    lines.push_back({"shortfall", coloured(printable(r.shortfall, style.unicode), red, style)});
  }
  if (count > 0) {
    lines.push_back({"residuals", residual_text(facts, style)});
    lines.push_back({"orthogonality", fmt::format("U {}  V {}  in units of rounding",
                                                  format_number(r.orthogonality_u, 2),
                                                  format_number(r.orthogonality_v, 2))});
  }
  if (leading) {
    lines.push_back({"left out", left_out_text(facts, style)});
  } else {
    lines.push_back({"missing", (r.certified ? "none, for certain: " : "") +
                                    std::string(printable(r.certainty, style.unicode))});
    lines.push_back({"found by", printable(r.found_by, style.unicode)});
    lines.push_back({"value 1", "seen: " + format_number(r.largest_value, 4) +
                                    "; small values are right to rounding of it"});
  }
  if (!leading && count < all) {
    lines.push_back({"next value", next_text(facts)});
  } else if (count < all) {
    lines.push_back({fmt::format("value {}", format_count(count + 1)), next_text(facts)});
  }
  std::string method = to_string(r.method);
  if (r.block > 0) {
    method += fmt::format(", {} at a time, {} at most kept; {}, {}",
                          counted(r.block, "vector", "vectors"), format_count(r.basis),
                          counted(r.restarts, "restart", "restarts"),
                          counted(r.products, "product", "products"));
  }
  lines.push_back({"method", method});
  if (!r.reason.empty()) {
    lines.push_back({"because", printable(r.reason, style.unicode)});
  }
  lines.push_back(time_fact(r.seconds, r.threads, r.workspace_bytes, style));
  return fact_list(lines, style);
}

}  // namespace

std::string summary(const TruncatedFacts& facts, const TerminalStyle& style, int rows) {
  const std::string plot = spectrum_plot(facts.values, style);
  return heading(facts, style) + values(facts, style, rows) + what_follows(facts, style) +
         (plot.empty() ? "" : "\n" + plot);
}

}  // namespace eckart::report
