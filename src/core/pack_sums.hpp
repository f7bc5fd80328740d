#pragma once

// Sums across the lanes of several vectors at once, and the exchange of the two parts of complex lanes; see core/simd.hpp for how
// they are compiled.

#include <utility>

#include "core/simd.hpp"

// GCC 12 warns of every array whose size depends on a template argument that is an int.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"

namespace eckart {

namespace detail {

// One of two packs, each of `sums` groups of lanes to be added up: the lower (or upper) half of every group of a, then of b.
template <class P, int lane_count, int sums, bool upper, int... l>
[[gnu::always_inline]] inline P halves(const P& a, const P& b,
                                       std::integer_sequence<int, l...>) noexcept {
  constexpr int width = lane_count / sums, half = width / 2;
  // Lane l of the result belongs to group l / half of the 2 * sums groups.
  return __builtin_shufflevector(a, b, ((l / half) * width + l % half + (upper ? half : 0))...);
}

template <class R, int bytes, int... l>
[[gnu::always_inline]] inline Pack<R, bytes> swap_lanes(const Pack<R, bytes>& v,
                                                        std::integer_sequence<int, l...>) noexcept {
  return __builtin_shufflevector(v, v, (l ^ 1)...);
}

}  // namespace detail

/// Real and imaginary parts change places.
template <class R, int bytes>
[[gnu::always_inline]] inline Pack<R, bytes> swapped(const Pack<R, bytes>& v) noexcept {
  return detail::swap_lanes<R, bytes>(
      v, std::make_integer_sequence<int, static_cast<int>(lanes<R, bytes>)>{});
}

/// out[i] = the sum of the lanes of v[i], for `count` (a power of two) packs at once: each step adds halves, and keeps twice as
/// many groups of lanes (`sums`) in half as many packs, the last ones repeated where there is but one pack.
template <class R, int bytes, int count, int sums = 1, int wanted = count>
[[gnu::always_inline]] inline void sums_of_packs(const Pack<R, bytes> (&v)[count],
                                                 R* out) noexcept {
  using P = Pack<R, bytes>;
  constexpr int all = static_cast<int>(lanes<R, bytes>);
  if constexpr (sums == all) {
    R part[count * all];
#pragma GCC unroll 16
    for (int i = 0; i < count; ++i) {
      store(part + i * all, v[i]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < wanted; ++i) {
      out[i] = part[i];
    }
  } else {
    constexpr int fewer = count > 1 ? count / 2 : 1;
    constexpr auto order = std::make_integer_sequence<int, all>{};
    P next[fewer];
#pragma GCC unroll 16
    for (int i = 0; i < fewer; ++i) {
      const P& first = v[2 * i % count];
      const P& second = v[(2 * i + 1) % count];
      next[i] = detail::halves<P, all, sums, false>(first, second, order) +
                detail::halves<P, all, sums, true>(first, second, order);
    }
    sums_of_packs<R, bytes, fewer, 2 * sums, wanted>(next, out);
  }
}

}  // namespace eckart

#pragma GCC diagnostic pop
