#include "io/number.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <new>
#include <string>

namespace eckart::io {
namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_exponent(char c) noexcept {
  return c == 'e' || c == 'E' || c == 'd' || c == 'D';
}

const char* skip_digits(const char* p, const char* last) noexcept {
  return std::find_if_not(p, last, is_digit);
}

/// Whether the unsigned decimal number in [p, last), known to leave the range of a double, leaves
/// it upwards. The power of ten of its first significant digit decides: the range ends near 1e±308,
/// so only the sign of that power matters.
bool leaves_upwards(const char* p, const char* last) noexcept {
  std::int64_t power = 0;
  bool fraction = false;
  bool significant = false;
  for (; p != last && *p != 'e' && *p != 'E'; ++p) {
    if (*p == '.') {
      fraction = true;
    } else {
      significant = significant || *p != '0';
      power += significant ? (fraction ? 0 : 1) : (fraction ? -1 : 0);
    }
  }
  if (p == last) {
    return power > 0;
  }
  ++p;
  if (p != last && *p == '+') {
    ++p;
  }
  std::int64_t exponent = 0;
  if (std::from_chars(p, last, exponent).ec == std::errc::result_out_of_range) {
    return *p != '-';
  }
  return exponent > -power;
}

/// from_chars of an unsigned number, with the two ways out of the range told apart.
NumberEnd parse_unsigned(const char* p, const char* last, std::chars_format format,
                         double& value) noexcept {
  const auto [end, error] = std::from_chars(p, last, value, format);
  if (error == std::errc{}) {
    return {end, NumberStatus::ok};
  }
  if (error != std::errc::result_out_of_range) {
    return {p, NumberStatus::not_a_number};
  }
  const bool too_large = format == std::chars_format::hex
                             ? std::find(p, end, '-') == end  // hexadecimal exponents are explicit
                             : leaves_upwards(p, end);
  if (too_large) {
    return {end, NumberStatus::too_large};
  }
  value = 0;
  return {end, NumberStatus::ok};
}

/// A number with a decimal comma or a Fortran exponent: copied as from_chars wants it, then parsed.
NumberEnd parse_rewritten(const char* first, const char* last, char decimal,
                          double& value) noexcept {
  // 1. How far the number goes: digits, a decimal sign (a comma needs a digit behind it), an
  // exponent.
  const char* p = skip_digits(first, last);
  const char* point = last;
  if (p != last && *p == decimal && (decimal == '.' || (last - p > 1 && is_digit(p[1])))) {
    point = p;
    p = skip_digits(p + 1, last);
  }
  const char* exponent = last;
  if (p != first && p != last && is_exponent(*p)) {
    const char* digits = p + 1;
    if (digits != last && (*digits == '+' || *digits == '-')) {
      ++digits;
    }
    if (digits != last && is_digit(*digits)) {
      exponent = p;
      p = skip_digits(digits, last);
    }
  }
  // 2. The copy. Numbers that do not fit the buffer are longer than any program writes.
  std::array<char, 512> copy{};
  const auto length = static_cast<std::size_t>(p - first);
  if (length == 0 || length > copy.size()) {
    return {first, NumberStatus::not_a_number};
  }
  std::copy(first, p, copy.begin());
  if (point != last) {
    copy[static_cast<std::size_t>(point - first)] = '.';
  }
  if (exponent != last) {
    copy[static_cast<std::size_t>(exponent - first)] = 'e';
  }
  const auto [end, status] =
      parse_unsigned(copy.data(), copy.data() + length, std::chars_format::general, value);
  return {first + (end - copy.data()), status};
}

/// A number without its sign, in any of the forms.
NumberEnd parse_magnitude(const char* p, const char* last, char decimal, double& value) noexcept {
  if (p == last || *p == '-') {
    return {p, NumberStatus::not_a_number};
  }
  if (*p == '0' && last - p > 2 && (p[1] == 'x' || p[1] == 'X') && p[2] != '-') {
    const NumberEnd hex = parse_unsigned(p + 2, last, std::chars_format::hex, value);
    return hex.status == NumberStatus::not_a_number ? NumberEnd{p, hex.status} : hex;
  }
  if (decimal != '.' && (is_digit(*p) || *p == decimal)) {
    return parse_rewritten(p, last, decimal, value);
  }
  if (decimal != '.' && *p == '.') {
    return {p, NumberStatus::not_a_number};
  }
  const NumberEnd plain = parse_unsigned(p, last, std::chars_format::general, value);
  if (plain.status == NumberStatus::ok && plain.end != last &&
      (*plain.end == 'd' || *plain.end == 'D') && is_digit(*p)) {
    return parse_rewritten(p, last, decimal, value);
  }
  return plain;
}

const char* skip_blanks(const char* p, const char* last) noexcept {
  return std::find_if_not(p, last, [](char c) { return c == ' ' || c == '\t'; });
}

/// Behind the imaginary unit at p (i, j or im); p where there is none.
const char* skip_unit(const char* p, const char* last) noexcept {
  if (last - p > 1 && p[0] == 'i' && p[1] == 'm') {
    return p + 2;
  }
  return p != last && (*p == 'i' || *p == 'j' || *p == 'I' || *p == 'J') ? p + 1 : p;
}

}  // namespace

