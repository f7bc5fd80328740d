// What is stated of the smallest values, and of those nearest to a number, holds every time: residuals, order, certificates, on spectra
// that are hard at the small end and inside, against exact values. Twenty seeds here, --gtest_random_seed=N takes the N-th twenty instead.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/random.hpp>
#include <eckart/truncated_svd.hpp>

#include "known_operators.hpp"

namespace eckart {
namespace {

// Blocks of 8 x 6 on the diagonal: sparse, with sparse factors, and known values.
constexpr Index blocks = 10, block_rows = 8, block_cols = 6, n = blocks * block_cols, wanted = 4;
constexpr std::uint64_t seeds = 20;
constexpr double rounding = 200 * epsilon<double>;

struct Hard {
  const char* name;
  double (*value)(Index i);  // descending
  bool has_copies;           // more than a block of two vectors sees
};

const Hard spectra[] = {
    {"flat", [](Index i) { return 1 - 0.002 * static_cast<double>(i); }, false},
    {"cluster at the end",
     [](Index i) {
       return i > n - 4 ? 0.01 - 1e-9 * static_cast<double>(i) : 1 - 0.01 * static_cast<double>(i);
     },
     false},
    {"cluster inside",
     [](Index i) {
       return i > 20 && i < 26 ? 0.5 - 1e-8 * static_cast<double>(i)
              : i <= 20        ? 1.0
                               : 0.2 / static_cast<double>(i);
     },
     true},
    {"repeated", [](Index i) { return i >= n - 9 ? 0.1 : 0.5; }, true},
    {"geometric", [](Index i) { return std::pow(0.7, static_cast<double>(i)); }, false},
    {"zeros", [](Index i) { return i >= n - 2 ? 0.0 : 1 / static_cast<double>(1 + i); }, false},
};

/// Value number place[i] of the spectrum in block i / block_cols.
std::vector<Index> shuffled(std::uint64_t seed) {
  std::vector<Index> place(n);
  std::vector<double> key(n);
  Matrix<double> normal(n, 1);
  fill_normal<double>(normal.view(), Random(seed, 3));
  for (Index i = 0; i < n; ++i) {
    place[static_cast<std::size_t>(i)] = i;
  }
  std::ranges::sort(place, {}, [&](Index i) { return normal(i, 0); });
  return place;
}

SparseMatrix<double> block_diagonal(const Hard& hard, std::uint64_t seed) {
  const std::vector<Index> place = shuffled(seed);
  std::vector<std::int64_t> row, col;
  std::vector<double> value;
  for (Index b = 0; b < blocks; ++b) {
    const Matrix<double> a = with_values(
        block_rows, block_cols,
        [&](Index i) { return hard.value(place[static_cast<std::size_t>(b * block_cols + i)]); },
        1000 * seed + static_cast<std::uint64_t>(b));
    for (Index j = 0; j < block_cols; ++j) {
      for (Index i = 0; i < block_rows; ++i) {
        row.push_back(b * block_rows + i);
        col.push_back(b * block_cols + j);
        value.push_back(a(i, j));
      }
    }
  }
  return SparseMatrix<double>::from_triplets(blocks * block_rows, n, row, col, value);
}

TruncatedOptions options_of(std::uint64_t seed, double x) {
  TruncatedOptions options;
  options.method = TruncatedMethod::shift_invert;
  options.which = x < 0 ? Which::smallest : Which::nearest;
  options.target = std::max(x, 0.0);
  options.block = 2;
  options.basis = 16;
  options.threads = 1;
  options.seed = seed;
  return options;
}

/// The wanted ones are those whose distance from x is no larger than the wanted-th of all.
void expect_bounds(const Hard& hard, double x, const TruncatedSvd<double>& d, bool is_sure) {
  const double target = std::max(x, 0.0), doubt = rounding * hard.value(0);
  ASSERT_EQ(d.s.size(), static_cast<std::size_t>(wanted));
  ASSERT_TRUE(d.report.converged) << d.report.shortfall;
  std::vector<double> distances;
  for (Index i = 0; i < n; ++i) {
    distances.push_back(std::abs(hard.value(i) - target));
  }
  std::ranges::sort(distances);
  std::vector<double> found;
  for (std::size_t i = 0; i < d.s.size(); ++i) {
    double nearest = hard.value(0);
    for (Index j = 0; j < n; ++j) {
      nearest = std::min(nearest, std::abs(hard.value(j) - d.s[i]));
    }
    ASSERT_LE(nearest, d.report.residuals[i] + doubt);
    found.push_back(std::abs(d.s[i] - target));
  }
  std::ranges::sort(found);
  for (std::size_t i = 0; is_sure && i < found.size(); ++i) {
    ASSERT_NEAR(found[i], distances[i], 1e-9 * (target + distances[i]) + doubt)
        << "value " << i << ", " << d.report.found_by << ", " << d.report.certainty;
  }
  if (d.report.certified) {
    const double low = d.report.certified_from, high = d.report.certified_to;
    Index inside = 0;
    for (Index i = 0; i < n; ++i) {
      inside += hard.value(i) > low + doubt && hard.value(i) < high - doubt ? 1 : 0;
    }
    const auto seen = std::ranges::count_if(
        d.s, [&](double s) { return s > low - 2 * doubt && s < high + 2 * doubt; });
    ASSERT_LE(inside, seen) << d.report.certainty;
  }
}

TEST(InnerBounds, HoldEveryTime) {
  // Without the flag GoogleTest would take one from the clock.
  const auto base = seeds * static_cast<std::uint64_t>(::testing::GTEST_FLAG(random_seed));
  Index certified = 0, asked = 0;
  for (const Hard& hard : spectra) {
    for (std::uint64_t seed = base; seed < base + seeds; ++seed) {
      const Operator<double> a = SparseOperator<double>(block_diagonal(hard, seed));
      const double share = 1.3 * static_cast<double>(seed % 97) / 97;
      for (const double x : {-1.0, hard.value(25) * 1.001, share, hard.value(12)}) {
        SCOPED_TRACE(std::string(hard.name) + ", seed " + std::to_string(seed) + ", x " +
                     std::to_string(x));
        const TruncatedSvd<double> d = truncated_svd<double>(a, rank(wanted), options_of(seed, x));
        expect_bounds(hard, x, d, !hard.has_copies || d.report.certified);
        certified += d.report.certified ? 1 : 0;
        ++asked;
        if (::testing::Test::HasFatalFailure()) {
          return;
        }
      }
    }
  }
  // The flat and the geometric one, but for what rounding of A^H A hides, and a good part of the others.
  EXPECT_GE(2 * certified, asked);
  ::testing::Test::RecordProperty("certified", static_cast<int>(certified));
}

TEST(InnerBounds, OfADenseMatrixHoldEveryTime) {
  const auto base = seeds * static_cast<std::uint64_t>(::testing::GTEST_FLAG(random_seed));
  for (const Hard& hard : spectra) {
    for (std::uint64_t seed = base; seed < base + seeds; ++seed) {
      SCOPED_TRACE(std::string(hard.name) + ", seed " + std::to_string(seed));
      const Matrix<double> a = with_values(n + 20, n, hard.value, seed);
      expect_bounds(hard, -1, truncated_svd(a, rank(wanted), options_of(seed, -1)),
                    !hard.has_copies);
    }
  }
}

}  // namespace
}  // namespace eckart
