#pragma once

// What a reader reads: all the bytes of one file, and the name that its messages begin with.
//
// A regular file is mapped, so nothing is read before it is touched and nothing is held twice; that
// goes for standard input ("-") too where it is a file. Pipes and devices are read whole into
// memory up to a limit, since every format but text needs to see the end of its file first. A file
// that another process cuts short while it is mapped raises SIGBUS, as with every mapped file.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace eckart::io {

/// A place in a text file; both counted from 1, the column in bytes.
struct TextPosition {
  std::uint64_t line = 1;
  std::uint64_t column = 1;
};

/// Throws FormatError("NAME: byte N: what").
[[noreturn]] void fail_at_byte(const std::string& name, std::uint64_t byte,
                               const std::string& what);

/// What a piece of a longer text is: a table that is read while it grows comes in such pieces.
struct Excerpt {
  std::uint64_t lines_before = 0;  // which messages count; 0: the piece begins the text
  bool goes_on = false;            // more of the text follows
};

class Input {
 public:
  /// Opens a file, or standard input for "-". `limit` bounds the bytes that are read into memory
  /// (0: half of the machine's memory); a mapped file has no limit. Throws FileError, or
  /// OutOfMemory past the limit.
  [[nodiscard]] static Input open(const std::string& path, std::uint64_t limit = 0);

  /// Bytes that the caller keeps alive, under a name of the caller's.
  [[nodiscard]] static Input in_memory(std::string name, std::span<const std::byte> bytes,
                                       Excerpt excerpt = {});

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {bytes_.get(), size_}; }
  [[nodiscard]] std::string_view text() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// A regular file, whose bytes take no memory of the process's own.
  [[nodiscard]] bool is_mapped() const noexcept { return mapped_; }
  /// The first `end` bytes of a mapped file need no memory any more; they can be read again all the same.
  void forget(std::size_t end) const noexcept;
  [[nodiscard]] const Excerpt& excerpt() const noexcept { return excerpt_; }

  /// The path as messages show it: "standard input" for "-", control characters escaped.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Throws FormatError("NAME: byte N: what").
  [[noreturn]] void fail(std::uint64_t byte, const std::string& what) const {
    fail_at_byte(name_, byte, what);
  }
  /// Throws FormatError("NAME: line L, column C: what").
  [[noreturn]] void fail(TextPosition at, const std::string& what) const;

 private:
  Input(std::string name, std::shared_ptr<const std::byte> bytes, std::size_t size);

  std::string name_;
  std::shared_ptr<const std::byte> bytes_;
  std::size_t size_ = 0;
  Excerpt excerpt_;
  bool mapped_ = false;
};

}  // namespace eckart::io
