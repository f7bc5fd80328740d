// RowReader: bytes that wait, and a decoder that makes rows of them.
//
//   1. The beginning of the file tells how its rows are read (row_opening.cpp). Rows of HDF5, and those of an npy file of columns, come
//      other ways (hdf5_rows.cpp, column_rows.cpp).
//   2. next(): whole rows among the bytes that wait are decoded at once; where there is none, more is read.

#include <algorithm>
#include <utility>

#include <eckart/error.hpp>
#include <eckart/stream_files.hpp>

#include "stream_files/row_opening.hpp"
#include "stream_files/row_reader_inner.hpp"

namespace eckart::io {

namespace {

struct ByteRows final : RowReader::Inner {
  ByteRows(const std::string& path, const RowOptions& given)
      : growing(given.growing),
        bytes(path, given.follow, given.stop, given.max_row_bytes),
        rows(open_rows(bytes, given)) {}

  /// A last row may still get its end. An npy file's header says how many rows there are.
  [[nodiscard]] bool may_grow() const noexcept {
    return growing && bytes.source().is_file() && rows.reading.format != RowFormat::npy;
  }

  Rows next() override;
  void set_idle(std::function<void()> idle) override { bytes.set_idle(std::move(idle)); }
  [[nodiscard]] RowPosition behind(Index count) const override {
    return rows.decoder->behind(count);
  }
  [[nodiscard]] std::optional<RowMark> mark(const RowPosition& position) const override;
  [[nodiscard]] std::string place_of(Index row, Index col) const override {
    return rows.decoder->place_of(row, col);
  }
  [[nodiscard]] std::size_t unread() const noexcept override {
    return may_grow() && bytes.source().is_at_end() ? bytes.all().size() : 0;
  }
  [[nodiscard]] Index cols() const noexcept override { return rows.decoder->cols(); }
  [[nodiscard]] ScalarType type() const noexcept override { return rows.decoder->type(); }
  [[nodiscard]] RowFormat format() const noexcept override { return rows.reading.format; }
  [[nodiscard]] const std::string& name() const noexcept override { return bytes.source().name(); }

  bool growing;
  WaitingBytes bytes;
  OpenedRows rows;
};

// 2.
Rows ByteRows::next() {
  RowDecoder& decoder = *rows.decoder;
  const auto rows_decoded = [&decoder](const Decoded& d) {
    return rows_of(decoder.type(), d.data, d.rows, decoder.cols());
  };
  for (;;) {
    const auto waiting = bytes.all();
    if (!waiting.empty() && !decoder.is_complete()) {
      const bool is_last = bytes.at_end() && !may_grow();
      const Decoded decoded = decoder.decode(waiting, rows.position, is_last);
      bytes.drop(static_cast<std::size_t>(decoded.behind.bytes - rows.position.bytes));
      rows.position = decoded.behind;
      if (decoded.rows > 0) {
        return rows_decoded(decoded);
      }
    }
    if (decoder.is_complete() || bytes.at_end()) {
      if (!may_grow()) {
        decoder.require_end(bytes.all(), rows.position);
      }
      return rows_decoded({});
    }
    bytes.fill();
  }
}

std::optional<RowMark> ByteRows::mark(const RowPosition& position) const {
  const ByteSource& source = bytes.source();
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
  return RowMark{position, rows.reading, *checksum};
}

}  // namespace

// 1.
RowReader::RowReader(const std::string& path, const RowOptions& options)
    : inner_(Inner::of_hdf5(path, options)) {
  if (!inner_) {
    inner_ = Inner::of_columns(path, options);
  }
  if (!inner_) {
    inner_ = std::make_unique<ByteRows>(path, options);
  }
}
RowReader::RowReader(RowReader&&) noexcept = default;
RowReader& RowReader::operator=(RowReader&&) noexcept = default;
RowReader::~RowReader() = default;

Rows RowReader::next() {
  return inner_->next();
}
void RowReader::set_idle(std::function<void()> idle) {
  inner_->set_idle(std::move(idle));
}
RowPosition RowReader::behind(Index count) const {
  return inner_->behind(count);
}
std::optional<RowMark> RowReader::mark(const RowPosition& position) const {
  return inner_->mark(position);
}
std::string RowReader::place_of(Index row, Index col) const {
  return inner_->place_of(row, col);
}
std::size_t RowReader::unread() const noexcept {
  return inner_->unread();
}
Index RowReader::cols() const noexcept {
  return inner_->cols();
}
std::string RowReader::dtype() const {
  return to_string(inner_->type());
}
RowFormat RowReader::format() const noexcept {
  return inner_->format();
}
const std::string& RowReader::name() const noexcept {
  return inner_->name();
}

const char* to_string(RowFormat format) noexcept {
  constexpr const char* names[] = {"automatic", "raw", "csv", "npy", "hdf5"};
  return names[static_cast<int>(format)];
}

Index Rows::count() const noexcept {
  return std::visit([](const auto& rows) { return rows.rows(); }, view);
}

}  // namespace eckart::io
