#include <atomic>
#include <chrono>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/execution.hpp>

namespace eckart {
namespace {

Execution with_threads(int threads) {
  return {.threads = threads, .stop = {}, .progress = {}};
}

TEST(Execution, CountsTheThreadsAskedForOrThoseThereAre) {
  EXPECT_EQ(with_threads(1).thread_count(), 1);
  EXPECT_EQ(with_threads(1000).thread_count(), 1000);
  EXPECT_GE(with_threads(0).thread_count(), 1);
  EXPECT_LE(with_threads(0).thread_count(), static_cast<int>(std::thread::hardware_concurrency()));
}

TEST(Execution, RefusesANegativeNumberOfThreadsByItsValue) {
  try {
    static_cast<void>(with_threads(-3).thread_count());
    FAIL() << "accepted -3 threads";
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("-3"), std::string::npos) << error.what();
  }
  EXPECT_THROW(parallel_for(with_threads(-1), 4, [](Index) {}), InvalidArgument);
}

TEST(Execution, ThrowsCancelledOnceAStopWasRequested) {
  std::stop_source source;
  const Execution execution{.threads = 1, .stop = source.get_token(), .progress = {}};
  EXPECT_NO_THROW(execution.check_stop());
  source.request_stop();
  EXPECT_THROW(execution.check_stop(), Cancelled);
  EXPECT_NO_THROW(with_threads(1).check_stop()) << "no token, no stop";
}

TEST(Execution, TellsItsStepsInOrderAndNothingAfterAStop) {
  std::stop_source source;
  std::vector<std::pair<std::string, double>> told;
  const Execution execution{
      .threads = 1, .stop = source.get_token(), .progress = [&](const Progress& p) {
        told.emplace_back(std::string(p.stage), p.fraction);
      }};
  execution.step("qr", 0);
  execution.step("qr", 1);
  execution.step("bidiagonalize", 0.5);
  source.request_stop();
  EXPECT_THROW(execution.step("bidiagonalize", 1), Cancelled);
  const std::vector<std::pair<std::string, double>> expected = {
      {"qr", 0}, {"qr", 1}, {"bidiagonalize", 0.5}};
  EXPECT_EQ(told, expected);
  EXPECT_NO_THROW(with_threads(1).step("nobody listens", 0.5));
}

// A loop that takes seconds even for eight threads unless it is broken off, so that a thread that the
// system holds up for a while does not make a test fail.
constexpr Index long_count = 20000;
constexpr std::chrono::milliseconds one_iteration(1);

// With threads of its own for every call, and with threads that stay.
class ParallelFor : public testing::TestWithParam<std::tuple<int, bool>> {
 protected:
  ParallelFor() : execution_(with_threads(std::get<0>(GetParam()))) {
    if (std::get<1>(GetParam())) {
      execution_.keep_threads();
    }
  }
  Execution execution_;
};
INSTANTIATE_TEST_SUITE_P(Threads, ParallelFor,
                         testing::Combine(testing::Values(0, 1, 2, 3, 8), testing::Bool()));

TEST_P(ParallelFor, VisitsEveryIndexOnce) {
  for (const Index count : {1, 2, 7, 1000}) {
    std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
    parallel_for(execution_, count, [&](Index i) { ++visits.at(static_cast<std::size_t>(i)); });
    for (const auto& v : visits) {
      EXPECT_EQ(v, 1);
    }
  }
}

TEST_P(ParallelFor, DoesNothingForNoWork) {
  for (const Index count : {0, -1}) {
    parallel_for(execution_, count, [](Index) { FAIL() << "there is no index to visit"; });
  }
}

TEST_P(ParallelFor, ThrowsTheExceptionOfAnIterationInTheCallingThread) {
  std::atomic<Index> visited{0};
  try {
    parallel_for(execution_, long_count, [&](Index i) {
      ++visited;
      if (i == 3) {
        throw SizeLimit("iteration 3");
      }
      std::this_thread::sleep_for(one_iteration);
    });
    FAIL() << "the exception was lost";
  } catch (const SizeLimit& error) {
    EXPECT_STREQ(error.what(), "iteration 3");
  }
  EXPECT_LT(visited, long_count) << "the rest ran on";
}

TEST_P(ParallelFor, ThrowsOneExceptionWhenEveryIterationThrows) {
  EXPECT_THROW(parallel_for(execution_, 100, [](Index i) { throw SizeLimit(std::to_string(i)); }),
               SizeLimit);
}

TEST_P(ParallelFor, VisitsNothingWhenItWasStoppedBefore) {
  std::stop_source source;
  source.request_stop();
  execution_.stop = source.get_token();
  EXPECT_THROW(parallel_for(execution_, 10, [](Index) { FAIL() << "ran after the stop"; }),
               Cancelled);
}

TEST_P(ParallelFor, RunsAgainAfterAnException) {
  for (int round = 0; round < 20; ++round) {
    EXPECT_THROW(parallel_for(execution_, 5, [](Index) { throw SizeLimit("every time"); }),
                 SizeLimit);
    std::atomic<int> visited{0};
    parallel_for(execution_, 100, [&](Index) { ++visited; });
    EXPECT_EQ(visited, 100);
  }
}

TEST_P(ParallelFor, StopsInTheMiddle) {
  std::stop_source source;
  execution_.stop = source.get_token();
  std::atomic<Index> visited{0};
  EXPECT_THROW(parallel_for(execution_, long_count,
                            [&](Index i) {
                              ++visited;
                              if (i == 3) {
                                source.request_stop();
                              }
                              std::this_thread::sleep_for(one_iteration);
                            }),
               Cancelled);
  EXPECT_LT(visited, long_count);
}

TEST_P(ParallelFor, RunsInsideItself) {
  std::vector<std::atomic<int>> visits(60);
  parallel_for(execution_, 6, [&](Index i) {
    parallel_for(execution_, 10,
                 [&](Index j) { ++visits.at(static_cast<std::size_t>(10 * i + j)); });
  });
  for (const auto& v : visits) {
    EXPECT_EQ(v, 1);
  }
}

TEST_P(ParallelFor, UsesNoMoreThreadsThanItWasGiven) {
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  parallel_for(execution_, 200, [&](Index) {
    const int now = ++running;
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    std::this_thread::yield();
    --running;
  });
  EXPECT_LE(most, execution_.thread_count());
}

TEST(ParallelFor, WithOneThreadStaysOnTheCallingThreadInOrder) {
  const auto caller = std::this_thread::get_id();
  std::vector<Index> order;
  parallel_for(with_threads(1), 5, [&](Index i) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    order.push_back(i);
  });
  EXPECT_EQ(order, (std::vector<Index>{0, 1, 2, 3, 4}));
}

TEST(ParallelFor, WithMoreThreadsThanWorkStartsNoIdleOnes) {
  const auto caller = std::this_thread::get_id();
  parallel_for(with_threads(64), 1, [&](Index) { EXPECT_EQ(std::this_thread::get_id(), caller); });
}

}  // namespace
}  // namespace eckart
