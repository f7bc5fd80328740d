#include "common/entry_place.hpp"

#include "io/byte_stream.hpp"
#include "io/csv_dialect.hpp"
#include "io/csv_place.hpp"
#include "io/npy.hpp"

namespace eckart::cli {
namespace {

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
  return io::csv_place_of(input, io::detect_dialect(input, known), row, col);
}

}  // namespace eckart::cli
