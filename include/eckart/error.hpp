#pragma once

// Errors that Eckart throws. Each says what happened, where, and how to mend it; each carries an
// ErrorKind, which the command-line tool turns into its exit code. Not converging is not an error:
// the ladder of drivers falls back and says so in the report.

#include <cstdint>
#include <stdexcept>
#include <string>

#include <eckart/types.hpp>

namespace eckart {

enum class ErrorKind {
  invalid_argument,  // the caller's request makes no sense: a shape, an option, a rank
  non_finite,        // NaN or infinity in a matrix
  size_limit,        // a size does not fit the BLAS's integers or the address space
  out_of_memory,     // more memory than there is, or than --max-memory allows
  out_of_range,  // a result does not fit the type: sigma_1 of a matrix of entries near the largest
                 // double
  cancelled,     // the stop token was triggered
  unreadable,    // a file cannot be opened, read or written
  malformed,     // a file does not follow its format
  numerical,     // every rung of the ladder failed its audit
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

class InvalidArgument : public Error {
 public:
  explicit InvalidArgument(const std::string& message)
      : Error(ErrorKind::invalid_argument, message) {}
};

/// NaN or infinity at (row, column), the first one in column-major order; both counted from 0.
class NonFinite : public Error {
 public:
  NonFinite(Index row, Index column, const std::string& value);
  [[nodiscard]] Index row() const noexcept { return row_; }
  [[nodiscard]] Index column() const noexcept { return column_; }

 private:
  Index row_, column_;
};

class SizeLimit : public Error {
 public:
  explicit SizeLimit(const std::string& message) : Error(ErrorKind::size_limit, message) {}
};

/// `bytes` were wanted for `what`.
class OutOfMemory : public Error {
 public:
  OutOfMemory(const std::string& what, std::uint64_t bytes);
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  std::uint64_t bytes_;
};

class OutOfRange : public Error {
 public:
  explicit OutOfRange(const std::string& message) : Error(ErrorKind::out_of_range, message) {}
};

class Cancelled : public Error {
 public:
  Cancelled() : Error(ErrorKind::cancelled, "cancelled") {}
};

/// A file that cannot be opened, read or written.
class FileError : public Error {
 public:
  explicit FileError(const std::string& message) : Error(ErrorKind::unreadable, message) {}
};

/// A file whose content breaks its format. The message begins with file and byte, or file, line and
/// column.
class FormatError : public Error {
 public:
  explicit FormatError(const std::string& message) : Error(ErrorKind::malformed, message) {}
};

/// Every rung of the ladder failed its audit; the message holds the figures of the last.
class NumericalError : public Error {
 public:
  explicit NumericalError(const std::string& message) : Error(ErrorKind::numerical, message) {}
};

}  // namespace eckart
