#include "core/crew.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace eckart {
namespace {

Execution with_threads(int threads) {
  Execution execution;
  execution.threads = threads;
  return execution;
}

// How often each piece ran.
std::vector<int> visits(Crew& crew, Index count) {
  std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
  crew.run(count, [&](Index i) { ++seen.at(static_cast<std::size_t>(i)); });
  return {seen.begin(), seen.end()};
}

bool each_once(const std::vector<int>& visits) {
  return std::all_of(visits.begin(), visits.end(), [](int times) { return times == 1; });
}

TEST(Crew, EveryPieceRunsOnce) {
  for (const int threads : {1, 2, 3, 8}) {
    Crew crew(with_threads(threads));
    // Beyond 65535 a run is several.
    for (const Index count : {0, 1, 2, 1000, 65535, 65536, 131070, 200000}) {
      EXPECT_TRUE(each_once(visits(crew, count))) << threads << " threads, " << count;
    }
  }
}

TEST(Crew, ManyRunsInARow) {
  Crew crew(with_threads(4));
  std::atomic<Index> sum{0};
  Index expected = 0;
  for (Index run = 0; run < 20000; ++run) {
    const Index count = run % 7;
    crew.run(count, [&](Index i) { sum += run + i; });
    expected += count * run + count * (count - 1) / 2;
    ASSERT_EQ(sum, expected) << run;  // a run is over when run() returns
  }
}

TEST(Crew, IsWokenAfterItSlept) {
  Crew crew(with_threads(3));
  for (int run = 0; run < 5; ++run) {
    EXPECT_TRUE(each_once(visits(crew, 100)));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST(Crew, EndsWhetherItsThreadsSpinSleepOrNeverStarted) {
  for (int repetition = 0; repetition < 100; ++repetition) {
    const Crew unused(with_threads(4));
    Crew spinning(with_threads(4));
    EXPECT_TRUE(each_once(visits(spinning, 8)));
  }
  for (int repetition = 0; repetition < 5; ++repetition) {
    Crew asleep(with_threads(4));
    EXPECT_TRUE(each_once(visits(asleep, 8)));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

// Three pieces that wait for one another need three threads, and three are all that run, however many there might be.
TEST(Crew, StartsNoMoreThreadsThanItHasPieces) {
  constexpr Index pieces = 3;
  Crew crew(with_threads(1000));
  std::vector<std::thread::id> ids(pieces);
  std::atomic<Index> arrived{0};
  crew.run(pieces, [&](Index i) {
    ids[static_cast<std::size_t>(i)] = std::this_thread::get_id();
    ++arrived;
    while (arrived < pieces) {
      std::this_thread::yield();
    }
  });
  const std::set<std::thread::id> first(ids.begin(), ids.end());
  EXPECT_EQ(first.size(), std::size_t{pieces});
  for (int run = 0; run < 200; ++run) {
    crew.run(pieces,
             [&](Index i) { ids[static_cast<std::size_t>(i)] = std::this_thread::get_id(); });
    for (const std::thread::id id : ids) {
      EXPECT_TRUE(first.contains(id));
    }
  }
  EXPECT_TRUE(each_once(visits(crew, 20)));  // more join for a larger run
}

TEST(Crew, ResultsDoNotDependOnTheNumberOfThreads) {
  constexpr Index count = 70000;
  const auto results = [](int threads) {
    std::vector<double> result(count);
    Crew crew(with_threads(threads));
    crew.run(count, [&](Index i) {
      result[static_cast<std::size_t>(i)] = std::sin(static_cast<double>(i));
    });
    return result;
  };
  const std::vector<double> alone = results(1);
  EXPECT_EQ(results(2), alone);
  EXPECT_EQ(results(7), alone);
}

}  // namespace
}  // namespace eckart
