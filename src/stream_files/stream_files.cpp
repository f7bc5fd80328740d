// RowReader: a buffer between a source of bytes and a decoder of rows.
//
//   1. The first bytes tell the format; with what of the beginning the decoder needs it is made: nothing (raw), the header (npy),
//      some lines (csv).
//   2. next(): whole rows in the buffer are decoded at once; where there is none, what is left of a row moves to the front and more is
//      read behind it. A buffer of a mebibyte grows only for a row that is longer.

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <eckart/error.hpp>
#include <eckart/stream_files.hpp>

#include "stream_files/byte_source.hpp"
#include "stream_files/row_decoder.hpp"

namespace eckart::io {
namespace {

constexpr std::size_t usual_buffer = std::size_t{1} << 20;
// What the dialect of a table is found from. It must not depend on how the bytes come, so a pipe is waited for.
constexpr std::size_t sample_bytes = std::size_t{64} << 10;
constexpr std::size_t sample_lines = 100;
constexpr std::string_view npy_magic = "\x93NUMPY";

class Buffer {
 public:
  explicit Buffer(std::uint64_t longest)
      : bytes_(usual_buffer), longest_(std::max<std::uint64_t>(longest, usual_buffer)) {}

  [[nodiscard]] std::span<const std::byte> waiting() const noexcept {
    return std::span(bytes_).subspan(begin_, end_ - begin_);
  }
  void drop(std::size_t count) noexcept { begin_ += count; }

  /// One read of the source; false at its end.
  bool fill(ByteSource& source) {
    if (begin_ > 0) {
      std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_),
                bytes_.begin() + static_cast<std::ptrdiff_t>(end_), bytes_.begin());
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ == bytes_.size()) {
      if (bytes_.size() >= longest_) {
        throw OutOfMemory("a row of " + source.name(), bytes_.size());
      }
      bytes_.resize(2 * bytes_.size());
    }
    const std::size_t got = source.read_some(std::span(bytes_).subspan(end_));
    end_ += got;
    return got > 0;
  }

 private:
  std::vector<std::byte> bytes_;
  std::uint64_t longest_;
  std::size_t begin_ = 0, end_ = 0;
};

bool is_npy_so_far(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.substr(0, npy_magic.size()) == npy_magic.substr(0, text.size());
}

/// The first lines: what is found from them does not depend on how much more has come.
std::span<const std::byte> sample_of(std::span<const std::byte> lines) {
  std::size_t end = 0;
  for (std::size_t count = 0; count < sample_lines && end < std::min(sample_bytes, lines.size());
       ++count) {
    const auto line_end =
        std::find(lines.begin() + static_cast<std::ptrdiff_t>(end), lines.end(), std::byte{'\n'});
    end = static_cast<std::size_t>(line_end - lines.begin()) + (line_end == lines.end() ? 0 : 1);
  }
  return lines.first(end);
}

}  // namespace

struct RowReader::Inner {
  Inner(const std::string& path, const RowOptions& given)
      : options(given), source(path, given.follow, given.stop), buffer(given.max_row_bytes) {}

  void open();
  void open_raw();
  void open_npy();
  void open_text();
  /// Reads until `count` bytes wait; false where the end comes before.
  bool fill_to(std::size_t count);
  void require_cols(Index has) const;

  RowOptions options;
  ByteSource source;
  Buffer buffer;
  RowFormat format = RowFormat::automatic;
  bool at_end = false;
  RowPosition position;  // of the first byte that waits
  std::unique_ptr<RowDecoder> decoder;
};

// 1.
void RowReader::Inner::open() {
  format = options.format;
  if (format == RowFormat::automatic) {
    fill_to(npy_magic.size());
    const auto bytes = buffer.waiting();
    format = bytes.size() >= npy_magic.size() && is_npy_so_far(bytes) ? RowFormat::npy
             : options.cols > 0                                       ? RowFormat::raw
                                                                      : RowFormat::csv;
  }
  switch (format) {
    case RowFormat::raw:
      open_raw();
      break;
    case RowFormat::npy:
      open_npy();
      break;
    case RowFormat::automatic:
    case RowFormat::csv:
      open_text();
  }
  const std::uint64_t row = static_cast<std::uint64_t>(decoder->cols()) * size_of(decoder->type());
  if (row > options.max_row_bytes) {
    throw OutOfMemory("a row of " + source.name(), row);
  }
}

bool RowReader::Inner::fill_to(std::size_t count) {
  while (!at_end && buffer.waiting().size() < count) {
    at_end = !buffer.fill(source);
  }
  return buffer.waiting().size() >= count;
}

void RowReader::Inner::require_cols(Index has) const {
  if (has < 1) {
    throw FormatError(source.name() + ": its rows have no entries");
  }
  if (options.cols > 0 && options.cols != has) {
    throw FormatError(source.name() + ": rows of " + std::to_string(has) + " entries where " +
                      std::to_string(options.cols) + " were asked for");
  }
}

