#pragma once

// For what may be too large and has something else to take its place: f(), or an empty result where memory ran out.

#include <new>

#include <eckart/error.hpp>

namespace eckart {

template <class F>
[[nodiscard]] auto if_memory_lasts(const F& f) -> decltype(f()) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return {};
  } catch (const OutOfMemory&) {
    return {};
  }
}

}  // namespace eckart
