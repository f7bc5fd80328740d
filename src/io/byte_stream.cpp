#include "io/byte_stream.hpp"

#include <algorithm>

namespace eckart::io {

std::size_t InputStream::read(std::span<std::byte> to) {
  const std::size_t count = std::min(to.size(), input_.size() - position_);
  std::copy_n(input_.bytes().data() + position_, count, to.data());
  position_ += count;
  return count;
}

}  // namespace eckart::io
