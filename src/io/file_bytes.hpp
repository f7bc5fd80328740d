#pragma once

// A regular file as bytes at any place, never mapped: one that is cut short or written to while it is read is an error.

#include <cstdint>
#include <ctime>
#include <span>
#include <string>

#include "io/byte_stream.hpp"
#include "io/random_bytes.hpp"

namespace eckart::io {

class FileBytes final : public RandomBytes {
 public:
  /// Under the name that messages are to show, the path where that is empty. Throws FileError, also where the path is no regular file.
  explicit FileBytes(const std::string& path, const std::string& name = {});
  ~FileBytes() override;
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  [[nodiscard]] const std::string& name() const override { return name_; }
  /// When it was opened.
  [[nodiscard]] std::uint64_t size() const override { return opened_.size; }
  /// Throws FormatError where the file ends, FileError where it cannot be read.
  void read(std::uint64_t begin, std::span<std::byte> to) const override;

  /// Throws FileError when the file is not the one that was opened: of another size, or changed since.
  void require_unchanged() const;
  /// These bytes need not stay in the system's cache.
  void forget(std::uint64_t begin, std::uint64_t count) const noexcept;

 private:
  struct State {
    std::uint64_t size = 0;
    std::timespec changed = {};
  };
  [[nodiscard]] State state() const;

  std::string name_;
  int file_ = -1;
  State opened_;
};

/// The same bytes in sequence, for a parser of headers.
class FileStream final : public ByteStream {
 public:
  explicit FileStream(const FileBytes& bytes) : bytes_(bytes) {}

  std::size_t read(std::span<std::byte> to) override;
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] std::string name() const override { return bytes_.name(); }

 private:
  const FileBytes& bytes_;
  std::uint64_t position_ = 0;
};

}  // namespace eckart::io
