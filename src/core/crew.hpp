#pragma once

// Threads that stay: for algorithms that share out work thousands of times, a few microseconds of it at a time, where
// parallel_for would spend longer on starting threads than on the work.
//
//   Crew crew(execution);
//   crew.run(pieces, [&](Index piece) { ... });   // every piece once, in any order; returns when all are done
//
// The calling thread works too, and takes what the others do not: the crew never depends on another thread to run. As with
// parallel_for, results do not depend on the number of threads as long as the pieces depend on the problem alone. A body must
// not throw. Threads start at the first run that has work for them, so no more than the pieces of the largest run; between runs
// they spin for a few microseconds, then sleep.
//
// A piece is computed as the calling thread would compute it: with its rounding of denormal numbers (MXCSR), whenever the thread of the
// crew was started. Else half of a product under FlushDenormals would be flushed, and which half chance would decide.
//
// How. One 64-bit ticket holds the number of the run, its count and the next piece. A thread takes a piece by raising the ticket
// in one atomic step, which fails when the run is another by now; so who holds a piece knows that its run is not over, and may
// read the body. The caller waits until the number of finished pieces has reached the count. A count that 16 bits do not hold is
// several runs, one after the other.

#include <atomic>
#include <cstdint>
#include <thread>
#include <type_traits>
#include <vector>

#include <eckart/execution.hpp>

namespace eckart {

class Crew {
 public:
  /// As many threads as `execution` says, the caller included.
  explicit Crew(const Execution& execution) : Crew(execution.thread_count()) {}
  explicit Crew(int members) : members_(members) {}
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  [[nodiscard]] int members() const noexcept { return members_; }

  /// run(), or false at once where a run is going on: a piece of it, or another thread, asks for more.
  template <class Body>
  [[nodiscard]] bool try_run(Index count, const Body& body) {
    if (busy_.exchange(true, std::memory_order_acquire)) {
      return false;
    }
    run(count, body);
    busy_.store(false, std::memory_order_release);
    return true;
  }

  /// body(i) for every i in [0, count).
  template <class Body>
  void run(Index count, const Body& body) {
    static_assert(std::is_invocable_v<const Body&, Index>);
    if (count <= 1 || members_ <= 1) {
      for (Index i = 0; i < count; ++i) {
        body(i);
      }
      return;
    }
    share(
        count, [](const void* context, Index i) { (*static_cast<const Body*>(context))(i); },
        &body);
  }

 private:
  using Call = void (*)(const void*, Index);

  void share(Index count, Call call, const void* context);
  void start_threads(Index wanted);
  void run_slice(Index first, Index count);
  bool take_one();
  void serve();

  int members_;
  std::atomic<bool> busy_{false};
  std::atomic<std::uint64_t> ticket_{0};  // run (32 bits), count (16), next piece (16)
  std::atomic<Index> done_{0};
  std::atomic<bool> dismissed_{false};
  Call call_ = nullptr;
  const void* context_ = nullptr;
  unsigned control_ = 0;  // of the caller's floating-point unit
  Index first_ = 0;       // of the run: a piece's number less its place in the ticket
  std::vector<std::jthread> threads_;
};

}  // namespace eckart
