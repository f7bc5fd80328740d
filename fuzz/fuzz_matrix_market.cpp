#include "fuzz_reader.hpp"
#include "io/matrix_market.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eckart::io;
  try {
    const Input input = Input::in_memory("fuzz", std::as_bytes(std::span(data, size)));
    std::visit(
        [](const auto& triplets) {
          for (std::size_t k = 0; k < triplets.value.size(); ++k) {
            if (triplets.row[k] < 0 || triplets.row[k] >= triplets.rows || triplets.col[k] < 0 ||
                triplets.col[k] >= triplets.cols) {
              std::abort();
            }
          }
        },
        read_triplets(input));
  } catch (const eckart::Error&) {
  }
  return fuzz_reader(data, size, {.format = Format::matrix_market});
}
