#pragma once

// Numbers and text as people read them, shared by the page, the charts and the terminal.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <eckart/types.hpp>

namespace eckart::report {

/// Text for HTML and XML, in element or quoted attribute: & < > " ' as entities, control characters
/// that XML forbids and bytes that are not UTF-8 as U+FFFD.
[[nodiscard]] std::string escape_markup(std::string_view text);

/// `digits` significant digits, plain between 1e-4 and 10^digits, else 1.23e-05. Infinity is "inf".
[[nodiscard]] std::string format_number(double value, int digits = 6);

/// The same with trailing zeros, so that a column of numbers lines up; a zero is "0".
[[nodiscard]] std::string format_padded(double value, int digits = 6);

/// 12,345,678.
[[nodiscard]] std::string format_count(Index count);

/// "1.5 MiB", "812 bytes".
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);

/// "1.24 s", "83 ms", "12 us", "3 min 20 s". `unicode`: µs.
[[nodiscard]] std::string format_seconds(double seconds, bool unicode = false);

/// "99.9 %"; never rounds up to 100 % what is below it, nor down to 0 % what is above it.
[[nodiscard]] std::string format_percent(double fraction, int decimals = 1);

/// A count with its noun: "1 value", "3 values".
[[nodiscard]] std::string counted(Index count, std::string_view singular, std::string_view plural);

/// RFC 4648 base64, for data URIs.
[[nodiscard]] std::string base64(std::span<const std::uint8_t> bytes);

/// The next code point of UTF-8 text from `at`, which moves past it. A byte that begins no valid
/// sequence gives `invalid` and moves by one. Overlong forms and surrogates are invalid.
inline constexpr char32_t invalid_code_point = 0xFFFFFFFF;
[[nodiscard]] char32_t next_code_point(std::string_view text, std::size_t& at);

/// The first `most` (>= 1) code points of text; where some are left off, the last of them is an
/// ellipsis.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t most);

}  // namespace eckart::report
