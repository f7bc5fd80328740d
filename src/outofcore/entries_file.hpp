#pragma once

// A file of entries: where they stand, and reading them without ever mapping them.
//
// Lines are what the file holds in one piece: rows in C order, columns in Fortran order. A matrix with one row or one column has lines
// of one entry, so that no line is as long as the file.
//
// The file is looked at again after every pass: its size, and the time it was changed, are what they were when it was opened, or the
// pass has read two files mixed up and says so.

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <span>
#include <string>

#include <eckart/file_operator.hpp>

#include "io/npy_dtype.hpp"

namespace eckart::outofcore {

class EntriesFile {
 public:
  explicit EntriesFile(const std::string& npy);
  EntriesFile(const std::string& path, const RawMatrix& raw);
  ~EntriesFile();
  EntriesFile(const EntriesFile&) = delete;
  EntriesFile& operator=(const EntriesFile&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& type() const noexcept { return type_; }
  [[nodiscard]] const io::NpyDtype& dtype() const noexcept { return dtype_; }
  [[nodiscard]] Index rows() const noexcept { return rows_; }
  [[nodiscard]] Index cols() const noexcept { return cols_; }

  [[nodiscard]] bool has_rows() const noexcept { return has_rows_; }
  [[nodiscard]] Index lines() const noexcept { return has_rows_ ? rows_ : cols_; }
  [[nodiscard]] Index length() const noexcept { return has_rows_ ? cols_ : rows_; }
  [[nodiscard]] std::uint64_t line_bytes() const noexcept;
  [[nodiscard]] std::uint64_t bytes() const noexcept;
  /// Byte of the file at which entry i of all stands.
  [[nodiscard]] std::uint64_t byte_of(Index entry) const noexcept;

  /// Fills `to` from the beginning of `line` on. Throws FormatError where the file ends, FileError where it cannot be read.
  void read(Index line, std::span<std::byte> to) const;
  /// Throws FileError when the file is not the one that was opened.
  void require_unchanged() const;
  /// `count` lines from `line` on need not stay in the system's cache.
  void forget(Index line, Index count) const noexcept;

 private:
  struct State {
    std::uint64_t size = 0;
    std::timespec changed = {};
  };
  void open(const std::string& path);
  void set_shape(Index rows, Index cols, Layout layout);
  [[nodiscard]] State state() const;
  [[noreturn]] void fail_to_read(std::uint64_t byte) const;

  std::string name_, type_;
  int file_ = -1;
  State opened_;
  io::NpyDtype dtype_;
  Index rows_ = 0, cols_ = 0;
  bool has_rows_ = true;
  std::uint64_t begin_ = 0;
};

}  // namespace eckart::outofcore
