#pragma once

// One pass over a file: its blocks in order, the next ones read by a thread of its own while this one is used.
//
//   1. b buffers take turns, two or more: block i lies in buffer i mod b. More than two let the thread run ahead while it has a
//      processor, and the products go on for a while when another program takes it away
//   2. the thread fills a buffer as soon as the block in it has been given back
//   3. next() waits for its block, and gives the one before back
//
// What the thread meets (a file that ends, a disk that fails) next() throws where that block would have come. A stop is heard while
// waiting; the thread itself ends after the piece that it reads. A file of one block, and a system without another thread to
// give, are read by the caller.

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include <eckart/matrix.hpp>

#include "outofcore/entries_file.hpp"

namespace eckart::outofcore {

struct Block {
  Index first, count;  // lines
  const std::byte* bytes;
};

class BlockReader {
 public:
  /// Blocks of `lines` lines in `buffers` buffers; `forget` as in FileOperatorOptions. The file outlives the reader.
  BlockReader(const EntriesFile& file, Index lines, Index buffers, bool forget,
              std::stop_token stop);
  ~BlockReader() = default;
  BlockReader(const BlockReader&) = delete;
  BlockReader& operator=(const BlockReader&) = delete;

  /// The next block, valid until the next call; nothing at the end. Throws what reading threw, and Cancelled.
  [[nodiscard]] std::optional<Block> next();

  /// Seconds that next() has waited.
  [[nodiscard]] double waited() const noexcept { return waited_; }

 private:
  [[nodiscard]] Index count_of(Index block) const noexcept;
  [[nodiscard]] std::byte* buffer_of(Index block) noexcept {
    return buffers_.view().col(block % buffers_.cols());
  }
  void read(Index block);
  void read_all(const std::stop_token& enough);

  const EntriesFile& file_;
  Index lines_, blocks_;
  bool forget_;
  std::stop_token stop_;
  Matrix<std::byte> buffers_;  // a column each

  std::mutex mutex_;
  std::condition_variable_any changed_;
  Index read_ = 0, given_back_ = 0, next_ = 0;  // blocks
  std::exception_ptr error_;
  double waited_ = 0;
  std::jthread thread_;  // the last member: it ends before what it uses
};

}  // namespace eckart::outofcore
