#pragma once

// Small things about text that several formats share.

#include <charconv>
#include <string>
#include <string_view>

#include <eckart/types.hpp>

namespace eckart::io {

/// Text from a file as a message may show it: control characters and bytes beyond ASCII as \xNN (so
/// that a name in a file cannot steer a terminal), at most `longest` characters, then "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t longest = 80);

/// Appends the shortest decimal number that reads back as the same x: at most 17 digits for double,
/// 9 for float.
template <RealScalar T>
void append_number(std::string& out, T x) {
  char digits[32];  // the longest shortest double has 24 characters: -1.2345678901234567e-308
  const auto end = std::to_chars(digits, digits + sizeof digits, x).ptr;
  out.append(digits, end);
}

}  // namespace eckart::io
