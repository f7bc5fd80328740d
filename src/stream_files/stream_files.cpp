// RowReader: bytes that wait, and a decoder that makes rows of them.
//
//   1. The beginning of the file tells how its rows are read (row_opening.cpp).
//   2. next(): whole rows among the bytes that wait are decoded at once; where there is none, more is read.

#include <algorithm>
#include <utility>

#include <eckart/error.hpp>
#include <eckart/stream_files.hpp>

#include "stream_files/row_opening.hpp"

namespace eckart::io {

struct RowReader::Inner {
  Inner(const std::string& path, const RowOptions& given)
      : growing(given.growing),
        bytes(path, given.follow, given.stop, given.max_row_bytes),
        rows(open_rows(bytes, given)) {}

  /// A last row may still get its end. An npy file's header says how many rows there are.
  [[nodiscard]] bool may_grow() const noexcept {
    return growing && bytes.source().is_file() && rows.reading.format != RowFormat::npy;
  }

  bool growing;
  WaitingBytes bytes;
  OpenedRows rows;
};

// 1.
RowReader::RowReader(const std::string& path, const RowOptions& options)
    : inner_(std::make_unique<Inner>(path, options)) {}
RowReader::RowReader(RowReader&&) noexcept = default;
RowReader& RowReader::operator=(RowReader&&) noexcept = default;
RowReader::~RowReader() = default;

// 2.
Rows RowReader::next() {
  Inner& in = *inner_;
  RowDecoder& decoder = *in.rows.decoder;
  const auto rows_of = [&decoder](const Decoded& d) {
    return with_scalar_type(decoder.type(), [&]<class T>() -> AnyView {
      return MatrixView<const T>(static_cast<const T*>(d.data), d.rows, decoder.cols(),
                                 Layout::row_major);
    });
  };
  for (;;) {
    const auto waiting = in.bytes.all();
    if (!waiting.empty() && !decoder.is_complete()) {
      const bool is_last = in.bytes.at_end() && !in.may_grow();
      const Decoded decoded = decoder.decode(waiting, in.rows.position, is_last);
      in.bytes.drop(static_cast<std::size_t>(decoded.behind.bytes - in.rows.position.bytes));
      in.rows.position = decoded.behind;
      if (decoded.rows > 0) {
        return {rows_of(decoded)};
      }
    }
    if (decoder.is_complete() || in.bytes.at_end()) {
      if (!in.may_grow()) {
        decoder.require_end(in.bytes.all(), in.rows.position);
      }
      return {rows_of({})};
    }
    in.bytes.fill();
  }
}

RowPosition RowReader::behind(Index count) const {
  return inner_->rows.decoder->behind(count);
}
std::optional<RowMark> RowReader::mark(const RowPosition& position) const {
  const ByteSource& source = inner_->bytes.source();
  if (!source.is_file()) {
    return std::nullopt;
  }
  const auto checksum = source.checksum_before(position.bytes);
  if (!checksum) {
    throw FileError(source.name() + ": was cut short while it was read");
  }
  if (source.has_changed_before(position.bytes)) {
    throw FileError(
        source.name() +
        ": its beginning has changed since it was read; was it cut short and written anew?");
  }
  return RowMark{position, inner_->rows.reading, *checksum};
}
std::string RowReader::place_of(Index row, Index col) const {
  return inner_->rows.decoder->place_of(row, col);
}
std::size_t RowReader::unread() const noexcept {
  return inner_->may_grow() && inner_->bytes.source().is_at_end() ? inner_->bytes.all().size() : 0;
}
Index RowReader::cols() const noexcept {
  return inner_->rows.decoder->cols();
}
std::string RowReader::dtype() const {
  return to_string(inner_->rows.decoder->type());
}
RowFormat RowReader::format() const noexcept {
  return inner_->rows.reading.format;
}
const std::string& RowReader::name() const noexcept {
  return inner_->bytes.source().name();
}

const char* to_string(RowFormat format) noexcept {
  constexpr const char* names[] = {"automatic", "raw", "csv", "npy"};
  return names[static_cast<int>(format)];
}

Index Rows::count() const noexcept {
  return std::visit([](const auto& rows) { return rows.rows(); }, view);
}

}  // namespace eckart::io
