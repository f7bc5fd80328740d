#pragma once

// Where the time goes: runs a step, tells the progress sink, and adds its seconds to the report's line of that name.

#include <algorithm>
#include <chrono>
#include <type_traits>

#include <eckart/execution.hpp>
#include <eckart/svd.hpp>

namespace eckart::dense {

[[nodiscard]] inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

class StageClock {
 public:
  StageClock(const Execution& execution, std::vector<StageTime>& stages)
      : execution_(execution), stages_(stages) {
    stages_.reserve(usual_stages);
  }

  template <class Step>
  auto operator()(const char* stage, Step step) const {
    execution_.step(stage, 0);
    const auto start = std::chrono::steady_clock::now();
    if constexpr (std::is_void_v<decltype(step())>) {
      step();
      add(stage, seconds_since(start));
    } else {
      auto result = step();
      add(stage, seconds_since(start));
      return result;
    }
  }

 private:
  // Memory for them is taken once.
  static constexpr std::size_t usual_stages = 8;

  void add(const char* stage, double seconds) const {
    const auto known = std::find_if(stages_.begin(), stages_.end(),
                                    [&](const StageTime& line) { return line.stage == stage; });
    if (known == stages_.end()) {
      stages_.push_back({stage, seconds});
    } else {
      known->seconds += seconds;
    }
  }

  const Execution& execution_;
  std::vector<StageTime>& stages_;
};

}  // namespace eckart::dense
