// Rows of an npy file that is stored column after column (Fortran order): a block of rows is a piece of every column.
//
//   file     column 0: a_00 a_10 a_20 ...   column 1: a_01 a_11 ...
//   block    rows i ... i + c - 1 of each column, read where they stand, and turned into rows
//
// With c rows of some 4 MiB the pieces are as long as a page of the system's cache for up to 1000 columns, so that a page is read once; of
// more columns they are shorter, and it is the cache that keeps the pages from block to block. The file has to be one that can be
// read anywhere: from a pipe rows come in C order only. What a saved stream remembers of it is the whole file and the rows that it had.

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include <eckart/error.hpp>

#include "io/file_bytes.hpp"
#include "io/npy.hpp"
#include "stream_files/byte_source.hpp"
#include "stream_files/row_opening.hpp"
#include "stream_files/row_reader_inner.hpp"

namespace eckart::io {
namespace {

constexpr std::uint64_t block_bytes = std::uint64_t{4} << 20;

/// The header of an npy file that has columns; nothing for every other file, and for what is wrong with this one elsewhere.
std::optional<NpyHeader> header_of_columns(const std::string& path, const RowOptions& options) {
  std::error_code unknown;
  if ((options.format != RowFormat::automatic && options.format != RowFormat::npy) || path == "-" ||
      !std::filesystem::is_regular_file(path, unknown)) {
    return std::nullopt;
  }
  const FileBytes bytes(path);
  FileStream stream(bytes);
  try {
    const NpyHeader header = parse_npy_header(stream);
    return header.fortran_order && header.rows > 1 && header.cols > 1 ? std::optional(header)
                                                                      : std::nullopt;
  } catch (const FormatError&) {
    return std::nullopt;
  }
}

class ColumnRows final : public RowReader::Inner {
  template <Scalar T>
  MatrixView<const T> read(Index count) {
    const auto entries = static_cast<std::size_t>(count);
    piece_.resize(entries * header_.dtype.entry_bytes);
    column_.resize(entries * sizeof(T));
    rows_.resize(entries * static_cast<std::size_t>(header_.cols) * sizeof(T));
    T* const column = reinterpret_cast<T*>(column_.data());
    T* const rows = reinterpret_cast<T*>(rows_.data());
    for (Index j = 0; j < header_.cols && count > 0; ++j) {
      bytes_.read(byte_of(first_, j), piece_);
      header_.dtype.convert(piece_.data(), column, entries);
      for (Index i = 0; i < count; ++i) {
        rows[i * header_.cols + j] = column[i];
      }
    }
    return {rows, count, header_.cols, Layout::row_major};
  }

 public:
  ColumnRows(const std::string& path, NpyHeader header, const RowOptions& options)
      : path_(path), header_(std::move(header)), stop_(options.stop), bytes_(path) {
    require_fitting(options);
    if (header_.data_bytes > bytes_.size() - header_.data_begin) {
      fail_at_byte(name(), bytes_.size(),
                   "the file ends inside the array: " + std::to_string(header_.rows) + " x " +
                       std::to_string(header_.cols) + " entries need " +
                       std::to_string(header_.data_bytes) + " bytes behind the header");
    }
    const std::uint64_t row =
        static_cast<std::uint64_t>(header_.cols) * size_of(header_.dtype.computed);
    if (row > options.max_row_bytes) {
      throw OutOfMemory("a row of " + name(), row);
    }
    together_ = static_cast<Index>(std::max<std::uint64_t>(
        1, std::min(block_bytes, options.max_row_bytes) / std::max<std::uint64_t>(1, row)));
    if (options.from) {
      next_ = std::min(options.from->position.rows, header_.rows);
    }
  }

  Rows next() override {
    if (stop_.stop_requested()) {
      throw Cancelled();
    }
    first_ = next_;
    const Index count = std::min(together_, header_.rows - next_);
    if (count == 0) {
      bytes_.require_unchanged();
    }
    next_ += count;
    return {with_scalar_type(header_.dtype.computed,
                             [&]<class T>() -> AnyView { return read<T>(count); })};
  }

  [[nodiscard]] RowPosition behind(Index count) const override {
    return {bytes_.size(), 0, first_ + count};
  }
  [[nodiscard]] std::optional<RowMark> mark(const RowPosition& position) const override {
    const auto checksum = ByteSource(path_, false, {}).checksum_before(position.bytes);
    if (!checksum) {
      throw FileError(name() + ": was cut short while it was read");
    }
    return RowMark{position,
                   {.format = RowFormat::npy, .dtype = to_string(header_.dtype.computed)},
                   *checksum};
  }
  [[nodiscard]] std::string place_of(Index row, Index col) const override {
    return "byte " + std::to_string(byte_of(first_ + row, col));
  }
  [[nodiscard]] std::size_t unread() const noexcept override { return 0; }
  [[nodiscard]] Index cols() const noexcept override { return header_.cols; }
  [[nodiscard]] ScalarType type() const noexcept override { return header_.dtype.computed; }
  [[nodiscard]] RowFormat format() const noexcept override { return RowFormat::npy; }
  [[nodiscard]] const std::string& name() const noexcept override { return bytes_.name(); }

 private:
  void require_fitting(const RowOptions& options) const {
    require_no_type(name(), options);
    require_columns(name(), options, header_.cols);
    if (options.from && options.from->position.rows > 0) {
      require_same_past(ByteSource(path_, false, {}), *options.from);
    }
  }

  [[nodiscard]] std::uint64_t byte_of(Index row, Index col) const noexcept {
    return header_.data_begin +
           static_cast<std::uint64_t>(col * header_.rows + row) * header_.dtype.entry_bytes;
  }

  std::string path_;
  NpyHeader header_;
  std::stop_token stop_;
  FileBytes bytes_;
  Index together_ = 1, first_ = 0, next_ = 0;
  std::vector<std::byte> piece_, column_, rows_;
};

}  // namespace

std::unique_ptr<RowReader::Inner> RowReader::Inner::of_columns(const std::string& path,
                                                               const RowOptions& options) {
  std::optional<NpyHeader> header = header_of_columns(path, options);
  return header ? std::make_unique<ColumnRows>(path, std::move(*header), options) : nullptr;
}

}  // namespace eckart::io
