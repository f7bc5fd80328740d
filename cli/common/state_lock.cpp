#include "common/state_lock.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <eckart/error.hpp>

namespace eckart::cli {
namespace {

// Between opening the file and locking it another process may have removed it, but hardly again and again.
constexpr int attempts = 100;

/// The file that is locked is the one of this name still.
bool is_there(int descriptor, const std::string& path) {
  struct stat here = {}, named = {};
  return ::fstat(descriptor, &here) == 0 && ::stat(path.c_str(), &named) == 0 &&
         here.st_dev == named.st_dev && here.st_ino == named.st_ino;
}

}  // namespace

StateLock::StateLock(const std::string& state) {
  std::error_code unknown;
  const auto whole = std::filesystem::weakly_canonical(state, unknown);  // by whatever link
  path_ = (unknown ? state : whole.string()) + ".lock";
  for (int attempt = 0; attempt < attempts; ++attempt) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) {
      throw FileError(path_ + ": cannot be made: " + std::strerror(errno) +
                      "; a state is locked while a stream has it");
    }
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const bool taken = errno == EWOULDBLOCK;
      if (!taken) {
        return;
      }
      ::close(descriptor_);
      throw FileError(
          state +
          ": another eckart stream has this state; it saves its rows there, and those of "
          "a second one would be lost, or its own");
    }
    if (is_there(descriptor_, path_)) {
      return;
    }
    ::close(descriptor_);
  }
  throw FileError(path_ + ": is removed as soon as it is made");
}

StateLock::~StateLock() {
  if (is_there(descriptor_, path_)) {
    ::unlink(path_.c_str());
  }
  ::close(descriptor_);
}

}  // namespace eckart::cli
