#pragma once

// Scalar types of the engine.
//
// A matrix entry is a Scalar: float, double, std::complex<float> or std::complex<double>. Norms,
// singular values and errors of a Scalar T are Real<T>. Sizes and indices are 64-bit and signed
// everywhere (Index); only the BLAS room narrows them.

#include <cmath>
#include <complex>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace eckart {

using Index = std::int64_t;

template <class T>
concept RealScalar = std::same_as<T, float> || std::same_as<T, double>;

template <class T>
concept ComplexScalar =
    std::same_as<T, std::complex<float>> || std::same_as<T, std::complex<double>>;

template <class T>
concept Scalar = RealScalar<T> || ComplexScalar<T>;

namespace detail {
template <class T>
struct RealOf {
  using type = T;
};
template <class T>
struct RealOf<std::complex<T>> {
  using type = T;
};
}  // namespace detail

/// The real type under T: Real<std::complex<float>> is float, Real<double> is double.
template <class T>
using Real = typename detail::RealOf<std::remove_cv_t<T>>::type;

/// Distance from 1 to the next number: 2^-23 for float, 2^-52 for double. The `eps` of every bound
/// in Eckart.
template <class T>
inline constexpr Real<T> epsilon = std::numeric_limits<Real<T>>::epsilon();

/// Smallest normal number of Real<T>.
template <class T>
inline constexpr Real<T> smallest_normal = std::numeric_limits<Real<T>>::min();

/// Complex conjugate that keeps the type: std::conj turns a real number into a complex one.
template <Scalar T>
[[nodiscard]] constexpr T conjugate(const T& x) noexcept {
  if constexpr (ComplexScalar<T>) {
    return std::conj(x);
  } else {
    return x;
  }
}

/// Neither NaN nor infinite, in both parts.
template <Scalar T>
[[nodiscard]] inline bool is_finite(const T& x) noexcept {
  if constexpr (ComplexScalar<T>) {
    return std::isfinite(x.real()) && std::isfinite(x.imag());
  } else {
    return std::isfinite(x);
  }
}

/// "NaN", "infinity" or "-infinity", by the first part of x that is not finite; x is not.
template <Scalar T>
[[nodiscard]] const char* name_of_non_finite(const T& x) noexcept {
  const auto z = std::complex<double>(x);
  const double part = std::isfinite(z.real()) ? z.imag() : z.real();
  return std::isnan(part) ? "NaN" : part > 0 ? "infinity" : "-infinity";
}

/// Real part that keeps the type of a real number.
template <Scalar T>
[[nodiscard]] constexpr Real<T> real_part(const T& x) noexcept {
  if constexpr (ComplexScalar<T>) {
    return x.real();
  } else {
    return x;
  }
}

}  // namespace eckart
