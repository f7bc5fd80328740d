#pragma once

// Records and fields of a text table, one after the other, with their places.
//
//   record   = field, { delimiter, field }, line end        line end = LF, CR LF or CR
//   field    = blanks, plain text, blanks
//            | blanks, '"', text with "" for a quote and with line ends and delimiters, '"', blanks
//
// Blank lines, and lines whose first character is '#', stand between records and are passed over.
// The delimiter ' ' means white space: a run of blanks and tabs separates, and those at the ends of
// a line do not count. A UTF-8 byte order mark at the start is passed over.
//
// A text that goes on behind its last byte (Excerpt::goes_on) may end anywhere: inside a record, inside quotes, between CR and LF.
// Its last record is whole when its line end has come; pass_record() and end_record() tell. Nothing else decides what a record is.
//
// take_number() is the hot path: it hands the text at the field's start to from_chars, which finds
// the end of the number by itself, so most bytes of a table of numbers are looked at once.

#include <charconv>
#include <string>
#include <string_view>

#include "io/input.hpp"
#include "io/number.hpp"

namespace eckart::io {

/// A place between two lines.
struct CsvPlace {
  std::size_t bytes = 0;    // from the beginning of the input
  std::uint64_t lines = 0;  // that ended before
};

struct CsvField {
  std::string_view text;  // without quotes, nor blanks round it; "" inside quotes still doubled
  TextPosition position;  // of its first character, the quote included
};

class CsvScanner {
 public:
  CsvScanner(const Input& input, char delimiter, char decimal) noexcept
      : input_(&input),
        at_(input.text().data()),
        end_(at_ + input.size()),
        line_start_(at_),
        delimiter_(delimiter),
        decimal_(decimal),
        white_(delimiter == ' ') {
    if (input.excerpt().lines_before == 0 && input.text().starts_with("\xEF\xBB\xBF")) {
      at_ += 3;
      line_start_ = at_;
    }
    if (input.excerpt().goes_on && at_ != end_ && end_[-1] == '\r') {
      --end_;  // may be one half of CR LF
    }
  }

  /// Goes to the first field of the next record; false at the end of the file. Every field of the
  /// record before must have been taken.
  [[nodiscard]] bool next_record() noexcept;

  /// The same, and of a text that goes on only to a record that is whole.
  [[nodiscard]] bool next_whole_record() noexcept;

  /// Takes the next field as a number, when it is an unquoted real one; else takes nothing.
  [[nodiscard]] bool take_number(double& value) noexcept {
    const char* p = skip_blanks(at_);
    const char* behind = nullptr;
    if (decimal_ == '.') {
      if (p != end_ && *p == '+' && p + 1 != end_ && p[1] != '-') {
        ++p;
      }
      const auto [last, error] = std::from_chars(p, end_, value);
      if (error != std::errc{}) {
        return false;
      }
      behind = last;
    } else {
      const NumberEnd number = parse_number(p, end_, decimal_, value);
      if (number.status != NumberStatus::ok) {
        return false;
      }
      behind = number.end;
    }
    return finish_field(behind);
  }

  /// Takes the next field, whatever it is. Throws FormatError for a quote that is not closed, or
  /// text behind a closing quote.
  CsvField take_field();

  /// Whether the record goes on behind the field that was taken last.
  [[nodiscard]] bool more() const noexcept { return more_; }

  /// Goes behind the line end of the record whose last field was taken; false where the text ends without one.
  [[nodiscard]] bool end_record() noexcept {
    if (at_ == end_) {
      return false;
    }
    take_line_end();
    return true;
  }

  /// Goes behind the rest of the record and its line end, whatever its fields are; false where the text ends before.
  [[nodiscard]] bool pass_record() noexcept;

  /// Where the scanner stands, between two records.
  [[nodiscard]] CsvPlace place() const noexcept { return {offset(), line_ - 1}; }

  /// The beginning of the line that the scanner stands in.
  [[nodiscard]] CsvPlace line_begin() const noexcept {
    return {static_cast<std::size_t>(line_start_ - input_->text().data()), line_ - 1};
  }

  /// Bytes from the start of the file to where the scanner stands.
  [[nodiscard]] std::size_t offset() const noexcept {
    return static_cast<std::size_t>(at_ - input_->text().data());
  }

  /// The place of the next field's first character.
  [[nodiscard]] TextPosition position() const noexcept { return position_of(skip_blanks(at_)); }

 private:
  [[nodiscard]] bool is_blank(char c) const noexcept {
    return c == ' ' || (c == '\t' && delimiter_ != '\t');
  }
  [[nodiscard]] static bool is_line_end(char c) noexcept { return c == '\n' || c == '\r'; }
  [[nodiscard]] TextPosition position_of(const char* p) const noexcept {
    return {line_, static_cast<std::uint64_t>(p - line_start_) + 1};
  }
  [[nodiscard]] const char* skip_blanks(const char* p) const noexcept {
    while (p != end_ && is_blank(*p)) {
      ++p;
    }
    return p;
  }

  /// Moves behind the field that ends at p, and its delimiter; false, without moving, when the text
  /// goes on at p.
  [[nodiscard]] bool finish_field(const char* p) noexcept {
    const char* next = skip_blanks(p);
    if (next == end_ || is_line_end(*next)) {
      more_ = false;
    } else if (white_ && next != p) {
      more_ = true;
    } else if (!white_ && *next == delimiter_) {
      more_ = true;
      ++next;
    } else {
      return false;
    }
    at_ = next;
    return true;
  }

  /// Goes behind the line end at at_, CR LF counting as one.
  void take_line_end() noexcept;
  /// The end of a field without quotes that begins at p.
  [[nodiscard]] const char* end_of_plain(const char* p) const noexcept;
  /// The quote that closes the one at `open`, lines within counted; the end of the text where there is none.
  [[nodiscard]] const char* closing_quote(const char* open) noexcept;
  CsvField take_quoted(const char* open);
  [[nodiscard]] std::string_view trimmed(const char* first, const char* last) const noexcept;

  const Input* input_;
  const char* at_;
  const char* end_;
  const char* line_start_;
  std::uint64_t line_ = 1;
  char delimiter_;
  char decimal_;
  bool white_;
  bool more_ = false;
};

/// The text of a field with its doubled quotes halved.
[[nodiscard]] std::string unescaped(std::string_view field);

}  // namespace eckart::io
