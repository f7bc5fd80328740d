#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/random.hpp>

namespace eckart {
namespace {

// Known answers published with the paper (Random123, file kat_vectors, lines philox4x32 10).
TEST(Philox, GivesThePublishedKnownAnswers) {
  using Block = std::array<std::uint32_t, 4>;
  constexpr std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// Frozen: results of a seed are a promise, so the road from the block to the number is pinned too.
// Block 0 of seed 0 is the first known answer; its low word is e169c58d 6627e8d5.
TEST(Random, UniformIsTheTopBitsOfTheBlock) {
  const Random random(0);
  EXPECT_EQ(random.uniform(0), (static_cast<double>(0xe169c58d6627e8d5U >> 12) + 0.5) * 0x1p-52);
  EXPECT_EQ(random.uniform(1), (static_cast<double>(0x9b00dbd8bc57ac4cU >> 12) + 0.5) * 0x1p-52);
}

TEST(Random, IsAPureFunctionOfSeedStreamAndIndex) {
  const Random random(7, 3);
  const double late = random.normal(1000);
  static_cast<void>(random.normal(5));
  EXPECT_EQ(random.normal(1000), late);
  EXPECT_EQ(Random(7).stream(3).normal(1000), late);
  EXPECT_NE(Random(7, 4).normal(1000), late);
  EXPECT_NE(Random(8, 3).normal(1000), late);
  std::set<double> values;
  for (const std::uint64_t seed : {0ULL, 1ULL, 1ULL << 32, 1ULL << 63}) {
    for (const std::uint64_t stream : {0ULL, 1ULL, 1ULL << 32, 1ULL << 63}) {
      for (const std::uint64_t index : {0ULL, 1ULL, 1ULL << 33, 1ULL << 63}) {
        values.insert(Random(seed, stream).uniform(index));
      }
    }
  }
  EXPECT_EQ(values.size(), 64U) << "high words of seed, stream or index are lost";
}

constexpr std::uint64_t samples = 200000;

// Bounds of the tests of moments: five standard errors. The draws are fixed, so no run is unlucky.
void expect_mean(double sum, double expected, double variance, const char* what) {
  const auto n = static_cast<double>(samples);
  EXPECT_NEAR(sum / n, expected, 5 * std::sqrt(variance / n)) << what;
}

TEST(Random, UniformStaysInTheOpenIntervalAndHasItsMoments) {
  const Random random(42);
  double sum = 0, square = 0, lag = 0;
  for (std::uint64_t i = 0; i < samples; ++i) {
    const double x = random.uniform(i);
    ASSERT_GT(x, 0);
    ASSERT_LT(x, 1);
    sum += x;
    square += x * x;
    lag += (x - 0.5) * (random.uniform(i + 1) - 0.5);
  }
  expect_mean(sum, 1.0 / 2, 1.0 / 12, "mean");
  expect_mean(square, 1.0 / 3, 4.0 / 45, "second moment");
  expect_mean(lag, 0, 1.0 / 144, "correlation of neighbours");
}

TEST(Random, NormalHasTheMomentsOfTheNormalDistribution) {
  const Random random(42);
  std::array<double, 5> power{};
  double lag = 0, beyond_two = 0;
  for (std::uint64_t i = 0; i < samples; ++i) {
    const double x = random.normal(i);
    double p = 1;
    for (double& sum : power) {
      sum += p;
      p *= x;
    }
    lag += x * random.normal(i + 1);
    beyond_two += std::abs(x) > 2 ? 1 : 0;
  }
  expect_mean(power[1], 0, 1, "mean");
  expect_mean(power[2], 1, 2, "variance");
  expect_mean(power[3], 0, 15, "skewness");
  expect_mean(power[4], 3, 96, "kurtosis");
  expect_mean(lag, 0, 1, "correlation of neighbours");
  const double tail = std::erfc(std::sqrt(2.0));
  expect_mean(beyond_two, tail, tail * (1 - tail), "beyond two");
}

TEST(Random, BelowStaysBelowAndReachesEveryValueAlike) {
  const Random random(42);
  constexpr std::uint64_t bound = 7;
  std::array<double, bound> count{};
  for (std::uint64_t i = 0; i < samples; ++i) {
    const std::uint64_t x = random.below(i, bound);
    ASSERT_LT(x, bound);
    count[x] += 1;
  }
  for (const double c : count) {
    expect_mean(c, 1.0 / 7, 6.0 / 49, "share of a value");
  }
  EXPECT_EQ(random.below(3, 1), 0U);
  EXPECT_EQ(Random(0).below(0, 1ULL << 63), 0xe169c58d6627e8d5U >> 1);
}

template <class T>
class FillNormal : public testing::Test {};
using Types = testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(FillNormal, Types);

TYPED_TEST(FillNormal, DoesNotDependOnStrides) {
  using T = TypeParam;
  constexpr Index m = 5, n = 4;
  const Random random(9);
  Matrix<T> expected(m, n);
  fill_normal(expected.view(), random);
  const T untouched(-77);
  const std::pair<Index, Index> strides[] = {{n, 1}, {3, 20}, {-1, -m}, {-2, 11}};
  for (const auto& [row_stride, col_stride] : strides) {
    std::vector<T> memory(200, untouched);
    const MatrixView<T> a(memory.data() + 100, m, n, row_stride, col_stride);
    fill_normal(a, random);
    for (Index j = 0; j < n; ++j) {
      for (Index i = 0; i < m; ++i) {
        EXPECT_EQ(a(i, j), expected(i, j)) << i << ", " << j << " at strides " << row_stride;
      }
    }
    EXPECT_EQ(std::count(memory.begin(), memory.end(), untouched), 200 - m * n);
  }
}

TYPED_TEST(FillNormal, HasUnitVarianceAndIndependentParts) {
  using T = TypeParam;
  Matrix<T> a(500, static_cast<Index>(samples) / 500);
  fill_normal(a.view(), Random(42));
  double square = 0, pseudo = 0, cross = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      const std::complex<double> x(a(i, j));
      square += std::norm(x);
      pseudo += (x * x).real();
      cross += (x * x).imag() / 2;
    }
  }
  const bool is_complex = ComplexScalar<T>;
  expect_mean(square, 1, is_complex ? 1 : 2, "E|x|^2");
  expect_mean(pseudo, is_complex ? 0 : 1, is_complex ? 1 : 2, "E x^2");
  expect_mean(cross, 0, 0.25, "real times imaginary part");
}

TYPED_TEST(FillNormal, TakesEmptyViews) {
  using T = TypeParam;
  fill_normal(MatrixView<T>(), Random(1));
  fill_normal(MatrixView<T>(nullptr, 0, 3), Random(1));
}

}  // namespace
}  // namespace eckart
