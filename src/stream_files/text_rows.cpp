// Rows of a table, a batch of whole records at a time: the pass of csv_rows.hpp is shown each batch as a text that goes on.
//
// What is wrong in a record is an error only when nothing good stands before it in the batch, so that all rows before it have been
// returned, and when all of the record has come: "2e" is no number, and "2e5" is one.

#include <algorithm>
#include <string_view>
#include <utility>

#include <eckart/error.hpp>

#include "io/csv_rows.hpp"
#include "stream_files/row_decoder.hpp"

namespace eckart::io {
namespace {

// Where lines have ended and a record has not, a quote is open. In a table of numbers no text is so long: the quote is a mistake, and who
// waits for its end takes no row any more.
constexpr std::size_t longest_open_quote = std::size_t{1} << 20;

template <class T>
struct KeepBatch {
  std::vector<T> entries = {};
  std::vector<CsvPlace> ends = {};

  void append(std::span<const T> row, CsvPlace behind) {
    entries.insert(entries.end(), row.begin(), row.end());
    ends.push_back(behind);
  }
};

bool has_line_end(std::span<const std::byte> bytes) {
  return std::any_of(bytes.begin(), bytes.end(),
                     [](std::byte b) { return b == std::byte{'\n'} || b == std::byte{'\r'}; });
}

template <class T>
class TextRows final : public RowDecoder {
 public:
  TextRows(std::string name, CsvDialect dialect)
      : RowDecoder(dialect.columns, scalar_type<T>),
        name_(std::move(name)),
        dialect_(std::move(dialect)) {}

  Decoded decode(std::span<const std::byte> bytes, RowPosition from, bool at_end) override {
    rows_.entries.clear();
    rows_.ends.clear();
    from_ = from;
    // A long record comes in many pieces; it is looked at again when it may have ended, perhaps by a CR whose LF has not come.
    if (!at_end && !has_line_end(bytes.subspan(searched_ > 0 ? searched_ - 1 : 0))) {
      searched_ = bytes.size();
      return {from_, 0, nullptr};
    }
    batch_ = bytes;
    goes_on_ = !at_end;
    header_in_batch_ = dialect_.header;
    searched_ = 0;
    const RowPosition behind = pass(batch_input(0, from.lines));
    return {behind, static_cast<Index>(rows_.ends.size()), rows_.entries.data()};
  }

  [[nodiscard]] RowPosition behind(Index count) const override {
    return count == 0 ? from_ : moved(rows_.ends[static_cast<std::size_t>(count) - 1], count);
  }

  [[nodiscard]] std::string place_of(Index row, Index col) const override {
    const RowPosition start = behind(row);
    const Input input =
        batch_input(static_cast<std::size_t>(start.bytes - from_.bytes), start.lines);
    CsvScanner scanner(input, dialect_.delimiter, dialect_.decimal);
    if (row == 0 && header_in_batch_ && scanner.next_record()) {
      static_cast<void>(scanner.pass_record());
    }
    TextPosition at;
    static_cast<void>(scanner.next_record());
    for (std::size_t field = 0; field == 0 || scanner.more(); ++field) {
      const CsvField found = scanner.take_field();
      if (dialect_.target[field] == col) {
        at = found.position;
      }
    }
    return "line " + std::to_string(start.lines + at.line) + ", column " +
           std::to_string(at.column);
  }

  void require_end(std::span<const std::byte> /*left*/, RowPosition /*from*/) const override {}

 private:
  [[nodiscard]] Input batch_input(std::size_t from, std::uint64_t lines_before) const {
    return Input::in_memory(name_, batch_.subspan(from), {lines_before, goes_on_});
  }

  [[nodiscard]] RowPosition moved(CsvPlace to, Index rows) const {
    return {from_.bytes + to.bytes, from_.lines + to.lines, from_.rows + rows};
  }

  /// The rows of the batch; the place behind them, and behind what follows them and is none.
  RowPosition pass(const Input& input) {
    std::string wrong;
    try {
      const CsvPass passed = read_csv_rows<T>(input, dialect_, rows_);
      if (!passed.complex) {
        dialect_.header = !passed.passed_header;
        searched_ = batch_.size() - passed.behind.bytes;
        return moved(passed.behind, static_cast<Index>(rows_.ends.size()));
      }
      input.fail(*passed.complex,
                 "a complex number, and the table began with real ones; ask for the type "
                 "complex128");
    } catch (const FormatError& error) {
      wrong = error.what();
    }
    if (!rows_.ends.empty()) {
      dialect_.header = false;
      return behind(static_cast<Index>(rows_.ends.size()));
    }
    if (goes_on_ && batch_.size() < longest_open_quote && !first_row_is_whole(input)) {
      searched_ = batch_.size();
      return from_;
    }
    throw FormatError(wrong + " (row " + std::to_string(from_.rows + 1) + ")");
  }

  [[nodiscard]] bool first_row_is_whole(const Input& input) const {
    CsvScanner scanner(input, dialect_.delimiter, dialect_.decimal);
    const bool at_row = !dialect_.header || (scanner.next_record() && scanner.pass_record());
    return at_row && scanner.next_record() && scanner.pass_record();
  }

  std::string name_;
  CsvDialect dialect_;  // its header is false once that has been passed
  KeepBatch<T> rows_;
  std::span<const std::byte> batch_;
  bool goes_on_ = true, header_in_batch_ = false;
  RowPosition from_;
  std::size_t searched_ = 0;  // bytes that wait at the front and hold no whole record
};

/// Throws NoRecord where the sample is one record without a number: names, and the rows are to come.
void require_row(const Input& sample, const CsvDialect& dialect) {
  CsvScanner scanner(sample, dialect.delimiter, dialect.decimal);
  bool has_number = false;
  static_cast<void>(scanner.next_whole_record());  // the dialect was found from it
  do {
    std::complex<double> value;
    const auto status = parse_whole(scanner.take_field().text, dialect.decimal, value);
    has_number = has_number || status == NumberStatus::ok;
  } while (scanner.more());
  if (!has_number && !scanner.next_whole_record()) {
    throw NoRecord(sample.name() + ": the table has a header and no row of numbers");
  }
}

}  // namespace

std::unique_ptr<RowDecoder> text_rows(const Input& sample, const ReadOptions& options,
                                      RowReading& reading, bool resumed) {
  ReadOptions how = options;
  how.format = how.format == Format::automatic ? Format::csv : how.format;
  CsvDialect dialect = detect_dialect(sample, how);
  require_row(sample, dialect);
  const std::string real = to_string(ScalarType::float64),
                    complex = to_string(ScalarType::complex128);
  if (!reading.dtype.empty() && reading.dtype != real && reading.dtype != complex) {
    throw InvalidArgument(sample.name() + ": text has rows of float64 or complex128, not of '" +
                          reading.dtype + "'");
  }
  if (reading.dtype.empty()) {
    reading.dtype = dialect.complex ? complex : real;
  }
  reading.delimiter = dialect.delimiter;
  reading.decimal = dialect.decimal;
  reading.header = dialect.header;
  reading.labels = dialect.labels;
  dialect.header = dialect.header && !resumed;
  if (reading.dtype == complex) {
    return std::make_unique<TextRows<std::complex<double>>>(sample.name(), std::move(dialect));
  }
  return std::make_unique<TextRows<double>>(sample.name(), std::move(dialect));
}

}  // namespace eckart::io
