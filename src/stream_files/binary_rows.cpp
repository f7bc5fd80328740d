// Rows of entries without gaps. Where the machine's own types stand in the file, rows are used where they lie.

#include <array>
#include <cstdint>
#include <utility>

#include <eckart/error.hpp>

#include "stream_files/row_decoder.hpp"

namespace eckart::io {
namespace {

class BinaryRows final : public RowDecoder {
 public:
  BinaryRows(std::string name, Index cols, const NpyDtype& dtype, Index rows, Index done)
      : RowDecoder(cols, dtype.computed),
        name_(std::move(name)),
        dtype_(dtype),
        left_(rows < 0 ? -1 : rows - done),
        row_bytes_(static_cast<std::uint64_t>(cols) * dtype.entry_bytes) {}

  Decoded decode(std::span<const std::byte> bytes, RowPosition from, bool /*at_end*/) override {
    from_ = from;
    auto rows = static_cast<Index>(bytes.size() / row_bytes_);
    if (left_ >= 0) {
      rows = std::min(rows, left_);
      left_ -= rows;
    }
    const std::size_t used = static_cast<std::size_t>(rows) * row_bytes_;
    const auto size = size_of(dtype_.computed);
    const bool aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % size == 0;
    if (dtype_.is_native && aligned) {
      return {behind(rows), rows, bytes.data()};
    }
    const std::size_t entries = used / dtype_.entry_bytes;
    converted_.resize((entries * size + sizeof(Unit) - 1) / sizeof(Unit));
    dtype_.convert(bytes.data(), converted_.data(), entries);
    return {behind(rows), rows, converted_.data()};
  }

  [[nodiscard]] RowPosition behind(Index count) const override {
    return {from_.bytes + static_cast<std::uint64_t>(count) * row_bytes_, 0, from_.rows + count};
  }

  [[nodiscard]] std::string place_of(Index row, Index col) const override {
    return "byte " +
           std::to_string(behind(row).bytes + static_cast<std::uint64_t>(col) * dtype_.entry_bytes);
  }

  [[nodiscard]] bool is_complete() const override { return left_ == 0; }

  void require_end(std::span<const std::byte> left, RowPosition from) const override {
    if (left_ > 0) {
      fail_at_byte(
          name_, from.bytes + left.size(),
          "the file ends " + std::to_string(left_) + " rows before the end that its header tells");
    }
    if (left_ < 0 && !left.empty()) {
      fail_at_byte(name_, from.bytes + left.size(),
                   "the last row has " + std::to_string(left.size()) + " bytes of the " +
                       std::to_string(row_bytes_) + " that " + std::to_string(cols()) +
                       " entries take; was the number of columns, or the type, another one?");
    }
  }

 private:
  struct alignas(16) Unit {
    std::array<std::byte, 16> bytes;
  };

  std::string name_;
  NpyDtype dtype_;
  Index left_;  // rows; -1: unknown
  std::uint64_t row_bytes_;
  RowPosition from_;
  std::vector<Unit> converted_;
};

}  // namespace

std::unique_ptr<RowDecoder> binary_rows(std::string name, Index cols, const NpyDtype& dtype,
                                        Index rows, Index done) {
  return std::make_unique<BinaryRows>(std::move(name), cols, dtype, rows, done);
}

NpyDtype dtype_named(const std::string& text) {
  constexpr std::array<std::pair<const char*, const char*>, 4> names = {
      {{"float32", "f4"}, {"float64", "f8"}, {"complex64", "c8"}, {"complex128", "c16"}}};
  std::string type = text.empty() ? "f8" : text;
  for (const auto& [name, short_name] : names) {
    type = type == name ? short_name : type;
  }
  NpyDtype dtype;
  if (const std::string wrong = parse_npy_dtype(type, dtype); !wrong.empty()) {
    throw InvalidArgument("the type '" + text + "' of the rows: " + wrong);
  }
  return dtype;
}

}  // namespace eckart::io
