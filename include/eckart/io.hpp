#pragma once

// Matrices in and out of files.
//
//   npy, npz     NumPy's formats: every numeric dtype, both byte and storage orders, zip64
//   csv, tsv     text tables; header, delimiter and decimal sign are detected
//   mtx          Matrix Market, coordinate and array
//   png, jpeg    images, as one grey matrix or a matrix per channel
//   json         written only
//   h5           HDF5: one dataset, "data.h5:/group/name"; read where Eckart was built with the HDF5 library, written always
//
// "-" is standard input or output. Types that the engine lacks are widened by one rule: bool, 8-
// and 16-bit integers and half precision become float, which holds them exactly; wider integers,
// long double and text become double; complex types likewise. A file that breaks its format throws
// FormatError with file and byte, or line and column; nothing is allocated on the word of a header
// before the file's size has confirmed it. Output is written to a temporary file and renamed, so a
// failed or interrupted write leaves the old file as it was.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <eckart/error.hpp>
#include <eckart/matrix.hpp>

namespace eckart::io {

class Input;       // a mapped file; internal
class OutputFile;  // internal

using AnyMatrix = std::variant<Matrix<float>, Matrix<double>, Matrix<std::complex<float>>,
                               Matrix<std::complex<double>>>;
using AnyView =
    std::variant<MatrixView<const float>, MatrixView<const double>,
                 MatrixView<const std::complex<float>>, MatrixView<const std::complex<double>>>;

[[nodiscard]] AnyView view_of(const AnyMatrix& a) noexcept;

enum class Format { automatic, npy, npz, csv, tsv, matrix_market, png, jpeg, json, hdf5 };

[[nodiscard]] const char* to_string(Format format) noexcept;

/// The format that a path's ending names; `automatic` when it names none.
[[nodiscard]] Format format_of_path(const std::string& path) noexcept;

/// Which matrix an image stands for. `grey` weighs the channels as Rec. 601 does: 0.299 R + 0.587 G
/// + 0.114 B.
enum class Channel { grey, red, green, blue, alpha };

struct ReadOptions {
  Format format = Format::automatic;  // by the file's first bytes, then by its name
  /// npz, hdf5: the array wanted; empty: the only one (hdf5: of two dimensions, if one has), else an error that lists them.
  std::string member = {};
  char delimiter = '\0';            // csv: detected when 0
  char decimal = '\0';              // csv: '.' or ','; detected when 0
  std::optional<bool> header = {};  // csv: detected when empty
  std::string columns = {};         // csv: "1-4,6", "3-" or names, in the order wanted; empty: all
  Channel channel = Channel::grey;  // png, jpeg
  /// Of the matrix, and of what is read into memory from a pipe; above it OutOfMemory. 0: the
  /// machine's memory, half of it for a pipe.
  std::uint64_t max_bytes = 0;
};

/// What a file says about its matrix, read from its header where the format has one.
struct Description {
  Format format = Format::automatic;
  std::string member = {};  // hdf5: the path of the dataset
  Index rows = 0, cols = 0;
  std::string stored_type = {};  // as the format writes it: "<f8", "uint8", "real general", "text"
  std::string computed_type = {};              // float32, float64, complex64, complex128
  std::vector<std::string> column_names = {};  // csv with a header
  int channels = 0;  // of an image: 1 grey, 2 grey + alpha, 3 colour, 4 colour + alpha
  /// Of a sparse matrix (Matrix Market's coordinate, npz of scipy.sparse): the entries that it has at most. Empty: a dense one.
  std::optional<Index> entries = {};
};

struct MatrixFile {
  AnyMatrix matrix = {};
  Description description = {};
};

/// "data.h5:/group/name" as a path and ReadOptions::member: where no file has the whole name, one of HDF5 has the part before a colon,
/// and `member` is empty. Any other path is returned as it is.
struct PathInFile {
  std::string path, member;
};
[[nodiscard]] PathInFile split_path(const std::string& path, const std::string& member = {});

/// Reads one matrix. A one-dimensional npy array is a column; more than two dimensions are an error
/// that says so. A sparse matrix becomes a dense one.
[[nodiscard]] MatrixFile read_matrix(const std::string& path, const ReadOptions& options = {});

/// A sparse matrix as its file lists it: entry (row[k], col[k]), counted from 0, is value[k]. Entries named twice are summed by
/// whoever assembles them: SparseMatrix<T>::from_triplets(rows, cols, row, col, value).
template <Scalar T>
struct Triplets {
  Index rows = 0, cols = 0;
  std::vector<Index> row, col;
  std::vector<T> value;
};

using AnyTriplets = std::variant<Triplets<float>, Triplets<double>, Triplets<std::complex<float>>,
                                 Triplets<std::complex<double>>>;

struct SparseFile {
  AnyTriplets triplets = {};
  Description description = {};
};

/// Reads one sparse matrix without making it dense: Matrix Market, or npz as scipy.sparse.save_npz writes it (csr, csc, coo).
/// Every index is inside the matrix. A format that has no sparse matrices throws InvalidArgument.
[[nodiscard]] SparseFile read_sparse(const std::string& path, const ReadOptions& options = {});

/// The description alone: npy, npz, mtx and images from their headers, text by one pass that keeps
/// nothing.
[[nodiscard]] Description describe(const std::string& path, const ReadOptions& options = {});

/// An npy file mapped into memory: the entries are read when they are touched. Throws FormatError
/// when the stored type or byte order is not the machine's own, since then nothing can be mapped.
class MappedMatrix {
 public:
  explicit MappedMatrix(const std::string& path);
  MappedMatrix(MappedMatrix&&) noexcept;
  MappedMatrix& operator=(MappedMatrix&&) noexcept;
  ~MappedMatrix();
  [[nodiscard]] AnyView view() const noexcept { return view_; }

