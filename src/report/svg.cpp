#include "report/svg.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "report/svg_element.hpp"
#include "report/text.hpp"

namespace eckart::report::svg {

namespace {

// Margins hold labels of 15 units, the size that the page gives them in narrow columns.
constexpr double margin_right = 14, margin_top = 14, margin_bottom = 50;
constexpr double legend_height = 24, character_width = 9, label_line = 19;
constexpr int x_tick_target = 6;
constexpr double y_tick_distance = 52;  // wished for between two labels
// Bars fill this share of their place.
constexpr double bar_share = 0.72;

/// Labels are ASCII with '-' for minus; people read a minus sign of full width.
std::string typographic(std::string_view text) {
  std::string out;
  for (const char c : text) {
    c == '-' ? out += "−" : out += c;
  }
  return out;
}

/// "2·10^-9" as text with the exponent raised.
std::string tick_text(const std::string& label) {
  const std::size_t caret = label.find('^');
  if (caret == std::string::npos) {
    return typographic(label);
  }
  return fmt::format(R"({}<tspan class="power" dy="-.42em">{}</tspan>)",
                     typographic(label.substr(0, caret)), typographic(label.substr(caret + 1)));
}

struct Range {
  double low = 0, high = 0;
  bool any = false;
  void include(double x) {
    low = any ? std::min(low, x) : x;
    high = any ? std::max(high, x) : x;
    any = true;
  }
};

/// The range that the data and the wishes of `axis` ask for.
Range data_range(const Chart& chart, const Axis& axis, bool is_x) {
  Range range;
  for (const Series& series : chart.series) {
    const std::vector<double>& values = is_x ? series.x : series.y;
    for (const double value : values) {
      if (std::isfinite(value) && (axis.scale == Scale::linear || value > 0)) {
        range.include(value);
      }
    }
    if (series.mark == Mark::bars && !is_x && axis.scale == Scale::linear) {
      range.include(0);  // bars stand on zero
    }
  }
  if (!axis.categories.empty() && is_x) {
    range = {-0.5, static_cast<double>(axis.categories.size()) - 0.5, true};
  }
  if (!range.any) {
    range = {axis.scale == Scale::log ? 1.0 : 0.0, 1, true};
  }
  range.low = axis.low.value_or(range.low);
  range.high = axis.high.value_or(range.high);
  return range;
}

AxisScale make_scale(const Chart& chart, const Axis& axis, bool is_x, int target) {
  Range range = data_range(chart, axis, is_x);
  const double unit = axis.percent ? 100 : 1;
  const bool rounded = !is_x && !(axis.low && axis.high);
  return AxisScale(axis.scale, range.low * unit, range.high * unit, rounded, target, axis.integer);
}

/// One chart while it is drawn: scales, the plot's rectangle, and the text so far.
class Drawing {
 public:
  explicit Drawing(const Chart& chart)
      : chart_(chart),
        x_(make_scale(chart, chart.x, true, x_tick_target)),
        y_(make_scale(chart, chart.y, false,
                      static_cast<int>((chart.height - margin_bottom) / y_tick_distance))) {
    std::size_t longest = 3;
    for (const Tick& tick : y_.ticks()) {
      longest = std::max(longest, tick.label.size());
    }
    const bool has_legend = std::any_of(chart.series.begin(), chart.series.end(),
                                        [](const Series& s) { return !s.name.empty(); });
    left_ = 12 + character_width * static_cast<double>(longest + (chart.y.percent ? 2 : 0)) +
            (chart.y.label.empty() ? 0 : label_line);
    right_ = chart.width - margin_right;
    top_ = margin_top + (has_legend ? legend_height : 0);
    bottom_ = chart.height - margin_bottom + (chart.x.label.empty() ? label_line : 0);
  }

