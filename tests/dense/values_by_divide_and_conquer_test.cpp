#include "dense/bidiagonal/values_by_divide_and_conquer.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "dense/bidiagonal/bidiagonal_qr.hpp"
#include "dense/bidiagonal/bidiagonal_svd.hpp"
#include "support/bidiagonal.hpp"
#include "support/mpfr_reference.hpp"

namespace eckart::dense {
namespace {

using testing::Bidiagonal;
using testing::bidiagonal;
using testing::bidiagonal_kinds;

Execution with_threads(int threads) {
  return {.threads = threads, .stop = {}, .progress = {}};
}

template <class R>
struct Values {
  bool converged = false;
  std::vector<R> s;
};

// In exactly the memory that was planned.
template <class R>
Values<R> solve(const Bidiagonal<R>& b, const DivideAndConquerOptions& options = {},
                int threads = 1) {
  Values<R> result{false, b.d};
  std::vector<R> e = b.e;
  const MemoryPlan plan = divide_and_conquer_values_memory<R>(b.n());
  Workspace work(plan);
  result.converged =
      divide_and_conquer_values<R>(with_threads(threads), result.s, e, options, work);
  EXPECT_EQ(work.peak(), plan.bytes());
  EXPECT_EQ(work.used(), 0U);
  return result;
}

// By QR iteration, whose values have high relative accuracy.
template <class R>
std::vector<R> values_by_qr(const Bidiagonal<R>& b) {
  std::vector<R> s = b.d, e = b.e, scratch(static_cast<std::size_t>(bidiagonal_qr_scratch(b.n())));
  EXPECT_TRUE(bidiagonal_qr<R>({}, s, e, {}, {}, scratch));
  return s;
}

// Descending, and within a few n eps s_1 of the reference; below the smallest number, within that.
template <class R, class Reference>
::testing::AssertionResult agree(const Values<R>& values, const std::vector<Reference>& reference) {
  if (!values.converged) {
    return ::testing::AssertionFailure() << "not converged";
  }
  const auto n = static_cast<double>(reference.size());
  const double unit = n * std::max(double{epsilon<R>} * static_cast<double>(reference[0]),
                                   double{std::numeric_limits<R>::denorm_min()});
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const R s = values.s[i];
    if (!(s >= 0) || (i > 0 && s > values.s[i - 1])) {
      return ::testing::AssertionFailure() << "s[" << i << "] = " << s << " is out of order";
    }
    const double error = std::abs(static_cast<double>(s) - static_cast<double>(reference[i]));
    if (!(error <= 10 * unit)) {
      return ::testing::AssertionFailure() << "s[" << i << "] is off by " << error / unit;
    }
  }
  return ::testing::AssertionSuccess();
}

template <class R>
class ValuesByDivideAndConquerTest : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ValuesByDivideAndConquerTest, Types);

TYPED_TEST(ValuesByDivideAndConquerTest, EveryKindAtEverySmallSize) {
  for (const auto kind : bidiagonal_kinds) {
    for (Index n = 1; n <= 40; ++n) {
      const auto b = bidiagonal<TypeParam>(kind, n, static_cast<std::uint64_t>(n));
      const auto reference = values_by_qr(b);
      for (const Index leaf : {2, 4, 16}) {
        EXPECT_TRUE(agree(solve(b, {.leaf = leaf, .subtree = 8}), reference))
            << kind << " " << n << " leaf " << leaf;
      }
    }
  }
}

TYPED_TEST(ValuesByDivideAndConquerTest, EveryKindAtMediumSize) {
  for (const auto kind : bidiagonal_kinds) {
    for (const Index n : {100, 300}) {
      const auto b = bidiagonal<TypeParam>(kind, n);
      EXPECT_TRUE(agree(solve(b), values_by_qr(b))) << kind << " " << n;
    }
  }
}

