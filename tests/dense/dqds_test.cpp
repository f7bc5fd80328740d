// Singular values of a bidiagonal matrix by dqds: each to relative accuracy, held against Sturm counts in long double.

#include "dense/bidiagonal/dqds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/random.hpp>

namespace eckart::dense {
namespace {

template <class R>
struct Bidiagonal {
  std::vector<R> d, e;
};

struct Values {
  bool converged = false;
  std::vector<double> s;
};

template <class R>
Values values_of(const Bidiagonal<R>& b, const DqdsOptions& options = {}) {
  std::vector<R> s = b.d;
  std::vector<double> scratch(static_cast<std::size_t>(dqds_scratch(static_cast<Index>(s.size()))));
  const bool converged = dqds<R>(s, std::span<const R>(b.e), scratch, options);
  return {converged, {s.begin(), s.end()}};
}

// #{sigma >= x}, x > 0, exact for a matrix that differs from B by a few units of long double in each entry (Kahan 1966).
template <class R>
std::size_t values_at_least(const Bidiagonal<R>& b, long double x) {
  const std::size_t n = b.d.size();
  long double pivot = -x;
  std::size_t negative = 1;
  const auto eliminate = [&](long double entry) {
    if (std::abs(pivot) < std::numeric_limits<long double>::min()) {
      pivot = -std::numeric_limits<long double>::min();
    }
    pivot = -x - entry * (entry / pivot);
    negative += pivot < 0 ? 1 : 0;
  };
  for (std::size_t i = 0; i < n; ++i) {
    eliminate(b.d[i]);
    if (i + 1 < n) {
      eliminate(b.e[i]);
    }
  }
  return 2 * n - negative;
}

// Every value within `tolerance` of itself, and those below `floor` of the largest somewhere below.
template <class R>
void expect_values(const Bidiagonal<R>& b, const std::string& what) {
  const Values result = values_of(b);
  ASSERT_TRUE(result.converged) << what;
  ASSERT_TRUE(std::is_sorted(result.s.rbegin(), result.s.rend())) << what;
  const std::size_t n = b.d.size();
  const auto eps = static_cast<long double>(epsilon<R>);
  const long double tolerance = 4 * static_cast<long double>(n + 4) * eps;
  const long double floor =
      std::max(static_cast<long double>(result.s.front()) * 0x1p-200L,
               static_cast<long double>(std::numeric_limits<R>::denorm_min()) / tolerance);
  for (std::size_t i = 0; i < n; ++i) {
    const auto value = static_cast<long double>(result.s[i]);
    EXPECT_LE(values_at_least(b, std::max(value * (1 + tolerance), floor)), i) << what << ", " << i;
    if (value > floor) {
      EXPECT_GT(values_at_least(b, value * (1 - tolerance)), i) << what << ", " << i;
    }
  }
}

struct Kind {
  const char* name;
  double (*d)(const Random&, Index i, Index n);
  double (*e)(const Random&, Index i, Index n);
};

std::uint64_t at(Index i) {
  return static_cast<std::uint64_t>(i);
}

// Each entry from its place; small ones stay in float's range.
const Kind kinds[] = {
    {"normal", [](const Random& r, Index i, Index) { return r.normal(at(i)); },
     [](const Random& r, Index i, Index) { return r.normal(at(i) + 1000); }},
    {"of a random matrix",
     [](const Random& r, Index i, Index n) {
       return std::sqrt(static_cast<double>(n - i)) + 0.7 * r.normal(at(i));
     },
     [](const Random& r, Index i, Index n) {
       return std::sqrt(static_cast<double>(n - i)) + 0.7 * r.normal(at(i) + 1000);
     }},
    {"ones", [](const Random&, Index, Index) { return 1.0; },
     [](const Random&, Index, Index) { return 1.0; }},
    {"nearly the identity", [](const Random&, Index, Index) { return 1.0; },
     [](const Random&, Index, Index) { return 1e-5; }},
    {"graded downwards", [](const Random&, Index i, Index) { return std::pow(0.6, i); },
     [](const Random&, Index i, Index) { return std::pow(0.6, i); }},
    {"graded upwards", [](const Random&, Index i, Index n) { return std::pow(0.6, n - i); },
     [](const Random&, Index i, Index n) { return std::pow(0.6, n - i); }},
    {"of all sizes",
     [](const Random& r, Index i, Index) { return std::pow(10, -25 * r.uniform(at(i))); },
     [](const Random& r, Index i, Index) { return std::pow(10, -25 * r.uniform(at(i) + 1000)); }},
    {"large beside the diagonal", [](const Random&, Index, Index) { return 1e-3; },
     [](const Random&, Index, Index) { return 1.0; }},
    {"two clusters, glued", [](const Random&, Index i, Index) { return i % 8 == 0 ? 1e-8 : 1.0; },
     [](const Random&, Index i, Index) { return i % 8 == 7 ? 1e-7 : 0.5; }},
    {"split", [](const Random& r, Index i, Index) { return r.normal(at(i)); },
     [](const Random& r, Index i, Index) { return i % 5 == 4 ? 0 : r.normal(at(i) + 1000); }},
    {"split late", [](const Random& r, Index i, Index) { return r.normal(at(i)); },
     [](const Random& r, Index i, Index) {
       return (i % 5 == 4 ? 1e-14 : 1) * r.normal(at(i) + 1000);
     }},
    {"zeros on the diagonal",
     [](const Random& r, Index i, Index) { return i % 3 == 1 ? 0 : r.normal(at(i)); },
     [](const Random& r, Index i, Index) { return r.normal(at(i) + 1000); }},
    {"zero at the end",
     [](const Random& r, Index i, Index n) { return i + 1 == n ? 0 : r.normal(at(i)); },
     [](const Random& r, Index i, Index) { return r.normal(at(i) + 1000); }},
    {"diagonal", [](const Random& r, Index i, Index) { return r.normal(at(i)); },
     [](const Random&, Index, Index) { return 0.0; }},
    {"nilpotent", [](const Random&, Index, Index) { return 0.0; },
     [](const Random&, Index, Index) { return 1.0; }},
};

template <class R>
Bidiagonal<R> make(const Kind& kind, Index n, std::uint64_t seed = 1) {
  const Random random(seed);
  Bidiagonal<R> b;
  for (Index i = 0; i < n; ++i) {
    b.d.push_back(static_cast<R>(kind.d(random, i, n)));
    if (i + 1 < n) {
      b.e.push_back(static_cast<R>(kind.e(random, i, n)));
    }
  }
  return b;
}

template <class R>
class Dqds : public ::testing::Test {};
using RealTypes = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Dqds, RealTypes);

TYPED_TEST(Dqds, GivesEveryValueToRelativeAccuracy) {
  for (const Kind& kind : kinds) {
    for (const Index n : {1, 2, 3, 4, 5, 6, 7, 8, 13, 16, 31, 64, 100}) {
      for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        expect_values(make<TypeParam>(kind, n, seed),
                      std::string(kind.name) + ", n = " + std::to_string(n));
      }
    }
  }
}

