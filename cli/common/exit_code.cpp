#include "common/exit_code.hpp"

namespace eckart::cli {

ExitCode exit_code_of(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::invalid_argument:
      return ExitCode::usage;
    case ErrorKind::non_finite:
    case ErrorKind::unreadable:
    case ErrorKind::malformed:
      return ExitCode::input;
    case ErrorKind::size_limit:
    case ErrorKind::out_of_memory:
      return ExitCode::limit;
    case ErrorKind::cancelled:
      return ExitCode::interrupted;
    case ErrorKind::out_of_range:
    case ErrorKind::numerical:
      break;
  }
  return ExitCode::numerical;
}

}  // namespace eckart::cli
