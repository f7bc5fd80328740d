// The top of the page: what the matrix is in a few sentences, and the figures asked for most.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <eckart/thresholds.hpp>

#include "report/page_parts.hpp"
#include "report/page_sections.hpp"
#include "report/text.hpp"

namespace eckart::report::page {

namespace {

/// The condition number from its logarithm, since the number itself may be beyond double.
std::string html_condition(double log10) {
  if (std::isinf(log10)) {
    return "∞";
  }
  constexpr double plain = 6;
  if (log10 < plain) {
    return html_number(std::pow(10.0, log10), 3);
  }
  const double power = std::floor(log10);
  return fmt::format("{:.3g} × 10<sup>{}</sup>", std::pow(10.0, log10 - power), power);
}

std::string check_sentence(const SpectrumReport& r) {
  if (!r.audit.passed) {
    return "<span class=\"bad\">The result did not pass its check:</span> see the audit below.";
  }
  if (!r.has_u && !r.has_v) {
    return "The singular values were checked before they were returned.";
  }
  return fmt::format(
      "The result was checked before it was returned: its error is {} in units of rounding, where "
      "anything below {} is "
      "accepted.",
      html_number(std::max({r.audit.residual, r.audit.orthogonality_u, r.audit.orthogonality_v}),
                  2),
      html_number(r.audit_threshold));
}

std::string rank_remark(const SpectrumReport& r) {
  if (r.rank.near_threshold == 0) {
    return "No value lies within a factor 10 of the threshold: the rank is clear-cut.";
  }
  return fmt::format("{} within a factor 10 of the threshold: the rank depends on it.",
                     counted(r.rank.near_threshold, "value lies", "values lie"));
}

std::string condition_remark(const SpectrumReport& r, double log10) {
  if (std::isinf(log10)) {
    return "The smallest value is zero: the matrix is singular.";
  }
  const bool single = r.dtype == "float32" || r.dtype == "complex64";
  const int digits = single ? 7 : 16;
  const int lost = std::min(static_cast<int>(std::lround(log10)), digits);
  return lost == 0 ? "Solving with this matrix is harmless."
         : lost == digits
             ? fmt::format("Solving with this matrix may lose all {} digits.", digits)
             : fmt::format("Solving with this matrix may lose {} of {} digits.", lost, digits);
}

}  // namespace

std::string lead(const SpectrumReport& r) {
  std::string text = fmt::format("A {} × {} matrix of {} numbers. ", format_count(r.rows),
                                 format_count(r.cols), escape_markup(r.dtype));
  const Index count = value_count(r);
  if (count == 0) {
    return text + "It is empty, so it has no singular values.";
  }
  if (is_zero(r)) {
    text += "All its entries are zero, and so are its singular values. ";
  } else {
    text += r.rank.rank == count
                ? fmt::format("Its numerical rank is {}, which is full. ", format_count(count))
                : fmt::format("Its numerical rank is {} of {}. ", format_count(r.rank.rank),
                              format_count(count));
    const Index k = energy_rank(spectrum_of(r), 0.99);
    text +=
        fmt::format("The first {} {} 99 % of its energy. ",
                    counted(k, "singular triplet", "singular triplets"), k == 1 ? "holds" : "hold");
  }
  return text + check_sentence(r);
}

std::string facts(const SpectrumReport& r) {
  std::string out;
  if (!r.values.empty()) {
    out += fact("Numerical rank",
                fmt::format("{} of {}", format_count(r.rank.rank), format_count(value_count(r))),
                rank_remark(r));
    out += fact("Largest singular value", html_number(r.values.front(), 5),
                "The spectral norm: how much the matrix stretches at most.");
    if (const auto condition = log10_condition(r.values)) {
      out += fact("Condition number", html_condition(*condition), condition_remark(r, *condition));
    }
    if (!is_zero(r)) {
      const Spectrum s = spectrum_of(r);
      out += fact(
          "Triplets for 99 % of the energy",
          fmt::format("{} of {}", format_count(energy_rank(s, 0.99)), format_count(value_count(r))),
          fmt::format("{} for 90 %, {} for 99.9 %.", format_count(energy_rank(s, 0.9)),
                      format_count(energy_rank(s, 0.999))));
    }
  }
  if (r.has_u || r.has_v) {
    out += fact("Residual", html_number(r.audit.residual, 3),
                "In units of rounding: how far U S Vᴴ is from the matrix.");
  }
  out += fact("Time", format_seconds(r.seconds, true),
              fmt::format("On {}.", counted(r.threads, "thread", "threads")));
  return fact_list(out);
}

}  // namespace eckart::report::page
