#pragma once

// PNG files made byte by byte, of every kind, without the library that reads them.

#include <cstdint>
#include <string>
#include <string_view>

namespace eckart::io {

/// The bytes that hexadecimal digits name; blanks between them do not count.
inline std::string from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  int high = -1;
  for (const char c : hex) {
    if (c == ' ') {
      continue;
    }
    if (high < 0) {
      high = digit(c);
    } else {
      bytes += static_cast<char>(16 * high + digit(c));
      high = -1;
    }
  }
  return bytes;
}

inline std::string big_endian(std::uint32_t x) {
  return {static_cast<char>(x >> 24), static_cast<char>(x >> 16), static_cast<char>(x >> 8),
          static_cast<char>(x)};
}

inline std::string png_chunk(const std::string& type, const std::string& data) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : type + data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0);
    }
  }
  return big_endian(static_cast<std::uint32_t>(data.size())) + type + data + big_endian(~crc);
}

struct PngFile {
  std::uint32_t width = 1, height = 1;
  int depth = 8;
  int type = 0;                   // 0 grey, 2 colour, 3 palette, 4 grey + alpha, 6 colour + alpha
  int interlace = 0;              // 1: Adam7
  std::string rows;               // hexadecimal: each row begins with its filter, 00
  std::string palette = {};       // hexadecimal
  std::string transparency = {};  // hexadecimal

  [[nodiscard]] std::string bytes() const {
    const std::string raw = from_hex(rows);
    std::uint32_t a = 1;
    std::uint32_t b = 0;
    for (const char c : raw) {
      a = (a + static_cast<unsigned char>(c)) % 65521;
      b = (b + a) % 65521;
    }
    const auto size = static_cast<std::uint16_t>(raw.size());
    const std::string stored = {1, static_cast<char>(size), static_cast<char>(size >> 8),
                                static_cast<char>(~size), static_cast<char>(~size >> 8)};
    std::string file = "\x89PNG\r\n\x1a\n";
    file += png_chunk("IHDR", big_endian(width) + big_endian(height) +
                                  std::string{static_cast<char>(depth), static_cast<char>(type), 0,
                                              0, static_cast<char>(interlace)});
    file += palette.empty() ? "" : png_chunk("PLTE", from_hex(palette));
    file += transparency.empty() ? "" : png_chunk("tRNS", from_hex(transparency));
    file += png_chunk("IDAT", "\x78\x01" + stored + raw + big_endian((b << 16) | a));
    return file + png_chunk("IEND", "");
  }
};

}  // namespace eckart::io
