#pragma once

// NumPy's type strings ("<f8", ">i2", "|b1") and how their entries become entries of the engine.
//
//   stored                     becomes       exact
//   b1 i1 u1 i2 u2 f2 f4       float32       yes
//   i4 u4 f8                   float64       yes
//   i8 u8                      float64       up to 2^53 in modulus; rounded to nearest beyond
//   f12 f16                    float64       rounded to nearest; infinite beyond the range
//   c8                         complex64     yes
//   c16                        complex128    yes
//   c24 c32                    complex128    as f12 and f16
//
// f12 and f16 are long double as x86 stores it: 80 bits, padded. That is what nearly every such
// file holds, but the format does not say; a file from a machine with another long double (quad
// precision on 64-bit Arm) would be misread, so it is better saved as f8 there.
//
// A complex entry is two real ones side by side, so complex types need no conversions of their own.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "io/scalar_type.hpp"

namespace eckart::io {

struct NpyDtype {
  std::size_t entry_bytes = 0;                // as stored
  ScalarType computed = ScalarType::float64;  // what an entry becomes
  bool is_native = false;                     // stored bytes are computed bytes: nothing to convert
  /// Converts entries: `from` holds count * entry_bytes bytes, `to` count entries of the computed
  /// type.
  void (*convert)(const std::byte* from, void* to, std::size_t count) = nullptr;
};

/// The type that a type string names. Without '<' or '>' the byte order is the machine's. Returns
/// what is wrong with it (an empty string when nothing is): objects, strings, dates and records are
/// refused by name.
[[nodiscard]] std::string parse_npy_dtype(std::string_view text, NpyDtype& dtype);

}  // namespace eckart::io
