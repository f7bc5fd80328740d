// Divide and conquer in both of its forms, with vectors and without. What one form alone does stands at the end.

#include <algorithm>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "dense/bidiagonal/bidiagonal_svd.hpp"
#include "divide_and_conquer_forms.hpp"
#include "support/mpfr_reference.hpp"

namespace eckart::dense {
namespace {

using testing::bidiagonal;
using testing::bidiagonal_kinds;

// Leaves so small that an 8 x 8 matrix has two levels of merges.
constexpr DivideAndConquerOptions smallest_leaves{.leaf = 2, .subtree = 4};

template <class Form>
class DivideAndConquerTest : public ::testing::Test {};
using Forms = ::testing::Types<WithVectors<float>, WithVectors<double>, ValuesAlone<float>,
                               ValuesAlone<double>>;
TYPED_TEST_SUITE(DivideAndConquerTest, Forms);

TYPED_TEST(DivideAndConquerTest, EveryKindAtEverySmallSize) {
  using Form = TypeParam;
  for (const auto kind : bidiagonal_kinds) {
    for (Index n = 1; n <= 40; ++n) {
      const auto b = bidiagonal<typename Form::R>(kind, n, static_cast<std::uint64_t>(n));
      for (const Index leaf : {2, 4, 16}) {
        EXPECT_TRUE(Form::is_solved(b, Form::solve(b, {.leaf = leaf, .subtree = 8})))
            << kind << " " << n << " leaf " << leaf;
      }
    }
  }
}

TYPED_TEST(DivideAndConquerTest, EveryKindAtMediumSize) {
  using Form = TypeParam;
  for (const auto kind : bidiagonal_kinds) {
    for (const Index n : {127, 300}) {
      const auto b = bidiagonal<typename Form::R>(kind, n);
      EXPECT_TRUE(Form::is_solved(b, Form::solve(b))) << kind << " " << n;
    }
  }
}

// Where LAPACK's deflation failed (lapack#255, #99, #1138): thousands of nearly equal values.
TYPED_TEST(DivideAndConquerTest, ThousandsOfNearlyEqualValues) {
  using Form = TypeParam;
  for (const auto kind : {"near ones", "cluster", "glued"}) {
    const auto b = bidiagonal<typename Form::R>(kind, 1500);
    EXPECT_TRUE(Form::is_solved(b, Form::solve(b, {}, 2))) << kind;
  }
}

TYPED_TEST(DivideAndConquerTest, RandomStructure) {
  using Form = TypeParam;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const auto b = bidiagonal<typename Form::R>("mixed", 3 + static_cast<Index>(seed % 38), seed);
    EXPECT_TRUE(Form::is_solved(b, Form::solve(b, smallest_leaves))) << seed;
  }
}

TYPED_TEST(DivideAndConquerTest, ValuesAgreeWithExactOnes) {
  using Form = TypeParam;
  for (const auto kind : bidiagonal_kinds) {
    for (const Index n : {5, 12, 30}) {
      const auto b = bidiagonal<typename Form::R>(kind, n);
      const auto reference = testing::reference_singular_values(b.matrix());
      EXPECT_TRUE(agree(Form::solve(b, smallest_leaves), reference)) << kind << " " << n;
    }
  }
}

TYPED_TEST(DivideAndConquerTest, ResultsDoNotDependOnThreads) {
  using Form = TypeParam;
  using R = typename Form::R;
  for (const auto kind : {"normal", "ones", "glued"}) {
    const auto b = bidiagonal<R>(kind, 700);
    const DivideAndConquerOptions options{.subtree = 64};
    const auto one = Form::solve(b, options, 1), seven = Form::solve(b, options, 7);
    ASSERT_TRUE(one.converged && seven.converged);
    EXPECT_EQ(one.s, seven.s) << kind;
    const auto bytes = static_cast<std::size_t>(one.u.rows() * one.u.cols()) * sizeof(R);
    if (bytes > 0) {
      EXPECT_EQ(std::memcmp(one.u.data(), seven.u.data(), bytes), 0) << kind;
      EXPECT_EQ(std::memcmp(one.v.data(), seven.v.data(), bytes), 0) << kind;
    }
  }
}

TYPED_TEST(DivideAndConquerTest, AFailedMergeFallsBackToQrIteration) {
  using Form = TypeParam;
  const auto b = bidiagonal<typename Form::R>("normal", 40);
  EXPECT_TRUE(Form::is_solved(b, Form::solve(b, {.leaf = 4, .reject_merges = true})));
  EXPECT_TRUE(Form::is_solved(b, Form::solve(b, {.leaf = 4, .secular_steps = 2})));  // too few
}

TYPED_TEST(DivideAndConquerTest, RefusesWhatIsNotFinite) {
  using Form = TypeParam;
  using R = typename Form::R;
  for (const R bad : {std::numeric_limits<R>::quiet_NaN(), std::numeric_limits<R>::infinity()}) {
    for (const std::size_t at : {0U, 17U, 39U}) {
      auto b = bidiagonal<R>("normal", 40);
      b.d[at] = bad;
      EXPECT_FALSE(Form::solve(b).converged);
      b = bidiagonal<R>("normal", 40);
      b.e[at % 39] = bad;
      EXPECT_FALSE(Form::solve(b).converged);
    }
  }
}

TYPED_TEST(DivideAndConquerTest, ScalesExactly) {
  using Form = TypeParam;
  using R = typename Form::R;
  constexpr int exponent = std::numeric_limits<R>::max_exponent - 24;
  const auto b = bidiagonal<R>("normal", 60);
  auto scaled = b;
  for (auto* part : {&scaled.d, &scaled.e}) {
    for (R& x : *part) {
      x = std::ldexp(x, exponent);
    }
  }
  const auto plain = Form::solve(b), large = Form::solve(scaled);
  for (std::size_t i = 0; i < 60; ++i) {
    EXPECT_EQ(std::ldexp(plain.s[i], exponent), large.s[i]);
  }
}

// Blocks whose numbers are the smallest beside a large one: their tolerance became zero, a weight with it, and vectors NaN.
// (gallery: binomial 600x600 in float)
TYPED_TEST(DivideAndConquerTest, BlocksOfTheSmallestNumbers) {
  using Form = TypeParam;
  using R = typename Form::R;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    auto b = bidiagonal<R>("normal", 60, seed);
    const int exponent = std::numeric_limits<R>::min_exponent - 8 + static_cast<int>(seed % 8);
    for (std::size_t i = 1; i < 60; ++i) {
      b.d[i] = std::ldexp(b.d[i], exponent);
      b.e[i - 1] = i == 1 ? b.e[0] : std::ldexp(b.e[i - 1], exponent);
    }
    for (const Index leaf : {2, 8}) {
      EXPECT_TRUE(Form::is_solved(b, Form::solve(b, {.leaf = leaf, .subtree = 8}))) << seed;
    }
  }
}

