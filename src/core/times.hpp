#pragma once

#include <eckart/types.hpp>

namespace eckart {

/// a b without a case for infinity, of which a * b of complex numbers has one.
template <Scalar T>
[[nodiscard]] inline T times(const T& a, const T& b) noexcept {
  if constexpr (ComplexScalar<T>) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
  } else {
    return a * b;
  }
}

}  // namespace eckart
