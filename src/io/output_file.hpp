#pragma once

// A file that appears whole or not at all.
//
//   1. Bytes go to a temporary file beside the target, named .NAME.RANDOM.tmp, with the permissions
//      of a new file, or of the target where that exists.
//   2. commit() flushes, fsyncs, renames over the target and fsyncs the folder: after a crash the
//      target holds the old bytes or the new ones.
//   3. Destroyed without commit(), the temporary file goes and the target stays as it was.
//
// "-" is standard output; devices, pipes and sockets are written directly too, since a rename would
// replace them. A symbolic link is followed, so the file that it points to is replaced and the link
// stays. Live temporary files stand in a registry, so that the handler of an interrupt can remove
// them (remove_temporary_files() of io.hpp).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace eckart::io {

class OutputFile {
 public:
  /// Throws FileError when the target cannot be written or the temporary file cannot be made.
  explicit OutputFile(const std::string& path);
  OutputFile(OutputFile&&) noexcept;
  OutputFile& operator=(OutputFile&&) noexcept;
  ~OutputFile();

  /// Appends bytes, through a buffer. Throws FileError (disk full, broken pipe).
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);

  /// Takes room for so many bytes on the disk, where the file system can: a disk that is too small is an error now and not in an
  /// hour. Throws FileError.
  void reserve(std::uint64_t bytes);

  /// Puts bytes over the first ones that were written. Throws FileError, and InvalidArgument where the target is written directly and what
  /// has gone there cannot be called back.
  void overwrite_beginning(std::string_view text);

  /// Puts bytes at a place of their own, whatever has been written before and is written next. Throws FileError, and InvalidArgument
  /// where the target is written directly.
  void write_at(std::uint64_t begin, std::span<const std::byte> bytes);

  /// Instead of step 2, for a file that is wanted for a while and has no name to keep: writes out what is buffered and returns the path
  /// of the temporary file. Who opens that can read it until they close it, though its name goes with this object. Throws FileError, and
  /// InvalidArgument where the target is written directly.
  [[nodiscard]] std::string flushed_temporary();

  /// Step 2. Nothing may be written afterwards. Throws FileError, and the target is then as it was.
  void commit();

  /// The path as messages show it: "standard output" for "-".
  [[nodiscard]] const std::string& name() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Throws the FileError that OutputFile would throw for this target, and leaves nothing behind. Pipes
/// and devices are not opened, which their other end would notice; of them the permissions are asked.
void require_writable(const std::string& path);

/// Whether a temporary file exists, in any thread: something is being written. Safe in a signal handler.
[[nodiscard]] bool is_writing() noexcept;

}  // namespace eckart::io
