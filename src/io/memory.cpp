#include "io/memory.hpp"

#include <algorithm>

#include <unistd.h>

#include <eckart/error.hpp>

namespace eckart::io {

std::uint64_t physical_memory() noexcept {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_size = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_size <= 0) {
    return std::uint64_t{1} << 32;  // a system that does not say: assume 4 GiB
  }
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_size);
}

std::uint64_t require_memory(const std::string& name, Index rows, Index cols,
                             std::size_t entry_size, std::uint64_t max_bytes) {
  const std::string limit =
      max_bytes == 0 ? "" : "under the limit of " + std::to_string(max_bytes) + " bytes ";
  const std::string what = name + ": " + limit + "a dense matrix of " + std::to_string(rows) +
                           " x " + std::to_string(cols);
  Index count = 0;
  Index bytes = 0;
  if (__builtin_mul_overflow(rows, cols, &count) ||
      __builtin_mul_overflow(count, static_cast<Index>(entry_size), &bytes)) {
    throw SizeLimit(what + " exceeds the 64-bit address space");
  }
  const auto needed = static_cast<std::uint64_t>(bytes);
  if (needed > (max_bytes != 0 ? max_bytes : physical_memory())) {
    throw OutOfMemory(what, needed);
  }
  return needed;
}

void require_memory_of_lines(const std::string& name, Index rows, Index cols,
                             std::uint64_t max_bytes) {
  require_memory(name, std::max(rows, cols), 1, sizeof(Index), max_bytes);
}

}  // namespace eckart::io
