#pragma once

// How a computation runs: with how many threads, when it stops, whom it tells. An algorithm
// receives an Execution and looks at nothing else: no globals, no environment variables, no
// printing.

#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <type_traits>

#include <eckart/types.hpp>

namespace eckart {

class Crew;

/// What a progress sink is told: the stage that runs and the share of that stage's work done, in
/// [0, 1].
struct Progress {
  std::string_view stage;
  double fraction = 0;
};

/// Called from the thread that called Eckart, at most once a panel of work. It must not throw.
using ProgressSink = std::function<void(const Progress&)>;

struct Execution {
  int threads = 0;  // 0: as many as the process may use; 1: the calling thread alone
  std::stop_token
      stop;  // a triggered token makes the computation throw Cancelled at its next panel
  ProgressSink progress;  // empty: nobody is told
  // Threads that stay, for an algorithm that shares out work often (keep_threads()); none: parallel_for starts its own.
  std::shared_ptr<Crew> crew = {};

  /// `threads`, or where that is 0 the number of processors that the process may run on.
  [[nodiscard]] int thread_count() const;

  /// From here on, and in copies, the threads of parallel_for stay from call to call: starting them takes as long as a product
  /// of a few hundred columns with a panel.
  void keep_threads();

  /// Throws Cancelled when a stop was requested.
  void check_stop() const;

  /// check_stop(), and tell the progress sink.
  void step(std::string_view stage, double fraction) const;
};

namespace detail {
void share_out(const Execution& execution, Index count, void (*call)(const void*, Index),
               const void* context);
}

/// Calls body(i) for every i in [0, count), shared over the threads of `execution`. The order is
/// not fixed, so iterations must not depend on one another; the split of a problem into iterations
/// must depend on the problem alone, so that results do not depend on the number of threads. The
/// first exception of an iteration is thrown again in the calling thread. A single iteration costs no more than its body.
template <class Body>
void parallel_for(const Execution& execution, Index count, const Body& body) {
  static_assert(std::is_invocable_v<const Body&, Index>);
  detail::share_out(
      execution, count,
      [](const void* context, Index i) { (*static_cast<const Body*>(context))(i); }, &body);
}

}  // namespace eckart
