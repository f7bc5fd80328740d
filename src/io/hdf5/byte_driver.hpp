#pragma once

// A driver of the HDF5 library that reads RandomBytes: whatever the library wants of a file goes through one bounds-checked function,
// and no name in a file is ever opened.

#include <exception>
#include <memory>

#include "io/hdf5/library.hpp"
#include "io/random_bytes.hpp"

namespace eckart::io::hdf5 {

/// What the driver and whoever opened it share.
struct DriverState {
  std::shared_ptr<const RandomBytes> bytes;
  std::exception_ptr error;  // thrown by bytes; no exception may pass through the library
};

/// The file of `state`, which outlives it; not open where the library refuses it. Within a Session.
[[nodiscard]] Handle open_file(DriverState& state);

}  // namespace eckart::io::hdf5
