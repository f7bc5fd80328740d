// The path of a decomposition in words.

#include <string>

#include <eckart/svd.hpp>

namespace eckart {

const char* to_string(Driver driver) noexcept {
  switch (driver) {
    case Driver::divide_and_conquer:
      return "divide and conquer";
    case Driver::qr_iteration:
      return "QR iteration";
    case Driver::jacobi:
      return "one-sided Jacobi";
    case Driver::lapack:
      return "LAPACK";
    case Driver::automatic:
      break;
  }
  return "automatic";
}

std::string SvdReport::path() const {
  std::string text = transposed ? "transposed, " : "";
  if (qr_first) {
    text += qr_method + ", ";
  }
  if (two_stage) {
    text += "two stages, ";
  }
  for (const Attempt& attempt : attempts) {
    const bool is_dqds = values_alone && (attempt.driver == Driver::qr_iteration ||
                                          attempt.driver == Driver::lapack);
    text += is_dqds ? "dqds" : to_string(attempt.driver);
    text += attempt.failure.empty() ? " (audit passed)" : " (failed: " + attempt.failure + "), ";
  }
  return attempts.empty() ? text + "zero matrix" : text;
}

}  // namespace eckart
