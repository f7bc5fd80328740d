#pragma once

// The type of a dataset's entries as NumPy's type string, or why it is none.

#include <string>

#include "io/hdf5/library.hpp"

namespace eckart::io::hdf5 {

struct StoredType {
  std::string numpy;    // "<f8"; empty where the type holds no numbers that are read
  std::string refusal;  // "text"
  /// What entries are to be asked for as; not open where as they are stored.
  Handle converted = {};
};

/// Within a Session.
[[nodiscard]] StoredType stored_type(hid_t type);

}  // namespace eckart::io::hdf5
