#include "io/csv_place.hpp"

#include "io/csv_scanner.hpp"

namespace eckart::io {

std::string csv_place_of(const Input& input, const CsvDialect& dialect, Index row, Index col) {
  CsvScanner scanner(input, dialect.delimiter, dialect.decimal);
  const Index record = row + (dialect.header ? 1 : 0);
  for (Index i = 0; scanner.next_record(); ++i) {
    for (std::size_t field = 0; field == 0 || scanner.more(); ++field) {
      const CsvField found = scanner.take_field();
      if (i == record && field < dialect.target.size() && dialect.target[field] == col) {
        return "line " + std::to_string(found.position.line) + ", column " +
               std::to_string(found.position.column);
      }
    }
  }
  return "";
}

}  // namespace eckart::io
