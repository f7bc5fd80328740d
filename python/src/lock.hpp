#pragma once

// The interpreter's lock, given back and taken.
//
// When the interpreter ends (the main thread is over) while a daemon thread computes, Python before 3.14 ends that thread where it
// wants the lock again: pthread_exit() unwinds it, and C++ answers with abort() at the first function that lets nothing through.
// Such an unwinding is no exception; catch (...) alone sees it. Here the thread then sleeps until the process is over, as it does in
// Python 3.14.

#include <nanobind/nanobind.h>

namespace eckart::python {

/// For a handler of what is no exception.
[[noreturn]] void sleep_to_the_end();

/// Gives the lock back while it lives.
class Unlocked {
 public:
  Unlocked() : state_(PyEval_SaveThread()) {}
  ~Unlocked();
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  PyThreadState* state_;
};

/// Takes the lock, from any thread, while it lives.
class Locked {
 public:
  Locked();
  ~Locked() { PyGILState_Release(state_); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  PyGILState_STATE state_ = PyGILState_LOCKED;
};

}  // namespace eckart::python