NumberEnd parse_number(const char* first, const char* last, char decimal, double& value) noexcept {
  const bool negative = first != last && *first == '-';
  const bool signed_number = negative || (first != last && *first == '+');
  NumberEnd number = parse_magnitude(first + (signed_number ? 1 : 0), last, decimal, value);
  if (number.status == NumberStatus::not_a_number) {
    number.end = first;
  } else if (number.status == NumberStatus::ok && negative) {
    value = -value;
  }
  return number;
}

NumberEnd parse_number(const char* first, const char* last, char decimal,
                       std::complex<double>& value) noexcept {
  const bool parentheses = first != last && *first == '(';
  const char* p = parentheses ? skip_blanks(first + 1, last) : first;
  // 1. The first term: the real part, or the imaginary part alone.
  double real = 0;
  double imaginary = 0;
  const NumberEnd one = parse_number(p, last, decimal, real);
  if (one.status != NumberStatus::ok) {
    return {one.status == NumberStatus::not_a_number ? first : one.end, one.status};
  }
  p = one.end;
  if (const char* unit = skip_unit(p, last); unit != p) {
    imaginary = real;
    real = 0;
    p = unit;
  } else if (const char* sign = skip_blanks(p, last);
             sign != last && (*sign == '+' || *sign == '-')) {
    // 2. The second term, which begins with a sign ("+-2j" has two) and ends with the unit.
    const char* magnitude = skip_blanks(sign + 1, last);
    const bool both_signs = *sign == '+' && magnitude != last && *magnitude == '-';
    const NumberEnd two =
        parse_magnitude(magnitude + (both_signs ? 1 : 0), last, decimal, imaginary);
    unit = skip_unit(two.end, last);
    if (two.status == NumberStatus::too_large) {
      return two;
    }
    if (two.status == NumberStatus::ok && unit != two.end) {
      imaginary = *sign == '-' || both_signs ? -imaginary : imaginary;
      p = unit;
    } else {
      imaginary = 0;  // what follows is not ours: the number is real and ends before it
    }
  }
  // 3. The parenthesis.
  if (parentheses) {
    p = skip_blanks(p, last);
    if (p == last || *p != ')') {
      return {first, NumberStatus::not_a_number};
    }
    ++p;
  }
  value = {real, imaginary};
  return {p, NumberStatus::ok};
}

NumberEnd parse_number(const char* first, const char* last, std::int64_t& value) noexcept {
  const char* p = first != last && *first == '+' ? first + 1 : first;
  if (p != first && p != last && *p == '-') {
    return {first, NumberStatus::not_a_number};
  }
  const auto [end, error] = std::from_chars(p, last, value);
  if (error == std::errc{}) {
    return {end, NumberStatus::ok};
  }
  return error == std::errc::result_out_of_range ? NumberEnd{end, NumberStatus::too_large}
                                                 : NumberEnd{first, NumberStatus::not_a_number};
}

}  // namespace eckart::io
