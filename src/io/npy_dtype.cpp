#include "io/npy_dtype.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "io/text.hpp"

namespace eckart::io {
namespace {

/// The bytes of one entry, least significant first, whatever the order in the file.
template <std::size_t Size, bool BigEndian>
std::array<std::byte, Size> little_endian(const std::byte* from) noexcept {
  std::array<std::byte, Size> bytes{};
  std::copy_n(from, Size, bytes.begin());
  if constexpr (BigEndian) {
    std::reverse(bytes.begin(), bytes.end());
  }
  return bytes;
}

/// The unsigned integer of Size bytes at `from`.
template <class Word, bool BigEndian>
Word load_word(const std::byte* from) noexcept {
  auto bytes = little_endian<sizeof(Word), BigEndian>(from);
  if constexpr (std::endian::native == std::endian::big) {
    std::reverse(bytes.begin(), bytes.end());
  }
  return std::bit_cast<Word>(bytes);
}

/// IEEE 754 binary16: sign, 5 bits of exponent with bias 15, 10 of fraction. Every value is a
/// float, whose exponent has 8 bits with bias 127 and whose fraction has 23 bits; all ones in the
/// exponent mean infinity or NaN in both.
float half_to_float(std::uint16_t bits) noexcept {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits >> 15) << 31;
  const std::uint32_t exponent = (bits >> 10) & 31U;
  const std::uint32_t fraction = bits & 1023U;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t widened = exponent == 31 ? 255U : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (widened << 23) | (fraction << 13));
}

/// The x87 format: 64 bits of significand whose top bit stands before the point, then 15 bits of
/// exponent, then the sign.
double extended_to_double(std::uint64_t significand, std::uint16_t sign_and_exponent) noexcept {
  constexpr int bias = 16383;
  constexpr int special = 0x7fff;
  constexpr std::uint64_t fraction_mask = ~std::uint64_t{0} >> 1;
  const int exponent = sign_and_exponent & special;
  double magnitude = 0;
  if (exponent == special) {
    magnitude = (significand & fraction_mask) == 0 ? std::numeric_limits<double>::infinity()
                                                   : std::numeric_limits<double>::quiet_NaN();
  } else {
    magnitude = std::ldexp(static_cast<double>(significand), std::max(exponent, 1) - bias - 63);
  }
  return (sign_and_exponent & 0x8000) != 0 ? -magnitude : magnitude;
}

// How each stored kind is loaded: `size` bytes become a To.

template <class Stored, class To>
struct Number {
  using Computed = To;
  static constexpr std::size_t size = sizeof(Stored);
  template <bool BigEndian>
  static To load(const std::byte* from) noexcept {
    using Word = std::conditional_t<
        size == 1, std::uint8_t,
        std::conditional_t<size == 2, std::uint16_t,
                           std::conditional_t<size == 4, std::uint32_t, std::uint64_t>>>;
    return static_cast<To>(std::bit_cast<Stored>(load_word<Word, BigEndian>(from)));
  }
};

struct Bool {
  using Computed = float;
  static constexpr std::size_t size = 1;
  template <bool>
  static float load(const std::byte* from) noexcept {
    return *from == std::byte{0} ? 0.0F : 1.0F;
  }
};

struct Half {
  using Computed = float;
  static constexpr std::size_t size = 2;
  template <bool BigEndian>
  static float load(const std::byte* from) noexcept {
    return half_to_float(load_word<std::uint16_t, BigEndian>(from));
  }
};

template <std::size_t Size>
struct Extended {
  using Computed = double;
  static constexpr std::size_t size = Size;  // 10 bytes and padding
  template <bool BigEndian>
  static double load(const std::byte* from) noexcept {
    const auto bytes = little_endian<Size, BigEndian>(from);
    return extended_to_double(
        load_word<std::uint64_t, false>(bytes.data()),
        load_word<std::uint16_t, false>(bytes.data() + sizeof(std::uint64_t)));
  }
};

