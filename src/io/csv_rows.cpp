#include "io/csv_rows.hpp"

#include "io/number.hpp"
#include "io/text.hpp"

namespace eckart::io {

std::string counted_fields(Index count) {
  return std::to_string(count) + (count == 1 ? " field" : " fields");
}

void fail_csv_field(const Input& input, const CsvDialect& dialect, const CsvField& field,
                    NumberStatus status, Index index) {
  const std::string which = "field " + std::to_string(index + 1);
  const std::string text = "'" + printable(field.text, 40) + "'";
  constexpr const char* mend =
      "a matrix has no missing entries: fill it in, drop the row, or write nan";
  if (field.text.empty()) {
    input.fail(field.position, which + " is empty; " + mend);
  }
  if (is_missing_word(field.text)) {
    input.fail(field.position, which + ", " + text + ", is not a number; " + mend);
  }
  if (status == NumberStatus::too_large) {
    input.fail(field.position, which + ", " + text + ", is beyond the largest double, 1.8e308");
  }
  std::string what = which + ", " + text + ", is not a number";
  const char other = dialect.decimal == '.' ? ',' : '.';
  if (double value = 0; parse_whole(field.text, other, value) == NumberStatus::ok) {
    what += std::string("; numbers here have the decimal sign '") + dialect.decimal +
            "': set the option decimal if it is '" + other + "'";
  } else if (!dialect.numeric_columns.empty()) {
    what += "; choose columns of numbers with the option columns, here " + dialect.numeric_columns;
  } else {
    what += "; the option header skips a first row of names, the option columns chooses columns";
  }
  input.fail(field.position, what);
}

void fail_csv_ragged(const Input& input, TextPosition at, const std::string& have, Index want) {
  input.fail(at, "the row has " + have + " where the first row has " + std::to_string(want) +
                     "; fill in the missing fields, or quote a field that holds the delimiter");
}

}  // namespace eckart::io
