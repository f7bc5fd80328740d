#include "outofcore/block_reader.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include <eckart/error.hpp>

namespace eckart::outofcore {

BlockReader::BlockReader(const EntriesFile& file, Index lines, Index buffers, bool forget,
                         std::stop_token stop)
    : file_(file),
      lines_(lines),
      blocks_(file.length() == 0 ? 0 : (file.lines() + lines - 1) / lines),
      forget_(forget),
      stop_(std::move(stop)),
      buffers_(Matrix<std::byte>::uninitialized(
          std::min(lines, file.lines()) * static_cast<Index>(file.line_bytes()),
          std::min(blocks_, buffers))) {
  if (blocks_ > 1) {
    try {
      thread_ = std::jthread([this](const std::stop_token& enough) { read_all(enough); });
    } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch)
      // No thread is to be had: next() reads.
    }
  }
}

Index BlockReader::count_of(Index block) const noexcept {
  return std::min(lines_, file_.lines() - block * lines_);
}

void BlockReader::read(Index block) {
  const Index first = block * lines_, count = count_of(block);
  file_.read(first, {buffer_of(block), static_cast<std::size_t>(count) *
                                           static_cast<std::size_t>(file_.line_bytes())});
  if (forget_) {
    file_.forget(first, count);
  }
}

// 2.
void BlockReader::read_all(const std::stop_token& enough) {
  try {
    for (Index block = 0; block < blocks_; ++block) {
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, enough, [&] { return block < given_back_ + buffers_.cols(); })) {
          return;
        }
      }
      read(block);
      const std::lock_guard lock(mutex_);
      read_ = block + 1;
      changed_.notify_all();
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    error_ = std::current_exception();
    changed_.notify_all();
  }
}

// 3.
std::optional<Block> BlockReader::next() {
  using Clock = std::chrono::steady_clock;
  if (stop_.stop_requested()) {
    throw Cancelled();
  }
  if (next_ == blocks_) {
    return std::nullopt;
  }
  const Index block = next_++;
  const Clock::time_point start = Clock::now();
  if (!thread_.joinable()) {
    read(block);
  } else {
    std::unique_lock lock(mutex_);
    given_back_ = block;
    changed_.notify_all();
    if (!changed_.wait(lock, stop_, [&] { return read_ > block || error_ != nullptr; })) {
      throw Cancelled();
    }
    if (read_ <= block) {
      std::rethrow_exception(error_);
    }
  }
  waited_ += std::chrono::duration<double>(Clock::now() - start).count();
  return Block{.first = block * lines_, .count = count_of(block), .bytes = buffer_of(block)};
}

}  // namespace eckart::outofcore
