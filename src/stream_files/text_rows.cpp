// Rows of a table, a batch of whole lines at a time: the reader of csv.cpp is shown each batch as if it were a file.

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include <eckart/error.hpp>

#include "io/csv_rows.hpp"
#include "stream_files/row_decoder.hpp"

namespace eckart::io {
namespace {

template <class T>
struct KeepBatch {
  std::vector<T> entries = {};
  std::vector<std::size_t> ends = {};

  void append(std::span<const T> row, std::size_t end) {
    entries.insert(entries.end(), row.begin(), row.end());
    ends.push_back(end);
  }
};

std::uint64_t count_lines(std::span<const std::byte> bytes) {
  return static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), std::byte{'\n'}));
}

template <class T>
class TextRows final : public RowDecoder {
 public:
  TextRows(std::string name, CsvDialect dialect)
      : RowDecoder(dialect.columns, scalar_type<T>),
        name_(std::move(name)),
        dialect_(std::move(dialect)) {}

  Decoded decode(std::span<const std::byte> bytes, RowPosition from, bool at_end) override {
    const std::size_t used = at_end ? bytes.size() : whole_lines(bytes);
    batch_ = bytes.first(used);
    from_ = from;
    rows_.entries.clear();
    rows_.ends.clear();
    if (used > 0) {
      const Input input = Input::in_memory(name_, batch_, from.lines);
      if (!read_csv_rows<T>(input, dialect_, rows_)) {
        input.fail(TextPosition{},
                   "from here on there is a complex number, and the table began with real ones; "
                   "ask for the type complex128");
      }
      // The header is the first record; a batch of blank lines and comments has none.
      dialect_.header = dialect_.header && rows_.ends.empty();
    }
    return {used, static_cast<Index>(rows_.ends.size()), rows_.entries.data()};
  }

  [[nodiscard]] RowPosition behind(Index count) const override {
    const auto rows = static_cast<std::size_t>(count);
    const std::size_t end = rows == rows_.ends.size() ? batch_.size()
                            : rows == 0               ? 0
                                                      : rows_.ends[rows - 1];
    return {from_.bytes + end, from_.lines + count_lines(batch_.first(end))};
  }

  void require_end(std::span<const std::byte> /*left*/, RowPosition /*from*/) const override {}

 private:
  std::string name_;
  CsvDialect dialect_;
  KeepBatch<T> rows_;
  std::span<const std::byte> batch_;
  RowPosition from_;
};

}  // namespace

std::size_t whole_lines(std::span<const std::byte> bytes) noexcept {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.find('"') == std::string_view::npos) {
    return text.rfind('\n') + 1;  // npos + 1 is 0
  }
  std::size_t end = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    quoted ^= text[i] == '"';
    if (text[i] == '\n' && !quoted) {
      end = i + 1;
    }
  }
  return end;
}

std::unique_ptr<RowDecoder> text_rows(std::string name, std::span<const std::byte> sample,
                                      const RowOptions& options, bool resumed) {
  ReadOptions reading = options.text;
  if (reading.format == Format::automatic) {
    reading.format = Format::csv;
  }
  CsvDialect dialect = detect_dialect(Input::in_memory(name, sample), reading);
  if (resumed) {
    dialect.header = false;
  }
  if (!options.dtype.empty() && options.dtype != "float64" && options.dtype != "complex128") {
    throw InvalidArgument("text has rows of float64 or complex128, not of '" + options.dtype + "'");
  }
  if (options.dtype == "complex128" || (dialect.complex && options.dtype.empty())) {
    return std::make_unique<TextRows<std::complex<double>>>(std::move(name), std::move(dialect));
  }
  return std::make_unique<TextRows<double>>(std::move(name), std::move(dialect));
}

}  // namespace eckart::io
