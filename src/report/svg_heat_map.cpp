// Heat maps: one path a shade, with cells of one shade that stand beside one another as one run.

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "report/svg.hpp"
#include "report/svg_element.hpp"

namespace eckart::report::svg {

namespace {

// A heat map has this many shades a sign; more are not told apart.
constexpr Index shades = 12;

}  // namespace

std::string render(const HeatMap& map, Setting setting) {
  const auto rows = static_cast<double>(std::max<Index>(map.rows, 1));
  const auto cols = static_cast<double>(std::max<Index>(map.cols, 1));
  const double height = map.width * rows / cols;
  std::string out =
      open("chart heat", map.id, map.title, map.description, map.width, height, setting);
  out += fmt::format(
      R"svg(<g transform="scale({:.6g})" shape-rendering="crispEdges"><path class="zero" d="M0 0h{}v{}H0z"/>)svg",
      map.width / cols, cols, rows);

  double largest = 0;
  for (const double value : map.values) {
    if (std::isfinite(value)) {
      largest = std::max(largest, std::abs(value));
    }
  }
  // One path a shade; cells of one shade that stand beside one another are one run.
  std::array<std::string, 2 * shades + 1> paths;
  const auto shade = [&](Index i, Index j) -> Index {
    const auto at = static_cast<std::size_t>(i * map.cols + j);
    const double value = at < map.values.size() ? map.values[at] : 0;
    return std::isfinite(value) && largest > 0
               ? std::llround(value / largest * static_cast<double>(shades))
               : 0;
  };
  for (Index i = 0; i < map.rows; ++i) {
    for (Index j = 0; j < map.cols;) {
      const Index here = shade(i, j);
      Index end = j + 1;
      while (end < map.cols && shade(i, end) == here) {
        ++end;
      }
      if (here != 0) {
        paths[static_cast<std::size_t>(here + shades)] +=
            fmt::format("M{} {}h{}v1h-{}z", j, i, end - j, end - j);
      }
      j = end;
    }
  }
  for (Index k = -shades; k <= shades; ++k) {
    const std::string& path = paths[static_cast<std::size_t>(k + shades)];
    if (!path.empty()) {
      out +=
          fmt::format(R"(<path class="{}" fill-opacity="{:.3g}" d="{}"/>)", k < 0 ? "low" : "high",
                      static_cast<double>(std::abs(k)) / static_cast<double>(shades), path);
    }
  }
  return out + "</g></svg>";
}

}  // namespace eckart::report::svg
