#pragma once

// How a text table is written, found out from its first records.
//
// The sample is the first 100 records, or as many as begin in the first 256 KiB, but at least two.
// A number is what number.hpp reads; an empty field and a word for a missing value (NA, null, ...)
// are not numbers.
//
//   1. Delimiter. The candidates are tab, ';', '|', ',' and white space, in this order. Those that
//      split every record of the sample into the same number of fields, two or more, come first
//      (the first record may have one field fewer: see 4); among them the one with the largest
//      share of numbers, then the earlier one. When none does, the one that finds most numbers; or
//      the error of a quote that does not close, where there is one.
//   2. Decimal sign. '.' unless more fields of the sample are numbers with ','. With the delimiter
//   ','
//      it is always '.'.
//   3. Header. The first record is a header when the second record has numbers, and in each of
//   their
//      columns the first record has text that is neither a number nor a word for a missing value.
//      A header of numbers (years) is taken for data unless the option header says otherwise; so a
//      row of data with a missing value is never mistaken for a header and lost.
//   4. Labels. The first column holds row labels, and is skipped, when the header has one name
//   fewer
//      than the rows have fields (as R writes), when the header's first name is empty (as pandas
//      writes), or when it holds text in every row of the sample and another column holds numbers.
//      Not when the option columns chooses columns: then the choice is the caller's.
//
// "1,5" with the delimiter ';' is one and a half; no thousands separators are read. A single column of
// decimal commas looks like two columns: the option decimal tells them apart. Cost: the sample is split
// once for each candidate; memory, 16 bytes for each field of the sample. How it fails: a sign that
// appears behind the sample only (a decimal comma in row 5000 after integers) is an error in its line,
// which the options mend.

#include <string>
#include <string_view>
#include <vector>

#include <eckart/error.hpp>
#include <eckart/io.hpp>

#include "io/input.hpp"

namespace eckart::io {

struct CsvDialect {
  char delimiter = ',';
  char decimal = '.';
  bool header = false;
  bool labels = false;        // the first column is skipped as labels
  bool complex = false;       // the sample holds a complex number
  Index fields = 0;           // in every row of data
  Index columns = 0;          // of the matrix
  std::vector<Index> target;  // for each field: its column in the matrix, or -1 when it is skipped
  std::vector<std::string> names;  // of the matrix's columns; empty without a header
  std::string numeric_columns;     // "1-4": the fields of the sample that hold numbers alone
};

/// A text in which no whole record has come, or none but a header: more of it may have some.
class NoRecord final : public FormatError {
 public:
  using FormatError::FormatError;
};

/// Finds out what the options leave open, from whole records alone where the text goes on. Throws InvalidArgument for options that
/// contradict each other or the file, NoRecord when the file holds no record.
[[nodiscard]] CsvDialect detect_dialect(const Input& input, const ReadOptions& options);

/// Whether a field's text is one of the usual words for a missing value.
[[nodiscard]] bool is_missing_word(std::string_view text) noexcept;

}  // namespace eckart::io
