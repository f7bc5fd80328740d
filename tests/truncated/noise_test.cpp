// The optimal hard threshold as a rule: what stands out of noise, known and not, found by every method.

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>
#include <eckart/svd.hpp>
#include <eckart/thresholds.hpp>
#include <eckart/truncated_svd.hpp>

#include "known_operators.hpp"
#include "truncated/stopping.hpp"

namespace eckart {
namespace {

using truncated::decide;

// A signal of the given values, orthogonal to coordinates, in white noise.
Matrix<double> signal_in_noise(Index m, Index n, const std::vector<double>& values, double noise,
                               std::uint64_t seed) {
  Matrix<double> a = with_values(
      m, n,
      [&](Index i) {
        return i < static_cast<Index>(values.size()) ? values[static_cast<std::size_t>(i)] : 0.0;
      },
      seed);
  const Random random(seed + 1);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < m; ++i) {
      a(i, j) += noise * random.normal(static_cast<std::uint64_t>(i + j * m));
    }
  }
  return a;
}

TEST(HardThreshold, OfKnownNoiseIsThatOfTheWholeSpectrum) {
  const Matrix<double> a = signal_in_noise(300, 200, {90, 60, 48, 30, 10}, 1, 1);
  const Spectrum s = spectrum(a);
  for (const double noise : {0.0, 0.5, 1.0, 2.0}) {
    const HardThreshold expected = optimal_hard_threshold(s, noise);
    for (const TruncatedMethod method : {TruncatedMethod::automatic, TruncatedMethod::dense}) {
      const auto d = truncated_svd(a, hard_threshold(noise), {.method = method});
      EXPECT_EQ(static_cast<Index>(d.s.size()), expected.rank) << noise;
      EXPECT_EQ(d.report.noise.value_or(noise), noise);
      EXPECT_NEAR(d.report.threshold.value_or(expected.threshold), expected.threshold,
                  1e-12 * expected.threshold);
      EXPECT_EQ(d.report.bound_by, expected.rank == 200 ? "all" : "hard threshold");
    }
  }
}

// Far above the noise (1.6 tau and more) and below its edge: no seed may tell otherwise, whatever finds the values.
TEST(HardThreshold, EveryMethodFindsTheSignalInUnknownNoise) {
  const double unit = std::sqrt(400.0);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (const double noise : {1e-3, 1.0, 1e3}) {
      const double x = noise * unit;
      const Matrix<double> a =
          signal_in_noise(400, 250, {40 * x, 8 * x, 8 * x, 3.4 * x, 0.5 * x}, noise, seed);
      const Operator<double> blind(Blind<double>{DenseOperator<double>(a.view())});
      const auto expect = [&](const TruncatedSvd<double>& d, const char* name) {
        EXPECT_EQ(d.s.size(), 4U) << name << " seed " << seed << " noise " << noise;
        EXPECT_EQ(d.report.bound_by, "hard threshold") << name;
        EXPECT_TRUE(d.report.converged) << name << ": " << d.report.shortfall;
        EXPECT_NEAR(d.report.noise.value(), noise, 0.1 * noise) << name;
      };
      expect(truncated_svd(a, hard_threshold(), {.method = TruncatedMethod::lanczos}), "lanczos");
      expect(truncated_svd(a, hard_threshold(), {.method = TruncatedMethod::dense}), "dense");
      expect(truncated_svd(a, hard_threshold(), {.method = TruncatedMethod::randomized}),
             "randomized");
      expect(truncated_svd(blind, hard_threshold(), {.method = TruncatedMethod::randomized}),
             "randomized, norm unknown");
    }
  }
}