template <class Kind, bool BigEndian, std::size_t Parts>
void convert(const std::byte* from, void* to, std::size_t count) {
  auto* entry = static_cast<typename Kind::Computed*>(to);
  for (std::size_t i = 0; i < Parts * count; ++i) {
    entry[i] = Kind::template load<BigEndian>(from + i * Kind::size);
  }
}

struct TableEntry {
  char kind;
  std::size_t size;  // of an entry, bytes
  ScalarType computed;
  bool native_bits;  // equal to the computed type but for the byte order
  void (*little)(const std::byte*, void*, std::size_t);
  void (*big)(const std::byte*, void*, std::size_t);
};

template <class Kind, std::size_t Parts = 1>
constexpr TableEntry entry(char kind, bool native_bits = false) {
  constexpr bool single = std::is_same_v<typename Kind::Computed, float>;
  constexpr ScalarType computed = Parts == 1
                                      ? (single ? ScalarType::float32 : ScalarType::float64)
                                      : (single ? ScalarType::complex64 : ScalarType::complex128);
  return {kind,        Parts * Kind::size,          computed,
          native_bits, convert<Kind, false, Parts>, convert<Kind, true, Parts>};
}

constexpr TableEntry table[] = {
    entry<Bool>('b'),
    entry<Number<std::int8_t, float>>('i'),
    entry<Number<std::int16_t, float>>('i'),
    entry<Number<std::int32_t, double>>('i'),
    entry<Number<std::int64_t, double>>('i'),
    entry<Number<std::uint8_t, float>>('u'),
    entry<Number<std::uint16_t, float>>('u'),
    entry<Number<std::uint32_t, double>>('u'),
    entry<Number<std::uint64_t, double>>('u'),
    entry<Half>('f'),
    entry<Number<float, float>>('f', true),
    entry<Number<double, double>>('f', true),
    entry<Extended<12>>('f'),
    entry<Extended<16>>('f'),
    entry<Number<float, float>, 2>('c', true),
    entry<Number<double, double>, 2>('c', true),
    entry<Extended<12>, 2>('c'),
    entry<Extended<16>, 2>('c'),
};

/// Why a kind that is no number is refused.
const char* refusal(char kind) noexcept {
  switch (kind) {
    case 'O':
      return "Python objects, which NumPy stores as a pickle; a pickle can run code and is never "
             "read. Save the array "
             "with a numeric dtype: numpy.save(path, array.astype(float))";
    case 'S':
    case 'a':
    case 'U':
      return "text; convert the array to numbers first: array.astype(float)";
    case 'M':
    case 'm':
      return "dates or time spans; convert them to numbers first: array.astype('i8')";
    case 'V':
      return "raw bytes or records; choose one numeric field first: array['field']";
    default:
      return nullptr;
  }
}

}  // namespace

std::string parse_npy_dtype(std::string_view text, NpyDtype& dtype) {
  std::string_view rest = text;
  char order = '=';
  if (!rest.empty() && std::string_view("<>|=").find(rest.front()) != std::string_view::npos) {
    order = rest.front();
    rest.remove_prefix(1);
  }
  const std::string shown = "'" + printable(text) + "'";
  const char kind = rest.empty() ? '\0' : rest.front();
  if (const char* why = refusal(kind)) {
    return "the type " + shown + " holds " + why;
  }
  std::size_t size = 0;
  const char* end = text.data() + text.size();
  if (rest.size() >= 2) {
    const auto [stop, error] = std::from_chars(rest.data() + 1, end, size);
    if (error != std::errc{} || stop != end) {
      size = 0;
    }
  }
  for (const TableEntry& e : table) {
    if (e.kind == kind && e.size == size) {
      const bool big = order == '>' || (order != '<' && std::endian::native == std::endian::big);
      dtype.entry_bytes = size;
      dtype.computed = e.computed;
      dtype.is_native = e.native_bits && big == (std::endian::native == std::endian::big);
      dtype.convert = big ? e.big : e.little;
      return {};
    }
  }
  return "the type " + shown + " is not one of NumPy's numeric types";
}

}  // namespace eckart::io
