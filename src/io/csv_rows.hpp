#pragma once

// The records of a text table as rows of numbers, one after the other: step 2 of csv.cpp.

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

/// "1 field", "3 fields".
[[nodiscard]] std::string counted_fields(Index count);

/// Each row goes to sink.append(row, end), with `end` the byte of the input at which its line ends. False when T is real and a complex
/// number was met.
template <class T, class Sink>
bool read_csv_rows(const Input& input, const CsvDialect& dialect, Sink& sink) {
  CsvScanner scanner(input, dialect.delimiter, dialect.decimal);
  if (dialect.header && scanner.next_record()) {
    do {
      scanner.take_field();
    } while (scanner.more());
  }
  std::vector<T> row(static_cast<std::size_t>(dialect.columns));
  while (scanner.next_record()) {
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
          return false;
        }
        fail_csv_field(input, dialect, text, status, field);
      }
    }
    if (scanner.more()) {
      fail_csv_ragged(input, scanner.position(), "more fields", dialect.fields);
    }
    sink.append(std::span<const T>(row), scanner.offset());
  }
  return true;
}

}  // namespace eckart::io
