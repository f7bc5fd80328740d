#include "ending.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include <nanobind/nanobind.h>
#include <pthread.h>
#include <unistd.h>

#include "lock.hpp"

namespace eckart::python {

namespace nb = nanobind;

namespace {

// What does not hear a stop, as one call of a library, is left alone after so long.
constexpr auto patience = std::chrono::seconds(3);

// Outlives everything: threads look at it while the program ends.
struct Ending {
  std::stop_source stop;
  std::atomic<int> under_way = 0;
};

Ending& ending() {
  static auto* const of_program = new Ending;
  return *of_program;
}

bool in_main_thread() {
  return gettid() == getpid();
}

void end() {
  ending().stop.request_stop();
  const Unlocked released;
  const auto last = std::chrono::steady_clock::now() + patience;
  while (ending().under_way > 0 && std::chrono::steady_clock::now() < last) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

std::stop_token end_of_program() {
  return ending().stop.get_token();
}

UnderWay::UnderWay() noexcept {
  ++ending().under_way;
}

UnderWay::~UnderWay() {
  --ending().under_way;
}

void sleep_if_ended() {
  if (ending().stop.stop_requested() && !in_main_thread()) {
    sleep_to_the_end();
  }
}

void run_until_the_end(const std::function<void()>& work) {
  sleep_if_ended();
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
  nb::module_::import_("atexit").attr("register")(nb::cpp_function(&end));
}

}  // namespace eckart::python