 private:
  std::unique_ptr<const Input> file_;
  AnyView view_;
};

/// An array to write: a name and a matrix (shape (m, n)), or a vector (shape (n,)).
struct NamedArray {
  std::string name = {};
  AnyView values = {};
  bool is_vector = false;  // written with one dimension where the format has that notion
};

struct WriteOptions {
  Format format = Format::automatic;           // by the path's ending
  std::vector<std::string> column_names = {};  // csv header
  bool compress = true;                        // npz: deflate arrays that shrink by an eighth
};

/// What an array is going to be, before it is computed.
struct ArrayShape {
  std::string name = {};
  Index rows = 0, cols = 0;
  bool is_complex = false;
};

/// Throws what write_matrix (no names) or write_arrays would throw for this destination, before
/// there is anything to write: an unknown format, names that no file can have, several arrays for a
/// standard output that takes one, a folder that is missing or closed. Nothing is left behind.
/// Returns the paths that will be written.
std::vector<std::string> check_destination(const std::string& path,
                                           std::span<const std::string> names,
                                           const WriteOptions& options = {});

/// Throws what writing an array of this shape would throw: an image has real entries and at least
/// one pixel.
void check_shape(const std::string& path, const ArrayShape& shape,
                 const WriteOptions& options = {});

/// What an image cannot hold of a matrix. Entries are clipped that lie more than half a step of the
/// image outside [0, maximum]; what is nearer is rounded as every entry is.
struct Clipping {
  Index entries = 0;
  Index clipped = 0;
  Index nan = 0;                     // become 0
  double smallest = 0, largest = 0;  // of all entries that are no NaN
};
[[nodiscard]] Clipping image_clipping(const AnyView& a, double maximum = 255);

/// Writes one matrix; images take values in [0, 255], rounded and clipped (image_clipping() says how
/// much).
void write_matrix(const std::string& path, AnyView a, const WriteOptions& options = {});

/// Writes several arrays: npz, json and hdf5 hold all of them; the other formats write one file an array,
/// `stem.NAME.csv`, and a single array into `path` itself. No file appears before all are written.
/// Returns the paths written.
std::vector<std::string> write_arrays(const std::string& path, std::span<const NamedArray> arrays,
                                      const WriteOptions& options = {});

/// Writes an npy file a block of columns at a time: for a matrix larger than memory. The bytes are those that write_matrix() writes
/// of the whole.
template <Scalar T>
class NpyColumns {
 public:
  /// Takes the room on the disk at once where the file system can. Throws FileError, SizeLimit.
  NpyColumns(const std::string& path, Index rows, Index cols);
  ~NpyColumns();
  NpyColumns(const NpyColumns&) = delete;
  NpyColumns& operator=(const NpyColumns&) = delete;

