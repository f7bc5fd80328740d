#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include <sched.h>

#include <eckart/error.hpp>
#include <eckart/execution.hpp>

#include "core/crew.hpp"

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

void Execution::keep_threads() {
  if (thread_count() > 1 && !crew) {
    crew = std::make_shared<Crew>(*this);
  }
}

void detail::share_out(const Execution& execution, Index count, void (*call)(const void*, Index),
                       const void* context) {
  // Nobody asks the system how many threads there are, to do one thing.
  const auto workers =
      count <= 1 ? 1 : static_cast<int>(std::min<Index>(execution.thread_count(), count));
  if (workers <= 1) {
    for (Index i = 0; i < count; ++i) {
      execution.check_stop();
      call(context, i);
    }
    return;
  }

  std::exception_ptr first_error;
  std::atomic<bool> failed{false};
  std::mutex error_mutex;
  const auto body = [&](Index i) {
    try {
      if (!failed) {
        execution.check_stop();
        call(context, i);
      }
    } catch (...) {
      const std::lock_guard lock(error_mutex);
      if (!first_error) {
        first_error = std::current_exception();
      }
      failed = true;
    }
  };
  // Inside a piece of the crew's own run, and where fewer threads are wanted than it has, others are started.
  if (!(execution.crew && execution.crew->members() == execution.thread_count() &&
        execution.crew->try_run(count, body))) {
    Crew(workers).run(count, body);
  }
  if (first_error) {
    std::rethrow_exception(first_error);
  }
}

}  // namespace eckart
