#pragma once

// The four types of a matrix that was read, and how verbs get from "one of four" to a template.

#include <type_traits>
#include <variant>

#include <eckart/io.hpp>
#include <eckart/matrix.hpp>

namespace eckart::cli {

/// "float32", "float64", "complex64", "complex128".
template <Scalar T>
[[nodiscard]] constexpr const char* type_name() noexcept {
  if constexpr (std::is_same_v<T, float>) {
    return "float32";
  } else if constexpr (std::is_same_v<T, double>) {
    return "float64";
  } else if constexpr (std::is_same_v<T, std::complex<float>>) {
    return "complex64";
  } else {
    return "complex128";
  }
}

enum class ElementType { automatic, float32, float64, complex64, complex128 };

[[nodiscard]] ElementType element_type_of(const io::AnyMatrix& a) noexcept;

/// The name; "float64" for `automatic`.
[[nodiscard]] const char* to_string(ElementType type) noexcept;

/// The narrowest of the four types that holds both.
[[nodiscard]] ElementType common_type(ElementType a, ElementType b) noexcept;

/// The entries in another type; a conversion to the type that they have moves. Throws InvalidArgument when a complex matrix is
/// to become real and an imaginary part is not 0: nothing is dropped in silence.
[[nodiscard]] io::AnyMatrix converted(io::AnyMatrix a, ElementType type);

/// Calls body.template operator()<T>() for the T that `computed_type` of a Description names.
template <class Body>
decltype(auto) with_type(ElementType type, Body&& body) {
  switch (type) {
    case ElementType::float32:
      return body.template operator()<float>();
    case ElementType::complex64:
      return body.template operator()<std::complex<float>>();
    case ElementType::complex128:
      return body.template operator()<std::complex<double>>();
    case ElementType::automatic:
    case ElementType::float64:
      break;
  }
  return body.template operator()<double>();
}

/// The type that `computed_type` of io::Description names.
[[nodiscard]] ElementType element_type_of(const std::string& computed_type) noexcept;

}  // namespace eckart::cli
