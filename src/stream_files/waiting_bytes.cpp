#include "stream_files/waiting_bytes.hpp"

#include <algorithm>
#include <utility>

#include <eckart/error.hpp>

namespace eckart::io {

WaitingBytes::WaitingBytes(const std::string& path, bool follow, std::stop_token stop,
                           std::uint64_t longest)
    : source_(path, follow, std::move(stop)),
      bytes_(usual_size),
      longest_(std::max<std::uint64_t>(longest, usual_size)) {}

void WaitingBytes::go_to(std::uint64_t byte) {
  source_.seek(byte);
  begin_ = end_ = 0;
  at_end_ = false;
}

void WaitingBytes::fill() {
  if (begin_ > 0) {
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_),
              bytes_.begin() + static_cast<std::ptrdiff_t>(end_), bytes_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == bytes_.size()) {
    if (bytes_.size() >= longest_) {
      throw OutOfMemory("a row of " + source_.name(), bytes_.size());
    }
    bytes_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(2 * bytes_.size(), longest_)));
  }
  const std::size_t got = source_.read_some(std::span(bytes_).subspan(end_));
  end_ += got;
  at_end_ = got == 0;
}

bool WaitingBytes::fill_if_possible() {
  if (!at_end_ && !stopped_) {
    try {
      fill();
    } catch (const Cancelled&) {
      stopped_ = true;
    }
  }
  return !at_end_ && !stopped_;
}

}  // namespace eckart::io
