#pragma once

// The records of a text table as rows of numbers, one after the other: step 2 of csv.cpp.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/csv_dialect.hpp"
#include "io/csv_scanner.hpp"

namespace eckart::io {

/// Says why a field is not a number, and how to mend that.
[[noreturn]] void fail_csv_field(const Input& input, const CsvDialect& dialect,
                                 const CsvField& field, NumberStatus status, Index index);

[[noreturn]] void fail_csv_ragged(const Input& input, TextPosition at, const std::string& have,
                                  Index want);

/// Lets go of the pages of a table that have been read, now and then: one that goes by takes no memory, however large it is.
class CsvPagesBehind {
 public:
  explicit CsvPagesBehind(const Input& input) noexcept : input_(input) {}
  void pass(CsvPlace behind) noexcept {
    if (behind.bytes >= next_) {
      input_.forget(behind.bytes);
      next_ = behind.bytes + interval;
    }
  }

 private:
  static constexpr std::size_t interval = std::size_t{1} << 23;
  const Input& input_;
  std::size_t next_ = interval;
};

/// "1 field", "3 fields".
[[nodiscard]] std::string counted_fields(Index count);

/// Where a pass over records ended.
struct CsvPass {
  CsvPlace behind;             // all whole records and the lines between them
  bool passed_header = false;  // or there is none
  std::optional<TextPosition>
      complex;  // where T is real and the number that stands there is not; the pass ended before its row
};

/// Each row goes to sink.append(row, place), `place` behind its line. Of a text that goes on only whole records are rows.
template <class T, class Sink>
CsvPass read_csv_rows(const Input& input, const CsvDialect& dialect, Sink& sink) {
  const bool goes_on = input.excerpt().goes_on;
  CsvScanner scanner(input, dialect.delimiter, dialect.decimal);
  CsvPass pass{.behind = scanner.line_begin(), .passed_header = !dialect.header, .complex = {}};
  if (dialect.header && scanner.next_record()) {
    pass.behind = scanner.line_begin();
    do {
      scanner.take_field();
    } while (scanner.more());
    if (!scanner.end_record() && goes_on) {
      return pass;
    }
    pass.passed_header = true;
  }
  std::vector<T> row(static_cast<std::size_t>(dialect.columns));
  while (scanner.next_record()) {
    pass.behind = scanner.line_begin();
    for (Index field = 0; field < dialect.fields; ++field) {
      if (field > 0 && !scanner.more()) {
        fail_csv_ragged(input, scanner.position(), counted_fields(field), dialect.fields);
      }
      const Index target = dialect.target[static_cast<std::size_t>(field)];
      if (target < 0) {
        scanner.take_field();
        continue;
      }
      T& entry = row[static_cast<std::size_t>(target)];
      if (double plain = 0; scanner.take_number(plain)) {
        entry = plain;
        continue;
      }
      const CsvField text = scanner.take_field();
      const NumberStatus status = parse_whole(text.text, dialect.decimal, entry);
      if (status != NumberStatus::ok) {
        std::complex<double> number;
        if (RealScalar<T> && parse_whole(text.text, dialect.decimal, number) == NumberStatus::ok) {
          pass.complex = text.position;
          return pass;
        }
        fail_csv_field(input, dialect, text, status, field);
      }
    }
    if (scanner.more()) {
      fail_csv_ragged(input, scanner.position(), "more fields", dialect.fields);
    }
    if (!scanner.end_record() && goes_on) {
      return pass;
    }
    sink.append(std::span<const T>(row), scanner.place());
  }
  pass.behind = goes_on ? scanner.line_begin() : scanner.place();
  return pass;
}

}  // namespace eckart::io
