#include "fuzz_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using eckart::io::Format;
  // Once with everything detected, once with everything said.
  eckart::io::fuzz_reader(data, size, {.format = Format::csv});
  return eckart::io::fuzz_reader(
      data, size,
      {.format = Format::csv, .delimiter = ';', .decimal = ',', .header = true, .columns = "2-,x"});
}
