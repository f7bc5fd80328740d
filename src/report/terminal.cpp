#include "report/terminal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include <eckart/error.hpp>

#include "report/text.hpp"
#include "report/ticks.hpp"

namespace eckart::report {

namespace {

constexpr std::string_view bold = "\x1b[1m", dim = "\x1b[2m", blue = "\x1b[34m", green = "\x1b[32m",
                           red = "\x1b[31m", plain = "\x1b[0m";

std::string coloured(std::string_view text, std::string_view colour, const TerminalStyle& style) {
  return style.colour && !text.empty() && !colour.empty()
             ? fmt::format("{}{}{}", colour, text, plain)
             : std::string(text);
}

struct CodeRange {
  char32_t first, last;
};

// Unicode Standard Annex 11 (East Asian width) and the combining blocks, to the precision that file
// and column names need.
constexpr std::array<CodeRange, 11> wide = {{{0x1100, 0x115F},
                                             {0x2E80, 0x303E},
                                             {0x3041, 0xA4CF},
                                             {0xA960, 0xA97F},
                                             {0xAC00, 0xD7A3},
                                             {0xF900, 0xFAFF},
                                             {0xFE30, 0xFE6F},
                                             {0xFF00, 0xFF60},
                                             {0xFFE0, 0xFFE6},
                                             {0x1F300, 0x1FAFF},
                                             {0x20000, 0x3FFFD}}};
constexpr std::array<CodeRange, 9> no_width = {{{0x0300, 0x036F},
                                                {0x0591, 0x05BD},
                                                {0x0610, 0x061A},
                                                {0x064B, 0x065F},
                                                {0x1AB0, 0x1AFF},
                                                {0x1DC0, 0x1DFF},
                                                {0x200B, 0x200D},
                                                {0x20D0, 0x20FF},
                                                {0xFE00, 0xFE0F}}};
// Characters that turn the direction of what follows: a name could hide its ending with them.
constexpr std::array<CodeRange, 3> directions = {
    {{0x200E, 0x200F}, {0x202A, 0x202E}, {0x2066, 0x2069}}};

bool within(char32_t code, std::span<const CodeRange> ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const CodeRange& r) { return code >= r.first && code <= r.last; });
}

int code_point_width(char32_t code) {
  if (code == invalid_code_point) {
    return 1;
  }
  return within(code, no_width) ? 0 : within(code, wide) ? 2 : 1;
}

/// Moves `at` past a colour sequence "ESC [ ... m" that begins there; false when none does.
bool skip_colour(std::string_view text, std::size_t& at) {
  if (text.substr(at, 2) != "\x1b[") {
    return false;
  }
  const std::size_t end = text.find_first_not_of("0123456789;", at + 2);
  if (end == std::string_view::npos || text[end] != 'm') {
    return false;
  }
  at = end + 1;
  return true;
}

std::string padding(int columns) {
  return std::string(static_cast<std::size_t>(std::max(0, columns)), ' ');
}

std::string aligned(const std::string& text, int width, Align align) {
  const std::string blank = padding(width - display_width(text));
  return align == Align::right ? blank + text : text + blank;
}

/// Text made of ASCII where the style asks for it: the few signs that Eckart itself writes.
std::string_view sign(std::string_view unicode, std::string_view ascii,
                      const TerminalStyle& style) {
  return style.unicode ? unicode : ascii;
}

/// A raster of dots, `across` x `down` of them in a cell: 2 x 4 in braille, 1 x 1 in ASCII.
class Raster {
 public:
  Raster(int columns, int rows, bool braille)
      : columns_(columns),
        rows_(rows),
        across_(braille ? 2 : 1),
        down_(braille ? 4 : 1),
        braille_(braille),
        cells_(static_cast<std::size_t>(columns * rows), 0) {}

  [[nodiscard]] int width() const { return columns_ * across_; }
  [[nodiscard]] int height() const { return rows_ * down_; }

  void set(int x, int y) {
    // Bit of each dot in U+2800 + bits, by row and column of the cell.
    static constexpr std::array<std::array<unsigned char, 2>, 4> bits = {
        {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}};
    const auto cell = static_cast<std::size_t>(y / down_ * columns_ + x / across_);
    const unsigned char bit =
        braille_ ? bits[static_cast<std::size_t>(y % down_)][static_cast<std::size_t>(x % across_)]
                 : std::uint8_t{1};
    cells_[cell] = static_cast<unsigned char>(cells_[cell] | bit);
  }

