#pragma once

// A dense matrix in a file as an operator: for files larger than memory.
//
//   Y = A X,  Z = A^H Y        A  m x n, in an npy, HDF5 or raw binary file;   X, Z  n x b,  Y  m x b
//
// The file is read in passes, a block of lines at a time: rows where it holds them one after the other (C order), columns where it
// holds those (Fortran order). A thread of its own reads the next block while this one is multiplied, so a pass takes the longer
// of both. In C order with A_i the rows of block i,
//
//   Y_i = A_i X        needs its own block alone
//   Z  += A_i^H Y_i    follows while the block is in memory
//
// and so a step of a Krylov method, there and back, is one reading of the file. In Fortran order the same goes for Y = A^H X, Z = A Y;
// truncated_svd() takes the way that a file allows.
//
// A text table is one of these once its numbers are in a file: table_operator.hpp.
//
// Memory: two to four blocks, and one more where entries have to be converted, all within `memory` bytes; beside them what a product with b
// vectors needs. Nothing is mapped: a file that another process cuts short or writes to meanwhile is an Error that says so, with
// the byte, never a signal.
//
// Results are the same, bit for bit, for any number of threads; block sizes, which follow from `memory` and `forget`, decide the order
// of sums.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/operator.hpp>

namespace eckart {

namespace outofcore {
class EntriesFile;  // internal
struct Traffic;
}  // namespace outofcore

/// Where the entries of a file stand that has no header to say it.
struct RawMatrix {
  Index rows = 0, cols = 0;
  std::string type = "<f8";           // as NumPy writes it: '<' or '>', kind, bytes of an entry
  Layout layout = Layout::row_major;  // row_major: a row after the other
  std::uint64_t offset =
      0;  // bytes before the first entry; what follows the last one is left alone
};

struct FileOperatorOptions {
  /// HDF5: the dataset; empty: the only one, or the one that the path names ("data.h5:/group/name").
  std::string member = {};
  /// For the blocks, in bytes. More pays where a line is long: a block of fewer than some hundred lines costs another reading of
  /// the vectors.
  std::uint64_t memory = std::uint64_t{128} << 20;
  /// Tell the system to forget what was read: a file larger than memory is never found in the cache again, and pushes everything
  /// else out of it. Empty: where the file is larger than half of the machine's memory. What is not forgotten is taken to come from the
  /// cache: fewer vectors at a time and smaller blocks are then faster.
  std::optional<bool> forget = {};
};

/// What was read so far, by all copies of an operator.
struct FileTraffic {
  Index passes = 0;         // that came to their end
  std::uint64_t bytes = 0;  // of entries
  double seconds = 0;       // that passes took
  double waited = 0;        // of these, that products waited for the file
};

template <Scalar T>
class FileOperator {
 public:
  /// An npy or HDF5 file: every numeric type, both byte and storage orders; datasets in one piece and in chunks. Entries become what io.hpp says of their type, and T where T
  /// holds that without rounding. Throws FileError, FormatError, InvalidArgument (a type that T does not hold), OutOfMemory when
  /// `memory` does not hold a line of the file in each block, or a chunk.
  explicit FileOperator(const std::string& path, const FileOperatorOptions& options = {});
  /// A raw binary file. Throws as well FormatError when the file ends before the last entry.
  FileOperator(const std::string& path, const RawMatrix& raw,
               const FileOperatorOptions& options = {});
  /// internal: of a file that is open
  FileOperator(std::shared_ptr<const outofcore::EntriesFile> file,
               const FileOperatorOptions& options);

  [[nodiscard]] Index rows() const noexcept;
  [[nodiscard]] Index cols() const noexcept;

  /// One pass each; 2 m n flops a vector (8 complex). Throws FileError and FormatError (the file is shorter, changed, or cannot be
  /// read), Cancelled between blocks.
  void apply(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const;
  void apply_adjoint(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const;
  /// y = factor A x, z = A^H y; `adjoint`: y = factor A^H x, z = A y. One pass; throws InvalidArgument where not
  /// goes_back_in_one_pass(adjoint).
  void apply_and_back(const Execution& execution, bool adjoint, Real<T> factor,
                      MatrixView<const T> x, MatrixView<T> y, MatrixView<T> z) const;
  [[nodiscard]] bool goes_back_in_one_pass(bool adjoint) const noexcept;
  /// y = A x and z = A^H w in one pass.
  void apply_both(const Execution& execution, MatrixView<const T> x, MatrixView<T> y,
                  MatrixView<const T> w, MatrixView<T> z) const;

  /// A pass the first time, then remembered; nothing where it is no number of all digits. Throws Error of kind non_finite that names file, byte, row and column of the first
  /// NaN or infinity in the file.
  [[nodiscard]] std::optional<Real<T>> frobenius_norm(const Execution& execution) const;

  [[nodiscard]] OperatorCost cost() const noexcept;
  /// "file A.npy of <f8 by rows".
  [[nodiscard]] std::string description() const;

  [[nodiscard]] FileTraffic traffic() const;
  /// Rows or columns in a block.
  [[nodiscard]] Index lines_of_block() const noexcept { return lines_; }

 private:
  [[nodiscard]] bool is_cached() const noexcept;
  template <class Visit>
  void pass(const Execution& execution, const Visit& visit) const;

  std::shared_ptr<const outofcore::EntriesFile> file_;
  std::shared_ptr<outofcore::Traffic> traffic_;
  Index lines_ = 0, buffers_ = 0;
  bool forget_ = false;
};

}  // namespace eckart
