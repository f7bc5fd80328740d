#pragma once

// Bytes of a file or a pipe as they come: never more at a time than asked for, and never a wait that cannot be interrupted.
//
// A read of a pipe is made when the system says that there is something to read, asked for at most `tick` at a time, so that a stop
// request is heard within it. At the end of a file that is followed the same wait goes on until the file has grown.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>

namespace eckart::io {

class ByteSource {
 public:
  static constexpr std::chrono::milliseconds tick{50};

  /// Throws FileError. "-": standard input.
  ByteSource(const std::string& path, bool follow, std::stop_token stop);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Some bytes, at least one, fewer than `to` holds where fewer have come; 0 at the end. Throws Cancelled, FileError.
  [[nodiscard]] std::size_t read_some(std::span<std::byte> to);

  /// Goes to a byte of a regular file; throws FileError for a file that is shorter.
  void seek(std::uint64_t byte);

  [[nodiscard]] bool is_file() const noexcept { return is_file_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  void wait_for_pipe() const;
  void require_no_stop() const;

  std::string name_;
  int descriptor_ = -1;
  bool is_file_ = false, follow_ = false;
  std::stop_token stop_;
};

}  // namespace eckart::io
