// Writing HDF5 without its library: one group of contiguous arrays is a small part of the format, and whoever writes it knows every
// size before the first byte, so a pipe can take it, a build without the library too, and the same arrays give the same bytes.
//
//   superblock (version 2)        where the root group is, where the file ends, a checksum
//   object header of the root     a link NAME -> address for each array
//   object header of each array   shape, type, fill value, place of the entries
//   the entries of each array     a row after the other, in the machine's byte order, the first one at a multiple of 64 bytes
//
// Source: The HDF Group, HDF5 File Format Specification Version 3.0, sections II.B (superblock), IV.A.1.b (object headers of version
// 2), IV.A.2 (messages); readable since HDF5 1.8 (2008). Complex numbers are compounds of "r" and "i", as h5py writes them.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "io/format_reader.hpp"
#include "io/hdf5.hpp"
#include "io/memory.hpp"
#include "io/text.hpp"

namespace eckart::io {
namespace {

constexpr std::uint64_t undefined = ~std::uint64_t{0};
constexpr std::uint64_t alignment = 64;
constexpr std::size_t superblock_bytes = 48;
constexpr std::size_t checksum_bytes = 4;
// Rows gathered at a time from a view that does not hold them in one piece.
constexpr std::size_t block_bytes = std::size_t{1} << 18;

/// Bytes in the order of the format: least significant first.
class Bytes {
 public:
  Bytes& text(std::string_view s) {
    bytes_ += s;
    return *this;
  }
  Bytes& number(std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
      bytes_ += static_cast<char>(value >> (8 * i) & 255);
    }
    return *this;
  }
  Bytes& byte(unsigned value) { return number(value, 1); }
  Bytes& address(std::uint64_t value) { return number(value, 8); }
  [[nodiscard]] const std::string& str() const noexcept { return bytes_; }

 private:
  std::string bytes_;
};

/// The format's checksum: Bob Jenkins, lookup3 ("hashlittle", 2006, public domain), with 0 to begin from.
std::uint32_t checksum(std::string_view bytes) noexcept {
  std::uint32_t a = 0xdeadbeefU + static_cast<std::uint32_t>(bytes.size()), b = a, c = a;
  const auto word = [&bytes](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4 && at + i < bytes.size(); ++i) {
      value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    }
    return value;
  };
  std::size_t at = 0;
  for (; bytes.size() - at > 12; at += 12) {
    a += word(at);
    b += word(at + 4);
    c += word(at + 8);
    for (const auto [bits, other_bits, last_bits] : {std::array{4, 6, 8}, std::array{16, 19, 4}}) {
      a = (a - c) ^ std::rotl(c, bits);
      c += b;
      b = (b - a) ^ std::rotl(a, other_bits);
      a += c;
      c = (c - b) ^ std::rotl(b, last_bits);
      b += a;
    }
  }
  if (at == bytes.size()) {
    return c;
  }
  a += word(at);
  b += word(at + 4);
  c += word(at + 8);
  c = (c ^ b) - std::rotl(b, 14);
  a = (a ^ c) - std::rotl(c, 11);
  b = (b ^ a) - std::rotl(a, 25);
  c = (c ^ b) - std::rotl(b, 16);
  a = (a ^ c) - std::rotl(c, 4);
  b = (b ^ a) - std::rotl(a, 14);
  c = (c ^ b) - std::rotl(b, 24);
  return c;
}

std::string checked(std::string bytes) {
  return bytes + Bytes().number(checksum(bytes), checksum_bytes).str();
}

/// A message of an object header.
std::string message(unsigned type, const Bytes& body) {
  return Bytes().byte(type).number(body.str().size(), 2).byte(0).text(body.str()).str();
}

/// Messages with the prefix of an object header, whose flags say that four bytes hold their size, and the checksum.
std::string object_header(const std::string& messages) {
  return checked(
      Bytes().text("OHDR").byte(2).byte(2).number(messages.size(), 4).text(messages).str());
}

/// IEEE 754, in the machine's byte order.
template <RealScalar R>
Bytes real_type() {
  constexpr unsigned fraction = std::numeric_limits<R>::digits - 1;
  constexpr unsigned bits = 8 * sizeof(R), exponent = bits - 1 - fraction;
  constexpr unsigned implied_leading_one = 0x20;
  constexpr unsigned order = std::endian::native == std::endian::big ? 1 : 0;
  return Bytes()
      .byte(0x11)  // version 1, class 1: floating point
      .byte(implied_leading_one | order)
      .byte(bits - 1)  // of the sign
      .byte(0)
      .number(sizeof(R), 4)
      .number(0, 2)
      .number(bits, 2)
      .byte(fraction)
      .byte(exponent)
      .byte(0)
      .byte(fraction)
      .number(std::numeric_limits<R>::max_exponent - 1, 4);
}

