#pragma once

// Rows from pipes and growing files, a few at a time, in a fixed amount of memory; and the states of streams in files.
//
//   raw          entries without gaps, row after row; their number and type are said by the reader (`cols`, `dtype`)
//   npy          NumPy's, from a pipe row-major (a one-dimensional array is a column); the end of the rows is in the header
//   hdf5         one dataset of a regular file, as "data.h5:/group/name" or the only one; the end of the rows is in the file
//   csv, tsv     tables, a row a line; delimiter, decimal sign and header are found from the first lines
//
// A state is an npz file of the arrays of StreamState, written to a temporary file and renamed. It can remember a file that rows came
// from (RowMark): how far it was read, how, and a checksum of what was read, so that a later run goes on there and notices a file that
// was replaced.

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include <eckart/io.hpp>
#include <eckart/stream_state.hpp>

namespace eckart::io {

enum class RowFormat { automatic, raw, csv, npy, hdf5 };

/// "raw", "csv", "npy", "hdf5"; "automatic".
[[nodiscard]] const char* to_string(RowFormat format) noexcept;

/// A place between two rows of a file.
struct RowPosition {
  std::uint64_t bytes = 0;  // from the beginning of the file
  std::uint64_t lines = 0;  // text: that ended before
  Index rows = 0;           // before it
};

/// How the rows of a file are read: what the options said, and what they left open as its beginning told.
struct RowReading {
  RowFormat format = RowFormat::automatic;
  std::string dtype = {};  // raw: as RowOptions names it; else of the rows
  // csv
  char delimiter = '\0', decimal = '\0';
  bool header = false, labels = false;
  std::string columns = {};  // as ReadOptions chooses them
};

/// What a later run goes on from: where, how, and how to tell that it is the same file.
struct RowMark {
  RowPosition position;
  RowReading reading;
  std::uint32_t checksum = 0;  // CRC-32 of the first and of the last 64 KiB before the position
};

struct RowOptions {
  RowFormat format =
      RowFormat::automatic;  // npy, hdf5 by their first bytes; raw where cols is given; else csv
  Index cols = 0;            // raw: entries of a row; else 0, or what the file must have
  // raw: float32, float64 (the usual), complex64, complex128, or a type string of NumPy's such as ">f4" or "i2".
  // csv: float64 or complex128, the latter where complex numbers come late. npy has its own.
  std::string dtype = {};
  ReadOptions text = {};  // csv: delimiter, decimal, header, columns; hdf5: member
  // At the end of a file, wait for more rows instead of ending.
  bool follow = false;
  // The file is still being written: a last row whose end has not come (csv: the line end; raw: all of its bytes) stays unread for a
  // later run. Else, and for pipes, it counts as a row where it can.
  bool growing = false;
  std::optional<RowMark> from = {};  // go on from there
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
  struct Inner;  // internal

  /// Opens a file, or standard input for "-", and reads as much of it as tells its columns and their type, which may wait for a pipe.
  /// Throws FileError, also where the file is another one than it goes on from, FormatError, InvalidArgument for options that do not
  /// fit the file or its mark, Cancelled where a stop is requested before there is a row: else next() returns what has come first.
  RowReader(const std::string& path, const RowOptions& options = {});
  RowReader(RowReader&&) noexcept;
  RowReader& operator=(RowReader&&) noexcept;
  ~RowReader();

  /// The next rows, as many as have come, at most about 256 KiB; none at the end. Waits for the first; throws Cancelled when a stop
  /// is requested meanwhile. FormatError for what is no row, naming line, column and row, or byte; all rows before it have been
  /// returned then. Of an incomplete last row `growing` decides.
  [[nodiscard]] Rows next();
  /// To be called about twenty times a second while next() waits for rows; what it throws comes out of next(), which can go on.
  void set_idle(std::function<void()> idle);

  [[nodiscard]] Index cols() const noexcept;
  /// Of the rows: float32, float64, complex64, complex128.
  [[nodiscard]] std::string dtype() const;
  [[nodiscard]] RowFormat format() const noexcept;
  /// "standard input" for "-".
  [[nodiscard]] const std::string& name() const noexcept;

  /// The place behind the first `count` of the rows that next() returned last.
  [[nodiscard]] RowPosition behind(Index count) const;
  /// What a later run needs to go on from a place that behind() gave; none for a pipe and for HDF5. Reads up to 128 KiB of the file. Throws FileError,
  /// also where the file has been cut short before that place, or its first 64 KiB are not those that were read.
  [[nodiscard]] std::optional<RowMark> mark(const RowPosition& position) const;
  /// Where an entry of the rows that next() returned last stands in the file, both counted from 0: "line 4, column 3",
  /// "byte 256" or "/data[3, 2]".
  [[nodiscard]] std::string place_of(Index row, Index col) const;
  /// Bytes at the end of a growing file that begin a row and do not end it; 0 while the end has not been reached.
  [[nodiscard]] std::size_t unread() const noexcept;

 private:
  std::unique_ptr<Inner> inner_;
};

/// Puts into a state that its rows came from this file, up to the mark.
void put_source(StreamState& state, const std::string& path, const RowMark& mark);

/// How far the state's stream has read this file; nothing where it has read another one, or "-". Throws InvalidArgument for a state that
/// makes no sense.
[[nodiscard]] std::optional<RowMark> source_in(const StreamState& state, const std::string& path);

/// The same where the path is another one, and the file there begins with the rows that were read: renamed, linked, or copied. Nothing
/// for a pipe, and where no rows were read. Reads up to 128 KiB of the file. Throws FileError, and InvalidArgument as above.
[[nodiscard]] std::optional<RowMark> source_renamed(const StreamState& state,
                                                    const std::string& path);

/// Puts into a state what an earlier one of the same stream says of its file, if it does.
void keep_source(StreamState& state, const StreamState& earlier);

/// Throws FileError, or InvalidArgument where the path is no npz file.
void save_stream(const std::string& path, const StreamState& state);

/// Throws FileError, or FormatError for a file that is no state: damaged, cut short, or something else.
[[nodiscard]] StreamState load_stream(const std::string& path);

}  // namespace eckart::io
