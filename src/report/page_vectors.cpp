// The first singular vectors: bars where there are few entries (with the names of the columns,
// where a table has them), lines where there are many, and for an image the layer u v^T that each
// pair spans.

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "report/page_parts.hpp"
#include "report/page_sections.hpp"
#include "report/text.hpp"

namespace eckart::report::page {

namespace {

constexpr std::size_t few_entries = 24;  // vectors of so many entries are drawn as bars
constexpr Index layer_cells = 48;        // longer side of the picture of a rank-one layer

svg::Chart vector_chart(const std::vector<double>& entries, const std::vector<std::string>& names,
                        std::string id, std::string title, int colour, bool moduli) {
  svg::Chart chart;
  chart.id = std::move(id);
  chart.title = std::move(title);
  chart.description = fmt::format("{} of a unit vector.",
                                  counted(static_cast<Index>(entries.size()), "entry", "entries"));
  // Narrower than other charts, since two or three stand side by side: its text stays legible.
  chart.width = 440;
  chart.height = 170;
  const bool short_one = entries.size() <= few_entries;
  const auto count = static_cast<double>(entries.size());
  std::vector<double> x = indices(entries.size());
  if (short_one && names.size() == entries.size()) {
    chart.x.categories = names;
    std::for_each(x.begin(), x.end(), [](double& position) { position -= 1; });
  } else {
    chart.x.low = short_one ? 0.5 : 1;
    chart.x.high = count + (short_one ? 0.5 : 0);
    chart.x.integer = true;
  }
  if (moduli) {
    chart.y.low = 0;
  }
  if (!short_one && !moduli) {
    chart.guides.push_back({svg::Guide::Across::y, 0, ""});
  }
  chart.series.push_back(
      {"", short_one ? svg::Mark::bars : svg::Mark::line, std::move(x), entries, colour});
  return chart;
}

/// Means of consecutive blocks: `entries` reduced to `cells`.
std::vector<double> block_means(const std::vector<double>& entries, Index cells) {
  std::vector<double> means;
  const auto count = static_cast<Index>(entries.size());
  for (Index c = 0; c < cells; ++c) {
    const Index begin = c * count / cells, end = (c + 1) * count / cells;
    means.push_back(std::accumulate(entries.begin() + begin, entries.begin() + end, 0.0) /
                    static_cast<double>(end - begin));
  }
  return means;
}

/// The rank-one matrix u v^T as a small picture.
std::string layer(const VectorPair& pair, std::size_t number) {
  const auto rows = static_cast<Index>(pair.left.size()),
             cols = static_cast<Index>(pair.right.size());
  const Index longer = std::max(rows, cols);
  const auto cells = [&](Index side) {
    return longer <= layer_cells ? side : std::max<Index>(1, side * layer_cells / longer);
  };
  const std::vector<double> u = block_means(pair.left, cells(rows)),
                            v = block_means(pair.right, cells(cols));
  svg::HeatMap map;
  map.id = fmt::format("layer-{}", number);
  map.title = fmt::format("Layer {}", number);
  map.description =
      "The rank-one matrix that this triplet adds, before it is multiplied by its singular value.";
  map.rows = static_cast<Index>(u.size());
  map.cols = static_cast<Index>(v.size());
  for (const double a : u) {
    for (const double b : v) {
      map.values.push_back(a * b);
    }
  }
  return fmt::format(
      "<figure>{}<p class=\"caption\">layer u<sub>{}</sub>v<sub>{}</sub>ᵀ</p></figure>\n",
      svg::render(map), number, number);
}

}  // namespace

std::string vectors(const SpectrumReport& r) {
  const bool layered = !r.original_png.empty() && !r.vectors_are_moduli;
  std::string body;
  for (std::size_t i = 0; i < r.vectors.size(); ++i) {
    const VectorPair& pair = r.vectors[i];
    const std::size_t number = i + 1;
    if (pair.left.empty() && pair.right.empty()) {
      continue;
    }
    const bool has_layer = layered && !pair.left.empty() && !pair.right.empty();
    body += fmt::format("<div class=\"triplet{}\">\n", has_layer ? " layered" : "");
    body += fmt::format("<h3>Triplet {}{}</h3>\n", number,
                        i < r.values.size() ? fmt::format(": σ<sub>{}</sub> = {}", number,
                                                          html_number(r.values[i], 5))
                                            : "");
    const std::string bar = r.vectors_are_moduli ? "|" : "";
    if (!pair.left.empty()) {
      body += figure(
          vector_chart(pair.left, {}, fmt::format("u-{}", number),
                       fmt::format("Left singular vector {}", number), 1, r.vectors_are_moduli),
          "", fmt::format("{0}u<sub>{1}</sub>{0}, over the rows", bar, number));
    }
    if (!pair.right.empty()) {
      body += figure(
          vector_chart(pair.right, r.column_names, fmt::format("v-{}", number),
                       fmt::format("Right singular vector {}", number), 2, r.vectors_are_moduli),
          "", fmt::format("{0}v<sub>{1}</sub>{0}, over the columns", bar, number));
    }
    body += (has_layer ? layer(pair, number) : "") + "</div>\n";
  }
  if (body.empty()) {
    return "";
  }
  return section("First singular vectors",
                 "Each singular value has a direction among the rows, u, and one among the "
                 "columns, v. The matrix is the sum of "
                 "the layers σ u vᴴ.",
                 "<div class=\"triplets\">\n" + body + "</div>");
}

}  // namespace eckart::report::page
