#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "io/npy.hpp"
#include "io/text.hpp"

namespace eckart::io {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t version_bytes = 2;
// NumPy writes about 128 bytes; only records, which are no matrix, take more than a few hundred.
constexpr std::uint64_t longest_header = 1 << 16;

/// The header text, consumed from its front. `base` is the byte of the file at which it begins.
class HeaderText {
 public:
  HeaderText(const ByteStream& stream, std::string_view text, std::uint64_t base)
      : stream_(stream), text_(text), base_(base) {}

  [[noreturn]] void fail(const std::string& what) const { fail(position_, what); }
  [[noreturn]] void fail(std::size_t position, const std::string& what) const {
    stream_.fail(base_ + position, what);
  }
  [[nodiscard]] std::size_t position() const noexcept { return position_; }

  void skip_space() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t')) {
      ++position_;
    }
  }

  /// The next character that is no space; '\0' at the end.
  [[nodiscard]] char peek() {
    skip_space();
    return position_ < text_.size() ? text_[position_] : '\0';
  }

  [[nodiscard]] bool accept(char c) {
    if (peek() != c) {
      return false;
    }
    ++position_;
    return true;
  }

  void expect(char c, const char* where) {
    if (!accept(c)) {
      fail(std::string("expected '") + c + "' " + where);
    }
  }

  /// A string in either kind of quotes. None of the strings that are meant needs an escape, so none
  /// is understood.
  [[nodiscard]] std::string string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') {
      fail("expected a string in quotes");
    }
    const std::size_t end = text_.find(quote, position_ + 1);
    if (end == std::string_view::npos) {
      fail("a string without its closing quote");
    }
    std::string value(text_.substr(position_ + 1, end - position_ - 1));
    if (value.find('\\') != std::string::npos) {
      fail("a string with an escape, which no numeric array has");
    }
    position_ = end + 1;
    return value;
  }

  [[nodiscard]] bool boolean() {
    for (const auto& [word, value] :
         {std::pair{std::string_view("True"), true}, {std::string_view("False"), false}}) {
      skip_space();
      if (text_.substr(position_).starts_with(word)) {
        position_ += word.size();
        return value;
      }
    }
    fail("'fortran_order' is neither True nor False");
  }

  /// A tuple of sizes: (), (3,), (3, 4). Python 2 wrote its long integers as 3L.
  [[nodiscard]] std::vector<Index> shape() {
    expect('(', "at the beginning of the shape");
    std::vector<Index> sizes;
    bool comma = true;
    while (!accept(')')) {
      if (!comma) {
        fail("expected ',' or ')' in the shape");
      }
      sizes.push_back(size());
      comma = accept(',');
    }
    if (sizes.size() == 1 && !comma) {
      fail("the shape is a number in brackets, not a tuple: a comma is missing");
    }
    return sizes;
  }

 private:
  Index size() {
    skip_space();
    const std::string_view rest = text_.substr(position_);
    Index value = 0;
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error == std::errc::result_out_of_range) {
      fail("a size in the shape does not fit 64 bits");
    }
    if (error != std::errc{} || value < 0) {
      fail("the shape holds something that is not a size");
    }
    position_ += static_cast<std::size_t>(stop - rest.data());
    if (position_ < text_.size() && text_[position_] == 'L') {
      ++position_;
    }
    return value;
  }

  const ByteStream& stream_;
  std::string_view text_;
  std::uint64_t base_;
  std::size_t position_ = 0;
};

/// The header's three keys, each once, in any order.
void parse_dict(HeaderText text, NpyHeader& header) {
  bool has_type = false;
  bool has_order = false;
  bool has_shape = false;
  const auto first_time = [&text](bool& seen, const char* key) {
    if (seen) {
      text.fail(std::string("the key '") + key + "' stands twice");
    }
    seen = true;
  };
  text.expect('{', "at the beginning of the header");
  bool comma = true;
  while (!text.accept('}')) {
    if (!comma) {
      text.fail("expected ',' or '}'");
    }
    const std::string key = text.string();
    text.expect(':', "after a key");
    if (key == "descr") {
      first_time(has_type, "descr");
      if (text.peek() == '[' || text.peek() == '(') {
        text.fail(
            "an array of records or sub-arrays; choose one numeric field first: array['field']");
      }
      const std::size_t begin = text.position();
      header.type = text.string();
      const std::string wrong = parse_npy_dtype(header.type, header.dtype);
      if (!wrong.empty()) {
        text.fail(begin, wrong);
      }
    } else if (key == "fortran_order") {
      first_time(has_order, "fortran_order");
      header.fortran_order = text.boolean();
    } else if (key == "shape") {
      first_time(has_shape, "shape");
      header.shape = text.shape();
    } else {
      text.fail("unknown key '" + printable(key) + "'");
    }
    comma = text.accept(',');
  }
  if (!has_type || !has_order || !has_shape) {
    text.fail(std::string("the key '") +
              (!has_type    ? "descr"
               : !has_order ? "fortran_order"
                            : "shape") +
              "' is missing");
  }
  static_cast<void>(text.accept('\n'));
  if (text.peek() != '\0') {
    text.fail("something follows the header's closing brace");
  }
}