  /// The next columns. Throws FileError, and InvalidArgument for another number of rows or more columns than announced.
  void write(MatrixView<const T> columns);
  /// The file appears under its name. Throws FileError, and InvalidArgument when columns are missing.
  void commit();

 private:
  std::unique_ptr<OutputFile> file_;
  Index rows_, missing_;
};

/// Writes an npy file row by row, the number of rows being what has come at the end.
template <Scalar T>
class NpyRows {
 public:
  /// Throws FileError, and InvalidArgument where the target is a pipe or a device: the number of rows is put into its header last.
  NpyRows(const std::string& path, Index cols);
  ~NpyRows();
  NpyRows(const NpyRows&) = delete;
  NpyRows& operator=(const NpyRows&) = delete;

  /// The next rows. Throws FileError, and InvalidArgument for another number of columns.
  void write(MatrixView<const T> rows);
  /// The file appears under its name. Throws FileError.
  void commit();

  [[nodiscard]] Index rows() const noexcept { return rows_; }

 private:
  std::unique_ptr<OutputFile> file_;
  std::size_t header_bytes_ = 0;
  Index rows_ = 0, cols_;
};

/// Writes an HDF5 file of one dataset, "matrix", a part at a time: for a matrix larger than memory. The bytes are those that
/// write_matrix() writes of the whole. A part that is wide is written faster: rows of it go to the file one by one.
template <Scalar T>
class Hdf5Parts {
 public:
  /// Takes the room on the disk at once where the file system can. Throws FileError, SizeLimit, and InvalidArgument where the target is
  /// a pipe or a device: parts are put into their places.
  Hdf5Parts(const std::string& path, Index rows, Index cols);
  ~Hdf5Parts();
  Hdf5Parts(const Hdf5Parts&) = delete;
  Hdf5Parts& operator=(const Hdf5Parts&) = delete;

  /// The part whose first entry is in `row`, `col`; parts come in any order and do not overlap. Throws FileError, and InvalidArgument
  /// for one that reaches outside.
  void write(Index row, Index col, MatrixView<const T> part);
  /// The file appears under its name. Throws FileError, and InvalidArgument when entries are missing.
  void commit();

 private:
  std::unique_ptr<OutputFile> file_;
  std::uint64_t begin_ = 0;  // byte of the first entry
  Index rows_, cols_, missing_;
};

/// Removes the temporary files of writes under way, in any thread, and leaves their targets as they
/// were. Safe in a signal handler, which is what it is for.
void remove_temporary_files() noexcept;

/// An image as one matrix a channel, values in [0, 255] (16-bit images in [0, 65535], see
/// `maximum`).
struct Image {
  std::vector<Matrix<float>> channels = {};  // 1 grey, 2 grey + alpha, 3 colour, 4 colour + alpha
  float maximum = 255;
};

[[nodiscard]] Image read_image(const std::string& path);
void write_image(const std::string& path, const Image& image, const WriteOptions& options = {});
/// Throws what write_image would throw for an image of this size and number of channels.
void check_image(const std::string& path, const Image& image, const WriteOptions& options = {});
/// The PNG file of an image, in memory: what a report embeds.
[[nodiscard]] std::vector<std::uint8_t> encode_png(const Image& image);

}  // namespace eckart::io
