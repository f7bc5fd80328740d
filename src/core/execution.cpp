#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <sched.h>

#include <eckart/error.hpp>
#include <eckart/execution.hpp>

namespace eckart {

int Execution::thread_count() const {
  if (threads < 0) {
    throw InvalidArgument("threads is " + std::to_string(threads) +
                          "; 0 means all, a positive number that many");
  }
  if (threads > 0) {
    return threads;
  }
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    return std::max(1, CPU_COUNT(&allowed));
  }
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void Execution::check_stop() const {
  if (stop.stop_requested()) {
    throw Cancelled();
  }
}

void Execution::step(std::string_view stage, double fraction) const {
  check_stop();
  if (progress) {
    progress({stage, fraction});
  }
}

void detail::share_out(const Execution& execution, Index count, void (*call)(const void*, Index),
                       const void* context) {
  const auto body = [&](Index i) { call(context, i); };
  // Nobody asks the system how many threads there are, to do one thing.
  const auto workers =
      count <= 1 ? 1 : static_cast<int>(std::min<Index>(execution.thread_count(), count));
  if (workers <= 1) {
    for (Index i = 0; i < count; ++i) {
      execution.check_stop();
      body(i);
    }
    return;
  }

  std::atomic<Index> next{0};
  std::exception_ptr first_error;
  std::mutex error_mutex;
  const auto work = [&] {
    try {
      for (Index i = next++; i < count; i = next++) {
        execution.check_stop();
        body(i);
      }
    } catch (...) {
      const std::lock_guard lock(error_mutex);
      if (!first_error) {
        first_error = std::current_exception();
      }
      next = count;
    }
  };
  {
    std::vector<std::jthread> pool;
    pool.reserve(static_cast<std::size_t>(workers - 1));
    try {
      for (int w = 1; w < workers; ++w) {
        pool.emplace_back(work);
      }
    } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch)
      // No more threads are to be had: those that run, this one at least, do the work.
    }
    work();
  }
  if (first_error) {
    std::rethrow_exception(first_error);
  }
}

}  // namespace eckart
