#pragma once

// Ctrl-C that always works, within a second.
//
//   1. the signal handler writes the signal's number into a pipe and returns: nothing else is safe in a handler;
//   2. a thread that sleeps on the pipe triggers the stop token, and the computation throws Cancelled at its next panel;
//   3. a computation that is inside one long call of the BLAS does not hear it: half a second later the thread removes the
//      temporary files and ends the process itself. A second Ctrl-C shortens the wait to nothing; so does a file that is
//      being written, which stays as it was.
//
// SIGINT, SIGTERM and SIGHUP go this way and end with 128 + their number. SIGPIPE (the reader of our output has gone) removes
// the temporary files and then kills the process as it would have done without us, so that a shell sees 141.

#include <stop_token>

namespace eckart::cli {

enum class Patience {
  a_second,      // nearly all of it
  whole_product  // as long as it takes, which is said after a second; a second signal ends at once
};

/// While one lives, a signal gives the process more than the usual half of a second, and a file that is being written is
/// waited for: a verb that hears the token is going to save what it has.
class SavesOnInterrupt {
 public:
  explicit SavesOnInterrupt(Patience patience = Patience::a_second) noexcept;
  ~SavesOnInterrupt();
  SavesOnInterrupt(const SavesOnInterrupt&) = delete;
  SavesOnInterrupt& operator=(const SavesOnInterrupt&) = delete;
};

/// Installs the handlers and starts the thread. Call once, before other threads are started.
void watch_signals();

/// Triggered when a signal asked the process to stop.
[[nodiscard]] std::stop_token interrupt_token();

/// The signal that triggered the token; 0 when none did.
[[nodiscard]] int interrupt_signal() noexcept;

}  // namespace eckart::cli
