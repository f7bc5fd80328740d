#pragma once

// HDF5: a file of groups and datasets, of which one dataset of one or two dimensions is the matrix.
//
// Read through the HDF5 library where Eckart was built with it (src/io/hdf5), written without it (hdf5_writer.cpp). Entries are read
// as they are stored and converted by the rules for npy files (npy_dtype.hpp), whose type strings name them.
//
//   IEEE floats of 2, 4, 8 bytes, x87's 16; integers of 1 to 8 bytes; both byte orders    "<f8", ">i2" ...
//   the enumeration FALSE, TRUE over one byte, as h5py stores bool                       "|b1"
//   a compound of two equal floats r, i (also re, im; real, imag) without gaps             "<c16" ...
//
// What is not read, with a message that says so: datasets of more dimensions, of text, references and records; compression other
// than gzip (with shuffle and Fletcher's checksum); entries in other files, be it by external storage, virtual datasets or links.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <eckart/io.hpp>

#include "io/npy_dtype.hpp"
#include "io/output_file.hpp"
#include "io/random_bytes.hpp"

namespace eckart::io {

inline constexpr std::string_view hdf5_signature = "\x89HDF\r\n\x1a\n";

/// Whether the bytes are HDF5: the signature begins them, or stands behind a block of the user's own of 512, 1024, 2048 ... bytes, as in
/// MATLAB's files of version 7.3.
[[nodiscard]] bool has_hdf5_signature(const RandomBytes& bytes);

/// What a dataset says of itself.
struct Hdf5Layout {
  std::string dataset;  // its path in the file
  Index rows = 0, cols = 0;
  std::string type;  // NumPy's type string
  NpyDtype dtype;
  /// Byte of the file where all entries begin that lie in one piece, a row after the other.
  std::optional<std::uint64_t> begin = {};
  /// Of a dataset in chunks, else 0.
  Index chunk_rows = 0, chunk_cols = 0;
  std::string filters = {};  // "gzip, shuffle"

  /// "<f8, chunks of 100 x 10, gzip".
  [[nodiscard]] std::string stored_type() const;
};

/// An open dataset. The library is not safe for threads: calls into it wait for each other, over all datasets of the process.
class Hdf5Dataset {
 public:
  virtual ~Hdf5Dataset() = default;
  [[nodiscard]] virtual const Hdf5Layout& layout() const noexcept = 0;

  /// `rows` rows from `row` on, of those `cols` columns from `col` on, as stored, a row after the other. Throws FormatError where the
  /// library cannot make sense of the file, FileError.
  virtual void read(Index row, Index rows, Index col, Index cols,
                    std::span<std::byte> to) const = 0;
};

/// Opens the dataset `member`, or where that is empty the only one of two dimensions, or where there is none the only one. Throws
/// FormatError, InvalidArgument that lists the candidates or says that this build has no HDF5, OutOfMemory where a chunk is larger than
/// `max_chunk_bytes` (0: the machine's memory).
[[nodiscard]] std::unique_ptr<Hdf5Dataset> open_hdf5(std::shared_ptr<const RandomBytes> bytes,
                                                     const std::string& member,
                                                     std::uint64_t max_chunk_bytes);

/// Whether this build reads HDF5; else open_hdf5() throws.
[[nodiscard]] bool reads_hdf5() noexcept;

[[nodiscard]] MatrixFile read_hdf5(const Input& input, const ReadOptions& options);
[[nodiscard]] Description describe_hdf5(const Input& input, const ReadOptions& options);
void write_hdf5(OutputFile& out, const AnyView& a, const WriteOptions& options);
void write_hdf5_arrays(OutputFile& out, std::span<const NamedArray> arrays,
                       const WriteOptions& options);

}  // namespace eckart::io
