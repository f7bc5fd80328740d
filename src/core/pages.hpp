#pragma once

// Large blocks of fresh memory in large pages.
//
// Memory that the system hands out is cleared page by page when it is first written. With pages of 4 KiB that costs more than
// writing the result of a tall decomposition itself: for U of 1,000,000 x 32 doubles 180 ms, measured, where all of its arithmetic
// takes 200 ms. Where the system leaves the choice to the program ("madvise"), it is asked for large pages.

#include <cstdint>

namespace eckart {

/// A hint, after which the block is what it was. Blocks below a few megabytes are left alone.
void advise_large_pages(void* block, std::uint64_t bytes) noexcept;

}  // namespace eckart