TYPED_TEST(ValuesByDivideAndConquerTest, BothMethodsThatTheLadderTakesAgree) {
  using R = TypeParam;
  for (const auto kind : bidiagonal_kinds) {
    const auto b = bidiagonal<R>(kind, 75);
    const auto values_by = [&b](Driver driver) {
      Values<R> result{false, b.d};
      std::vector<R> e = b.e;
      Workspace work(bidiagonal_svd_memory<R>(b.n(), false, driver));
      result.converged = bidiagonal_values<R>(with_threads(1), driver, result.s, e, work);
      return result;
    };
    const Values<R> dqds = values_by(Driver::qr_iteration);
    ASSERT_TRUE(dqds.converged) << kind;
    EXPECT_TRUE(agree(values_by(Driver::divide_and_conquer), dqds.s)) << kind;
  }
}

TEST(ValuesByDivideAndConquer, AgreeWithExactOnes) {
  for (const auto kind : bidiagonal_kinds) {
    for (const Index n : {5, 12, 30}) {
      const auto b = bidiagonal<double>(kind, n);
      EXPECT_TRUE(agree(solve(b, {.leaf = 2, .subtree = 4}),
                        testing::reference_singular_values(b.matrix())))
          << kind << " " << n;
    }
  }
}

TEST(ValuesByDivideAndConquer, RandomStructure) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const auto b = bidiagonal<double>("mixed", 3 + static_cast<Index>(seed % 38), seed);
    EXPECT_TRUE(agree(solve(b, {.leaf = 2, .subtree = 4}), values_by_qr(b))) << seed;
  }
}

// Where LAPACK's deflation failed: thousands of nearly equal values.
TEST(ValuesByDivideAndConquer, ThousandsOfNearlyEqualValues) {
  for (const auto kind : {"near ones", "cluster", "glued"}) {
    const auto b = bidiagonal<double>(kind, 1500);
    EXPECT_TRUE(agree(solve(b, {}, 2), values_by_qr(b))) << kind;
  }
}

TEST(ValuesByDivideAndConquer, ResultsDoNotDependOnThreads) {
  for (const auto kind : {"normal", "ones", "glued"}) {
    const auto b = bidiagonal<double>(kind, 700);
    const DivideAndConquerOptions options{.subtree = 64, .task_rows = 200};
    const auto one = solve(b, options, 1), three = solve(b, options, 3);
    ASSERT_TRUE(one.converged && three.converged);
    EXPECT_EQ(one.s, three.s) << kind;
  }
}

TEST(ValuesByDivideAndConquer, AFailedMergeFallsBackToQrIteration) {
  const auto b = bidiagonal<double>("normal", 40);
  const auto reference = values_by_qr(b);
  EXPECT_TRUE(agree(solve(b, {.leaf = 4, .reject_merges = true}), reference));
  EXPECT_TRUE(agree(solve(b, {.leaf = 4, .secular_steps = 2}), reference));  // too few
}

TEST(ValuesByDivideAndConquer, RefusesWhatIsNotFinite) {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    for (const std::size_t at : {0U, 17U, 39U}) {
      auto b = bidiagonal<double>("normal", 40);
      b.d[at] = bad;
      EXPECT_FALSE(solve(b).converged);
      b = bidiagonal<double>("normal", 40);
      b.e[at % 39] = bad;
      EXPECT_FALSE(solve(b).converged);
    }
  }
}

TEST(ValuesByDivideAndConquer, ScalesExactly) {
  const auto b = bidiagonal<double>("normal", 60);
  auto scaled = b;
  for (auto* part : {&scaled.d, &scaled.e}) {
    for (double& x : *part) {
      x = std::ldexp(x, 900);
    }
  }
  const auto plain = solve(b), large = solve(scaled);
  for (std::size_t i = 0; i < 60; ++i) {
    EXPECT_EQ(std::ldexp(plain.s[i], 900), large.s[i]);
  }
}

}  // namespace
}  // namespace eckart::dense
