// The picture of a spectrum in characters, and bars.
//
// A cell of the terminal holds 2 x 4 dots in braille, 1 x 1 in ASCII; the values are drawn as a
// line over that raster, with the axis and its labels on the left.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "report/terminal.hpp"
#include "report/terminal_text.hpp"
#include "report/text.hpp"
#include "report/ticks.hpp"

namespace eckart::report {

namespace {

/// A raster of dots, `across` x `down` of them in a cell: 2 x 4 in braille, 1 x 1 in ASCII.
class Raster {
 public:
  Raster(int columns, int rows, bool braille)
      : columns_(columns),
        rows_(rows),
        across_(braille ? 2 : 1),
        down_(braille ? 4 : 1),
        braille_(braille),
        cells_(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows), 0) {}

  [[nodiscard]] int width() const { return columns_ * across_; }
  [[nodiscard]] int height() const { return rows_ * down_; }

  void set(int x, int y) {
    // Bit of each dot in U+2800 + bits, by row and column of the cell.
    static constexpr std::array<std::array<unsigned char, 2>, 4> bits = {
        {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}};
    unsigned char& cell = cells_[index(y / down_, x / across_)];
    const unsigned char bit =
        braille_ ? bits[static_cast<std::size_t>(y % down_)][static_cast<std::size_t>(x % across_)]
                 : std::uint8_t{1};
    cell = static_cast<unsigned char>(cell | bit);
  }

  [[nodiscard]] std::string line(int row) const {
    std::string text;
    for (int column = 0; column < columns_; ++column) {
      const unsigned char bits = cells_[index(row, column)];
      if (bits == 0) {
        text += ' ';
      } else if (braille_) {
        // U+2800 + bits in UTF-8: E2, A0 + two high bits, 80 + six low bits.
        text += "\xE2";
        text += static_cast<char>(0xA0U | (bits >> 6U));
        text += static_cast<char>(0x80U | (bits & 0x3FU));
      } else {
        text += '*';
      }
    }
    while (!text.empty() && text.back() == ' ') {
      text.pop_back();
    }
    return text;
  }

 private:
  [[nodiscard]] std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) +
           static_cast<std::size_t>(column);
  }

  int columns_, rows_, across_, down_;
  bool braille_;
  std::vector<unsigned char> cells_;
};

/// Draws the values as a line: every column of dots holds the range of its values, and neighbours
/// are joined.
void draw_values(Raster& raster, std::span<const double> values, const AxisScale& scale) {
  const auto count = values.size();
  const int last_x = raster.width() - 1, last_y = raster.height() - 1;
  const auto x_of = [&](std::size_t i) {
    return count > 1 ? static_cast<int>(std::lround(static_cast<double>(i) /
                                                    static_cast<double>(count - 1) * last_x))
                     : 0;
  };
  bool have_last = false;
  int from_x = 0, from_y = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!scale.drawable(values[i])) {
      have_last = false;
      continue;
    }
    const int x = x_of(i);
    const int y = std::clamp(
        static_cast<int>(std::lround((1 - scale.position(values[i])) * last_y)), 0, last_y);
    raster.set(x, y);
    const int steps = have_last ? std::max(x - from_x, std::abs(y - from_y)) : 0;
    for (int step = 1; step < steps; ++step) {
      const double t = static_cast<double>(step) / steps;
      raster.set(from_x + static_cast<int>(std::lround(t * (x - from_x))),
                 from_y + static_cast<int>(std::lround(t * (y - from_y))));
    }
    have_last = true;
    from_x = x;
    from_y = y;
  }
}

/// "10^-3" and "2·10^-9" as 1e-3 and 2e-9.
std::string plain_label(const std::string& label) {
  const std::size_t caret = label.find('^');
  if (caret == std::string::npos) {
    return label;
  }
  return label.substr(0, label.starts_with("10^") ? 1 : label.find("\u00B7")) + "e" +
         label.substr(caret + 1);
}

}  // namespace

