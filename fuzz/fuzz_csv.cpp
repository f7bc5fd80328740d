#include <optional>
#include <string>
#include <vector>

#include "fuzz_reader.hpp"
#include "stream_files/row_decoder.hpp"

namespace eckart::io {
namespace {

/// The rows before the first error, and what that says.
struct RowsBefore {
  std::vector<std::byte> entries;
  std::string error;
  bool operator==(const RowsBefore&) const = default;
};

/// Of a table that comes in two pieces; nothing where the table has no rows at all.
std::optional<RowsBefore> rows_in_pieces(std::span<const std::byte> text, std::size_t cut) {
  RowsBefore out;
  RowReading reading;
  std::unique_ptr<RowDecoder> decoder;
  try {
    decoder =
        text_rows(Input::in_memory("fuzz", text), {.max_bytes = fuzz_max_bytes}, reading, false);
  } catch (const Error&) {
    return std::nullopt;
  }
  const std::size_t row_bytes =
      static_cast<std::size_t>(decoder->cols()) * size_of(decoder->type());
  RowPosition at;
  // Each piece as long as it yields rows: what is wrong comes after them.
  for (const std::size_t end : {cut, text.size()}) {
    Index rows = 1;
    while (rows > 0) {
      Decoded d;
      try {
        d = decoder->decode(text.first(end).subspan(at.bytes), at, end == text.size());
      } catch (const Error& error) {
        out.error = error.what();
        return out;
      }
      const auto* first = static_cast<const std::byte*>(d.data);
      out.entries.insert(out.entries.end(), first,
                         first + static_cast<std::size_t>(d.rows) * row_bytes);
      at = d.behind;
      rows = d.rows;
      if (rows > 0) {
        static_cast<void>(decoder->place_of(rows - 1, 0));
      }
    }
  }
  return out;
}

}  // namespace
}  // namespace eckart::io

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using eckart::io::Format;
  // Once with everything detected, once with everything said.
  eckart::io::fuzz_reader(data, size, {.format = Format::csv});
  eckart::io::fuzz_reader(
      data, size,
      {.format = Format::csv, .delimiter = ';', .decimal = ',', .header = true, .columns = "2-,x"});
  // Where a table is cut into pieces makes no difference.
  const auto text = std::as_bytes(std::span(data, size));
  const auto whole = eckart::io::rows_in_pieces(text, size);
  for (const std::size_t cut : {size / 3, size - size / 5}) {
    if (eckart::io::rows_in_pieces(text, cut) != whole) {
      std::abort();
    }
  }
  return 0;
}
