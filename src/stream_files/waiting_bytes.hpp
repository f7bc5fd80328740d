#pragma once

// Bytes of a source that wait to become rows, in one piece. What is left of a row moves to the front when more is read behind it; the
// buffer grows only for a row that is longer. It is small enough for the second level of cache, and for what the rows of a table take
// on their way: twelve times its bytes where a line holds one digit.

#include <span>
#include <vector>

#include "stream_files/byte_source.hpp"

namespace eckart::io {

class WaitingBytes {
 public:
  static constexpr std::size_t usual_size = std::size_t{256} << 10;

  /// `longest`: bytes of a row at most.
  WaitingBytes(const std::string& path, bool follow, std::stop_token stop, std::uint64_t longest);

  [[nodiscard]] std::span<const std::byte> all() const noexcept {
    return std::span(bytes_).subspan(begin_, end_ - begin_);
  }
  void drop(std::size_t count) noexcept { begin_ += count; }
  /// Drops all of them and goes to a byte of the file.
  void go_to(std::uint64_t byte);

  /// One read of the source. Throws Cancelled, FileError, and OutOfMemory where the longest row is exceeded.
  void fill();

  /// The same while the beginning is looked at: false where no more is to be had, at the end or because a stop is requested. What has
  /// come is then looked at, and the next fill() hears the stop.
  [[nodiscard]] bool fill_if_possible();

  /// The source has ended.
  [[nodiscard]] bool at_end() const noexcept { return at_end_; }
  /// fill_if_possible() met a stop request.
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }
  [[nodiscard]] const ByteSource& source() const noexcept { return source_; }
  void set_idle(std::function<void()> idle) { source_.set_idle(std::move(idle)); }

 private:
  ByteSource source_;
  std::vector<std::byte> bytes_;
  std::uint64_t longest_;
  std::size_t begin_ = 0, end_ = 0;
  bool at_end_ = false, stopped_ = false;
};

}  // namespace eckart::io