std::string spectrum_plot(std::span<const double> values, const TerminalStyle& style, int height) {
  if (values.empty()) {
    return "";
  }
  height = std::max(height, 1);
  // 1. The axis: from the smallest positive value to the largest.
  double low = std::numeric_limits<double>::infinity(), high = 0;
  Index zeros = 0;
  for (const double value : values) {
    if (std::isfinite(value) && value > 0) {
      low = std::min(low, value);
      high = std::max(high, value);
    } else {
      ++zeros;
    }
  }
  if (high == 0) {
    return shortened(fmt::format("all {} zero", counted(zeros, "value is", "values are")),
                     style.width, style.unicode) +
           "\n";
  }
  const AxisScale scale(Scale::log, low, high, true, std::max(1, height / 2));
  std::vector<std::string> labels(static_cast<std::size_t>(height));
  int label_width = 0;
  for (const Tick& tick : scale.ticks()) {
    if (tick.major) {
      const auto row = static_cast<std::size_t>(
          std::lround((1 - std::clamp(tick.position, 0.0, 1.0)) * (height - 1)));
      labels[row] = plain_label(tick.label);
      label_width = std::max(label_width, display_width(labels[row]));
    }
  }
  // 2. A terminal too narrow for labels and eight columns of plot gets the plot alone.
  constexpr int least_plot = 8;
  const bool framed = style.width >= label_width + 2 + least_plot;
  const int columns = std::max(1, framed ? style.width - label_width - 2 : style.width);
  Raster raster(columns, height, style.unicode);
  draw_values(raster, values, scale);
  // 3. Lines.
  std::string out;
  for (int row = 0; row < height; ++row) {
    const std::string& label = labels[static_cast<std::size_t>(row)];
    if (framed) {
      const std::string_view frame = label.empty() ? sign("│", "|", style) : sign("┤", "+", style);
      out += coloured(fmt::format("{} {}", aligned(label, label_width, Align::right), frame), dim,
                      style);
    }
    out += coloured(raster.line(row), blue, style) + "\n";
  }
  if (!framed) {
    return out;
  }
  std::string axis = padding(label_width + 1) + std::string(sign("└", "+", style));
  for (int column = 0; column < columns; ++column) {
    axis += sign("─", "-", style);
  }
  const std::string last = values.size() > 1 ? std::to_string(values.size()) : "";
  std::string below = padding(label_width + 2) + "1" + aligned(last, columns - 1, Align::right);
  const std::string note =
      zeros > 0 ? fmt::format("({} not drawn)", counted(zeros, "zero", "zeros")) : "";
  const auto middle = static_cast<std::size_t>(
      label_width + 2 + std::max(0, columns - static_cast<int>(note.size())) / 2);
  if (!note.empty() && static_cast<int>(note.size() + last.size()) + 4 <= columns) {
    below.replace(middle, note.size(), note);
  }
  below.erase(below.find_last_not_of(' ') + 1);
  return out + coloured(axis, dim, style) + "\n" + coloured(below, dim, style) + "\n";
}

std::string bar(double fraction, int columns, const TerminalStyle& style) {
  static constexpr std::array<std::string_view, 8> eighths = {"",  "▏", "▎", "▍",
                                                              "▌", "▋", "▊", "▉"};
  const double share = std::isfinite(fraction) ? std::clamp(fraction, 0.0, 1.0) : 0;
  const int parts = style.unicode ? 8 : 1;
  int filled = static_cast<int>(std::lround(share * parts * std::max(0, columns)));
  if (share > 0 && columns > 0) {
    filled = std::max(filled, 1);  // what is there is seen
  }
  std::string text;
  for (int i = 0; i < filled / parts; ++i) {
    text += sign("█", "#", style);
  }
  text += eighths[static_cast<std::size_t>(filled % parts)];
  return coloured(text, blue, style);
}

}  // namespace eckart::report
