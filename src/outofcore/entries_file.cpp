#include "outofcore/entries_file.hpp"

#include <algorithm>

#include <eckart/error.hpp>

#include "io/npy.hpp"

namespace eckart::outofcore {
EntriesFile::EntriesFile(const std::string& path, const std::string& member, std::uint64_t memory) {
  const io::PathInFile place = io::split_path(path, member);
  bytes_ = std::make_shared<const io::FileBytes>(place.path);
  if (io::has_hdf5_signature(*bytes_)) {
    open_dataset(place.member, memory);
  } else {
    open_npy();
  }
}

void EntriesFile::open_npy() {
  io::FileStream sequence(*bytes_);
  const io::NpyHeader header = io::read_npy_header(sequence);
  type_ = header.type;
  dtype_ = header.dtype;
  begin_ = header.data_begin;
  set_shape(header.rows, header.cols,
            header.fortran_order ? Layout::column_major : Layout::row_major);
}

void EntriesFile::open_dataset(const std::string& member, std::uint64_t memory) {
  chunks_ = io::open_hdf5(bytes_, member, memory);
  const io::Hdf5Layout layout = chunks_->layout();
  type_ = layout.stored_type();
  dtype_ = layout.dtype;
  const bool tall_chunks =
      layout.chunk_rows > 0 &&
      static_cast<double>(layout.chunk_rows) * static_cast<double>(layout.cols) >
          static_cast<double>(layout.chunk_cols) * static_cast<double>(layout.rows);
  set_shape(layout.rows, layout.cols, tall_chunks ? Layout::column_major : Layout::row_major);
  lines_together_ = std::max<Index>(1, has_rows_ ? layout.chunk_rows : layout.chunk_cols);
  if (layout.begin) {
    begin_ = *layout.begin;
    chunks_.reset();
  }
}

EntriesFile::EntriesFile(const std::string& path, const RawMatrix& raw, const std::string& shown)
    : type_(raw.type) {
  const std::string wrong = io::parse_npy_dtype(raw.type, dtype_);
  if (!wrong.empty()) {
    throw InvalidArgument(wrong);
  }
  Index entries = 0, bytes = 0, end = 0;
  if (raw.rows < 0 || raw.cols < 0 || __builtin_mul_overflow(raw.rows, raw.cols, &entries) ||
      __builtin_mul_overflow(entries, static_cast<Index>(dtype_.entry_bytes), &bytes) ||
      __builtin_add_overflow(bytes, raw.offset, &end)) {
    throw InvalidArgument("a raw matrix of " + std::to_string(raw.rows) + " x " +
                          std::to_string(raw.cols) + " entries from byte " +
                          std::to_string(raw.offset) + " on is none that a file can hold");
  }
  bytes_ = std::make_shared<const io::FileBytes>(path, shown);
  begin_ = raw.offset;
  set_shape(raw.rows, raw.cols, raw.layout);
  if (static_cast<std::uint64_t>(end) > bytes_->size()) {
    io::fail_at_byte(name(), bytes_->size(),
                     "the file ends inside the entries: " + std::to_string(raw.rows) + " x " +
                         std::to_string(raw.cols) + " of type '" + raw.type + "' from byte " +
                         std::to_string(raw.offset) + " on need " + std::to_string(end) + " bytes");
  }
}

void EntriesFile::set_shape(Index rows, Index cols, Layout layout) {
  rows_ = rows;
  cols_ = cols;
  has_rows_ = cols == 1 || (rows != 1 && layout == Layout::row_major);
}

std::uint64_t EntriesFile::line_bytes() const noexcept {
  return static_cast<std::uint64_t>(length()) * dtype_.entry_bytes;
}

std::uint64_t EntriesFile::bytes() const noexcept {
  return static_cast<std::uint64_t>(lines()) * line_bytes();
}

Layout EntriesFile::block_layout() const noexcept {
  if (length() <= 1) {  // one column, or one row, without strides that look like both
    return has_rows_ ? Layout::column_major : Layout::row_major;
  }
  return has_rows_ || chunks_ ? Layout::row_major : Layout::column_major;
}

std::string EntriesFile::place_of(Index line, Index inside) const {
  const std::uint64_t byte =
      byte_of(line) + static_cast<std::uint64_t>(inside) * dtype_.entry_bytes;
  return chunks_ ? "" : "byte " + std::to_string(byte);
}

void EntriesFile::read(Index line, std::span<std::byte> to) const {
  if (!chunks_) {
    bytes_->read(byte_of(line), to);
    return;
  }
  const auto count = static_cast<Index>(to.size() / line_bytes());
  if (has_rows_) {
    chunks_->read(line, count, 0, cols_, to);
  } else {
    chunks_->read(0, rows_, line, count, to);
  }
}

void EntriesFile::forget(Index line, Index count) const noexcept {
  if (!chunks_) {
    bytes_->forget(byte_of(line), static_cast<std::uint64_t>(count) * line_bytes());
  }
}

}  // namespace eckart::outofcore
