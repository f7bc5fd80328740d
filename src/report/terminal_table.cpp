// Tables and lists of facts: columns as wide as their widest cell.

#include <algorithm>

#include <fmt/format.h>

#include <eckart/error.hpp>

#include "report/terminal.hpp"
#include "report/terminal_text.hpp"
#include "report/text.hpp"

namespace eckart::report {

namespace {

/// A line broken at blanks into pieces of at most `columns`; a longer word stands alone. One piece
/// at least.
std::vector<std::string_view> wrapped(std::string_view line, int columns) {
  std::vector<std::string_view> pieces;
  while (display_width(line) > columns) {
    std::size_t end = std::string_view::npos;
    for (std::size_t at = line.find(' '); at != std::string_view::npos;
         at = line.find(' ', at + 1)) {
      if (end != std::string_view::npos && display_width(line.substr(0, at)) > columns) {
        break;
      }
      end = at;
    }
    const std::size_t next = end == std::string_view::npos ? end : line.find_first_not_of(' ', end);
    if (next == std::string_view::npos) {
      break;
    }
    pieces.push_back(line.substr(0, end));
    line.remove_prefix(next);
  }
  pieces.push_back(line);
  return pieces;
}

}  // namespace

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

std::string fact_list(std::span<const Fact> facts, const TerminalStyle& style) {
  int width = 0;
  for (const Fact& fact : facts) {
    width = std::max(width, display_width(fact.name));
  }
  constexpr int gap = 2, least_room = 16;
  const int room = std::max(least_room, style.width - width - gap);
  std::string out;
  for (const Fact& fact : facts) {
    std::string name = fact.name;
    for (std::size_t at = 0; at <= fact.value.size();) {
      const std::size_t end = std::min(fact.value.find('\n', at), fact.value.size());
      for (const std::string_view line :
           wrapped(std::string_view(fact.value).substr(at, end - at), room)) {
        out += coloured(aligned(name, width + gap, Align::left), dim, style);
        out += line;
        out += '\n';
        name.clear();
      }
      at = end + 1;
    }
  }
  return out;
}

}  // namespace eckart::report
