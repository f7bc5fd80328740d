#include "stream_files/byte_source.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <eckart/error.hpp>

#include "io/text.hpp"

namespace eckart::io {
namespace {

// What a pipe is asked to hold: fewer changes between its two ends than with the usual 64 KiB.
constexpr int pipe_bytes = 1 << 20;

[[noreturn]] void fail(const std::string& name, const char* what) {
  throw FileError(name + ": " + what + ": " + std::generic_category().message(errno));
}

}  // namespace

ByteSource::ByteSource(const std::string& path, bool follow, std::stop_token stop)
    : name_(path == "-" ? "standard input" : printable(path, path.size())),
      path_(path),
      follow_(follow),
      stop_(std::move(stop)) {
  // A named pipe that nobody writes to yet would block in open(); poll() waits for it instead.
  descriptor_ =
      path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) {
    fail(name_, "cannot be opened");
  }
  struct stat about = {};
  if (::fstat(descriptor_, &about) != 0) {
    fail(name_, "cannot be read");
  }
  if (S_ISDIR(about.st_mode)) {
    throw FileError(name_ + ": is a folder, not a file");
  }
  is_file_ = S_ISREG(about.st_mode) && path != "-";
#ifdef F_SETPIPE_SZ
  if (S_ISFIFO(about.st_mode)) {
    ::fcntl(descriptor_, F_SETPIPE_SZ,
            pipe_bytes);  // refused where the system allows less; that is slower and nothing else
  }
#endif
}

ByteSource::~ByteSource() {
  if (descriptor_ > STDIN_FILENO) {
    ::close(descriptor_);
  }
}

void ByteSource::require_no_stop() const {
  if (stop_.stop_requested()) {
    throw Cancelled();
  }
}

void ByteSource::require_not_cut_short() const {
  struct stat about = {};
  if (::fstat(descriptor_, &about) == 0 && about.st_size < ::lseek(descriptor_, 0, SEEK_CUR)) {
    throw FileError(name_ + ": was cut short while it was followed; was it rotated?");
  }
}

bool ByteSource::is_replaced() const {
  struct stat here = {}, named = {};
  return ::fstat(descriptor_, &here) == 0 && ::stat(path_.c_str(), &named) == 0 &&
         (here.st_dev != named.st_dev || here.st_ino != named.st_ino);
}

void ByteSource::wait_for_pipe() const {
  pollfd wait_for = {descriptor_, POLLIN, 0};
  for (;;) {
    require_no_stop();
    const int ready = ::poll(&wait_for, 1, static_cast<int>(tick.count()));
    if (ready > 0) {
      return;
    }
    if (ready < 0 && errno != EINTR) {
      fail(name_, "cannot be read");
    }
    tell_idle();
  }
}

void ByteSource::tell_idle() const {
  if (idle_) {
    idle_();
  }
}

std::size_t ByteSource::read_some(std::span<std::byte> to) {
  for (;;) {
    require_no_stop();
    if (!is_file_) {
      wait_for_pipe();
    }
    const ssize_t got = ::read(descriptor_, to.data(), to.size());
    at_end_ = got == 0;
    if (got > 0) {
      remember(to.first(static_cast<std::size_t>(got)));
      return static_cast<std::size_t>(got);
    }
    if (got < 0 && errno != EINTR && errno != EAGAIN) {
      fail(name_, "cannot be read");
    }
    if (got == 0 && !(follow_ && is_file_)) {
      return 0;
    }
    if (got == 0) {
      require_not_cut_short();
      // What was written to the old file in the meantime is read before it is left.
      if (replaced_) {
        throw FileError(name_ +
                        ": another file has taken its name while it was followed: it was rotated "
                        "or replaced");
      }
      replaced_ = is_replaced();
      ::poll(nullptr, 0, static_cast<int>(tick.count()));
      tell_idle();
    }
  }
}

void ByteSource::seek(std::uint64_t byte) {
  if (::lseek(descriptor_, static_cast<off_t>(byte), SEEK_SET) < 0) {
    fail(name_, "cannot be read");
  }
  offset_ = byte;
}

void ByteSource::remember(std::span<const std::byte> read) {
  if (is_file_ && offset_ == head_.size() && offset_ < checked_bytes) {
    const auto part = read.first(std::min<std::size_t>(read.size(), checked_bytes - offset_));
    head_.insert(head_.end(), part.begin(), part.end());
  }
  offset_ += read.size();
}

bool ByteSource::has_changed_before(std::uint64_t byte) const {
  std::vector<std::byte> now(static_cast<std::size_t>(std::min<std::uint64_t>(byte, head_.size())));
  return !read_at(0, now) || !std::equal(now.begin(), now.end(), head_.begin());
}

bool ByteSource::read_at(std::uint64_t byte, std::span<std::byte> to) const {
  for (std::size_t done = 0; done < to.size();) {
    const ssize_t got =
        ::pread(descriptor_, to.data() + done, to.size() - done, static_cast<off_t>(byte + done));
    if (got < 0 && errno != EINTR) {
      fail(name_, "cannot be read");
    }
    if (got == 0) {
      return false;
    }
    done += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  }
  return true;
}

std::optional<std::uint32_t> ByteSource::checksum_before(std::uint64_t byte) const {
  if (!is_file_) {
    return std::nullopt;
  }
  const std::uint64_t count = std::min(byte, checked_bytes);
  std::vector<std::byte> bytes(static_cast<std::size_t>(count));
  uLong sum = ::crc32(0, nullptr, 0);
  for (const std::uint64_t begin : {std::uint64_t{0}, byte - count}) {
    if (!read_at(begin, bytes)) {
      return std::nullopt;
    }
    sum = ::crc32(sum, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(count));
  }
  return static_cast<std::uint32_t>(sum);
}

}  // namespace eckart::io
