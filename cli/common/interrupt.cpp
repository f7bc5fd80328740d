#include "common/interrupt.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <thread>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <eckart/error.hpp>
#include <eckart/io.hpp>

#include "io/output_file.hpp"

namespace eckart::cli {
namespace {

// How long a computation may take to answer the stop token: with the time to remove files it keeps the promise of a second.
constexpr std::chrono::milliseconds patience{500};
// The same where something is going to be saved.
constexpr std::chrono::milliseconds patience_of_saving{900};
// And how often a file that is still being written then is looked at.
constexpr std::chrono::milliseconds look_at_writing{50};
std::atomic<int> saving{0};
std::atomic<Patience> patience_asked{Patience::a_second};

// Of the whole process, since signals are: the pipe from the handler to the thread, the token, the signal that came.
int pipe_ends[2] = {-1, -1};
std::atomic<int> signal_seen{0};

/// Never destroyed: the thread may still use it while the process ends.
std::stop_source& stop_source() {
  static auto* source = new std::stop_source;
  return *source;
}

extern "C" void tell_watcher(int signal) {
  const int saved = errno;
  const auto byte = static_cast<unsigned char>(signal);
  // A full pipe means that 64 kB of signals wait already: nothing is lost.
  if (write(pipe_ends[1], &byte, 1) < 0) {
    errno = saved;
  }
}

extern "C" void die_of_broken_pipe(int signal) {
  io::remove_temporary_files();
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, nullptr);
  raise(signal);
}

/// The next signal's number, or 0 when none came within `milliseconds` (-1: wait for ever).
int next_signal(int milliseconds) {
  pollfd wait_for = {pipe_ends[0], POLLIN, 0};
  unsigned char byte = 0;
  for (;;) {
    const int ready = poll(&wait_for, 1, milliseconds);
    if (ready == 0) {
      return 0;
    }
    if (ready > 0 && read(pipe_ends[0], &byte, 1) == 1) {
      return byte;
    }
    if (errno != EINTR) {
      return 0;
    }
  }
}

void watch() {
  const int signal = next_signal(-1);
  if (signal == 0) {
    return;
  }
  signal_seen = signal;
  stop_source().request_stop();
  if (saving > 0) {
    int again = next_signal(static_cast<int>(patience_of_saving.count()));
    if (again == 0 && patience_asked == Patience::whole_product && !io::is_writing()) {
      constexpr char waiting[] =
          "eckart: waits for a product to end, to save what was found; Ctrl-C again ends at once\n";
      if (write(STDERR_FILENO, waiting, sizeof waiting - 1) >= 0) {
        again = next_signal(-1);
      }
    }
    while (again == 0 && io::is_writing()) {
      again = next_signal(static_cast<int>(look_at_writing.count()));
    }
  } else if (!io::is_writing()) {
    // What is written does not hear the token, and might be complete by then.
    next_signal(static_cast<int>(patience.count()));
  }
  io::remove_temporary_files();
  if (isatty(STDERR_FILENO) == 1) {
    constexpr char clear_line[] = "\r\x1b[K";
    if (write(STDERR_FILENO, clear_line, sizeof clear_line - 1) < 0) {
      _exit(128 + signal);
    }
  }
  _exit(128 + signal);
}

}  // namespace

SavesOnInterrupt::SavesOnInterrupt(Patience patience) noexcept {
  patience_asked = patience;
  ++saving;
}
SavesOnInterrupt::~SavesOnInterrupt() {
  --saving;
}

void watch_signals() {
  if (pipe(pipe_ends) != 0) {
    throw Error(ErrorKind::unreadable, "no pipe for signals: too many open files");
  }
  struct sigaction action = {};
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  action.sa_handler = tell_watcher;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before = {};
    sigaction(signal, nullptr, &before);
    if (before.sa_handler !=
        SIG_IGN) {  // a shell or nohup that ignores a signal on our behalf is obeyed
      sigaction(signal, &action, nullptr);
    }
  }
  action.sa_handler = die_of_broken_pipe;
  sigaction(SIGPIPE, &action, nullptr);
  std::thread(watch).detach();
}

std::stop_token interrupt_token() {
  return stop_source().get_token();
}

int interrupt_signal() noexcept {
  return signal_seen;
}

}  // namespace eckart::cli
