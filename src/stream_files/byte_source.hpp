#pragma once

// Bytes of a file or a pipe as they come: never more at a time than asked for, and never a wait that cannot be interrupted.
//
// A read of a pipe is made when the system says that there is something to read, asked for at most `tick` at a time, so that a stop
// request is heard within it. At the end of a file that is followed the same wait goes on until the file has grown. Standard input is
// taken for a pipe, whatever it is: who reads it has no name under which to find its bytes again.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace eckart::io {

class ByteSource {
 public:
  static constexpr std::chrono::milliseconds tick{50};

  /// Throws FileError. "-": standard input.
  ByteSource(const std::string& path, bool follow, std::stop_token stop);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Some bytes, at least one, fewer than `to` holds where fewer have come; 0 at the end. Throws Cancelled, and FileError, also where
  /// a file that is followed has become shorter than what was read of it, or another one has its name and it has not grown since.
  [[nodiscard]] std::size_t read_some(std::span<std::byte> to);

  /// To be called once a tick while read_some() waits; it may throw.
  void set_idle(std::function<void()> idle) { idle_ = std::move(idle); }

  /// Goes to a byte of a regular file. Throws FileError.
  void seek(std::uint64_t byte);

  /// A checksum (CRC-32) of the first and of the last `checked_bytes` of those before `byte` of a regular file, as they are now; none
  /// where the file is shorter, nor of a pipe. Throws FileError.
  [[nodiscard]] std::optional<std::uint32_t> checksum_before(std::uint64_t byte) const;
  static constexpr std::uint64_t checked_bytes = std::uint64_t{64} << 10;

  /// The first `checked_bytes` of those before `byte` of a regular file, as far as they were read, are other ones now. Throws FileError.
  [[nodiscard]] bool has_changed_before(std::uint64_t byte) const;

  /// The last read found the end, for now at least.
  [[nodiscard]] bool is_at_end() const noexcept { return at_end_; }

  [[nodiscard]] bool is_file() const noexcept { return is_file_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  void wait_for_pipe() const;
  void tell_idle() const;
  void require_not_cut_short() const;
  void require_no_stop() const;
  /// Another file has the name of the one that is read. While none has it, it is followed.
  [[nodiscard]] bool is_replaced() const;
  void remember(std::span<const std::byte> read);
  /// Fills `to` from there; false where the file is shorter.
  [[nodiscard]] bool read_at(std::uint64_t byte, std::span<std::byte> to) const;

  std::string name_, path_;
  std::uint64_t offset_ = 0;     // of the next read
  std::vector<std::byte> head_;  // of a regular file, as it was read
  int descriptor_ = -1;
  bool is_file_ = false, follow_ = false, at_end_ = false, replaced_ = false;
  std::stop_token stop_;
  std::function<void()> idle_;
};

}  // namespace eckart::io
