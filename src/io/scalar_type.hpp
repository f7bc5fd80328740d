#pragma once

// The four types of the engine as values: what a file's type becomes in memory (the widening rule
// of io.hpp).

#include <complex>
#include <type_traits>

#include <eckart/error.hpp>
#include <eckart/types.hpp>

namespace eckart::io {

enum class ScalarType { float32, float64, complex64, complex128 };

template <Scalar T>
inline constexpr ScalarType scalar_type =
    std::is_same_v<T, float>                 ? ScalarType::float32
    : std::is_same_v<T, double>              ? ScalarType::float64
    : std::is_same_v<T, std::complex<float>> ? ScalarType::complex64
                                             : ScalarType::complex128;

/// NumPy's name of the type.
[[nodiscard]] constexpr const char* to_string(ScalarType type) noexcept {
  constexpr const char* names[] = {"float32", "float64", "complex64", "complex128"};
  return names[static_cast<int>(type)];
}

[[nodiscard]] constexpr std::size_t size_of(ScalarType type) noexcept {
  constexpr std::size_t sizes[] = {4, 8, 8, 16};
  return sizes[static_cast<int>(type)];
}

/// Calls f.template operator()<T>() for the C++ type T of `type`.
template <class F>
decltype(auto) with_scalar_type(ScalarType type, F&& f) {
  switch (type) {
    case ScalarType::float32:
      return f.template operator()<float>();
    case ScalarType::float64:
      return f.template operator()<double>();
    case ScalarType::complex64:
      return f.template operator()<std::complex<float>>();
    case ScalarType::complex128:
      break;
  }
  return f.template operator()<std::complex<double>>();
}

}  // namespace eckart::io
