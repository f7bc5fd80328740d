#pragma once

// Which dataset of a file is the matrix.

#include <string>

#include "io/hdf5/library.hpp"

namespace eckart::io::hdf5 {

/// The path of the dataset that `member` names; where that is empty, of the only dataset of numbers that has two dimensions, or where
/// none has, of the only one that has one. `name` is the file, for messages. Throws InvalidArgument that lists the candidates with
/// their shapes. Within a Session.
[[nodiscard]] std::string choose_dataset(hid_t file, const std::string& name,
                                         const std::string& member);

/// Not open where there is none of that path. Links into other files are not followed.
[[nodiscard]] Handle open_dataset(hid_t file, const std::string& path);

}  // namespace eckart::io::hdf5
