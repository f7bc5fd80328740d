// Text measured in columns of a terminal: its width, what may be shown of it, and how it is cut and
// filled up.

#include "report/terminal_text.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "report/text.hpp"

namespace eckart::report {

namespace {

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

}  // namespace

std::string coloured(std::string_view text, std::string_view colour, const TerminalStyle& style) {
  return style.colour && !text.empty() && !colour.empty()
             ? fmt::format("{}{}{}", colour, text, "\x1b[0m")
             : std::string(text);
}

std::string_view sign(std::string_view unicode, std::string_view ascii,
                      const TerminalStyle& style) {
  return style.unicode ? unicode : ascii;
}

std::string padding(int columns) {
  return std::string(static_cast<std::size_t>(std::max(0, columns)), ' ');
}

std::string aligned(const std::string& text, int width, Align align) {
  const std::string blank = padding(width - display_width(text));
  return align == Align::right ? blank + text : text + blank;
}

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

std::string heading_line(const std::string& name, const std::string& shape,
                         const TerminalStyle& style) {
  const std::string shown =
      shortened(printable(name, style.unicode), std::max(8, style.width - display_width(shape) - 2),
                style.unicode);
  return shown.empty() ? shape + "\n\n"
                       : fmt::format("{}  {}\n\n", coloured(shown, bold, style), shape);
}

Fact time_fact(double seconds, int threads, std::uint64_t workspace_bytes,
               const TerminalStyle& style) {
  return {"time",
          fmt::format("{}  {}  {} of working memory", format_seconds(seconds, style.unicode),
                      counted(threads, "thread", "threads"), format_bytes(workspace_bytes))};
}

}  // namespace eckart::report
