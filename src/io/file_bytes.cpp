#include "io/file_bytes.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <eckart/error.hpp>

#include "io/text.hpp"

namespace eckart::io {
namespace {

// Read in one call at the most: what a call to stop has to wait for.
constexpr std::size_t piece_bytes = std::size_t{8} << 20;

}  // namespace

FileBytes::FileBytes(const std::string& path, const std::string& name)
    : name_(name.empty() ? printable(path, path.size()) : name),
      file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (file_ < 0) {
    throw FileError(name_ + ": cannot be opened: " + std::generic_category().message(errno));
  }
  struct stat about = {};
  if (::fstat(file_, &about) != 0 || !S_ISREG(about.st_mode)) {
    ::close(file_);
    throw FileError(name_ +
                    ": is no regular file, and only those can be read again and again; save what "
                    "it gives as a file");
  }
  opened_ = {.size = static_cast<std::uint64_t>(about.st_size), .changed = about.st_mtim};
  ::posix_fadvise(file_, 0, 0, POSIX_FADV_SEQUENTIAL);  // advice: nothing is lost without it
}

FileBytes::~FileBytes() {
  ::close(file_);
}

FileBytes::State FileBytes::state() const {
  struct stat about = {};
  if (::fstat(file_, &about) != 0) {
    throw FileError(name_ + ": cannot be read: " + std::generic_category().message(errno));
  }
  return {.size = static_cast<std::uint64_t>(about.st_size), .changed = about.st_mtim};
}

void FileBytes::read(std::uint64_t begin, std::span<std::byte> to) const {
  for (std::size_t done = 0; done < to.size();) {
    const std::uint64_t byte = begin + done;
    const ssize_t got = ::pread(file_, to.data() + done, std::min(piece_bytes, to.size() - done),
                                static_cast<off_t>(byte));
    if (got < 0 && errno != EINTR) {
      throw FileError(name_ + ": byte " + std::to_string(byte) +
                      ": cannot be read: " + std::generic_category().message(errno));
    }
    if (got == 0) {
      fail_at_byte(name_, byte,
                   "the file ends inside the entries; it had " + std::to_string(opened_.size) +
                       " bytes when it was opened");
    }
    done += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  }
}

void FileBytes::require_unchanged() const {
  const State now = state();
  if (now.size != opened_.size || now.changed.tv_sec != opened_.changed.tv_sec ||
      now.changed.tv_nsec != opened_.changed.tv_nsec) {
    throw FileError(name_ + ": was changed while it was read: " + std::to_string(opened_.size) +
                    " bytes when it was opened, " + std::to_string(now.size) +
                    " now; begin again with a file that nobody writes to");
  }
}

void FileBytes::forget(std::uint64_t begin, std::uint64_t count) const noexcept {
  ::posix_fadvise(file_, static_cast<off_t>(begin), static_cast<off_t>(count), POSIX_FADV_DONTNEED);
}

std::size_t FileStream::read(std::span<std::byte> to) {
  const std::size_t count = std::min<std::uint64_t>(to.size(), bytes_.size() - position_);
  bytes_.read(position_, to.first(count));
  position_ += count;
  return count;
}

}  // namespace eckart::io
