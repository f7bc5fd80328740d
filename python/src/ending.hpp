#pragma once

// The end of the program while daemon threads compute.
//
// After the main thread comes exit(): libraries take their memory apart, the BLAS its buffers, under the feet of whoever still
// multiplies there, and now and then the process dies of a segmentation fault when all was done. So, while Python can still run
// functions for the end (atexit), computations of other threads are asked to stop and waited for; their threads then sleep until the
// process is over, and so does whoever begins another one. The thread that ends the program may go on computing, in functions for the
// end that were registered before.

#include <functional>
#include <stop_token>

namespace eckart::python {

/// Asked to stop when the program ends. Once it has, of a token that nobody asks: who comes so far is the thread that ends it.
[[nodiscard]] std::stop_token end_of_program();

/// A computation is under way while it lives.
class UnderWay {
 public:
  UnderWay() noexcept;
  ~UnderWay();
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
};

/// Sleeps where the program has ended, but in the thread that ends it. Without the interpreter's lock.
void sleep_if_ended();

/// The same before a computation, with the lock.
void begin_unless_ended();

/// Runs work() until the program ends. Without the lock.
void run_until_the_end(const std::function<void()>& work);

/// Registers what is done at the end; once, when the module is imported.
void bind_ending();

}  // namespace eckart::python
