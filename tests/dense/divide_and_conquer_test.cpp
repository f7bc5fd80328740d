#include "dense/bidiagonal/divide_and_conquer.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "support/bidiagonal.hpp"
#include "support/mpfr_reference.hpp"

namespace eckart::dense {
namespace {

using testing::Bidiagonal;
using testing::bidiagonal;
using testing::bidiagonal_kinds;
using testing::decomposes;

// Leaves so small that an 8 x 8 matrix has two levels of merges.
constexpr DivideAndConquerOptions smallest_leaves{.leaf = 2, .subtree = 4};

template <class R>
struct Result {
  bool converged = false;
  std::vector<R> s;
  Matrix<R> u, v;
};

// In exactly the memory that was planned.
template <class R>
Result<R> solve(const Bidiagonal<R>& b, const DivideAndConquerOptions& options = {},
                int threads = 1) {
  Result<R> result;
  std::vector<R> e = b.e;
  result.s = b.d;
  result.u = Matrix<R>(b.n(), b.n());
  result.v = Matrix<R>(b.n(), b.n());
  Workspace work(divide_and_conquer_memory<R>(b.n(), options));
  result.converged = divide_and_conquer<R>({.threads = threads, .stop = {}, .progress = {}},
                                           result.s, e, result.u, result.v, options, work);
  return result;
}

template <class R>
::testing::AssertionResult is_solved(const Bidiagonal<R>& b, const Result<R>& result) {
  if (!result.converged) {
    return ::testing::AssertionFailure() << "not converged";
  }
  return decomposes<R>(b, result.s, result.u.view(), result.v.view());
}

template <class R>
class DivideAndConquerTest : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(DivideAndConquerTest, Types);

TYPED_TEST(DivideAndConquerTest, EveryKindAtEverySmallSize) {
  for (const auto kind : bidiagonal_kinds) {
    for (Index n = 1; n <= 40; ++n) {
      const auto b = bidiagonal<TypeParam>(kind, n, static_cast<std::uint64_t>(n));
      for (const Index leaf : {2, 4, 16}) {
        EXPECT_TRUE(is_solved(b, solve(b, {.leaf = leaf, .subtree = 8})))
            << kind << " " << n << " leaf " << leaf;
      }
    }
  }
}

TYPED_TEST(DivideAndConquerTest, EveryKindAtMediumSize) {
  for (const auto kind : bidiagonal_kinds) {
    for (const Index n : {127, 300}) {
      const auto b = bidiagonal<TypeParam>(kind, n);
      EXPECT_TRUE(is_solved(b, solve(b))) << kind << " " << n;
    }
  }
}

// Where LAPACK's deflation failed (lapack#255, #99, #1138): thousands of nearly equal values.
TYPED_TEST(DivideAndConquerTest, ThousandsOfNearlyEqualValues) {
  for (const auto kind : {"near ones", "cluster", "glued"}) {
    const auto b = bidiagonal<TypeParam>(kind, 1500);
    EXPECT_TRUE(is_solved(b, solve(b, {}, 2))) << kind;
  }
}

TEST(DivideAndConquer, RandomStructure) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const auto b = bidiagonal<double>("mixed", 3 + static_cast<Index>(seed % 38), seed);
    EXPECT_TRUE(is_solved(b, solve(b, smallest_leaves))) << seed;
  }
}

TEST(DivideAndConquer, ValuesAgreeWithExactOnes) {
  for (const auto kind :
       {"normal", "ones", "near ones", "descending", "zeros in d", "glued Wilkinson", "mixed"}) {
    const auto b = bidiagonal<double>(kind, 30);
    const auto result = solve(b, smallest_leaves);
    ASSERT_TRUE(result.converged);
    const std::vector<double> exact = testing::reference_singular_values(b.matrix());
    for (std::size_t i = 0; i < exact.size(); ++i) {
      EXPECT_NEAR(result.s[i], exact[i], 30 * epsilon<double> * exact[0]) << kind << " " << i;
    }
  }
}

TEST(DivideAndConquer, ResultsDoNotDependOnThreads) {
  for (const auto kind : {"normal", "ones", "glued"}) {
    const auto b = bidiagonal<double>(kind, 700);
    const DivideAndConquerOptions options{.subtree = 64, .task_rows = 200};
    const auto one = solve(b, options, 1), three = solve(b, options, 3);
    ASSERT_TRUE(one.converged && three.converged);
    EXPECT_EQ(one.s, three.s) << kind;
    const auto bytes = static_cast<std::size_t>(700 * 700) * sizeof(double);
    EXPECT_EQ(std::memcmp(one.u.data(), three.u.data(), bytes), 0) << kind;
    EXPECT_EQ(std::memcmp(one.v.data(), three.v.data(), bytes), 0) << kind;
  }
}

TEST(DivideAndConquer, LeadingVectorsAreThoseOfAll) {
  for (const auto kind : {"normal", "glued", "mixed", "cluster"}) {
    const auto b = bidiagonal<double>(kind, 90);
    const auto all = solve(b);
    for (const Index wanted : {0, 1, 7, 90}) {
      const auto some = solve(b, {.wanted = wanted});
      ASSERT_TRUE(some.converged);
      EXPECT_EQ(some.s, all.s);
      // The products are of other shapes, so their sums may round differently.
      for (Index j = 0; j < wanted; ++j) {
        for (Index i = 0; i < 90; ++i) {
          EXPECT_NEAR(some.u(i, j), all.u(i, j), 1e-14) << kind << " " << wanted;
          EXPECT_NEAR(some.v(i, j), all.v(i, j), 1e-14) << kind << " " << wanted;
        }
      }
    }
  }
}

TEST(DivideAndConquer, AFailedMergeFallsBackToQrIteration) {
  const auto b = bidiagonal<double>("normal", 40);
  EXPECT_TRUE(is_solved(b, solve(b, {.leaf = 4, .reject_merges = true})));
  EXPECT_TRUE(is_solved(b, solve(b, {.leaf = 4, .secular_steps = 2})));  // too few
}

// The band of a matrix of ones, reduced in float: its small entries are denormal, whose order FlushDenormals does not see.
TEST(DivideAndConquer, DenormalEntriesComeOutInOrder) {
  std::vector<float> d = {-2.8F,    1e-6F,    3e-13F,   1e-20F, 4e-37F, 0.0F,
                          5.7e-44F, 1.4e-45F, 2.1e-44F, 0.0F,   7e-45F},
                     e = {16.2F,  4e-6F,    4e-14F, 3e-21F, 6e-42F,
                          9e-44F, 1.4e-45F, 0.0F,   8e-45F, 1e-44F};
  const Index n = static_cast<Index>(d.size());
  Matrix<float> u(n, n), v(n, n);
  Workspace work(divide_and_conquer_memory<float>(n));
  ASSERT_TRUE(divide_and_conquer<float>({.threads = 1, .stop = {}, .progress = {}}, d, e, u.view(),
                                        v.view(), {.leaf = 2}, work));
  EXPECT_TRUE(std::is_sorted(d.rbegin(), d.rend()));
  EXPECT_GE(d.back(), 0.0F);
}

TEST(DivideAndConquer, RefusesWhatIsNotFinite) {
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

TEST(DivideAndConquer, ScalesExactly) {
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
