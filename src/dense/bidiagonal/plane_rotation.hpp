#pragma once

// A plane rotation:  [c s; -s c] [f; g] = [r; 0],  c >= 0.

#include <cmath>
#include <limits>

#include <eckart/types.hpp>

namespace eckart::dense {

template <RealScalar R>
struct Rotation {
  R c, s, r;
};

/// The rotation that turns (f, g) into (r, 0). Squares that would leave the range are avoided by the slow path. One rotation waits for
/// the one before, so the length of this chain is the time of a sweep: 1 / r = r (1 / r^2), whose division goes beside the square
/// root.
template <RealScalar R>
[[gnu::always_inline]] inline Rotation<R> rotation_for(R f, R g) noexcept {
  constexpr R largest = R{1} / std::numeric_limits<R>::min() * epsilon<R>;
  constexpr R smallest = std::numeric_limits<R>::min() / epsilon<R>;
  const R square = f * f + g * g;
  if (square > smallest && square < largest) [[likely]] {
    const R inverse_square = 1 / square;
    const R r = std::copysign(std::sqrt(square), f);
    const R inverse = r * inverse_square;
    return {f * inverse, g * inverse, r};
  }
  const R r = std::copysign(std::hypot(f, g), f);
  if (!(std::abs(r) > 0)) {
    return {1, 0, 0};
  }
  return {f / r, g / r, r};
}

}  // namespace eckart::dense
