// Rows of a dataset of HDF5: blocks of about 256 KiB, or of whole chunks where they are larger and still within what a row may take, so
// that no chunk is decompressed twice. The file says how many rows there are. It is not followed, and a saved stream does not go on in
// it: what an HDF5 file holds in its first bytes says nothing of its rows.

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>
#include <vector>

#include <eckart/error.hpp>

#include "io/file_bytes.hpp"
#include "io/hdf5.hpp"
#include "stream_files/row_opening.hpp"
#include "stream_files/row_reader_inner.hpp"
#include "stream_files/waiting_bytes.hpp"

namespace eckart::io {
namespace {

bool is_hdf5(const std::string& path) {
  std::error_code unknown;
  return std::filesystem::is_regular_file(path, unknown) && has_hdf5_signature(FileBytes(path));
}

struct Hdf5Rows final : RowReader::Inner {
  Hdf5Rows(const PathInFile& place, const RowOptions& options)
      : stop_(options.stop),
        bytes_(std::make_shared<const FileBytes>(place.path)),
        dataset_(open_hdf5(bytes_, place.member, options.max_row_bytes)) {
    if (options.follow || options.from) {
      throw InvalidArgument(bytes_->name() + (options.follow
                                                  ? ": an HDF5 file cannot be followed: its "
                                                    "rows are counted in its header"
                                                  : ": the state has rows of this file that "
                                                    "were read as another format"));
    }
    require_no_type(name(), options);
    const Hdf5Layout& layout = dataset_->layout();
    require_columns(name(), options, layout.cols);
    const auto row = static_cast<std::uint64_t>(layout.cols) * bytes_of_entry();
    const std::uint64_t fitting = options.max_row_bytes / row;
    if (fitting == 0) {
      throw OutOfMemory("a row of " + bytes_->name(), row);
    }
    const std::uint64_t wanted =
        std::min(std::max<std::uint64_t>(1, WaitingBytes::usual_size / row), fitting);
    const auto chunk = std::max(static_cast<std::uint64_t>(layout.chunk_rows), std::uint64_t{1});
    const std::uint64_t whole = std::max(wanted / chunk, std::uint64_t{1}) * chunk;
    // Where a row of chunks does not fit, the fewest pieces decompress each chunk the fewest times.
    together_ = static_cast<Index>(whole <= fitting ? whole : fitting);
  }

  Rows next() override {
    if (stop_.stop_requested()) {
      throw Cancelled();
    }
    const Hdf5Layout& layout = dataset_->layout();
    first_ = next_;
    const Index count = std::min(together_, layout.rows - next_);
    if (count == 0) {
      bytes_->require_unchanged();
      return rows_of(layout.dtype.computed, nullptr, 0, layout.cols);
    }
    next_ += count;
    const auto entries = static_cast<std::size_t>(count) * static_cast<std::size_t>(layout.cols);
    stored_.resize(units(entries * layout.dtype.entry_bytes));
    dataset_->read(
        first_, count, 0, layout.cols,
        std::as_writable_bytes(std::span(stored_)).first(entries * layout.dtype.entry_bytes));
    if (layout.dtype.is_native) {
      return rows_of(layout.dtype.computed, stored_.data(), count, layout.cols);
    }
    converted_.resize(units(entries * size_of(layout.dtype.computed)));
    layout.dtype.convert(reinterpret_cast<const std::byte*>(stored_.data()), converted_.data(),
                         entries);
    return rows_of(layout.dtype.computed, converted_.data(), count, layout.cols);
  }

  [[nodiscard]] RowPosition behind(Index count) const override { return {0, 0, first_ + count}; }
  [[nodiscard]] std::optional<RowMark> mark(const RowPosition&) const override {
    return std::nullopt;
  }
  [[nodiscard]] std::string place_of(Index row, Index col) const override {
    return dataset_->layout().dataset + "[" + std::to_string(first_ + row) + ", " +
           std::to_string(col) + "]";
  }
  [[nodiscard]] std::size_t unread() const noexcept override { return 0; }
  [[nodiscard]] Index cols() const noexcept override { return dataset_->layout().cols; }
  [[nodiscard]] ScalarType type() const noexcept override {
    return dataset_->layout().dtype.computed;
  }
  [[nodiscard]] RowFormat format() const noexcept override { return RowFormat::hdf5; }
  [[nodiscard]] const std::string& name() const noexcept override { return bytes_->name(); }

 private:
  struct alignas(16) Unit {
    std::array<std::byte, 16> bytes;
  };
  static std::size_t units(std::size_t bytes) { return (bytes + sizeof(Unit) - 1) / sizeof(Unit); }
  /// Of a row in memory, as stored and as converted.
  [[nodiscard]] std::size_t bytes_of_entry() const {
    const NpyDtype& dtype = dataset_->layout().dtype;
    return dtype.entry_bytes + (dtype.is_native ? 0 : size_of(dtype.computed));
  }

  std::stop_token stop_;
  std::shared_ptr<const FileBytes> bytes_;  // not mapped: the memory of a stream is fixed
  std::unique_ptr<const Hdf5Dataset> dataset_;
  Index together_ = 1, first_ = 0, next_ = 0;
  std::vector<Unit> stored_, converted_;
};

}  // namespace

std::unique_ptr<RowReader::Inner> RowReader::Inner::of_hdf5(const std::string& path,
                                                            const RowOptions& options) {
  const PathInFile place = split_path(path, options.text.member);
  const bool is_wanted = options.format == RowFormat::hdf5 ||
                         (options.format == RowFormat::automatic && is_hdf5(place.path));
  return is_wanted ? std::make_unique<Hdf5Rows>(place, options) : nullptr;
}

}  // namespace eckart::io