  std::string draw() {
    axes();
    out_ += fmt::format(
        R"svg(<clipPath id="{0}-c"><rect x="{1}" y="{2}" width="{3}" height="{4}"/></clipPath>)svg"
        R"svg(<g clip-path="url(#{0}-c)">)svg",
        escape_markup(chart_.id), number(left_ - 4), number(top_ - 4), number(right_ - left_ + 8),
        number(bottom_ - top_ + 8));
    for (const Series& series : chart_.series) {
      draw_series(series);
    }
    out_ += "</g>";
    guides();
    legend();
    return std::move(out_);
  }

 private:
  [[nodiscard]] double px(double x) const {
    return left_ + (right_ - left_) * x_.position(x * (chart_.x.percent ? 100 : 1));
  }
  [[nodiscard]] double py(double y) const {
    return bottom_ - (bottom_ - top_) * y_.position(y * (chart_.y.percent ? 100 : 1));
  }
  [[nodiscard]] bool drawable(double x, double y) const { return x_.drawable(x) && y_.drawable(y); }

  [[nodiscard]] static std::string text(double x, double y, std::string_view anchor,
                                        std::string_view css, const std::string& markup,
                                        std::string_view more = "") {
    return fmt::format(R"(<text x="{}" y="{}" text-anchor="{}" class="{}"{}>{}</text>)", number(x),
                       number(y), anchor, css, more, markup);
  }

  void axes() {
    std::string grid, marks;
    for (const Tick& tick : y_.ticks()) {
      const double y = bottom_ - (bottom_ - top_) * tick.position;
      if (tick.major) {
        grid += fmt::format("M{} {}H{}", number(left_), number(y), number(right_));
        out_ += text(left_ - 9, y + 4.5, "end", "tick",
                     tick_text(tick.label) + (chart_.y.percent ? " %" : ""));
      } else {
        marks += fmt::format("M{} {}h4", number(left_), number(y));
      }
    }
    if (chart_.x.categories.empty()) {
      for (const Tick& tick : x_.ticks()) {
        const double x = left_ + (right_ - left_) * tick.position;
        marks += fmt::format("M{} {}v{}", number(x), number(bottom_), tick.major ? 6 : 3);
        if (tick.major) {
          out_ += text(x, bottom_ + 21, "middle", "tick",
                       tick_text(tick.label) + (chart_.x.percent ? " %" : ""));
        }
      }
    } else {
      categories();
    }
    marks += fmt::format("M{} {}H{}", number(left_), number(bottom_), number(right_));
    out_ += fmt::format(R"(<path class="grid" d="{}"/><path class="axis" d="{}"/>)", grid, marks);

    const double y_middle = (top_ + bottom_) / 2;
    if (!chart_.y.label.empty()) {
      out_ += text(15, y_middle, "middle", "label", axis_label(chart_.y, y_),
                   fmt::format(R"svg( transform="rotate(-90 15 {})")svg", number(y_middle)));
    }
    if (!chart_.x.label.empty()) {
      out_ += text((left_ + right_) / 2, chart_.height - 7, "middle", "label",
                   axis_label(chart_.x, x_));
    }
  }

  [[nodiscard]] static std::string axis_label(const Axis& axis, const AxisScale& scale) {
    std::string label = escape_markup(axis.label);
    if (scale.exponent() != 0) {
      label += ", in units of " + tick_text(fmt::format("10^{}", scale.exponent()));
    }
    return label;
  }

  /// Names below bars: as many as have room, evenly chosen, cut to their place.
  void categories() {
    const auto count = chart_.x.categories.size();
    const double place = (right_ - left_) / static_cast<double>(count);
    constexpr double narrowest = 44;
    const auto stride = static_cast<std::size_t>(std::ceil(narrowest / place));
    for (std::size_t i = 0; i < count; i += stride) {
      const double room = place * static_cast<double>(stride) - 6;
      const auto most = static_cast<std::size_t>(std::max(3.0, room / character_width));
      out_ += text(px(static_cast<double>(i)), bottom_ + 21, "middle", "tick",
                   escape_markup(clipped(chart_.x.categories[i], most)));
    }
  }

  void draw_series(const Series& series) {
    const std::string path = series.mark == Mark::bars     ? bars(series)
                             : series.mark == Mark::points ? points(series)
                                                           : line(series);
    if (!path.empty()) {
      out_ +=
          fmt::format(R"(<path class="{} s{}" d="{}"/>)", css_class(series), series.colour, path);
    }
  }

  [[nodiscard]] static std::string_view css_class(const Series& series) {
    constexpr std::size_t many = 120, more_than_columns = 1200;
    switch (series.mark) {
      case Mark::bars:
        return "bars";
      case Mark::points:
        return series.x.size() > many ? "points fine" : "points";
      case Mark::line:
      case Mark::steps:
        break;
    }
    return series.x.size() > more_than_columns ? "line fine" : "line";
  }

  [[nodiscard]] std::string bars(const Series& series) const {
    std::string path;
    const std::size_t count = std::min(series.x.size(), series.y.size());
    const double place = count > 1 && chart_.x.categories.empty()
                             ? (right_ - left_) / static_cast<double>(count)
                             : std::abs(px(1) - px(0));
    const double half = std::max(0.25, place * bar_share / 2);
    const double foot = y_.drawable(0) ? std::min(py(0), bottom_) : bottom_;
    for (std::size_t i = 0; i < count; ++i) {
      if (drawable(series.x[i], series.y[i])) {
        const double x = px(series.x[i]);
        path += fmt::format("M{} {}V{}H{}V{}z", number(x - half), number(foot),
                            number(py(series.y[i])), number(x + half), number(foot));
      }
    }
    return path;
  }

  [[nodiscard]] std::string points(const Series& series) const {
    std::string path;
    std::set<std::pair<Index, Index>> taken;
    for (std::size_t i = 0; i < std::min(series.x.size(), series.y.size()); ++i) {
      if (!drawable(series.x[i], series.y[i])) {
        continue;
      }
      const double x = px(series.x[i]), y = py(series.y[i]);
      if (taken.emplace(std::llround(x), std::llround(y)).second) {
        path += fmt::format("M{} {}h0", number(x), number(y));
      }
    }
    return path;
  }

  /// A line or steps. Points of one column of the picture are reduced to the first, the lowest, the
  /// highest and the last.
  [[nodiscard]] std::string line(const Series& series) const {
    std::string path;
    bool pen_down = false;
    double last_y = 0;
    const auto go = [&](double x, double y) {
      if (pen_down && series.mark == Mark::steps) {
        path += fmt::format("H{}V{}", number(x), number(y));
      } else {
        path += fmt::format("{}{} {}", pen_down ? 'L' : 'M', number(x), number(y));
      }
      pen_down = true;
      last_y = y;
    };
    const std::size_t count = std::min(series.x.size(), series.y.size());
    for (std::size_t i = 0; i < count;) {
      if (!drawable(series.x[i], series.y[i])) {
        if (pen_down) {
          path += "h0";  // a lone point shows as a dot: its line ends are round
        }
        pen_down = false;
        ++i;
        continue;
      }
      const double x = px(series.x[i]), first = py(series.y[i]);
      double low = first, high = first, last = first;
      std::size_t j = i + 1;
      for (; j < count && drawable(series.x[j], series.y[j]) && std::abs(px(series.x[j]) - x) < 0.5;
           ++j) {
        last = py(series.y[j]);
        low = std::min(low, last);
        high = std::max(high, last);
      }
      go(x, first);
      if (j > i + 1) {
        if (low < first) {
          go(x, low);
        }
        if (high > first) {
          go(x, high);
        }
        if (last != last_y) {
          go(x, last);
        }
      }
      i = j;
    }
    if (pen_down) {
      path += "h0";
    }
    return path;
  }

  /// Vertical guides carry their labels one below another, so that neighbours do not collide.
  void guides() {
    int vertical = 0;
    for (const Guide& guide : chart_.guides) {
      vertical += guide.axis == Guide::Across::x ? 1 : 0;
    }
    std::string path,
        labels;  // labels come last: their outline in the colour of the paper covers the lines
    for (const Guide& guide : chart_.guides) {
      const bool is_x = guide.axis == Guide::Across::x;
      const AxisScale& scale = is_x ? x_ : y_;
      const double place = scale.drawable(guide.at) ? (is_x ? px(guide.at) : py(guide.at)) : -1;
      constexpr double reach = 0.5;
      if (place < (is_x ? left_ : top_) - reach || place > (is_x ? right_ : bottom_) + reach) {
        continue;
      }
      if (is_x) {
        path += fmt::format("M{} {}V{}", number(place), number(bottom_), number(top_));
        --vertical;
        const bool at_left = place > left_ + 0.62 * (right_ - left_);
        labels += text(place + (at_left ? -7 : 7), bottom_ - 12 - label_line * vertical,
                       at_left ? "end" : "start", "guide-label", escape_markup(guide.label));
      } else {
        path += fmt::format("M{} {}H{}", number(left_), number(place), number(right_));
        const bool below = place < top_ + label_line;
        labels += text(left_ + 10, place + (below ? 16 : -7), "start", "guide-label",
                       escape_markup(guide.label));
      }
    }
    if (!path.empty()) {
      out_ += fmt::format(R"(<path class="guide" d="{}"/>)", path) + labels;
    }
  }

  void legend() {
    double x = left_;
    for (const Series& series : chart_.series) {
      if (series.name.empty()) {
        continue;
      }
      out_ += fmt::format(R"(<path class="key s{}" d="M{} {}h16"/>)", series.colour, number(x),
                          number(margin_top - 1));
      out_ += text(x + 22, margin_top + 3.5, "start", "tick", escape_markup(series.name));
      x += 22 + character_width * static_cast<double>(series.name.size()) + 18;
    }
  }

  const Chart& chart_;
  AxisScale x_, y_;
  double left_ = 0, right_ = 0, top_ = 0, bottom_ = 0;
  std::string out_;
};

}  // namespace

std::string render(const Chart& chart, Setting setting) {
  return open("chart", chart.id, chart.title, chart.description, chart.width, chart.height,
              setting) +
         Drawing(chart).draw() + "</svg>";
}

}  // namespace eckart::report::svg