TEST(DivideAndConquer, LeadingVectorsAreThoseOfAll) {
  for (const auto kind : {"normal", "glued", "mixed", "cluster"}) {
    const auto b = bidiagonal<double>(kind, 90);
    const auto all = WithVectors<double>::solve(b);
    for (const Index wanted : {0, 1, 7, 90}) {
      const auto some = WithVectors<double>::solve(b, {.wanted = wanted});
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

template <class R>
class ValuesByDivideAndConquerTest : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ValuesByDivideAndConquerTest, Types);

TYPED_TEST(ValuesByDivideAndConquerTest, BothMethodsThatTheLadderTakesAgree) {
  using R = TypeParam;
  for (const auto kind : bidiagonal_kinds) {
    const auto b = bidiagonal<R>(kind, 75);
    const auto values_by = [&b](Driver driver) {
      DivideAndConquerResult<R> result{false, b.d, {}, {}};
      std::vector<R> e = b.e;
      Workspace work(bidiagonal_svd_memory<R>(b.n(), false, driver));
      result.converged = bidiagonal_values<R>(Execution{.threads = 1, .stop = {}, .progress = {}},
                                              driver, result.s, e, work);
      return result;
    };
    const auto dqds = values_by(Driver::qr_iteration);
    ASSERT_TRUE(dqds.converged) << kind;
    EXPECT_TRUE(agree(values_by(Driver::divide_and_conquer), dqds.s)) << kind;
  }
}

}  // namespace
}  // namespace eckart::dense
