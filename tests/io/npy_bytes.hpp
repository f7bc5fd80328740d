#pragma once

// npy files made by hand, byte by byte, so that what reads them is tested against the format and
// not against what writes.

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <eckart/io.hpp>

#include "io/format_reader.hpp"
#include "io/input.hpp"

namespace eckart::io {

/// The whole file: magic, version, length, header text as given, entries as given.
inline std::string npy_file(const std::string& header, const std::string& entries,
                            char version = 1) {
  std::string file = "\x93NUMPY";
  file += version;
  file += '\0';
  for (std::size_t i = 0; i < (version == 1 ? 2U : 4U); ++i) {
    file += static_cast<char>((header.size() >> (8 * i)) & 255);
  }
  return file + header + entries;
}

inline std::string npy_header(const std::string& type, bool fortran_order,
                              const std::string& shape) {
  return "{'descr': '" + type + "', 'fortran_order': " + (fortran_order ? "True" : "False") +
         ", 'shape': " + shape + ", }\n";
}

/// The bytes of numbers, least significant first (the tests run on little-endian machines), or most
/// significant first.
template <class T>
std::string little(std::initializer_list<T> values) {
  std::string out;
  for (const T& value : values) {
    const auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(value);
    out.append(bytes.begin(), bytes.end());
  }
  return out;
}
template <class T>
std::string big(std::initializer_list<T> values) {
  std::string out;
  for (const T& value : values) {
    const auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(value);
    out.append(bytes.rbegin(), bytes.rend());
  }
  return out;
}

inline Input input_of(std::string_view bytes, const std::string& name = "a.npy") {
  return Input::in_memory(name, std::as_bytes(std::span(bytes)));
}

/// Calls f and returns the message of the Error of the kind meant; another outcome gives a text
/// that no test expects.
template <class E, class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("another exception: ") + error.what();
  }
  return "no exception";
}

}  // namespace eckart::io
