#include "core/crew.hpp"

#include <algorithm>
#include <system_error>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace eckart {
namespace {

// About 20 microseconds of looking before a thread sleeps: longer than the gap between two phases of a reduction.
constexpr int looks = 2000;

void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// The control bits of MXCSR, without what operations leave in it.
unsigned control_word() noexcept {
#if defined(__SSE2__)
  constexpr unsigned flags = 0x3f;
  return _mm_getcsr() & ~flags;
#else
  return 0;
#endif
}

void set_control_word([[maybe_unused]] unsigned control) noexcept {
#if defined(__SSE2__)
  if (control_word() != control) {
    _mm_setcsr(control);
  }
#endif
}

// What the 16 bits of a count hold.
constexpr Index most_pieces = 0xffff;

constexpr std::uint64_t next_of(std::uint64_t ticket) {
  return ticket & 0xffff;
}
constexpr std::uint64_t count_of(std::uint64_t ticket) {
  return (ticket >> 16) & 0xffff;
}
constexpr std::uint64_t run_of(std::uint64_t ticket) {
  return ticket >> 32;
}

}  // namespace

Crew::~Crew() {
  dismissed_.store(true, std::memory_order_relaxed);
  ticket_.store((run_of(ticket_.load()) + 1) << 32, std::memory_order_release);  // an empty run
  ticket_.notify_all();
}

bool Crew::take_one() {
  std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
  while (next_of(ticket) < count_of(ticket)) {
    if (ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
      set_control_word(control_);
      call_(context_, first_ + static_cast<Index>(next_of(ticket)));
      done_.fetch_add(1, std::memory_order_release);
      return true;
    }
  }
  return false;
}

void Crew::serve() {
  int idle = 0;
  while (!dismissed_.load(std::memory_order_relaxed)) {
    if (take_one()) {
      idle = 0;
    } else if (++idle < looks) {
      pause();
    } else {
      const std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
      if (next_of(ticket) >= count_of(ticket) && !dismissed_.load(std::memory_order_relaxed)) {
        ticket_.wait(ticket, std::memory_order_acquire);
      }
    }
  }
}

void Crew::share(Index count, Call call, const void* context) {
  start_threads(std::min<Index>(members_, count) - 1);
  call_ = call;
  context_ = context;
  control_ = control_word();
  for (Index first = 0; first < count; first += most_pieces) {
    run_slice(first, std::min(most_pieces, count - first));
  }
}

void Crew::start_threads(Index wanted) {
  try {
    while (static_cast<Index>(threads_.size()) < wanted) {
      threads_.emplace_back([this] { serve(); });
    }
  } catch (const std::system_error&) {
    // No more threads are to be had: those that run, this one at least, do the work.
    members_ = static_cast<int>(threads_.size()) + 1;
  }
}

void Crew::run_slice(Index first, Index count) {
  first_ = first;
  done_.store(0, std::memory_order_relaxed);
  const std::uint64_t run = run_of(ticket_.load(std::memory_order_relaxed)) + 1;
  ticket_.store(run << 32 | static_cast<std::uint64_t>(count) << 16, std::memory_order_release);
  ticket_.notify_all();
  while (take_one()) {
  }
  for (int idle = 0; done_.load(std::memory_order_acquire) < count; ++idle) {
    if (idle < looks) {
      pause();
    } else {
      std::this_thread::yield();
    }
  }
}

}  // namespace eckart
