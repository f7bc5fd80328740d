#pragma once

// What the shell sees when the tool ends. One error of the library, one exit code; nothing else decides.

#include <eckart/error.hpp>

namespace eckart::cli {

enum class ExitCode : int {
  ok = 0,
  numerical = 1,  // no driver's result passed its audit, or the result does not fit the type
  usage = 2,      // the command line makes no sense
  input = 3,      // a file cannot be read or written, breaks its format, or holds NaN or infinity
  check = 4,      // the result is right, but not what the command line demanded of it
  limit =
      5,  // more memory than there is or than --max-memory allows; a size beyond the BLAS's integers
  interrupted = 130  // 128 + SIGINT
};

[[nodiscard]] ExitCode exit_code_of(ErrorKind kind) noexcept;

}  // namespace eckart::cli
