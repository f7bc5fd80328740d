#pragma once

// One number at the start of a text: what the readers of CSV and Matrix Market share.
//
// The plain form goes straight to std::from_chars, which rounds correctly, knows no locale and is
// the fastest that the standard library has. The rest is what programs write besides:
//
//   +1.5          a plus sign
//   1,5           a decimal comma, where the caller says that commas are decimal signs
//   1.0D-03       Fortran's double exponent
//   0x1.8p+1      C's %a and Python's float.hex()
//   nan, inf      in any case, also infinity and nan(...)
//   1+2j          complex: i or j, in parentheses or not, "2j" alone, NumPy's "(1+-2j)", Julia's
//                 "1.0 + 2.0im"; a unit without digits ("j") is a name, not a number
//
// A number below the range of a double becomes zero or the nearest denormal, as rounding demands;
// one above it is not made infinite in silence but reported as too_large.

#include <charconv>
#include <complex>
#include <cstdint>
#include <string_view>

namespace eckart::io {

enum class NumberStatus { ok, not_a_number, too_large };

struct NumberEnd {
  const char* end;  // behind the number; the start when there is none
  NumberStatus status;
};

/// The real number that [first, last) begins with. `decimal` is '.' or ','. `value` is written only
/// when the status is ok.
[[nodiscard]] NumberEnd parse_number(const char* first, const char* last, char decimal,
                                     double& value) noexcept;

/// The complex number that [first, last) begins with; a real one is complex too.
[[nodiscard]] NumberEnd parse_number(const char* first, const char* last, char decimal,
                                     std::complex<double>& value) noexcept;

/// The whole of `text`, without blanks round it, as a number.
template <class T>
[[nodiscard]] NumberStatus parse_whole(std::string_view text, char decimal, T& value) noexcept {
  const char* last = text.data() + text.size();
  const auto [end, status] = parse_number(text.data(), last, decimal, value);
  return status == NumberStatus::ok && end != last ? NumberStatus::not_a_number : status;
}

/// The integer that [first, last) begins with; an integer beyond 64 bits is too_large.
[[nodiscard]] NumberEnd parse_number(const char* first, const char* last,
                                     std::int64_t& value) noexcept;

}  // namespace eckart::io