std::string shape_text(const std::vector<Index>& shape) {
  constexpr std::size_t shown = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(shape.size(), shown); ++i) {
    text += (i == 0 ? "" : " x ") + std::to_string(shape[i]);
  }
  return shape.size() > shown ? text + " x ..." : text;
}

/// Reads exactly `to`; the stream may end before its size says so.
void read_exactly(ByteStream& stream, std::span<std::byte> to, std::uint64_t begin,
                  const char* what) {
  const std::size_t got = stream.read(to);
  if (got < to.size()) {
    stream.fail(begin + got, std::string("the file ends inside ") + what);
  }
}

}  // namespace

Layout NpyHeader::layout() const noexcept {
  // Where one size is at most 1 both orders are the same bytes, and column-major needs no
  // transposition anywhere.
  return fortran_order || rows <= 1 || cols <= 1 ? Layout::column_major : Layout::row_major;
}

Description NpyHeader::description() const {
  return {.format = Format::npy,
          .rows = rows,
          .cols = cols,
          .stored_type = type,
          .computed_type = to_string(dtype.computed),
          .column_names = {}};
}

NpyHeader parse_npy_header(ByteStream& stream) {
  // 1. Magic and version.
  std::array<std::byte, magic.size() + version_bytes> start{};
  read_exactly(stream, start, 0, "the first 8 bytes of the npy format");
  if (!std::ranges::equal(std::span(start).first(magic.size()), std::as_bytes(std::span(magic)))) {
    stream.fail(0, "not an npy file: it does not begin with \\x93NUMPY");
  }
  const int major = std::to_integer<int>(start[magic.size()]);
  const int minor = std::to_integer<int>(start[magic.size() + 1]);
  if (major < 1 || major > 3 || minor != 0) {
    stream.fail(magic.size(), "npy version " + std::to_string(major) + "." + std::to_string(minor) +
                                  " is unknown; 1.0, 2.0 and 3.0 are read");
  }

  // 2. Length of the header text, believed only as far as the stream reaches.
  std::array<std::byte, 4> length_bytes{};
  const std::size_t width = major == 1 ? 2 : 4;
  read_exactly(stream, std::span(length_bytes).first(width), start.size(),
               "the length of the header");
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < width; ++i) {
    length |= std::to_integer<std::uint64_t>(length_bytes[i]) << (8 * i);
  }
  const std::uint64_t begin = start.size() + width;
  if (begin > stream.size() || length > stream.size() - begin) {
    stream.fail(start.size(), "the header claims " + std::to_string(length) +
                                  " bytes, but the file has " + std::to_string(stream.size()));
  }
  if (length > longest_header) {
    stream.fail(start.size(), "the header claims " + std::to_string(length) +
                                  " bytes; an array of numbers needs fewer than " +
                                  std::to_string(longest_header));
  }

  // 3. The dict.
  std::string text(static_cast<std::size_t>(length), '\0');
  read_exactly(stream, std::as_writable_bytes(std::span(text)), begin, "the header");
  NpyHeader header;
  header.data_begin = begin + length;
  parse_dict(HeaderText(stream, text, begin), header);

  // 4. A matrix's shape.
  const std::vector<Index>& shape = header.shape;
  if (shape.size() > 2) {
    stream.fail(begin, "the array has " + std::to_string(shape.size()) + " dimensions (" +
                           shape_text(shape) +
                           "); a matrix has two: select or reshape before saving");
  }
  header.rows = shape.empty() ? 1 : shape[0];
  header.cols = shape.size() < 2 ? 1 : shape[1];
  Index entries = 0;
  Index bytes = 0;
  if (__builtin_mul_overflow(header.rows, header.cols, &entries) ||
      __builtin_mul_overflow(entries, static_cast<Index>(header.dtype.entry_bytes), &bytes)) {
    stream.fail(begin, "the shape " + shape_text(shape) + " exceeds the 64-bit address space");
  }
  header.data_bytes = static_cast<std::uint64_t>(bytes);
  return header;
}

NpyHeader read_npy_header(ByteStream& stream) {
  const NpyHeader header = parse_npy_header(stream);
  const std::uint64_t have = stream.size() - header.data_begin;
  if (have != header.data_bytes) {
    const std::string claim = "the shape " + shape_text(header.shape) + " of type '" + header.type +
                              "' needs " + std::to_string(header.data_bytes) +
                              " bytes of entries, but " + std::to_string(have) +
                              " follow the header";
    stream.fail(have < header.data_bytes ? stream.size() : header.data_begin + header.data_bytes,
                have < header.data_bytes ? "truncated: " + claim : "too long: " + claim);
  }
  return header;
}

}  // namespace eckart::io
