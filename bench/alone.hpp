#pragma once

// A run in a process of its own. Threads of some libraries go on spinning after a call, on the processors that the next contestant
// needs (OpenMP's for 0.2 s), and memory that one gave back makes the next one faster. So each run with threads is a child of a
// process that never started any: what it measures is what a program sees that uses this library and no other.

#include <stdexcept>
#include <type_traits>

#include <sys/wait.h>
#include <unistd.h>

namespace eckart::bench {

/// compute(), which returns a plain value, in a child of this process. Throws std::runtime_error where the child does not get that far.
template <class Compute>
auto alone(const Compute& compute) {
  using Value = std::invoke_result_t<const Compute&>;
  static_assert(std::is_trivially_copyable_v<Value> && sizeof(Value) <= 512,
                "one write to a pipe carries the value");
  int ends[2];
  if (pipe(ends) != 0) {
    throw std::runtime_error("no pipe for a run in a process of its own");
  }
  const pid_t child = fork();
  if (child == 0) {
    int status = 1;
    try {
      const Value value = compute();
      status = write(ends[1], &value, sizeof value) == sizeof value ? 0 : 1;
    } catch (...) {
    }
    _exit(status);
  }
  close(ends[1]);
  Value value{};
  const bool arrived = child > 0 && read(ends[0], &value, sizeof value) == sizeof value;
  close(ends[0]);
  if (child > 0) {
    waitpid(child, nullptr, 0);
  }
  if (!arrived) {
    throw std::runtime_error("a run in a process of its own failed");
  }
  return value;
}

}  // namespace eckart::bench
