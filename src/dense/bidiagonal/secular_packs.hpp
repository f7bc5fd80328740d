#pragma once

// What the loops of the secular equation do with packs: choices lane by lane, and the distance of a root from a pole.

#include <cmath>

#include "core/simd.hpp"

namespace eckart::dense {

template <class V>
[[gnu::always_inline]] inline V absolute(const V& x) noexcept {
  return x < 0 ? -x : x;
}

template <class V>
[[gnu::always_inline]] inline V minimum(const V& x, const V& y) noexcept {
  return x < y ? x : y;
}

// Compiled without errno (CMakeLists.txt), this is one instruction.
template <class R, int bytes>
[[gnu::always_inline]] inline Pack<R, bytes> square_root(const Pack<R, bytes>& x) noexcept {
  R part[lanes<R, bytes>];
  store(part, x > 0 ? x : Pack<R, bytes>{});
  for (R& y : part) {
    y = std::sqrt(y);
  }
  return load<bytes>(part);
}

// Conditions of lanes are kept as packs of 1 and 0, and two comparisons are made one by a minimum. GCC lowers the boolean algebra
// of masks, and what it makes of choices inside of choices, lane by lane before it knows the processor that a body is inlined for;
// one comparison with its choice stays together.
template <class V>
[[gnu::always_inline]] inline V choose(const V& flag, const V& yes, const V& no) noexcept {
  return flag > 0 ? yes : no;
}

// Whether x is in the open interval.
template <class V>
[[gnu::always_inline]] inline V between(const V& x, const V& low, const V& high) noexcept {
  return minimum(x - low, high - x) > 0 ? V{} + 1 : V{};
}

template <class R, int bytes>
[[gnu::always_inline]] inline bool any(const Pack<R, bytes>& flag) noexcept {
  return sum_of_lanes<R, bytes>(flag) > 0;
}

// d_j^2 - s^2 at s = origin + offset. Only the difference cancels.
template <class R, int bytes>
[[gnu::always_inline]] inline Pack<R, bytes> distance(R pole, const Pack<R, bytes>& origin,
                                                      const Pack<R, bytes>& offset,
                                                      const Pack<R, bytes>& s) noexcept {
  return ((pole - origin) - offset) * (pole + s);
}

}  // namespace eckart::dense
