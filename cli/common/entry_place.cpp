#include "common/entry_place.hpp"

#include "io/byte_stream.hpp"
#include "io/csv_dialect.hpp"
#include "io/csv_scanner.hpp"
#include "io/npy.hpp"

namespace eckart::cli {
namespace {

std::string place_in_table(const io::Input& input, const io::ReadOptions& reading, Index row,
                           Index col) {
  const io::CsvDialect dialect = io::detect_dialect(input, reading);
  io::CsvScanner scanner(input, dialect.delimiter, dialect.decimal);
  const Index record = row + (dialect.header ? 1 : 0);
  for (Index i = 0; scanner.next_record(); ++i) {
    for (std::size_t field = 0; field == 0 || scanner.more(); ++field) {
      const io::CsvField found = scanner.take_field();
      if (i == record && field < dialect.target.size() && dialect.target[field] == col) {
        return "line " + std::to_string(found.position.line) + ", column " +
               std::to_string(found.position.column);
      }
    }
  }
  return "";
}

std::string place_in_npy(const io::Input& input, Index row, Index col) {
  io::InputStream stream(input);
  const io::NpyHeader header = io::read_npy_header(stream);
  const Index entries = header.rows * header.cols;
  const Index index =
      header.layout() == Layout::row_major ? row * header.cols + col : col * header.rows + row;
  const std::uint64_t entry_bytes = header.data_bytes / static_cast<std::uint64_t>(entries);
  return "byte " +
         std::to_string(header.data_begin + static_cast<std::uint64_t>(index) * entry_bytes);
}

}  // namespace

std::string entry_place(const io::Input& input, io::Format format, const io::ReadOptions& reading,
                        Index row, Index col) {
  if (format == io::Format::npy) {
    return place_in_npy(input, row, col);
  }
  if (format != io::Format::csv && format != io::Format::tsv) {
    return "";
  }
  io::ReadOptions known = reading;
  known.format = format;
  return place_in_table(input, known, row, col);
}

}  // namespace eckart::cli
