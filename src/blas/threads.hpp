#pragma once

// Threads inside the BLAS: one.
//
// Eckart splits work itself, into pieces that depend on the problem alone, and lets the BLAS
// compute each piece with one thread: that is why results do not depend on the number of threads,
// and why a call from inside a thread pool does not multiply threads. How one thread is had depends
// on whose library it is:
//
//   openblas (default)  a copy of our own, under a name of our own: its thread count is set to 1
//                       once, and nobody else sees it
//   mkl                 mkl_set_num_threads_local: this thread only, restored at the end of each
//                       call
//   others              shared with the caller and without a thread-local switch: its threads are left alone, and `eckart info`
//                       says so; Eckart's own threads take turns in calling it

namespace eckart::blas {

/// While it lives, BLAS calls of this thread use one thread where that is possible without touching
/// anybody else's, and where it is not no other thread of Eckart is in the library.
class OneThread {
 public:
  OneThread() noexcept;
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int previous_ = 0;
};

/// Whether OneThread has an effect with the library that is linked.
[[nodiscard]] bool controls_threads() noexcept;

}  // namespace eckart::blas
