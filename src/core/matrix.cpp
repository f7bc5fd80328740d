#include <new>

#include <eckart/error.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

#include "core/pages.hpp"

namespace eckart::detail {

void* allocate_aligned(Index rows, Index cols, std::size_t entry_size) {
  if (rows < 0 || cols < 0) {
    throw InvalidArgument("a matrix of " + std::to_string(rows) + " x " + std::to_string(cols) +
                          " has a negative size; sizes count from 0");
  }
  const auto what = [&] {
    return "a matrix of " + std::to_string(rows) + " x " + std::to_string(cols);
  };
  Index count = 0;
  Index bytes = 0;
  if (__builtin_mul_overflow(rows, cols, &count) ||
      __builtin_mul_overflow(count, static_cast<Index>(entry_size), &bytes)) {
    throw SizeLimit(what() + " exceeds the 64-bit address space");
  }
  if (bytes == 0) {
    return nullptr;
  }
  void* p = ::operator new(static_cast<std::size_t>(bytes), std::align_val_t{Workspace::alignment},
                           std::nothrow);
  if (p == nullptr) {
    throw OutOfMemory(what(), static_cast<std::uint64_t>(bytes));
  }
  advise_large_pages(p, static_cast<std::uint64_t>(bytes));
  return p;
}

void free_aligned(void* p) noexcept {
  ::operator delete(p, std::align_val_t{Workspace::alignment});
}

void throw_short_span(Index rows, Index cols, std::size_t have) {
  throw InvalidArgument("a span of " + std::to_string(have) + " entries cannot hold " +
                        std::to_string(rows) + " x " + std::to_string(cols));
}

}  // namespace eckart::detail
