#include "report/svg_element.hpp"

#include <cmath>

#include <fmt/format.h>

#include "report/text.hpp"

namespace eckart::report::svg {

namespace {

constexpr std::string_view rules =
    R"css(.chart{display:block;width:100%;height:auto;overflow:visible}
.chart text{font:12px/1 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
font-variant-numeric:tabular-nums;fill:var(--ink-soft)}
.chart .power{font-size:.74em}
.chart .label{fill:var(--ink-soft)}
.chart .guide-label{fill:var(--ink);paint-order:stroke;stroke:var(--paper);stroke-width:5px;stroke-linejoin:round}
.chart path{fill:none;stroke-linejoin:round}
.chart .grid{stroke:var(--rule);stroke-width:1}
.chart .axis{stroke:var(--ink-soft);stroke-width:1;opacity:.55}
.chart .guide{stroke:var(--ink-soft);stroke-width:1;stroke-dasharray:2 4;stroke-linecap:round}
.chart .line{stroke:var(--series);stroke-width:2;stroke-linecap:round}
.chart .points{stroke:var(--series);stroke-width:5.5;stroke-linecap:round}
.chart .points.fine{stroke-width:3.2}
.chart .line.fine{stroke-width:1.2}
.chart .key{stroke:var(--series);stroke-width:4;stroke-linecap:round}
.chart .bars{fill:var(--series)}
.chart .s1{--series:var(--series-1)}.chart .s2{--series:var(--series-2)}
.chart .s3{--series:var(--series-3)}.chart .s4{--series:var(--series-4)}
.heat .zero{fill:var(--heat-zero)}.heat .low{fill:var(--heat-low)}.heat .high{fill:var(--heat-high)}
)css";

constexpr std::string_view colours_alone =
    R"css(svg{--paper:#fff;--ink:#1c2026;--ink-soft:#5b6270;--rule:#e4e4e0;
--series-1:#1f5f99;--series-2:#b8561f;--series-3:#3f7a45;--series-4:#75509c;
--heat-low:#b8561f;--heat-zero:#f4f2ec;--heat-high:#1f5f99;background:var(--paper)}
@media(prefers-color-scheme:dark){svg{--paper:#14171c;--ink:#e8e6e1;--ink-soft:#a0a7b4;--rule:#2b3039;
--series-1:#7ab4e8;--series-2:#e8a072;--series-3:#8fc694;--series-4:#bfa0e0;
--heat-low:#e8a072;--heat-zero:#1d2128;--heat-high:#7ab4e8}}
)css";

}  // namespace

std::string number(double x) {
  const double tenths = std::round(x * 10);
  const auto whole = static_cast<Index>(tenths);
  return whole % 10 == 0 ? fmt::format("{}", whole / 10) : fmt::format("{:.1f}", tenths / 10);
}

std::string_view chart_rules() {
  return rules;
}

std::string open(std::string_view css, const std::string& id, const std::string& title,
                 const std::string& description, double width, double height, Setting setting) {
  const std::string name = escape_markup(id);
  std::string out = fmt::format(
      R"(<svg class="{}"{} viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d">)", css,
      setting == Setting::alone
          ? fmt::format(R"( xmlns="http://www.w3.org/2000/svg" width="{}" height="{}")",
                        number(width), number(height))
          : "",
      number(width), number(height), name, name);
  out += fmt::format(R"(<title id="{}-t">{}</title><desc id="{}-d">{}</desc>)", name,
                     escape_markup(title), name, escape_markup(description));
  if (setting == Setting::alone) {
    out += fmt::format("<style>{}{}</style>", colours_alone, rules);
  }
  return out;
}

}  // namespace eckart::report::svg