TYPED_TEST(Dqds, DoesNotMindTheScale) {
  using R = TypeParam;
  for (const Kind& kind : kinds) {
    if (kind.name == std::string("of all sizes")) {
      continue;  // its entries become denormal
    }
    const Bidiagonal<R> b = make<R>(kind, 20);
    const std::vector<double> s = values_of(b).s;
    for (const int exponent : {-30, 25}) {
      Bidiagonal<R> scaled = b;
      for (std::vector<R>* line : {&scaled.d, &scaled.e}) {
        for (R& x : *line) {
          x = std::ldexp(x, exponent);
        }
      }
      const std::vector<double> of_scaled = values_of(scaled).s;
      for (std::size_t i = 0; i < s.size(); ++i) {
        EXPECT_EQ(of_scaled[i], std::ldexp(s[i], exponent)) << kind.name << ", " << i;
      }
    }
  }
}

TYPED_TEST(Dqds, TakesEntriesFromTheSmallestToTheLargest) {
  using R = TypeParam;
  for (const R size : {std::numeric_limits<R>::denorm_min() * 1024, std::numeric_limits<R>::min(),
                       std::numeric_limits<R>::max() / 4}) {
    Bidiagonal<R> b;
    b.d.assign(9, size);
    b.e.assign(8, size / 2);
    expect_values(b, "entries of " + std::to_string(size));
  }
}

TYPED_TEST(Dqds, SaysThatItFailed) {
  using R = TypeParam;
  const Bidiagonal<R> good = make<R>(kinds[0], 12);
  EXPECT_FALSE(values_of(good, {.sweeps_per_value = 0}).converged);
  EXPECT_TRUE(values_of(good).converged);
  for (const R bad : {std::numeric_limits<R>::quiet_NaN(), std::numeric_limits<R>::infinity()}) {
    for (const std::size_t place : {std::size_t{0}, std::size_t{5}, std::size_t{10}}) {
      Bidiagonal<R> b = good;
      b.d[place] = bad;
      EXPECT_FALSE(values_of(b).converged);
      b = good;
      b.e[place] = bad;
      EXPECT_FALSE(values_of(b).converged);
    }
  }
}

TYPED_TEST(Dqds, AnswersTheZeroMatrixAndNoMatrix) {
  const Values zero = values_of<TypeParam>({{0, 0, 0}, {0, 0}});
  EXPECT_TRUE(zero.converged);
  EXPECT_EQ(zero.s, std::vector<double>(3, 0.0));
  EXPECT_TRUE(values_of<TypeParam>({}).converged);
}

}  // namespace
}  // namespace eckart::dense
