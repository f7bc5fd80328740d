#include "ending.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include <nanobind/nanobind.h>
#include <pthread.h>

#include "lock.hpp"

namespace eckart::python {

namespace nb = nanobind;

namespace {

// What does not hear a stop, as one call of a library, is left alone after so long.
constexpr auto patience = std::chrono::seconds(3);

// Outlives everything: threads look at it while the program ends.
struct Ending {
  std::thread::id by;  // who ends the program; read after `stop` was requested
  std::stop_source stop;
  std::atomic<int> under_way = 0;
};

Ending& ending() {
  static auto* const of_program = new Ending;
  return *of_program;
}

// For this thread.
bool has_ended() {
  return ending().stop.stop_requested() && ending().by != std::this_thread::get_id();
}

void end() {
  ending().by = std::this_thread::get_id();
  ending().stop.request_stop();
  const Unlocked released;
  const auto last = std::chrono::steady_clock::now() + patience;
  while (ending().under_way > 0 && std::chrono::steady_clock::now() < last) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

// Daemon threads never give back what they hold: nanobind, which reports objects that are left at the end, takes that for a leak.
void end_quietly() {
  end();
  if (nb::cast<int>(nb::module_::import_("threading").attr("active_count")()) > 1) {
    nb::set_leak_warnings(false);
  }
}

}  // namespace

std::stop_token end_of_program() {
  return ending().stop.stop_requested() ? std::stop_token() : ending().stop.get_token();
}

UnderWay::UnderWay() noexcept {
  ++ending().under_way;
}

UnderWay::~UnderWay() {
  --ending().under_way;
}

void sleep_if_ended() {
  if (has_ended()) {
    sleep_to_the_end();
  }
}

void begin_unless_ended() {
  if (has_ended()) {
    const Unlocked released;
    sleep_to_the_end();
  }
}

void run_until_the_end(const std::function<void()>& work) {
  try {
    const UnderWay counted;
    work();
  } catch (...) {
    sleep_if_ended();
    throw;
  }
  sleep_if_ended();
}

void bind_ending() {
  static_cast<void>(ending());
  // A child has none of the threads that were counted.
  pthread_atfork(nullptr, nullptr, [] { ending().under_way = 0; });
  nb::module_::import_("atexit").attr("register")(nb::cpp_function(&end_quietly));
}

}  // namespace eckart::python
