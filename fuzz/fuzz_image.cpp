#include "fuzz_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eckart::io;
  // The reader tells png from jpeg by the first bytes.
  fuzz_reader(data, size, {.format = Format::png, .channel = Channel::alpha});
  return fuzz_reader(data, size, {.format = Format::png});
}