template <Scalar T>
Bytes type() {
  const Bytes part = real_type<Real<T>>();
  if constexpr (!ComplexScalar<T>) {
    return part;
  } else {
    const auto member = [&part](std::string_view name, std::size_t offset) {
      return Bytes().text(name).byte(0).number(offset, 1).text(part.str()).str();
    };
    return Bytes()
        .byte(0x36)  // version 3, class 6: compound
        .number(2, 3)
        .number(sizeof(T), 4)
        .text(member("r", 0))
        .text(member("i", sizeof(Real<T>)));
  }
}

/// The object header of an array whose entries begin at `begin`.
template <Scalar T>
std::string array_header(const std::vector<Index>& shape, std::uint64_t begin,
                         std::uint64_t bytes) {
  Bytes space;
  space.byte(2).byte(static_cast<unsigned>(shape.size())).byte(0).byte(1);
  for (const Index length : shape) {
    space.number(static_cast<std::uint64_t>(length), 8);
  }
  // Space is taken late, and a fill value is written where one is set, which is nowhere.
  const Bytes fill = Bytes().byte(3).byte(0x0a);
  const Bytes place =
      Bytes().byte(3).byte(1).address(bytes == 0 ? undefined : begin).address(bytes);
  return object_header(message(0x01, space) + message(0x03, type<T>()) + message(0x05, fill) +
                       message(0x08, place));
}

std::string root_header(std::span<const NamedArray> arrays,
                        const std::vector<std::uint64_t>& addresses) {
  // Links stand in the header itself, not in a heap and a tree beside it.
  std::string messages =
      message(0x02, Bytes().byte(0).byte(0).address(undefined).address(undefined)) +
      message(0x0a, Bytes().byte(0).byte(0));
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const std::string& name = arrays[i].name;
    constexpr unsigned length_in_two_bytes = 1, names_its_characters = 0x10, utf8 = 1;
    messages += message(0x06, Bytes()
                                  .byte(1)
                                  .byte(length_in_two_bytes | names_its_characters)
                                  .byte(utf8)
                                  .number(name.size(), 2)
                                  .text(name)
                                  .address(addresses[i]));
  }
  return object_header(messages);
}

std::vector<Index> shape_of(const NamedArray& array) {
  return std::visit(
      [&array](const auto& a) {
        return array.is_vector ? std::vector<Index>{a.rows() * a.cols()}
                               : std::vector<Index>{a.rows(), a.cols()};
      },
      array.values);
}

std::uint64_t size_of_entries(const std::string& name, const NamedArray& array) {
  return std::visit(
      [&]<class T>(const MatrixView<const T>& a) {
        return require_memory(name, a.rows(), a.cols(), sizeof(T),
                              std::numeric_limits<std::uint64_t>::max());
      },
      array.values);
}

std::string header_of(const NamedArray& array, std::uint64_t begin, std::uint64_t bytes) {
  return std::visit(
      [&]<class T>(const MatrixView<const T>&) {
        return array_header<T>(shape_of(array), begin, bytes);
      },
      array.values);
}

/// Calls visit(rows) for all rows of a view, so many at a time that a copy of them is small; each time they lie one after the other.
template <class T, class Visit>
void in_rows(MatrixView<const T> a, Visit visit) {
  if (a.empty() || (a.col_stride() == 1 && a.row_stride() == a.cols())) {
    return visit(a);
  }
  const auto width = static_cast<std::size_t>(a.cols());
  const Index together = std::max<Index>(1, static_cast<Index>(block_bytes / (sizeof(T) * width)));
  std::vector<T> block(static_cast<std::size_t>(std::min(together, a.rows())) * width);
  for (Index first = 0; first < a.rows(); first += together) {
    const Index count = std::min(together, a.rows() - first);
    for (Index j = 0; j < a.cols(); ++j) {
      for (Index i = 0; i < count; ++i) {
        block[static_cast<std::size_t>(i) * width + static_cast<std::size_t>(j)] = a(first + i, j);
      }
    }
    visit(MatrixView<const T>(block.data(), count, a.cols(), Layout::row_major));
  }
}

template <class T>
void write_rows(OutputFile& out, MatrixView<const T> a) {
  in_rows(a, [&out](MatrixView<const T> rows) {
    out.write(
        std::as_bytes(std::span(rows.data(), static_cast<std::size_t>(rows.rows() * rows.cols()))));
  });
}

/// All that stands before the entries, and where those of each array begin.
struct Beginning {
  std::string bytes;
  std::vector<std::uint64_t> begins, sizes;
  std::uint64_t end = 0;  // of the file
};