TEST(HardThreshold, AllValuesAreJudgedByTheirMedianAsTheSpectrumIs) {
  const Matrix<double> a = signal_in_noise(120, 80, {60, 30}, 1, 3);
  const HardThreshold expected = optimal_hard_threshold(spectrum(a));
  const auto d = truncated_svd(a, hard_threshold(), {.method = TruncatedMethod::dense});
  EXPECT_EQ(static_cast<Index>(d.s.size()), expected.rank);
  EXPECT_NEAR(d.report.threshold.value(), expected.threshold, 1e-12 * expected.threshold);
  EXPECT_NEAR(d.report.noise.value(), expected.noise, 1e-12 * expected.noise);
}

TEST(HardThreshold, CombinesWithOtherRules) {
  const Matrix<double> a = signal_in_noise(300, 200, {900, 600, 480, 300}, 1, 5);
  const auto few = truncated_svd(a, hard_threshold() & rank(2));
  EXPECT_EQ(few.s.size(), 2U);
  EXPECT_EQ(few.report.bound_by, "rank");
  EXPECT_FALSE(few.report.threshold);
  const auto all = truncated_svd(a, rank(50) & hard_threshold(1) & hard_threshold());
  EXPECT_EQ(all.s.size(), 4U);
  EXPECT_EQ(all.report.bound_by, "hard threshold");
  EXPECT_EQ(*(hard_threshold(1) & hard_threshold(2)).noise, 2);
}

// Noise that is lost in the rounding of ||A||_F^2 is taken for as much as that may hide: an exact rank is found, zeros are not kept.
TEST(HardThreshold, AnExactRankHasNoNoise) {
  const Matrix<double> a = signal_in_noise(300, 200, {9, 6, 3}, 0, 7);
  for (const TruncatedMethod method :
       {TruncatedMethod::lanczos, TruncatedMethod::randomized, TruncatedMethod::automatic}) {
    const auto d = truncated_svd(a, hard_threshold(), {.method = method});
    EXPECT_EQ(d.s.size(), 3U);
  }
  const Matrix<double> zero(300, 200);
  EXPECT_EQ(truncated_svd(zero, hard_threshold()).s.size(), 0U);
  EXPECT_EQ(truncated_svd(zero, hard_threshold(1)).s.size(), 0U);
  EXPECT_EQ(truncated_svd(Matrix<double>(0, 5), hard_threshold()).s.size(), 0U);
}

TEST(HardThreshold, IsDecidedByTheFirstValueThatDoesNotStandOut) {
  // 100 x 100, ||A||_F^2 = 100^2 + 10^2 + 98: noise of about 0.1, threshold 2.3.
  const std::vector<double> values = {100, 10, 1.5};
  const double norm = std::sqrt(1e4 + 100 + 98);
  const auto of_first = [&](std::size_t count) {
    return decide(hard_threshold(), {.rows = 100,
                                     .cols = 100,
                                     .values = std::span(values).first(count),
                                     .frobenius_norm = norm});
  };
  EXPECT_FALSE(of_first(0));
  EXPECT_FALSE(of_first(2));
  ASSERT_TRUE(of_first(3));
  EXPECT_EQ(of_first(3)->k, 2);
  EXPECT_NEAR(of_first(3)->cut->noise, std::sqrt(98.0 / (98 * 98)), 1e-12);
  EXPECT_NEAR(of_first(3)->cut->threshold, gavish_donoho_lambda(1) * 10 * std::sqrt(1 / 98.0),
              1e-12);
}

TEST(HardThreshold, RefusesWhatIsNoStandardDeviation) {
  EXPECT_THROW(static_cast<void>(hard_threshold(-1)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(hard_threshold(std::nan(""))), InvalidArgument);
  EXPECT_THROW(static_cast<void>(hard_threshold(std::numeric_limits<double>::infinity())),
               InvalidArgument);
  // What Lanczos needs and does not know.
  const Matrix<double> a = signal_in_noise(60, 50, {90}, 1, 1);
  const Operator<double> blind(Blind<double>{DenseOperator<double>(a.view())});
  EXPECT_THROW(static_cast<void>(
                   truncated_svd(blind, hard_threshold(), {.method = TruncatedMethod::lanczos})),
               InvalidArgument);
}

}  // namespace
}  // namespace eckart