  [[nodiscard]] std::string line(int row) const {
    std::string text;
    for (int column = 0; column < columns_; ++column) {
      const unsigned char bits = cells_[static_cast<std::size_t>(row * columns_ + column)];
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

int display_width(std::string_view utf8) {
  int width = 0;
  for (std::size_t at = 0; at < utf8.size();) {
    if (!skip_colour(utf8, at)) {
      width += code_point_width(next_code_point(utf8, at));
    }
  }
  return width;
}

std::string printable(std::string_view text, bool unicode) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t code = next_code_point(text, at);
    if (code == invalid_code_point) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[start]));
    } else if (code < 0x20 || code == 0x7F) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(code));
    } else if ((code >= 0x80 && code < 0xA0) || within(code, directions) ||
               (code >= 0x80 && !unicode)) {
      out += fmt::format("\\u{{{:x}}}", static_cast<unsigned>(code));
    } else {
      out += text.substr(start, at - start);
    }
  }
  return out;
}

std::string shortened(std::string_view text, int columns, bool unicode) {
  if (display_width(text) <= columns) {
    return std::string(text);
  }
  const std::string_view dots = unicode ? "…" : "...";
  const int room = columns - display_width(dots);
  if (room < 0) {
    return std::string(static_cast<std::size_t>(std::max(0, columns)), '.');
  }
  // Positions of the code points, so that the tail can be measured from the end.
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < text.size();) {
    starts.push_back(at);
    static_cast<void>(next_code_point(text, at));
  }
  const auto width_at = [&](std::size_t i) {
    std::size_t at = starts[i];
    return code_point_width(next_code_point(text, at));
  };
  std::size_t head = 0, tail = starts.size();
  int head_width = 0, tail_width = 0;
  while (head < tail && head_width + width_at(head) <= room - room / 2) {
    head_width += width_at(head++);
  }
  while (tail > head && tail_width + width_at(tail - 1) <= room - head_width) {
    tail_width += width_at(--tail);
  }
  std::string out(text.substr(0, head < starts.size() ? starts[head] : text.size()));
  out += dots;
  return tail < starts.size() ? out + std::string(text.substr(starts[tail])) : out;
}

void Table::add_column(std::string heading, Align align, std::string unit) {
  columns_.push_back({std::move(heading), std::move(unit), align});
}

