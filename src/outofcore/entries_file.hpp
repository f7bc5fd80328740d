#pragma once

// A file of entries: where they stand, and reading them a block of lines at a time.
//
// Lines are what the file holds in one piece: rows in C order, columns in Fortran order. A matrix with one row or one column has lines
// of one entry, so that no line is as long as the file. A dataset of HDF5 in one piece is a file like any other in C order. One in
// chunks is read by rows, or by columns where fewer bytes make whole chunks that way: a chunk that is read in two parts is
// decompressed twice. Either way the entries of a block of it come row by row.
//
// The file is looked at again after every pass: its size, and the time it was changed, are what they were when it was opened, or the
// pass has read two files mixed up and says so.

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <eckart/file_operator.hpp>

#include "io/file_bytes.hpp"
#include "io/hdf5.hpp"
#include "io/npy_dtype.hpp"

namespace eckart::outofcore {

class EntriesFile {
 public:
  /// npy or HDF5; `member` and `memory`, which bounds a chunk, are about the latter.
  EntriesFile(const std::string& path, const std::string& member, std::uint64_t memory);
  /// Under another name than the path's, where there is one.
  EntriesFile(const std::string& path, const RawMatrix& raw, const std::string& shown = {});

  [[nodiscard]] const std::string& name() const noexcept { return bytes_->name(); }
  [[nodiscard]] const std::string& type() const noexcept { return type_; }
  [[nodiscard]] const io::NpyDtype& dtype() const noexcept { return dtype_; }
  [[nodiscard]] Index rows() const noexcept { return rows_; }
  [[nodiscard]] Index cols() const noexcept { return cols_; }

  [[nodiscard]] bool has_rows() const noexcept { return has_rows_; }
  [[nodiscard]] Index lines() const noexcept { return has_rows_ ? rows_ : cols_; }
  [[nodiscard]] Index length() const noexcept { return has_rows_ ? cols_ : rows_; }
  [[nodiscard]] std::uint64_t line_bytes() const noexcept;
  [[nodiscard]] std::uint64_t bytes() const noexcept;
  /// Entries are decompressed, or at least put together from chunks, each time.
  [[nodiscard]] bool is_decoded() const noexcept { return chunks_ != nullptr; }
  /// Lines of a chunk: blocks are multiples of it where they can be.
  [[nodiscard]] Index lines_together() const noexcept { return lines_together_; }
  /// How the entries of a block of whole rows or columns lie.
  [[nodiscard]] Layout block_layout() const noexcept;

  /// Where entry `inside` of a line stands: "byte 4096"; empty where it stands in a chunk.
  [[nodiscard]] std::string place_of(Index line, Index inside) const;

  /// Fills `to` with whole lines from `line` on. Throws FormatError where the file ends, FileError where it cannot be read.
  void read(Index line, std::span<std::byte> to) const;
  /// Throws FileError when the file is not the one that was opened.
  void require_unchanged() const { bytes_->require_unchanged(); }
  /// `count` lines from `line` on need not stay in the system's cache.
  void forget(Index line, Index count) const noexcept;

 private:
  void open_npy();
  void open_dataset(const std::string& member, std::uint64_t memory);
  void set_shape(Index rows, Index cols, Layout layout);
  [[nodiscard]] std::uint64_t byte_of(Index line) const noexcept {
    return begin_ + static_cast<std::uint64_t>(line) * line_bytes();
  }

  std::shared_ptr<const io::FileBytes> bytes_;
  std::unique_ptr<const io::Hdf5Dataset> chunks_;  // of what does not lie in one piece
  std::string type_;
  io::NpyDtype dtype_;
  Index rows_ = 0, cols_ = 0, lines_together_ = 1;
  bool has_rows_ = true;
  std::uint64_t begin_ = 0;
};

}  // namespace eckart::outofcore