void RowReader::Inner::open_raw() {
  if (options.cols < 1) {
    throw InvalidArgument(source.name() +
                          ": raw rows do not say how long they are; give the number of columns");
  }
  const NpyDtype dtype = dtype_named(options.dtype);
  if (options.from.bytes > 0) {
    buffer.drop(buffer.waiting().size());
    source.seek(options.from.bytes);
    at_end = false;
    position = options.from;
  }
  decoder = binary_rows(source.name(), options.cols, dtype, -1, 0);
}

void RowReader::Inner::open_npy() {
  if (!options.dtype.empty()) {
    throw InvalidArgument(source.name() + ": an npy file says its type itself; leave out '" +
                          options.dtype + "'");
  }
  // The length of the header stands in its first bytes, so the parser knows when it has not been shown enough.
  NpyHeader header;
  for (std::size_t want = 128;; want *= 2) {
    const bool all = fill_to(want);
    const Input input = Input::in_memory(source.name(), buffer.waiting());
    InputStream known(input);
    try {
      header = parse_npy_header(known);
      break;
    } catch (const FormatError&) {
      if (!all || want > usual_buffer) {
        throw;
      }
    }
  }
  require_cols(header.cols);
  if (header.fortran_order && header.rows > 1 && header.cols > 1) {
    fail_at_byte(source.name(), 0,
                 "the array is stored column after column and cannot be read row by row; save it "
                 "row-major: numpy.save(name, numpy.ascontiguousarray(a))");
  }
  buffer.drop(static_cast<std::size_t>(header.data_begin));
  position.bytes = header.data_begin;
  Index done = 0;
  if (options.from.bytes > header.data_begin) {
    buffer.drop(buffer.waiting().size());
    source.seek(options.from.bytes);
    at_end = false;
    position = options.from;
    done = static_cast<Index>((options.from.bytes - header.data_begin) /
                              (static_cast<std::uint64_t>(header.cols) * header.dtype.entry_bytes));
  }
  decoder = binary_rows(source.name(), header.cols, header.dtype, header.rows,
                        std::min(done, header.rows));
}

void RowReader::Inner::open_text() {
  const auto lines_waiting = [this] {
    const auto bytes = buffer.waiting();
    return static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), std::byte{'\n'}));
  };
  // Of a file that is followed what it has is enough, if that is a header and a row.
  const std::size_t enough = options.follow && source.is_file() ? 2 : sample_lines;
  while (!at_end && lines_waiting() < enough &&
         (buffer.waiting().size() < sample_bytes || whole_lines(buffer.waiting()) == 0)) {
    at_end = !buffer.fill(source);
  }
  const auto bytes = buffer.waiting();
  const bool resumed = options.from.bytes > 0;
  decoder = text_rows(source.name(), sample_of(at_end ? bytes : bytes.first(whole_lines(bytes))),
                      options, resumed);
  require_cols(decoder->cols());
  if (resumed) {
    buffer.drop(buffer.waiting().size());
    source.seek(options.from.bytes);
    at_end = false;
    position = options.from;
  }
}

RowReader::RowReader(const std::string& path, const RowOptions& options)
    : inner_(std::make_unique<Inner>(path, options)) {
  inner_->open();
}
RowReader::RowReader(RowReader&&) noexcept = default;
RowReader& RowReader::operator=(RowReader&&) noexcept = default;
RowReader::~RowReader() = default;

// 2.
Rows RowReader::next() {
  Inner& in = *inner_;
  const auto rows_of = [&in](const Decoded& d) {
    return with_scalar_type(in.decoder->type(), [&]<class T>() -> AnyView {
      return MatrixView<const T>(static_cast<const T*>(d.data), d.rows, in.decoder->cols(),
                                 Layout::row_major);
    });
  };
  for (;;) {
    const auto bytes = in.buffer.waiting();
    if (!bytes.empty() && !in.decoder->is_complete()) {
      const Decoded decoded = in.decoder->decode(bytes, in.position, in.at_end);
      // All that was decoded is passed, blank lines and comments too.
      in.position = decoded.used > 0 ? in.decoder->behind(decoded.rows) : in.position;
      in.buffer.drop(decoded.used);
      if (decoded.rows > 0) {
        return {rows_of(decoded)};
      }
    }
    if (in.decoder->is_complete() || in.at_end) {
      in.decoder->require_end(in.buffer.waiting(), in.position);
      return {rows_of({})};
    }
    in.at_end = !in.buffer.fill(in.source);
  }
}

RowPosition RowReader::behind(Index count) const {
  return inner_->decoder->behind(count);
}
Index RowReader::cols() const noexcept {
  return inner_->decoder->cols();
}
std::string RowReader::dtype() const {
  return to_string(inner_->decoder->type());
}
RowFormat RowReader::format() const noexcept {
  return inner_->format;
}
const std::string& RowReader::name() const noexcept {
  return inner_->source.name();
}
bool RowReader::is_file() const noexcept {
  return inner_->source.is_file();
}

Index Rows::count() const noexcept {
  return std::visit([](const auto& rows) { return rows.rows(); }, view);
}

}  // namespace eckart::io
