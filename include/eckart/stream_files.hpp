#pragma once

// Rows from pipes and growing files, a few at a time, in a fixed amount of memory; and the states of streams in files.
//
//   raw          entries without gaps, row after row; their number and type are said by the reader (`cols`, `dtype`)
//   npy          NumPy's, row-major (a one-dimensional array is a column); the end of the rows is in the header
//   csv, tsv     tables, a row a line; delimiter, decimal sign and header are found from the first lines
//
// A state is an npz file of the arrays of StreamState, written to a temporary file and renamed.

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include <eckart/io.hpp>
#include <eckart/stream_state.hpp>

namespace eckart::io {

enum class RowFormat { automatic, raw, csv, npy };

/// A place between two rows of a file: what a later run goes on from.
struct RowPosition {
  std::uint64_t bytes = 0;  // from the beginning of the file
  std::uint64_t lines = 0;  // text: that ended before
};

struct RowOptions {
  RowFormat format =
      RowFormat::automatic;  // npy by its first bytes; raw where cols is given; else csv
  Index cols = 0;            // raw: entries of a row; else 0, or what the file must have
  // raw: float32, float64 (the usual), complex64, complex128, or a type string of NumPy's such as ">f4" or "i2".
  // csv: float64 or complex128, the latter where complex numbers come late. npy has its own.
  std::string dtype = {};
  ReadOptions text = {};  // csv: delimiter, decimal, header, columns
  // At the end of a file, wait for more rows instead of ending.
  bool follow = false;
  RowPosition from = {};  // behind these; not for pipes
  std::stop_token stop = {};
  // Of one row, and of a line of text; above it OutOfMemory.
  std::uint64_t max_row_bytes = std::uint64_t{1} << 28;
};

/// Rows that came together.
struct Rows {
  AnyView view = MatrixView<const double>();  // row-major; valid until the next call
  [[nodiscard]] Index count() const noexcept;
};

class RowReader {
 public:
  /// Opens a file, or standard input for "-", and reads as much of it as tells its columns and their type, which may wait for a pipe.
  /// Throws FileError, FormatError, InvalidArgument for options that do not fit, Cancelled.
  RowReader(const std::string& path, const RowOptions& options = {});
  RowReader(RowReader&&) noexcept;
  RowReader& operator=(RowReader&&) noexcept;
  ~RowReader();

  /// The next rows, as many as have come, at most about a mebibyte; none at the end. Waits for the first; throws Cancelled when a stop
  /// is requested meanwhile. FormatError for what is no row, naming line and column, or byte. An incomplete last row is one too.
  [[nodiscard]] Rows next();

  [[nodiscard]] Index cols() const noexcept;
  /// Of the rows: float32, float64, complex64, complex128.
  [[nodiscard]] std::string dtype() const;
  [[nodiscard]] RowFormat format() const noexcept;
  /// "standard input" for "-".
  [[nodiscard]] const std::string& name() const noexcept;
  /// A regular file, which can be read from a position another time.
  [[nodiscard]] bool is_file() const noexcept;

  /// The place behind the first `count` of the rows that next() returned last.
  [[nodiscard]] RowPosition behind(Index count) const;

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

/// Throws FileError, or InvalidArgument where the path is no npz file.
void save_stream(const std::string& path, const StreamState& state);

/// Throws FileError, or FormatError for a file that is no state: damaged, cut short, or something else.
[[nodiscard]] StreamState load_stream(const std::string& path);

}  // namespace eckart::io
