// The randomized method on awkward matrices: shapes, ranks, scales, repeated values, for every type; rules and limits are in
// randomized_rules_test.cpp, bounds over many seeds in bounds_test.cpp.

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>
#include <eckart/svd.hpp>
#include <eckart/truncated_svd.hpp>

#include "known_operators.hpp"

namespace eckart {
namespace {

TruncatedOptions randomized(double tolerance = 0) {
  return {.method = TruncatedMethod::randomized, .tolerance = tolerance, .block = 4};
}

/// ||A v - s u|| and ||A^H u - s v|| of triplet i, together.
template <Scalar T>
double residual_of(const Matrix<T>& a, const TruncatedSvd<T>& d, Index i) {
  const double s = double{d.s[static_cast<std::size_t>(i)]};
  double sum = 0;
  for (Index row = 0; row < a.rows(); ++row) {
    std::complex<double> entry = -s * std::complex<double>(d.U(row, i));
    for (Index j = 0; j < a.cols(); ++j) {
      entry += std::complex<double>(a(row, j)) * std::conj(std::complex<double>(d.Vh(i, j)));
    }
    sum = std::hypot(sum, std::abs(entry));
  }
  for (Index j = 0; j < a.cols(); ++j) {
    std::complex<double> entry = -s * std::conj(std::complex<double>(d.Vh(i, j)));
    for (Index row = 0; row < a.rows(); ++row) {
      entry += std::conj(std::complex<double>(a(row, j))) * std::complex<double>(d.U(row, i));
    }
    sum = std::hypot(sum, std::abs(entry));
  }
  return sum;
}

/// Shapes, residuals as they are, values below the exact ones and within their residuals, orthonormal vectors, bounds.
template <Scalar T>
void expect_approximation(const Matrix<T>& a, const TruncatedSvd<T>& d, Index k) {
  const std::vector<Real<T>> exact = singular_values(a);
  const double unit = exact.empty() ? 0 : double{exact[0]},
               rounding = 200 * double{epsilon<T>} * unit;
  ASSERT_EQ(static_cast<Index>(d.s.size()), k);
  ASSERT_EQ(d.U.rows(), a.rows());
  ASSERT_EQ(d.U.cols(), k);
  ASSERT_EQ(d.Vh.rows(), k);
  ASSERT_EQ(d.Vh.cols(), a.cols());
  EXPECT_TRUE(d.report.converged) << d.report.shortfall;
  EXPECT_EQ(d.report.shortfall, "");
  EXPECT_LE(d.report.orthogonality_u, 10);
  EXPECT_LE(d.report.orthogonality_v, 10);
  for (Index i = 0; i < k; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double s = double{d.s[at]}, sigma = double{exact[at]}, residual = d.report.residuals[at];
    EXPECT_NEAR(residual, residual_of(a, d, i), 0.01 * residual + rounding) << i;
    EXPECT_LE(s, sigma + rounding) << i;
    EXPECT_LE(sigma - s, residual + rounding) << i;
    EXPECT_LE(residual, d.report.tolerance * s + rounding) << i;
  }
  if (k < static_cast<Index>(exact.size()) && d.report.next_at_most) {
    EXPECT_GE(*d.report.next_at_most + rounding, double{exact[static_cast<std::size_t>(k)]});
  }
}

template <class T>
class RandomizedTest : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(RandomizedTest, Types);

TYPED_TEST(RandomizedTest, FindsTheLeadingTripletsOfEveryShape) {
  using T = TypeParam;
  for (const char* line :
       {"svd_geo 90x60 cond=1e3", "svd_geo 60x90 cond=1e3", "normal 80x80",
        "svd_arith 400x50 cond=10", "svd_geo 50x400 cond=1e6", "svd_cluster1 70x70 cond=100"}) {
    for (const double tolerance : {0.0, 1e-3}) {
      SCOPED_TRACE(std::string(line) + ", tolerance " + std::to_string(tolerance));
      const Matrix<T> a = generate<T>(line);
      const TruncatedSvd<T> d = truncated_svd(a, rank(5), randomized(tolerance));
      expect_approximation<T>(a, d, 5);
      EXPECT_EQ(d.report.bound_by, "rank");
      EXPECT_EQ(d.report.failure_probability, 0);
      const Operator<T> blind(Blind<T>{DenseOperator<T>(a.view())});
      expect_approximation<T>(a, truncated_svd<T>(blind, rank(5), randomized(tolerance)), 5);
    }
  }
}

TYPED_TEST(RandomizedTest, ItsOwnToleranceIsLooserAndSaid) {
  using T = TypeParam;
  const Matrix<T> a = generate<T>("svd_geo 300x200 cond=1e3");
  const TruncatedSvd<T> loose = truncated_svd(a, rank(5), randomized()),
                        tight = truncated_svd(a, rank(5), randomized(1e-3));
  EXPECT_EQ(loose.report.method, TruncatedMethod::randomized);
  EXPECT_EQ(loose.report.tolerance, 0.05);
  EXPECT_LE(loose.report.products, tight.report.products);
  EXPECT_EQ(loose.report.restarts, 0);
}

// Beyond half of the space the whole is decomposed, and that is said.
TYPED_TEST(RandomizedTest, AllTripletsComeFromTheWhole) {
  using T = TypeParam;
  for (const auto& [m, n] :
       {std::pair<Index, Index>{1, 1}, {1, 9}, {9, 1}, {12, 12}, {40, 25}, {25, 40}}) {
    SCOPED_TRACE(std::to_string(m) + " x " + std::to_string(n));
    const Matrix<T> a = generate<T>("normal " + std::to_string(m) + "x" + std::to_string(n));
    const TruncatedSvd<T> d = truncated_svd(a, rank(std::min(m, n)), randomized());
    EXPECT_EQ(d.report.method, TruncatedMethod::dense);
    EXPECT_NE(d.report.reason.find("randomized cannot"), std::string::npos) << d.report.reason;
    expect_approximation<T>(a, d, std::min(m, n));
  }
}

TYPED_TEST(RandomizedTest, NothingOfNothing) {
  using T = TypeParam;
  EXPECT_TRUE(truncated_svd(Matrix<T>(0, 5), rank(3), randomized()).s.empty());
  EXPECT_TRUE(truncated_svd(generate<T>("normal 50x40"), rank(0), randomized()).s.empty());
}

TYPED_TEST(RandomizedTest, AZeroMatrixHasOrthonormalVectors) {
  using T = TypeParam;
  const Matrix<T> zero(80, 60);
  const Operator<T> blind(Blind<T>{DenseOperator<T>(zero.view())});
  expect_approximation<T>(zero, truncated_svd(zero, rank(5), randomized()), 5);
  const TruncatedSvd<T> d = truncated_svd<T>(blind, rank(5), randomized());
  expect_approximation<T>(zero, d, 5);
  EXPECT_EQ(d.report.norm_at_most, 0);
  EXPECT_EQ(d.report.next_at_most, 0);
  EXPECT_TRUE(truncated_svd<T>(blind, energy(0.5), randomized()).s.empty());
}

TYPED_TEST(RandomizedTest, ExactRankBelowTheRankAskedFor) {
  using T = TypeParam;
  const Matrix<T> left = generate<T>("normal 90x3 seed=1"),
                  right = generate<T>("normal 3x70 seed=2");
  Matrix<T> a(90, 70);
  for (Index j = 0; j < 70; ++j) {
    for (Index i = 0; i < 90; ++i) {
      for (Index l = 0; l < 3; ++l) {
        a(i, j) += left(i, l) * right(l, j);
      }
    }
  }
  const Operator<T> blind(Blind<T>{DenseOperator<T>(a.view())});
  expect_approximation<T>(a, truncated_svd(a, rank(8), randomized()), 8);
  expect_approximation<T>(a, truncated_svd<T>(blind, rank(8), randomized()), 8);
  // All of the energy but what rounding takes.
  const TruncatedSvd<T> d = truncated_svd<T>(blind, energy(0.999), randomized());
  EXPECT_LE(d.s.size(), 3U);
}

TYPED_TEST(RandomizedTest, EntriesNearTheEndsOfTheType) {
  using T = TypeParam;
  for (const char* scaling : {"small", "large"}) {
    SCOPED_TRACE(scaling);
    const Matrix<T> a = generate<T>(std::string("svd_geo 80x60 cond=1e3 scaling=") + scaling);
    const Operator<T> blind(Blind<T>{DenseOperator<T>(a.view())});
    expect_approximation<T>(a, truncated_svd(a, rank(5), randomized()), 5);
    const TruncatedSvd<T> d = truncated_svd<T>(blind, rank(5), randomized());
    expect_approximation<T>(a, d, 5);
    EXPECT_TRUE(std::isfinite(d.report.norm_at_most.value()));
    EXPECT_GE(truncated_svd<T>(blind, energy(0.5), randomized()).s.size(), 1U);
  }
}

TYPED_TEST(RandomizedTest, IsTheSameForAnyNumberOfThreads) {
  using T = TypeParam;
  const Matrix<T> a = generate<T>("svd_geo 400x300 cond=1e4");
  const Operator<T> blind(Blind<T>{DenseOperator<T>(a.view())});
  TruncatedOptions options{.method = TruncatedMethod::randomized, .threads = 1};
  const TruncatedSvd<T> one = truncated_svd<T>(blind, energy(0.9), options);
  options.threads = 3;
  const TruncatedSvd<T> three = truncated_svd<T>(blind, energy(0.9), options);
  EXPECT_EQ(one.s, three.s);
  EXPECT_EQ(one.report.left_out_at_most, three.report.left_out_at_most);
  EXPECT_TRUE(std::equal(one.U.data(), one.U.data() + one.U.rows() * one.U.cols(), three.U.data()));
  EXPECT_TRUE(
      std::equal(one.Vh.data(), one.Vh.data() + one.Vh.rows() * one.Vh.cols(), three.Vh.data()));
  options.seed = 7;
  EXPECT_NE(truncated_svd<T>(blind, energy(0.9), options).s, three.s);
}

// A value of multiplicity 11 shows four copies in blocks of four.
TYPED_TEST(RandomizedTest, RepeatedValuesAreAllThere) {
  using T = TypeParam;
  const Operator<T> a(Diagonal<T>{500, 400, [](Index i) {
                                    return i < 2 ? 3.0 : i < 13 ? 2.0 : 1.0;
                                  }});
  const TruncatedSvd<T> d = truncated_svd<T>(a, rank(13), randomized());
  EXPECT_TRUE(d.report.converged);
  for (std::size_t i = 0; i < 13; ++i) {
    EXPECT_NEAR(double{d.s[i]}, i < 2 ? 3.0 : 2.0, 0.02) << i;
  }
}

// Of 14 copies blocks of four show four at a time; at the limit of the basis the next ones cannot be looked for.
TEST(Randomized, CopiesThatCannotBeLookedForAreLeftToTheWholeOrSaid) {
  const Operator<double> slow(Diagonal<double>{
      600, 600, [](Index i) { return i < 14 ? 1 : 0.9 * (1 - 0.95 * double(i - 14) / 586); }}),
      fast(Diagonal<double>{600, 600,
                            [](Index i) { return i < 14 ? 1 : 0.8 / std::sqrt(double(i - 13)); }});
  TruncatedOptions options = randomized(1e-6);
  const TruncatedSvd<double> d = truncated_svd<double>(slow, rank(12), options);
  EXPECT_TRUE(d.report.converged);
  EXPECT_NEAR(d.s[11], 1.0, 1e-6);
  options.max_memory = 2'500'000;  // not for the dense method
  options.tolerance = 0.02;
  bool is_said = false;
  for (options.basis = 32; options.basis <= 96; options.basis += 4) {
    SCOPED_TRACE(options.basis);
    const TruncatedSvd<double> cut = truncated_svd<double>(fast, rank(12), options);
    EXPECT_EQ(cut.report.method, TruncatedMethod::randomized);
    EXPECT_TRUE(!cut.report.converged || cut.s[11] > 0.98);
    is_said = is_said || cut.report.shortfall.find("copies of a repeated value may be missing") !=
                             std::string::npos;
  }
  EXPECT_TRUE(is_said);
}

// At a loose tolerance copies differ by far more than rounding, and fresh directions need as many steps as the first ones.
TEST(Randomized, CopiesAreAllThereAtLooseTolerances) {
  for (const auto& [next, tolerance] :
       {std::pair{0.95, 0.02}, {0.9, 0.05}, {0.95, 0.005}, {0.8, 0.05}}) {
    const Operator<double> a(
        Diagonal<double>{2000, 2000, [next = next](Index i) {
                           return i < 14 ? 1.0 : next * (1 - 0.95 * double(i - 14) / 1986);
                         }});
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      SCOPED_TRACE(std::to_string(next) + ", seed " + std::to_string(seed));
      TruncatedOptions options = randomized(tolerance);
      options.basis = 900;
      options.seed = seed;
      const TruncatedSvd<double> d = truncated_svd<double>(a, rank(12), options);
      EXPECT_TRUE(d.report.converged);
      EXPECT_NEAR(d.s[11], 1.0, tolerance);
    }
  }
}

TEST(Randomized, BlocksAndBasesBeyondAllMeasure) {
  const Matrix<double> a = generate<double>("svd_geo 200x150 cond=1e3");
  constexpr Index huge = std::numeric_limits<Index>::max();
  for (const auto& [block, basis] :
       {std::pair<Index, Index>{huge, 0}, {huge, huge}, {huge / 3, 40}, {8, huge}, {100, 3}}) {
    TruncatedOptions options = randomized();
    options.block = block;
    options.basis = basis;
    expect_approximation<double>(a, truncated_svd(a, rank(4), options), 4);
  }
}

}  // namespace
}  // namespace eckart
