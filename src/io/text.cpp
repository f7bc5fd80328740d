#include "io/text.hpp"

namespace eckart::io {

std::string printable(std::string_view text, std::size_t longest) {
  constexpr char hex[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    if (out.size() >= longest) {
      return out + "...";
    }
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += "\\x";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return out;
}

}  // namespace eckart::io
