#pragma once

// A state belongs to one process at a time: two that go on from the same one would each save their own rows, and the last would win.
//
// The lock is that of the system (flock) on a file of its own, FILE.lock, since the state itself is another file after every save. The
// system gives it up with the process, however that ends; the file is removed at an orderly end, and is harmless else. Where the
// system has no such locks (some network file systems) there is none.

#include <string>

namespace eckart::cli {

class StateLock {
 public:
  /// Throws FileError where another process has the state, or the lock's file cannot be made.
  explicit StateLock(const std::string& state);
  ~StateLock();
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;

 private:
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace eckart::cli
