// What the audit found, figure by figure beside what it accepts, and the methods that were tried.

#include <array>

#include <fmt/format.h>

#include "report/page_parts.hpp"
#include "report/page_sections.hpp"
#include "report/text.hpp"

namespace eckart::report::page {

namespace {

struct AuditLine {
  std::string_view name, formula;
  double value;
  bool known;
  std::string_view meaning;
};

std::string audit_row(std::string_view name, std::string_view meaning, std::string_view formula,
                      const std::string& found, const std::string& accepted) {
  return fmt::format(
      "<tr><td class=\"words\">{}<small>{}</small>{}</td><td>{}</td><td>{}</td></tr>\n", name,
      meaning, formula.empty() ? "" : fmt::format("<small class=\"formula\">{}</small>", formula),
      found, accepted);
}

std::string attempts(const SpectrumReport& r) {
  if (r.attempts.size() < 2) {
    return "";
  }
  std::string rows;
  for (const AttemptFacts& attempt : r.attempts) {
    rows += fmt::format(
        "<tr><td class=\"words\">{}</td><td class=\"words\">{}</td></tr>\n",
        escape_markup(attempt.driver),
        attempt.failure.empty() ? judged(true, "passed") : escape_markup(attempt.failure));
  }
  return "<h3 class=\"later\">Methods that were tried</h3><p class=\"caption\">A method whose "
         "result fails the "
         "audit is followed by the next, more careful one.</p><div "
         "class=\"values scroll\"><table><tbody>\n" +
         rows + "</tbody></table></div>";
}

}  // namespace

std::string audit(const SpectrumReport& r) {
  const AuditReport& a = r.audit;
  const std::array<AuditLine, 4> lines = {{
      {"Residual", "‖A − U S Vᴴ‖ / (σ<sub>1</sub> max(m, n) ε)", a.residual, true,
       r.has_u
           ? "How far the product of the factors is from the matrix."
           : "How far the matrix, its bidiagonal form and the result are from one another, link "
             "by link; U was not formed."},
      {"Orthogonality of U", "‖I − Uᴴ U‖ / (m ε)", a.orthogonality_u, r.has_u,
       "How far the left vectors are from unit length and right angles."},
      {"Orthogonality of V", "‖I − Vᴴ V‖ / (n ε)", a.orthogonality_v, r.has_v,
       "The same for the right vectors."},
      {"Norm", "|‖A‖<sub>F</sub> − ‖s‖| / (‖A‖<sub>F</sub> max(m, n) ε)", a.norm, true,
       "Whether the squares of the values add up to those of the entries."},
  }};
  const std::string accepted = "≤ " + html_number(r.audit_threshold);
  std::string rows;
  for (const AuditLine& line : lines) {
    rows +=
        audit_row(line.name, line.meaning, line.formula,
                  line.known ? judged(line.value <= r.audit_threshold, html_number(line.value, 3))
                             : "not computed",
                  accepted);
  }
  rows += audit_row("Order", "Whether the values are finite, not negative and descending.", "",
                    judged(a.sorted, a.sorted ? "yes" : "no"), "yes");
  if (!r.has_u && !r.has_v) {
    rows += audit_row("Counts",
                      "Whether counts of the eigenvalues below each value (Sturm) confirm it.", "",
                      judged(a.counts_agree, a.counts_agree ? "yes" : "no"), "yes");
  }
  if (a.fooled > 0) {
    rows += audit_row("Chance of being fooled",
                      "The probability, at most, that an error eight times the accepted one passes "
                      "the random probes.",
                      "", html_number(a.fooled, 2), "");
  }
  return section(
      "Audit",
      (a.passed ? judged(true, "Passed.") + " Every result is tested before it is returned."
                : judged(false, "Not passed.")) +
          " Figures are in units of rounding: 1 is the size that rounding alone may leave.",
      "<div class=\"values scroll\"><table><thead><tr><th "
      "class=\"words\">Figure</th><th>Found</th><th>Accepted</th>"
      "</tr></thead><tbody>\n" +
          rows + "</tbody></table></div>" + attempts(r));
}

}  // namespace eckart::report::page
