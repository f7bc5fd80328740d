#pragma once

// From bytes to rows: binary ones (raw, npy) and text.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <eckart/stream_files.hpp>

#include "io/npy.hpp"
#include "io/scalar_type.hpp"

namespace eckart::io {

/// What a decoder made of the bytes it was shown.
struct Decoded {
  RowPosition behind;  // these rows, and what stood between them: bytes up to here are done with
  Index rows = 0;      // whole ones
  const void* data = nullptr;  // row-major; valid until the next call
};

class RowDecoder {
 public:
  virtual ~RowDecoder() = default;

  /// All whole rows at the beginning of `bytes`, which stand at `from` of the file. `at_end`: nothing comes behind them. Throws
  /// FormatError for what is no row once it comes first: the rows before it are returned before.
  [[nodiscard]] virtual Decoded decode(std::span<const std::byte> bytes, RowPosition from,
                                       bool at_end) = 0;

  /// The place behind the first `count` rows of what was decoded last.
  [[nodiscard]] virtual RowPosition behind(Index count) const = 0;

  /// Where an entry of what was decoded last stands in the file, both counted from 0: "line 4, column 3", "byte 256".
  [[nodiscard]] virtual std::string place_of(Index row, Index col) const = 0;

  /// Nothing more is wanted, whatever follows: an npy file has as many rows as its header says.
  [[nodiscard]] virtual bool is_complete() const { return false; }

  /// Throws FormatError where the bytes that are left at the end, at `from`, are no whole row.
  virtual void require_end(std::span<const std::byte> left, RowPosition from) const = 0;

  [[nodiscard]] Index cols() const noexcept { return cols_; }
  [[nodiscard]] ScalarType type() const noexcept { return type_; }

 protected:
  RowDecoder(Index cols, ScalarType type) : cols_(cols), type_(type) {}

 private:
  Index cols_;
  ScalarType type_;
};

/// Entries of `dtype` without gaps. `rows` < 0: until the end; `done` of them came before.
[[nodiscard]] std::unique_ptr<RowDecoder> binary_rows(std::string name, Index cols,
                                                      const NpyDtype& dtype, Index rows,
                                                      Index done);

/// The type that RowOptions::dtype names; throws InvalidArgument.
[[nodiscard]] NpyDtype dtype_named(const std::string& text);

/// Records of a table that begins with `sample`. `reading` says how they are read, in what it leaves open as the sample tells, and is
/// completed. `resumed`: the header, if there is one, was read before. Throws NoRecord where the sample has no whole row.
[[nodiscard]] std::unique_ptr<RowDecoder> text_rows(const Input& sample, const ReadOptions& options,
                                                    RowReading& reading, bool resumed);

}  // namespace eckart::io
