#pragma once

// A small writer of SVG charts: lines, points, bars and heat maps over linear or logarithmic axes.
//
// A chart is a plain value; render() turns it into one <svg> element without scripts. Colours are
// CSS variables, so a page sets them once for light and dark; a chart that stands alone brings a
// style sheet that follows prefers-color-scheme. Each chart carries <title> and <desc> for those
// who cannot see it.
//
// Coordinates have a tenth of a pixel. Points that fall on the same unit are written once, lines
// longer than the chart has columns keep the lowest and highest value of each column, so the size
// of the text is bounded by the size of the picture and not by that of the data. Points that are
// not finite, and those <= 0 on a logarithmic axis, are left out: a chart never holds NaN. Charts
// of no data show their axes.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/ticks.hpp"

namespace eckart::report::svg {

struct Axis {
  std::string label;
  Scale scale = Scale::linear;
  std::optional<double> low,
      high;              // ends of the axis; from the data and rounded out to ticks when absent
  bool integer = false;  // ticks at whole numbers alone
  bool percent = false;  // values are fractions, labels are percentages
  std::vector<std::string> categories;  // x of bars: names of positions 0, 1, 2, ...
};

enum class Mark { line, steps, points, bars };

struct Series {
  std::string name;  // in the legend; empty: not listed
  Mark mark = Mark::line;
  std::vector<double> x, y;  // as long as one another
  int colour = 1;            // 1..4: --series-1 ... --series-4
};

/// A straight line across the chart at one value, with a label.
struct Guide {
  enum class Across { x, y };
  Across axis = Across::y;  // y: a horizontal line at y = at
  double at = 0;
  std::string label;
};

struct Chart {
  std::string id;  // unique in its page: prefix of the ids inside
  std::string title, description;
  double width = 560, height = 340;  // user units; the picture scales to its container
  Axis x, y;
  std::vector<Series> series;
  std::vector<Guide> guides;
};

/// Values on a grid, drawn from --heat-low over --heat-zero to --heat-high, symmetric about zero.
struct HeatMap {
  std::string id, title, description;
  Index rows = 0, cols = 0;
  std::vector<double> values;  // row by row
  double width = 240;          // the height follows from the shape
};

enum class Setting {
  page,   // the page's style sheet colours it
  alone,  // with a style sheet of its own and an XML name space: a file
};

[[nodiscard]] std::string render(const Chart& chart, Setting setting = Setting::page);
[[nodiscard]] std::string render(const HeatMap& map, Setting setting = Setting::page);

/// The rules that charts in a page need; colours are taken from the variables --ink, --ink-soft,
/// --rule, --series-1 ... 4,
/// --heat-low, --heat-zero, --heat-high, --paper, which the page defines.
[[nodiscard]] std::string_view chart_rules();

}  // namespace eckart::report::svg
