#include "operators/signed_cholesky.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/random.hpp>

namespace eckart {
namespace {

/// A Hermitian matrix with a random pattern, and the same written out.
template <class W>
struct Sample {
  LowerEntries<W> lower;
  Matrix<W> full;
};

template <class W>
Sample<W> sample(Index n, Index entries_of_row, std::uint64_t seed) {
  Sample<W> h{{}, Matrix<W>(n, n)};
  Matrix<double> number(n, 2 * entries_of_row + 1);
  Matrix<W> value(n, entries_of_row);
  fill_normal<double>(number.view(), Random(seed, 1));
  fill_normal<W>(value.view(), Random(seed, 2));
  for (Index i = 0; i < n; ++i) {
    h.lower.diagonal.push_back(number(i, 0));
    h.full(i, i) = number(i, 0);
    for (Index k = 0; k < entries_of_row && i > 0; ++k) {
      const Index j = static_cast<Index>(std::abs(number(i, 1 + k)) * 1e6) % i;
      if (h.full(i, j) == W{}) {
        h.full(i, j) = value(i, k);
        h.full(j, i) = conjugate(value(i, k));
        h.lower.places.row.push_back(i);
        h.lower.places.col.push_back(j);
        h.lower.values.push_back(value(i, k));
      }
    }
  }
  return h;
}

std::vector<Index> shuffled(Index n) {
  std::vector<Index> place(static_cast<std::size_t>(n));
  std::iota(place.begin(), place.end(), Index{0});
  for (Index i = 0; i < n; ++i) {
    std::swap(place[static_cast<std::size_t>(i)], place[static_cast<std::size_t>((7 * i + 3) % n)]);
  }
  return place;
}

/// ||H - y I||_F of what is left of H x - y x - b, over || |R^H| |R| ||.
template <class W>
double backward_error(const Sample<W>& h, double y, const SignedCholesky<W>& factors) {
  const Index n = h.full.rows();
  Matrix<W> b = Matrix<W>::uninitialized(n, 11);
  fill_normal<W>(b.view(), Random(5, 5));
  Matrix<W> x(b);
  factors.solve(x.view());
  double error = 0, length = 0;
  for (Index j = 0; j < b.cols(); ++j) {
    for (Index i = 0; i < n; ++i) {
      W sum = -y * x(i, j);
      for (Index k = 0; k < n; ++k) {
        sum += h.full(i, k) * x(k, j);
      }
      error += std::norm(sum - b(i, j));
      length += std::norm(x(i, j));
    }
  }
  return std::sqrt(error / length) / factors.growth().first;
}

template <class W>
class SignedCholeskyTest : public ::testing::Test {};
using Types = ::testing::Types<double, std::complex<double>>;
TYPED_TEST_SUITE(SignedCholeskyTest, Types);

TYPED_TEST(SignedCholeskyTest, SolvesWithIndefiniteMatricesOfEverySize) {
  using W = TypeParam;
  for (const auto& [n, entries] :
       {std::pair<Index, Index>{1, 0}, {2, 1}, {7, 0}, {30, 2}, {150, 1}, {200, 4}, {300, 40}}) {
    SCOPED_TRACE(std::to_string(n) + " rows, " + std::to_string(entries) + " entries in each");
    const Sample<W> h = sample<W>(n, entries, 3);
    SignedCholesky<W> factors(
        std::make_shared<const Supernodes>(supernodes_of(n, shuffled(n), h.lower.places)));
    for (const double y : {0.0, 0.3, -0.7}) {
      ASSERT_TRUE(factors.factor({}, h.lower, y));
      EXPECT_LT(backward_error(h, y, factors), 1e-14);
    }
  }
}

/// Negative pivots of the plain elimination, which is exact enough where it is given a matrix with a dominant diagonal.
TYPED_TEST(SignedCholeskyTest, CountsNegativeEigenvalues) {
  using W = TypeParam;
  constexpr Index n = 120;
  Sample<W> h = sample<W>(n, 3, 4);
  Index negative = 0;
  for (Index i = 0; i < n; ++i) {
    double sum = 1;
    for (Index j = 0; j < n; ++j) {
      sum += i == j ? 0 : std::abs(h.full(i, j));
    }
    // Gershgorin: the sign of each diagonal entry is that of one eigenvalue.
    h.lower.diagonal[static_cast<std::size_t>(i)] = i % 3 == 0 ? -sum : sum;
    negative += i % 3 == 0 ? 1 : 0;
  }
  SignedCholesky<W> factors(
      std::make_shared<const Supernodes>(supernodes_of(n, shuffled(n), h.lower.places)));
  ASSERT_TRUE(factors.factor({}, h.lower, 0));
  EXPECT_EQ(factors.negative(), negative);
  ASSERT_TRUE(factors.factor({}, h.lower, 1e6));
  EXPECT_EQ(factors.negative(), n);
  ASSERT_TRUE(factors.factor({}, h.lower, -1e6));
  EXPECT_EQ(factors.negative(), 0);
}

TEST(SignedCholesky, HasThePlacesOfACholeskyFactor) {
  // An arrow that points at the last row fills nothing, one that points at the first fills all.
  constexpr Index n = 40;
  LowerPlaces lower;
  for (Index i = 1; i < n; ++i) {
    lower.row.push_back(i);
    lower.col.push_back(0);
  }
  std::vector<Index> forward(static_cast<std::size_t>(n)), backward(forward.size());
  for (Index i = 0; i < n; ++i) {
    forward[static_cast<std::size_t>(i)] = i;
    backward[static_cast<std::size_t>(i)] = n - 1 - i;
  }
  EXPECT_EQ(supernodes_of(n, forward, lower).fill, n * (n + 1) / 2);
  EXPECT_EQ(supernodes_of(n, backward, lower).fill, 2 * n - 1);
}

TEST(SignedCholesky, SaysThatAPivotIsZero) {
  LowerEntries<double> h;
  h.diagonal = {1, 2, 3};
  SignedCholesky<double> factors(
      std::make_shared<const Supernodes>(supernodes_of(3, {0, 1, 2}, h.places)));
  EXPECT_TRUE(factors.factor({}, h, 1.5));
  EXPECT_FALSE(factors.factor({}, h, 2));
}

SignedCholesky<double> factored_sample() {
  const Sample<double> h = sample<double>(90, 3, 6);
  SignedCholesky<double> factors(
      std::make_shared<const Supernodes>(supernodes_of(90, shuffled(90), h.lower.places)));
  EXPECT_TRUE(factors.factor({}, h.lower, 0.1));
  return factors;
}

TEST(SignedCholesky, TheResultForAVectorDoesNotDependOnTheOthers) {
  const SignedCholesky<double> factors = factored_sample();
  Matrix<double> x = Matrix<double>::uninitialized(90, 10);
  fill_normal<double>(x.view(), Random(1, 1));
  Matrix<double> one(x.view().columns(9, 1));
  factors.solve(x.view());
  factors.solve(one.view());
  for (Index i = 0; i < 90; ++i) {
    EXPECT_EQ(one(i, 0), x(i, 9));
  }
}

TEST(SignedCholesky, TwoHalvesAreTheWhole) {
  const SignedCholesky<double> factors = factored_sample();
  Matrix<double> x = Matrix<double>::uninitialized(90, 3);
  fill_normal<double>(x.view(), Random(1, 1));
  Matrix<double> halves(x.view());
  factors.solve(x.view());
  factors.solve_half(halves.view(), true);
  factors.solve_half(halves.view(), false);
  for (Index j = 0; j < 3; ++j) {
    for (Index i = 0; i < 90; ++i) {
      EXPECT_EQ(halves(i, j), x(i, j));
    }
  }
}

TEST(SignedCholesky, HearsAStop) {
  const Sample<double> h = sample<double>(90, 3, 6);
  SignedCholesky<double> factors(
      std::make_shared<const Supernodes>(supernodes_of(90, shuffled(90), h.lower.places)));
  std::stop_source stop;
  stop.request_stop();
  Execution execution;
  execution.stop = stop.get_token();
  EXPECT_THROW(static_cast<void>(factors.factor(execution, h.lower, 0)), Error);
}

}  // namespace
}  // namespace eckart
