// What a truncated decomposition states holds, every time: on the spectra that are hard for Krylov methods, against exact values.
// Both methods with a thousand seeds, the randomized one with and without a known norm; --gtest_random_seed=N gives Lanczos the N-th
// thousand instead.

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include <eckart/random.hpp>
#include <eckart/svd.hpp>
#include <eckart/truncated_svd.hpp>

#include "known_operators.hpp"

namespace eckart {
namespace {

constexpr Index m = 130, n = 100, wanted = 6;
constexpr double rounding = 200 * epsilon<double>;

struct Hard {
  const char* name;
  double (*value)(Index i);
};

const Hard spectra[] = {
    {"flat", [](Index i) { return 1 - 0.002 * static_cast<double>(i); }},
    {"cluster at the top", [](Index i) { return i < 8 ? 1 - 1e-9 * static_cast<double>(i) : 0.5; }},
    {"repeated", [](Index i) { return i < 9 ? 1.0 : 0.9; }},
    {"low rank and noise", [](Index i) { return i < 4 ? 10.0 - static_cast<double>(i) : 1e-3; }},
    {"geometric", [](Index i) { return std::pow(0.7, static_cast<double>(i)); }},
};

TEST(Bounds, HoldEveryTime) {
  // Without the flag GoogleTest would take one from the clock.
  const auto base = 1000 * static_cast<std::uint64_t>(::testing::GTEST_FLAG(random_seed));
  for (const Hard& hard : spectra) {
    for (std::uint64_t seed = base; seed < base + 1000; ++seed) {
      const Matrix<double> a = with_values(m, n, hard.value, seed);
      const TruncatedSvd<double> d = truncated_svd(a, rank(wanted),
                                                   {.method = TruncatedMethod::lanczos,
                                                    .block = 4,
                                                    .basis = 32,
                                                    .threads = 1,
                                                    .seed = seed});
      ASSERT_TRUE(d.report.converged) << hard.name << ", seed " << seed;
      for (Index i = 0; i < wanted; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const double exact = hard.value(i), largest = hard.value(0);
        ASSERT_LE(std::abs(d.s[at] - exact), d.report.residuals[at] + rounding * largest)
            << hard.name << ", seed " << seed << ", value " << i;
        ASSERT_NEAR(d.s[at], exact, 1e-10 * exact) << hard.name << ", seed " << seed;
      }
      ASSERT_LE(d.report.next_value, hard.value(wanted) + rounding * hard.value(0)) << hard.name;
      ASSERT_GE(d.report.next_at_most.value(), hard.value(wanted)) << hard.name;
    }
  }
}

TruncatedOptions randomized(std::uint64_t seed) {
  TruncatedOptions options;
  options.method = TruncatedMethod::randomized;
  options.block = 4;
  options.threads = 1;
  options.seed = seed;
  return options;
}

double sum_of_squares(double (*value)(Index), Index first) {
  double sum = 0;
  for (Index i = first; i < n; ++i) {
    sum += value(i) * value(i);
  }
  return sum;
}

/// Every value has one of A within its residual, value i is no larger than A's and not by more than the tolerance smaller, so that none
/// is missing; bounds hold.
void expect_bounds(const Hard& hard, const TruncatedSvd<double>& d) {
  const double largest = hard.value(0), squares = sum_of_squares(hard.value, 0);
  double held = 0;
  for (std::size_t i = 0; i < d.s.size(); ++i) {
    const double exact = hard.value(static_cast<Index>(i));
    double nearest = largest;
    for (Index j = 0; j < n; ++j) {
      nearest = std::min(nearest, std::abs(hard.value(j) - d.s[i]));
    }
    ASSERT_LE(nearest, d.report.residuals[i] + rounding * largest);
    ASSERT_LE(d.s[i], exact + rounding * largest);
    ASSERT_LE(exact - d.s[i], d.report.tolerance * exact);
    ASSERT_LE(d.report.residuals[i], d.report.tolerance * d.s[i]);
    held += d.s[i] * d.s[i];
  }
  const auto k = static_cast<Index>(d.s.size());
  ASSERT_LE(d.report.next_value, hard.value(k) + rounding * largest);
  ASSERT_GE(d.report.next_at_most.value() + rounding * largest, hard.value(k));
  ASSERT_GE(d.report.left_out_at_most.value() + rounding * largest,
            std::sqrt(std::max(squares - held, 0.0)));
  ASSERT_GE(d.report.norm_at_most.value() * (1 + rounding), std::sqrt(squares));
}

TEST(Bounds, OfTheRandomizedMethodHoldEveryTime) {
  for (const Hard& hard : spectra) {
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
      SCOPED_TRACE(std::string(hard.name) + ", seed " + std::to_string(seed));
      const Matrix<double> a = with_values(m, n, hard.value, seed);
      const Operator<double> blind(Blind<double>{DenseOperator<double>(a.view())});
      const TruncatedSvd<double> known = truncated_svd(a, rank(wanted), randomized(seed));
      const TruncatedSvd<double> unknown =
          truncated_svd<double>(blind, rank(wanted), randomized(seed));
      ASSERT_TRUE(known.report.converged && unknown.report.converged);
      ASSERT_EQ(unknown.report.method, TruncatedMethod::randomized) << unknown.report.reason;
      expect_bounds(hard, known);
      expect_bounds(hard, unknown);
      ASSERT_EQ(known.report.failure_probability, 0);
      // However loose the residuals: what is left out follows from the values.
      ASSERT_LE(*known.report.left_out_at_most,
                *known.report.left_out + 1e-6 * *known.report.norm_at_most);
      ASSERT_EQ(unknown.report.failure_probability, 1e-6);
      ASSERT_FALSE(unknown.report.frobenius_norm.has_value());
      if (::testing::Test::HasFatalFailure()) {
        return;
      }
    }
  }
}

// Half of the energy, with the norm estimated: never less, and not many triplets more than with the norm known.
TEST(Bounds, OfAnEnergyFromAnEstimatedNormHoldEveryTime) {
  constexpr double share = 0.5;
  for (const Hard& hard : spectra) {
    const double squares = sum_of_squares(hard.value, 0);
    Index fewest = 0;
    for (double held = 0; held < share * squares; ++fewest) {
      held += hard.value(fewest) * hard.value(fewest);
    }
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      SCOPED_TRACE(std::string(hard.name) + ", seed " + std::to_string(seed));
      const Matrix<double> a = with_values(m, n, hard.value, seed);
      const TruncatedSvd<double> d =
          truncated_svd<double>(Operator<double>(Blind<double>{DenseOperator<double>(a.view())}),
                                energy(share), randomized(seed));
      double held = 0;
      for (const double value : d.s) {
        held += value * value;
      }
      ASSERT_TRUE(d.report.converged);
      ASSERT_EQ(d.report.bound_by, "energy");
      ASSERT_GE(held, share * squares * (1 - rounding));
      ASSERT_LE(static_cast<Index>(d.s.size()), 2 * fewest + 2);
    }
  }
}

}  // namespace
}  // namespace eckart
