#include "fuzz_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return eckart::io::fuzz_reader(data, size, {.format = eckart::io::Format::npz});
}
