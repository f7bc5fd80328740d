#include "core/pages.hpp"

#include <sys/mman.h>

namespace eckart {
namespace {

// Two of the large pages of x86-64: a smaller block may hold none that is whole.
constexpr std::uint64_t least_block = std::uint64_t{4} << 20U;

// madvise wants an address on a small page.
constexpr std::uint64_t small_page = 4096;

}  // namespace

void advise_large_pages(void* block, std::uint64_t bytes) noexcept {
#ifdef MADV_HUGEPAGE
  if (block == nullptr || bytes < least_block) {
    return;
  }
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  const std::uint64_t skipped = (small_page - address % small_page) % small_page;
  // Refused where the system's pages are larger or the kernel has no large ones; that changes nothing.
  static_cast<void>(madvise(static_cast<char*>(block) + skipped, bytes - skipped, MADV_HUGEPAGE));
#else
  static_cast<void>(block);
  static_cast<void>(bytes);
#endif
}

}  // namespace eckart
