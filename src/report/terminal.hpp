#pragma once

// Tables and plots in a terminal.
//
// Nothing here asks what the terminal is: width, character set and colour come in a TerminalStyle,
// which the command line fills from isatty, NO_COLOR and the locale. Widths are counted in columns
// of the terminal, not in bytes. Control characters in text from files are made visible, so that a
// file name cannot send commands to the terminal. Every function works for any width from 1 on.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/spectrum_report.hpp"

namespace eckart::report {

struct TerminalStyle {
  int width = 80;       // columns
  bool unicode = true;  // false: ASCII alone
  bool colour = false;  // ANSI colours
};

/// Columns that text takes in a terminal: 0 for combining marks and colour sequences, 2 for East
/// Asian wide characters.
[[nodiscard]] int display_width(std::string_view utf8);

/// Text with control characters as \x1b, and bytes that are not UTF-8 as \xff; with `unicode` off
/// everything beyond ASCII as
/// \u{3c3}.
[[nodiscard]] std::string printable(std::string_view text, bool unicode = true);

/// Text cut to `columns` in its middle, with an ellipsis.
[[nodiscard]] std::string shortened(std::string_view text, int columns, bool unicode = true);

enum class Align { left, right };

/// A table: headings, an optional line of units below them, rows.
class Table {
 public:
  void add_column(std::string heading, Align align = Align::right, std::string unit = "");
  /// One cell a column; missing cells are empty, superfluous ones throw InvalidArgument.
  void add_row(std::vector<std::string> cells);
  /// Lines ending in '\n'. A table wider than the terminal loses columns on its right, and says so.
  [[nodiscard]] std::string text(const TerminalStyle& style) const;

 private:
  struct Column {
    std::string heading, unit;
    Align align;
  };
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// The values over their index on a logarithmic scale: braille dots, or '*' in ASCII. Zeros stand
/// on the axis as a line of their own. Lines ending in '\n', at most style.width columns wide,
/// height + 2 of them; empty when there are no values.
[[nodiscard]] std::string spectrum_plot(std::span<const double> values, const TerminalStyle& style,
                                        int height = 8);

/// A bar that is `fraction` full: eighths of a block, or '#' in ASCII.
[[nodiscard]] std::string bar(double fraction, int columns, const TerminalStyle& style);

/// The default human output of `eckart svd`: what the matrix is, the first values with their
/// energy, the rank, the audit, the path and the plot.
[[nodiscard]] std::string summary(const SpectrumReport& report, const TerminalStyle& style,
                                  int rows = 10);

/// A name and a value a line, aligned: for norms, info and the like. Values may hold '\n' for
/// further lines, and are broken at blanks where the terminal ends, below one another.
struct Fact {
  std::string name, value;
};
[[nodiscard]] std::string fact_list(std::span<const Fact> facts, const TerminalStyle& style);

}  // namespace eckart::report
