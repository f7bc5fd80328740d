#pragma once

// Fair timing on a machine that others use too: the contestants run in turn, A B C A B C, so that a slow moment hits all of
// them; each round runs each of them long enough to be measured; the minimum over the rounds is what the code can do, and
// the median says how steady the machine was.

#include <algorithm>
#include <chrono>
#include <vector>

namespace eckart::bench {

struct Timing {
  double best = 0, median = 0;  // seconds a run
};

/// `runs[i](count)` returns the seconds that `count` runs of contestant i took. Rounds go on until `budget` seconds are spent,
/// at least `least_rounds` of them.
template <class Run>
std::vector<Timing> race(const std::vector<Run>& runs, double budget, int least_rounds) {
  constexpr double least_measured =
      0.01;  // seconds; shorter runs are repeated until a round lasts this long
  std::vector<int> repeats(runs.size(), 1);
  std::vector<std::vector<double>> seconds(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {  // warm up, and find how often a round repeats
    const double once = std::max(runs[i](1), 1e-7);
    repeats[i] = std::max(1, static_cast<int>(least_measured / once));
  }
  const auto start = std::chrono::steady_clock::now();
  const auto spent = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  for (int round = 0; round < least_rounds || spent() < budget; ++round) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      seconds[i].push_back(runs[i](repeats[i]) / repeats[i]);
    }
  }
  std::vector<Timing> timings;
  for (auto& sample : seconds) {
    std::sort(sample.begin(), sample.end());
    timings.push_back({sample.front(), sample[sample.size() / 2]});
  }
  return timings;
}

}  // namespace eckart::bench