Beginning beginning_of(const std::string& file, std::span<const NamedArray> arrays) {
  Beginning out;
  // Addresses have fixed widths, so headers are as long with any.
  const std::vector<std::uint64_t> unknown(arrays.size());
  std::vector<std::uint64_t> headers;
  out.end = superblock_bytes + root_header(arrays, unknown).size();
  for (const NamedArray& array : arrays) {
    if (array.name.size() > std::numeric_limits<std::uint16_t>::max() / 2) {
      throw InvalidArgument("the name of an array has " + std::to_string(array.name.size()) +
                            " bytes, more than the header of an HDF5 group has room for");
    }
    headers.push_back(out.end);
    out.sizes.push_back(size_of_entries(file, array));
    out.end += header_of(array, 0, out.sizes.back()).size();
  }
  for (const std::uint64_t size : out.sizes) {
    out.begins.push_back((out.end + alignment - 1) / alignment * alignment);
    out.end = out.begins.back() + size;
  }
  out.bytes = checked(Bytes()
                          .text(hdf5_signature)
                          .byte(2)  // version
                          .byte(8)  // bytes of an address
                          .byte(8)  // bytes of a length
                          .byte(0)
                          .address(0)
                          .address(undefined)
                          .address(out.end)
                          .address(superblock_bytes)
                          .str()) +
              root_header(arrays, headers);
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    out.bytes += header_of(arrays[i], out.begins[i], out.sizes[i]);
  }
  return out;
}

NamedArray unnamed(const AnyView& a) {
  return {.name = "matrix", .values = a, .is_vector = false};
}

}  // namespace

void write_hdf5_arrays(OutputFile& out, std::span<const NamedArray> arrays, const WriteOptions&) {
  const Beginning beginning = beginning_of(out.name(), arrays);
  out.write(beginning.bytes);
  std::uint64_t written = beginning.bytes.size();
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    out.write(std::string(static_cast<std::size_t>(beginning.begins[i] - written), '\0'));
    if (beginning.sizes[i] > 0) {
      std::visit([&out](const auto& a) { write_rows(out, a); }, arrays[i].values);
    }
    written = beginning.begins[i] + beginning.sizes[i];
  }
}

void write_hdf5(OutputFile& out, const AnyView& a, const WriteOptions& options) {
  const NamedArray array = unnamed(a);
  write_hdf5_arrays(out, {&array, 1}, options);
}

template <Scalar T>
Hdf5Parts<T>::Hdf5Parts(const std::string& path, Index rows, Index cols)
    : rows_(rows), cols_(cols), missing_(0) {
  const NamedArray array = unnamed(MatrixView<const T>(nullptr, rows, cols));
  Beginning beginning = beginning_of(printable(path, path.size()), {&array, 1});
  missing_ = rows * cols;
  begin_ = beginning.begins.front();
  beginning.bytes.resize(static_cast<std::size_t>(begin_), '\0');
  file_ = std::make_unique<OutputFile>(path);
  file_->reserve(beginning.end);
  file_->write_at(0, std::as_bytes(std::span(beginning.bytes)));
}

template <Scalar T>
Hdf5Parts<T>::~Hdf5Parts() = default;

template <Scalar T>
void Hdf5Parts<T>::write(Index row, Index col, MatrixView<const T> part) {
  if (row < 0 || col < 0 || row > rows_ - part.rows() || col > cols_ - part.cols()) {
    throw InvalidArgument(file_->name() + ": a part of " + std::to_string(part.rows()) + " x " +
                          std::to_string(part.cols()) + " entries from row " +
                          std::to_string(row + 1) + ", column " + std::to_string(col + 1) +
                          " on reaches outside of " + std::to_string(rows_) + " x " +
                          std::to_string(cols_));
  }
  missing_ -= part.rows() * part.cols();
  in_rows(part, [&, at = row](MatrixView<const T> rows) mutable {
    const bool is_whole = rows.cols() == cols_;
    const Index together = is_whole ? rows.rows() : 1;
    for (Index i = 0; i < rows.rows(); i += together, at += together) {
      file_->write_at(begin_ + static_cast<std::uint64_t>(at * cols_ + col) * sizeof(T),
                      std::as_bytes(std::span(rows.data() + i * rows.cols(),
                                              static_cast<std::size_t>(together * rows.cols()))));
    }
  });
}

template <Scalar T>
void Hdf5Parts<T>::commit() {
  if (missing_ != 0) {
    throw InvalidArgument(file_->name() + ": " + std::to_string(missing_) + " entries are missing");
  }
  file_->commit();
}

template class Hdf5Parts<float>;
template class Hdf5Parts<double>;
template class Hdf5Parts<std::complex<float>>;
template class Hdf5Parts<std::complex<double>>;

}  // namespace eckart::io
