#pragma once

// What tables, plots and summaries in a terminal share: colours, signs, text brought to a width.

#include <cstdint>
#include <string>
#include <string_view>

#include "report/terminal.hpp"

namespace eckart::report {

inline constexpr std::string_view bold = "\x1b[1m", dim = "\x1b[2m", blue = "\x1b[34m",
                                  green = "\x1b[32m", red = "\x1b[31m";

/// Text in a colour where the style has colours.
[[nodiscard]] std::string coloured(std::string_view text, std::string_view colour,
                                   const TerminalStyle& style);

/// Text made of ASCII where the style asks for it: the few signs that Eckart itself writes.
[[nodiscard]] std::string_view sign(std::string_view unicode, std::string_view ascii,
                                    const TerminalStyle& style);

/// So many blanks; none where `columns` is negative.
[[nodiscard]] std::string padding(int columns);

/// The first line of a summary, and an empty one: a name, cut to what the shape leaves of the line, and the shape.
[[nodiscard]] std::string heading_line(const std::string& name, const std::string& shape,
                                       const TerminalStyle& style);

/// How long it took, on how many threads, in how much memory.
[[nodiscard]] Fact time_fact(double seconds, int threads, std::uint64_t workspace_bytes,
                             const TerminalStyle& style);

/// Text filled up with blanks to `width` columns of the terminal.
[[nodiscard]] std::string aligned(const std::string& text, int width, Align align);

}  // namespace eckart::report
