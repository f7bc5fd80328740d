#include "report/text.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace eckart::report {

char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const std::size_t start = at++;
  if (first < 0x80) {
    return first;
  }
  // Length and payload of the sequence by its first byte, and the smallest code point that needs
  // that length.
  std::size_t length = 0;
  char32_t code = 0, smallest = 0;
  if ((first & 0xE0) == 0xC0) {
    length = 2, code = first & 0x1FU, smallest = 0x80;
  } else if ((first & 0xF0) == 0xE0) {
    length = 3, code = first & 0x0FU, smallest = 0x800;
  } else if ((first & 0xF8) == 0xF0) {
    length = 4, code = first & 0x07U, smallest = 0x10000;
  }
  if (length == 0 || start + length > text.size()) {
    return invalid_code_point;
  }
  for (std::size_t i = start + 1; i < start + length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) {
      return invalid_code_point;
    }
    code = (code << 6) | (byte(i) & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < smallest || code > 0x10FFFF || surrogate) {
    return invalid_code_point;
  }
  at = start + length;
  return code;
}

std::string clipped(std::string_view text, std::size_t most) {
  std::size_t before_last = 0, at = 0;
  for (std::size_t count = 0; at < text.size(); ++count) {
    if (count == most) {
      return std::string(text.substr(0, before_last)) + "…";
    }
    before_last = at;
    static_cast<void>(next_code_point(text, at));
  }
  return std::string(text);
}

std::string escape_markup(std::string_view text) {
  static constexpr std::string_view replacement = "\xEF\xBF\xBD";
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t code = next_code_point(text, at);
    const bool control = code < 0x20 && code != '\t' && code != '\n' && code != '\r';
    if (code == invalid_code_point || control || code == 0x7F || code == 0xFFFE || code == 0xFFFF) {
      out += replacement;
    } else if (code == '&') {
      out += "&amp;";
    } else if (code == '<') {
      out += "&lt;";
    } else if (code == '>') {
      out += "&gt;";
    } else if (code == '"') {
      out += "&quot;";
    } else if (code == '\'') {
      out += "&#39;";
    } else {
      out += text.substr(start, at - start);
    }
  }
  return out;
}

std::string format_number(double value, int digits) {
  return fmt::format("{:.{}g}", value, digits);
}

std::string format_padded(double value, int digits) {
  if (value == 0) {
    return "0";
  }
  std::string text = fmt::format("{:#.{}g}", value, digits);
  // A number whose digits are all before the point is written "1234.0" by some versions of fmt, "1234." by others.
  const std::size_t point = text.find('.');
  const bool plain = text.find('e') == std::string::npos;
  if (plain && point != std::string::npos && point >= static_cast<std::size_t>(digits)) {
    text.erase(point);
  }
  return text;
}

std::string format_count(Index count) {
  std::string text = std::to_string(count);
  const std::size_t first_digit = count < 0 ? 1 : 0;
  for (std::size_t i = text.size(); i > first_digit + 3;) {
    i -= 3;
    text.insert(i, ",");
  }
  return text;
}

std::string format_bytes(std::uint64_t bytes) {
  static constexpr std::array units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) {
    return counted(static_cast<Index>(bytes), "byte", "bytes");
  }
  double amount = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  // 1023.95 is where one decimal would round up to 1024.0.
  for (; amount >= 1023.95 && unit + 1 < units.size(); ++unit) {
    amount /= 1024;
  }
  return fmt::format("{:.1f} {}", amount, units[unit]);
}

std::string format_seconds(double seconds, bool unicode) {
  // The bounds stand where three digits would round up into the next unit.
  if (!(seconds > 0)) {
    return "0 s";
  }
  if (seconds < 0.9995e-3) {
    return fmt::format("{:.3g} {}", std::max(seconds * 1e6, 0.001), unicode ? "µs" : "us");
  }
  if (seconds < 0.9995) {
    return fmt::format("{:.3g} ms", seconds * 1e3);
  }
  if (seconds < 99.95) {
    return fmt::format("{:.3g} s", seconds);
  }
  if (seconds > 1e15) {
    return fmt::format("{:.3g} s", seconds);
  }
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) {
    return fmt::format("{} min {} s", whole / 60, whole % 60);
  }
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string format_percent(double fraction, int decimals) {
  const double percent = fraction * 100;
  const double unit = std::pow(10.0, -decimals);
  if (fraction > 0 && percent < unit / 2) {
    return fmt::format("<{:.{}f} %", unit, decimals);
  }
  if (fraction < 1 && percent >= 100 - unit / 2) {
    return fmt::format(">{:.{}f} %", 100 - unit, decimals);
  }
  return fmt::format("{:.{}f} %", percent, decimals);
}

std::string counted(Index count, std::string_view singular, std::string_view plural) {
  return fmt::format("{} {}", format_count(count), count == 1 ? singular : plural);
}

std::string base64(std::span<const std::uint8_t> bytes) {
  static constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t present = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = (group << 8) | (j < present ? bytes[i + j] : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out += j <= present ? alphabet[(group >> (18 - 6 * j)) & 63U] : '=';
    }
  }
  return out;
}

}  // namespace eckart::report
