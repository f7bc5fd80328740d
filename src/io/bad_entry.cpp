#include "io/bad_entry.hpp"

namespace eckart::io {

Error bad_entry(const std::string& name, const std::string& place, Index row, Index column,
                const std::string& value) {
  return Error(
      ErrorKind::non_finite,
      name + ": " + (place.empty() ? "" : place + ": ") + "row " + std::to_string(row + 1) +
          ", column " + std::to_string(column + 1) + " of the matrix (counted from 1) is " + value +
          "; a singular value decomposition needs finite numbers: remove the row or fill the gap");
}

}  // namespace eckart::io
