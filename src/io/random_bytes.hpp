#pragma once

// Bytes at any place: what the HDF5 reader reads, from a mapped file or from an open one.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "io/input.hpp"

namespace eckart::io {

class RandomBytes {
 public:
  virtual ~RandomBytes() = default;

  [[nodiscard]] virtual std::uint64_t size() const = 0;

  /// Fills `to` from byte `begin` on. Throws FormatError where the bytes end before, FileError where they cannot be read.
  virtual void read(std::uint64_t begin, std::span<std::byte> to) const = 0;

  /// The name that messages begin with.
  [[nodiscard]] virtual const std::string& name() const = 0;
};

/// The bytes of an Input.
class InputBytes final : public RandomBytes {
 public:
  explicit InputBytes(Input input) noexcept : input_(std::move(input)) {}
  [[nodiscard]] std::uint64_t size() const override { return input_.size(); }
  [[nodiscard]] const std::string& name() const override { return input_.name(); }
  void read(std::uint64_t begin, std::span<std::byte> to) const override {
    if (begin > size() || to.size() > size() - begin) {
      input_.fail(size(), "the file ends before byte " + std::to_string(begin) + " + " +
                              std::to_string(to.size()));
    }
    std::copy_n(input_.bytes().data() + begin, to.size(), to.data());
  }

 private:
  Input input_;
};

}  // namespace eckart::io
