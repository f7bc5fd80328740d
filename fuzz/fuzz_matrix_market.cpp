#include "fuzz_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const eckart::io::ReadOptions options{.format = eckart::io::Format::matrix_market};
  eckart::io::fuzz_sparse_reader(data, size, options);
  return eckart::io::fuzz_reader(data, size, options);
}