void Table::add_row(std::vector<std::string> cells) {
  if (cells.size() > columns_.size()) {
    throw InvalidArgument(
        fmt::format("a row of {} cells in a table of {} columns", cells.size(), columns_.size()));
  }
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::text(const TerminalStyle& style) const {
  constexpr int gap = 2;
  // 1. Widths: as wide as the widest cell.
  const bool has_units = std::any_of(columns_.begin(), columns_.end(),
                                     [](const Column& c) { return !c.unit.empty(); });
  std::vector<int> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    int width = std::max(display_width(columns_[c].heading), display_width(columns_[c].unit));
    for (const auto& row : rows_) {
      width = std::max(width, display_width(row[c]));
    }
    widths.push_back(width);
  }
  // 2. Columns that fit; the first always stands.
  std::size_t shown = 0;
  int used = 0;
  while (shown < columns_.size() && (shown == 0 || used + gap + widths[shown] <= style.width)) {
    used += (shown > 0 ? gap : 0) + widths[shown];
    ++shown;
  }
  // 3. Lines, without blanks at their ends.
  const auto line = [&](const auto& cell, std::string_view colour) {
    std::string text;
    for (std::size_t c = 0; c < shown; ++c) {
      text += padding(c > 0 ? gap : 0) +
              aligned(shortened(cell(c), std::max(1, style.width), style.unicode),
                      std::min(widths[c], style.width), columns_[c].align);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return coloured(text, colour, style) + "\n";
  };
  std::string out = line([&](std::size_t c) { return columns_[c].heading; }, dim);
  if (has_units) {
    out += line([&](std::size_t c) { return columns_[c].unit; }, dim);
  }
  for (const auto& row : rows_) {
    out += line([&](std::size_t c) { return row[c]; }, "");
  }
  if (shown < columns_.size()) {
    const auto missing = static_cast<Index>(columns_.size() - shown);
    out += shortened(
               fmt::format("({} more, on a wider terminal)", counted(missing, "column", "columns")),
               style.width, style.unicode) +
           "\n";
  }
  return out;
}

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

std::string energy_bars(std::span<const double> values, const TerminalStyle& style, int rows) {
  const std::vector<double> energy = cumulative_energy(values);
  const auto shown = std::min(energy.size(), static_cast<std::size_t>(std::max(0, rows)));
  const int index_width = static_cast<int>(std::to_string(shown).size());
  constexpr int percent_width = 8;
  std::string out;
  for (std::size_t i = 0; i < shown; ++i) {
    const std::string head = aligned(std::to_string(i + 1), index_width, Align::right) + "  " +
                             aligned(format_percent(energy[i]), percent_width, Align::right);
    const int room = style.width - display_width(head) - 2;
    out += room > 0 ? fmt::format("{}  {}\n", head, bar(energy[i], room, style))
                    : shortened(head, style.width, style.unicode) + "\n";
  }
  return out;
}

std::string fact_list(std::span<const Fact> facts, const TerminalStyle& style) {
  int width = 0;
  for (const Fact& fact : facts) {
    width = std::max(width, display_width(fact.name));
  }
  constexpr int gap = 2;
  std::string out;
  for (const Fact& fact : facts) {
    std::string name = fact.name;
    for (std::size_t at = 0; at <= fact.value.size();) {
      const std::size_t end = std::min(fact.value.find('\n', at), fact.value.size());
      const std::string line = aligned(name, width + gap, Align::left);
      out += coloured(line, dim, style) + fact.value.substr(at, end - at) + "\n";
      name.clear();
      at = end + 1;
    }
  }
  return out;
}

std::string summary(const SpectrumReport& r, const TerminalStyle& style, int rows) {
  const std::string_view times = sign("×", "x", style), sigma = sign("σ", "s", style);
  std::string out;

  // 1. What the matrix is.
  const std::string shape =
      fmt::format("{} {} {}  {}", r.rows, times, r.cols, printable(r.dtype, style.unicode));
  const std::string name =
      shortened(printable(r.title.empty() ? r.file : r.title, style.unicode),
                std::max(8, style.width - display_width(shape) - 2), style.unicode);
  out +=
      name.empty() ? shape + "\n\n" : fmt::format("{}  {}\n\n", coloured(name, bold, style), shape);

  // 2. The first values.
  const auto count = static_cast<Index>(r.values.size());
  const std::vector<double> energy = cumulative_energy(r.values);
  const auto shown = static_cast<std::size_t>(std::min<Index>(count, std::max(0, rows)));
  if (shown > 0) {
    constexpr int numbers_width = 48, most_bar = 20, least_bar = 5;
    const int bar_columns = std::min(most_bar, style.width - numbers_width);
    Table table;
    table.add_column("i");
    table.add_column("value");
    table.add_column(fmt::format("{0}/{0}1", sigma));
    table.add_column("energy");
    if (bar_columns >= least_bar) {
      table.add_column("cumulative", Align::left);
    }
    const double largest = r.values.front();
    for (std::size_t i = 0; i < shown; ++i) {
      std::vector<std::string> cells = {std::to_string(i + 1), format_padded(r.values[i], 7),
                                        largest > 0 ? format_padded(r.values[i] / largest, 3) : "",
                                        format_percent(energy[i], 2)};
      if (bar_columns >= least_bar) {
        cells.push_back(bar(energy[i], bar_columns, style));
      }
      table.add_row(std::move(cells));
    }
    out += table.text(style);
    if (static_cast<Index>(shown) < count) {
      out += coloured(fmt::format("{} {} more", sign("…", "...", style),
                                  format_count(count - static_cast<Index>(shown))),
                      dim, style) +
             "\n";
    }
    out += "\n";
  }

  // 3. What follows from them, and what the audit found.
  std::vector<Fact> facts;
  if (count > 0) {
    std::string doubt;
    if (r.rank.near_threshold > 0) {
      doubt = fmt::format("; {} within a factor 10 of it",
                          counted(r.rank.near_threshold, "value", "values"));
    }
    facts.push_back({"rank", fmt::format("{} of {}  threshold {}{}", r.rank.rank, count,
                                         format_number(r.rank.threshold, 3), doubt)});
  }
  if (const auto condition = log10_condition(r.values)) {
    const double power = std::floor(*condition);
    facts.push_back(
        {"condition", std::isinf(*condition) ? "infinite: singular"
                      : *condition < 300
                          ? format_number(std::pow(10.0, *condition), 3)
                          : fmt::format("{:.3g}e+{}", std::pow(10.0, *condition - power), power)});
    facts.push_back(
        {"energy", fmt::format("90 % in {}, 99 % in {}, 99.9 % in {}", energy_rank(r.values, 0.9),
                               energy_rank(r.values, 0.99), energy_rank(r.values, 0.999))});
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
  facts.push_back(
      {"time",
       fmt::format("{}  {}  {} of working memory", format_seconds(r.seconds, style.unicode),
                   counted(r.threads, "thread", "threads"), format_bytes(r.workspace_bytes))});
  out += fact_list(facts, style);

  // 4. The picture.
  const std::string plot = spectrum_plot(r.values, style);
  return plot.empty() ? out : out + "\n" + plot;
}

}  // namespace eckart::report
