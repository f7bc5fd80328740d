// Bounds from random vectors: as rare to fail as they say, and not needlessly large.

#include "truncated/probes.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/random.hpp>

namespace eckart::truncated {
namespace {

/// S1 and S2 of diag(values) and q vectors.
ProbeSums sums_of(const std::vector<double>& values, Index q, bool complex, std::uint64_t seed) {
  const Random random(seed);
  ProbeSums sums;
  std::uint64_t next = 0;
  for (const double value : values) {
    for (Index j = 0; j < q; ++j) {
      double square = std::pow(random.normal(next++), 2);
      if (complex) {
        square = (square + std::pow(random.normal(next++), 2)) / 2;
      }
      sums.first += value * value * square;
      sums.second += std::pow(value, 4) * square;
    }
  }
  return sums;
}

double sum_of_powers(const std::vector<double>& values, double power) {
  double sum = 0;
  for (const double value : values) {
    sum += std::pow(value, power);
  }
  return sum;
}

std::vector<double> spectrum(int kind) {
  std::vector<double> values;
  for (int i = 0; i < 60; ++i) {
    values.push_back(kind == 0   ? (i == 0 ? 1.0 : 0.0)
                     : kind == 1 ? 1.0
                     : kind == 2 ? std::pow(0.7, i)
                                 : (i < 2 ? 1.0 : 0.1));
  }
  return values;
}

TEST(Probes, TheSmallestShareSolvesItsEquation) {
  for (const double exponent : {1.0, 8.0, 16.0, 100.0}) {
    for (const double failure : {1e-12, 1e-6, 0.01, 0.5}) {
      const double x = smallest_share(exponent, failure);
      EXPECT_GT(x, 0);
      EXPECT_LT(x, 1);
      EXPECT_NEAR(exponent * (std::log(x) + 1 - x), std::log(failure), 1e-9 * exponent);
    }
  }
}

// Few vectors and a large probability, so that failures are seen at all.
TEST(Probes, FailAsRarelyAsTheySay) {
  constexpr int draws = 4000;
  constexpr double failure = 0.1;
  for (const bool complex : {false, true}) {
    for (int kind = 0; kind < 4; ++kind) {
      const std::vector<double> values = spectrum(kind);
      const double squares = sum_of_powers(values, 2);
      int wrong = 0;
      for (int draw = 0; draw < draws; ++draw) {
        const ProbeBound bound = bound_from_probes(
            sums_of(values, 2, complex, static_cast<std::uint64_t>(draw)), 2, complex, failure);
        wrong += bound.frobenius < squares || bound.spectral < values[0] * values[0] ? 1 : 0;
      }
      EXPECT_LE(wrong, failure * draws) << "kind " << kind << ", complex " << complex;
    }
  }
}

TEST(Probes, AreNearWhereNoValueSticksOut) {
  const std::vector<double> flat(1000, 1.0);
  const ProbeBound bound = bound_from_probes(sums_of(flat, 16, false, 5), 16, false, 1e-6);
  EXPECT_GE(bound.frobenius, 1000);
  EXPECT_LE(std::sqrt(bound.frobenius / 1000), 1.15);
  EXPECT_LE(std::sqrt(bound.spectral), 12);
  const ProbeBound alone = bound_from_probes(sums_of({1.0}, 16, false, 5), 16, false, 1e-6);
  EXPECT_GE(alone.frobenius, 1);
  EXPECT_LE(std::sqrt(alone.frobenius), 5);
}

TEST(Probes, NothingIsNothing) {
  const ProbeBound bound = bound_from_probes({}, 16, false, 1e-6);
  EXPECT_EQ(bound.frobenius, 0);
  EXPECT_EQ(bound.spectral, 0);
}

}  // namespace
}  // namespace eckart::truncated
