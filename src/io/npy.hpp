#pragma once

// The npy format: one array of numbers behind a small header.
//
//   bytes 0-5   \x93NUMPY
//   bytes 6-7   version: 1.0, 2.0 or 3.0
//   then        length of the header text: 2 bytes (version 1) or 4, least significant first
//   then        the header text: a Python dict of 'descr' (type string), 'fortran_order' (bool)
//               and 'shape' (tuple)
//   then        the entries without gaps, row-major, or column-major where fortran_order is True
//
// Source: NumPy, numpy/lib/format.py, NEP 1. The header is read by a strict parser of exactly that
// dict; nothing is ever evaluated. An array of either order is read straight through into a Matrix
// of the same layout: one pass, no transposition.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <eckart/io.hpp>

#include "io/byte_stream.hpp"
#include "io/npy_dtype.hpp"

namespace eckart::io {

struct NpyHeader {
  std::string type;  // the type string as it stands
  NpyDtype dtype;
  bool fortran_order = false;
  std::vector<Index> shape;
  std::uint64_t data_begin = 0;  // byte of the first entry

  Index rows = 0, cols = 0;  // of the matrix: no dimension is 1 x 1, one is a column
  std::uint64_t data_bytes = 0;

  [[nodiscard]] Layout layout() const noexcept;
  [[nodiscard]] Description description() const;
};

/// Reads the header and checks that the shape is a matrix's. The stream may be one that does not know its size.
[[nodiscard]] NpyHeader parse_npy_header(ByteStream& stream);

/// Reads the header, checks that the shape is a matrix's and that the entries fill the rest of the
/// stream exactly.
[[nodiscard]] NpyHeader read_npy_header(ByteStream& stream);

/// The array of a stream that stands at its first byte.
[[nodiscard]] MatrixFile read_npy_stream(ByteStream& stream, const ReadOptions& options);

/// Where an array's bytes go, a piece at a time.
using ByteSink = std::function<void(std::span<const std::byte>)>;

/// Writes version 1.0 in the machine's byte order: column-major views with fortran_order True,
/// row-major ones with False, other strides gathered a line at a time. A vector (rows or cols is 1)
/// gets one dimension.
void write_npy_array(const AnyView& a, bool is_vector, const ByteSink& sink);

}  // namespace eckart::io
