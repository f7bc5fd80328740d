#include "lock.hpp"

#include <unistd.h>

namespace eckart::python {

void sleep_to_the_end() {
  for (;;) {
    pause();
  }
}

Unlocked::~Unlocked() {
  try {
    PyEval_RestoreThread(state_);
  } catch (...) {
    sleep_to_the_end();
  }
}

Locked::Locked() {
  try {
    state_ = PyGILState_Ensure();
  } catch (...) {
    sleep_to_the_end();
  }
}

}  // namespace eckart::python
