#include "core/if_memory_lasts.hpp"

#include <optional>

#include <gtest/gtest.h>

namespace eckart {
namespace {

TEST(IfMemoryLasts, GivesNothingWhereMemoryRanOut) {
  EXPECT_EQ(if_memory_lasts([] { return std::optional(3); }), 3);
  EXPECT_FALSE(if_memory_lasts([]() -> std::optional<int> { throw std::bad_alloc(); }));
  EXPECT_FALSE(if_memory_lasts([]() -> std::optional<int> { throw OutOfMemory("a matrix", 8); }));
  EXPECT_THROW(
      static_cast<void>(if_memory_lasts([]() -> std::optional<int> { throw Cancelled(); })),
      Cancelled);
}

}  // namespace
}  // namespace eckart
