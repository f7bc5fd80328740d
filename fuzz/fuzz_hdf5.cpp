// Not among those that `make fuzz` runs: cmake --preset fuzz -DECKART_FUZZ_HDF5=ON, and run it with -detect_leaks=0.
// The distribution's HDF5 library is not instrumented: of its own faults only those are found that end the process.

#include "fuzz_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return eckart::io::fuzz_reader(data, size, {.format = eckart::io::Format::hdf5});
}
