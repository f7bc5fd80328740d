#pragma once

// One Householder reflector from a vector:  H^H (alpha; t) = (beta; 0),  H = I - tau (1; v)(1; v)^H,  beta real,
//
//   beta = -sign(Re alpha) sqrt(|alpha|^2 + ||t||^2),   tau = (beta - alpha) / beta,   v = t / (alpha - beta),
//
// the convention of LAPACK's larfg: no cancellation in alpha - beta, 1 <= |tau| <= 2, and H = I (tau = 0) when t = 0 and alpha
// is real. The caller has ||t||^2 from a loop of its own and scales t itself. That sum of squares loses digits to underflow
// only below, and overflows only above, what `squares_are_safe` lets through; outside, the caller multiplies the vector by the
// power of two that make_safe chooses, which is exact, and divides beta by it afterwards.

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include <eckart/types.hpp>

#include "core/times.hpp"

namespace eckart::dense {

template <Scalar T>
struct Reflector {
  Real<T> beta{};
  T tau{};
  T scale{};  // 1 / (alpha - beta), 0 for H = I: v = scale t
};

/// 1 / x, without the tests for infinity of the operator.
template <Scalar T>
[[nodiscard]] inline T reciprocal(const T& x) noexcept {
  if constexpr (ComplexScalar<T>) {
    const Real<T> square = x.real() * x.real() + x.imag() * x.imag();
    return {x.real() / square, -x.imag() / square};
  } else {
    return 1 / x;
  }
}

template <Scalar T>
[[nodiscard]] inline Real<T> square_of(const T& x) noexcept {
  if constexpr (ComplexScalar<T>) {
    return x.real() * x.real() + x.imag() * x.imag();
  } else {
    return x * x;
  }
}

/// Whether |alpha|^2 + ||t||^2 =: total is right to rounding: what underflowed in it is below eps of it. Zero and NaN are not.
template <RealScalar R>
[[nodiscard]] inline bool squares_are_safe(R total) noexcept {
  constexpr R eps = std::numeric_limits<R>::epsilon();
  return total >= std::numeric_limits<R>::min() / (eps * eps) &&
         total <= std::numeric_limits<R>::max() * eps;
}

/// The power of two that brings `largest` (positive, finite) near 1; itself a normal number.
template <RealScalar R>
[[nodiscard]] inline R safe_scale(R largest) noexcept {
  using Limits = std::numeric_limits<R>;
  return std::ldexp(
      R{1}, -std::clamp(std::ilogb(largest), Limits::min_exponent, Limits::max_exponent - 2));
}

namespace detail {

template <Scalar T, std::size_t count>
[[gnu::noinline]] Real<T> rescale(T& alpha, Real<T>& tail_square,
                                  const std::array<std::span<Real<T>>, count>& tail) noexcept {
  using R = Real<T>;
  R largest = std::max(std::abs(std::real(alpha)), std::abs(std::imag(alpha)));
  for (const std::span<R> part : tail) {
    for (const R x : part) {
      largest = std::max(largest, std::abs(x));
    }
  }
  if (!(largest > 0) || !std::isfinite(largest)) {
    return 1;
  }
  const R scale = safe_scale(largest);
  alpha *= scale;
  tail_square = 0;
  for (const std::span<R> part : tail) {
    for (R& x : part) {
      x *= scale;
      tail_square += x * x;
    }
  }
  return scale;
}

}  // namespace detail

/// Multiplies alpha and t, given as spans of reals, by a power of two where their squares need it, and returns that power.
template <Scalar T, std::size_t count>
[[nodiscard]] inline Real<T> make_safe(T& alpha, Real<T>& tail_square,
                                       const std::array<std::span<Real<T>>, count>& tail) noexcept {
  if (squares_are_safe(square_of(alpha) + tail_square)) [[likely]] {
    return 1;
  }
  return detail::rescale(alpha, tail_square, tail);
}

template <Scalar T>
[[nodiscard]] inline Reflector<T> make_reflector(T alpha, Real<T> tail_square) noexcept {
  using R = Real<T>;
  if constexpr (ComplexScalar<T>) {
    if (tail_square == 0 && alpha.imag() == 0) {
      return {alpha.real(), T{}, T{}};
    }
  } else {
    if (tail_square == 0) {
      return {alpha, T{}, T{}};
    }
  }
  const R norm = std::sqrt(square_of(alpha) + tail_square);
  const R beta = -std::copysign(norm, real_part(alpha));
  return {beta, (T(beta) - alpha) / beta, reciprocal<T>(alpha - T(beta))};
}

}  // namespace eckart::dense
