#pragma once

// The lines of a text with comments, and the words of a line, with their places.
//
// A word ends at a blank, a tab or the line's end; LF and CR LF end lines. Each line is found by
// memchr and each number parsed where it stands, so a text of numbers is looked at twice and copied
// never.

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "io/input.hpp"
#include "io/number.hpp"
#include "io/text.hpp"

namespace eckart::io {

/// The lines of the file, without blank ones and comments, and the words of a line.
class Lines {
 public:
  explicit Lines(const Input& input) noexcept
      : input_(&input),
        next_(input.text().data()),
        end_(next_ + input.size()),
        line_start_(next_),
        line_end_(next_),
        at_(next_) {}

  /// The next line that is neither blank nor a comment; false at the end of the file.
  [[nodiscard]] bool next() noexcept {
    while (raw_next()) {
      skip_blanks();
      if (at_ != line_end_ && *at_ != '%') {
        return true;
      }
    }
    return false;
  }

  /// The next line, whatever it holds.
  [[nodiscard]] bool raw_next() noexcept {
    if (next_ == end_) {
      return false;
    }
    line_start_ = at_ = next_;
    const auto length = static_cast<std::size_t>(end_ - next_);
    const auto* newline = static_cast<const char*>(std::memchr(next_, '\n', length));
    line_end_ = newline == nullptr ? end_ : newline;
    next_ = newline == nullptr ? end_ : newline + 1;
    if (line_end_ != line_start_ && line_end_[-1] == '\r') {
      --line_end_;
    }
    ++line_;
    return true;
  }

  /// The next word of the line; empty at its end.
  [[nodiscard]] std::string_view word() noexcept {
    skip_blanks();
    const char* first = at_;
    while (at_ != line_end_ && !is_blank(*at_)) {
      ++at_;
    }
    return {first, static_cast<std::size_t>(at_ - first)};
  }

  /// The next word of the line as an Index or a double. `what` names it in messages.
  template <class T>
  [[nodiscard]] T number(const char* what) {
    skip_blanks();
    T value{};
    const NumberEnd end = parse(value);
    if (end.status != NumberStatus::ok || (end.end != line_end_ && !is_blank(*end.end))) {
      fail_number(what, end.status);
    }
    at_ = end.end;
    return value;
  }

  void require_end_of_line() {
    skip_blanks();
    if (at_ != line_end_) {
      fail("'" + printable(word(), 40) + "' is one word too many in this line");
    }
  }

  /// Throws FormatError with the place of the next word.
  [[noreturn]] void fail(const std::string& what) const {
    input_->fail(TextPosition{std::max<std::uint64_t>(line_, 1),
                              static_cast<std::uint64_t>(at_ - line_start_) + 1},
                 what);
  }

  [[nodiscard]] std::size_t bytes_left() const noexcept {
    return static_cast<std::size_t>(end_ - next_);
  }

 private:
  [[nodiscard]] static bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\r'; }
  void skip_blanks() noexcept {
    while (at_ != line_end_ && is_blank(*at_)) {
      ++at_;
    }
  }
  [[nodiscard]] NumberEnd parse(Index& value) const noexcept {
    return parse_number(at_, line_end_, value);
  }
  [[nodiscard]] NumberEnd parse(double& value) const noexcept {
    return parse_number(at_, line_end_, '.', value);
  }
  [[noreturn]] void fail_number(const char* what, NumberStatus status) {
    const char* first = at_;
    const std::string text = printable(word(), 40);
    at_ = first;
    if (text.empty()) {
      fail(std::string("the line ends where ") + what + " should stand");
    }
    fail("'" + text + "' " +
         (status == NumberStatus::too_large ? "is too large for "
                                            : "is not a number and cannot be ") +
         what);
  }

  const Input* input_;
  const char* next_;
  const char* end_;
  const char* line_start_;
  const char* line_end_;
  const char* at_;          // in the line
  std::uint64_t line_ = 0;  // of at_; 0 before the first
};

}  // namespace eckart::io
