#pragma once

// Bytes in sequence: what the npy decoder reads, from a mapped file or from a member of a zip
// archive.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "io/input.hpp"

namespace eckart::io {

class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// The next bytes, as many as `to` holds; fewer only at the end. Throws FormatError where they
  /// cannot be decoded.
  virtual std::size_t read(std::span<std::byte> to) = 0;

  /// Bytes in all, as the container claims; a zip archive may lie, and read() then ends early or
  /// late.
  [[nodiscard]] virtual std::uint64_t size() const = 0;

  /// The name that messages begin with.
  [[nodiscard]] virtual std::string name() const = 0;

  /// Throws FormatError("NAME: byte N: what").
  [[noreturn]] void fail(std::uint64_t byte, const std::string& what) const {
    fail_at_byte(name(), byte, what);
  }
};

/// The bytes of an Input.
class InputStream final : public ByteStream {
 public:
  explicit InputStream(const Input& input) noexcept : input_(input) {}
  std::size_t read(std::span<std::byte> to) override;
  [[nodiscard]] std::uint64_t size() const override { return input_.size(); }
  [[nodiscard]] std::string name() const override { return input_.name(); }

 private:
  const Input& input_;
  std::size_t position_ = 0;
};

}  // namespace eckart::io
