// The randomized method on what is awkward: shapes, ranks, scales, rules and operators; bounds over many seeds are in bounds_test.cpp.

#include <atomic>
#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
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

TEST(Randomized, RulesCombineAndHoldWithAnEstimatedNorm) {
  const Matrix<double> a = generate<double>("svd_geo 300x200 cond=1e8");
  const Operator<double> blind(Blind<double>{DenseOperator<double>(a.view())});
  const std::vector<double> s = singular_values(a);
  const auto left_of = [&](std::size_t k) {
    double sum = 0;
    for (std::size_t i = k; i < s.size(); ++i) {
      sum += s[i] * s[i];
    }
    return std::sqrt(sum);
  };
  const auto run = [&](const Truncation& rule) {
    TruncatedSvd<double> d = truncated_svd<double>(blind, rule, randomized());
    EXPECT_TRUE(d.report.converged) << d.report.shortfall;
    EXPECT_EQ(d.report.method, TruncatedMethod::randomized);
    return d;
  };
  for (const double x : {0.5, 0.1, 0.01}) {
    SCOPED_TRACE(x);
    const TruncatedSvd<double> d = run(relative_error(x));
    EXPECT_EQ(d.report.bound_by, "relative error");
    EXPECT_LE(d.report.left_out_at_most.value(), x * left_of(0) * 1.2);
    double held = 0;
    for (const double value : d.s) {
      held += value * value;
    }
    EXPECT_LE(std::sqrt(left_of(0) * left_of(0) - held), x * left_of(0));
    EXPECT_LE(left_of(d.s.size() + 5), x * left_of(0)) << "far more triplets than it takes";
    EXPECT_EQ(run(absolute_error(x * left_of(0))).report.bound_by, "absolute error");
    // Spectral errors need no norm: exactly as many as it takes.
    const TruncatedSvd<double> spectral = run(relative_error(x, Norm::spectral));
    EXPECT_LE(s[spectral.s.size()], x * s[0]);
    EXPECT_GT(s[spectral.s.size() - 1], x * s[0] * 0.95);
  }
  EXPECT_EQ(run(rank(3) & energy(0.99)).report.bound_by, "rank");
  EXPECT_EQ(run(rank(30) & energy(0.5)).report.bound_by, "energy");
  EXPECT_EQ(run(rank(30) & above((s[9] + s[10]) / 2)).s.size(), 10U);
  EXPECT_TRUE(run(above(2 * s[0])).s.empty());
}

TEST(Randomized, AutomaticTakesItWhereANormIsWantedAndNotKnown) {
  const Operator<double> blind(
      Diagonal<double>{4000, 3000, [](Index i) { return std::pow(0.8, double(i)); }});
  EXPECT_EQ(plan_truncated_svd<double>(blind, energy(0.9)).method, TruncatedMethod::randomized);
  EXPECT_EQ(plan_truncated_svd<double>(blind, rank(9)).method, TruncatedMethod::lanczos);
  const TruncatedSvd<double> d = truncated_svd<double>(blind, energy(0.9));
  EXPECT_EQ(d.report.method, TruncatedMethod::randomized);
  EXPECT_TRUE(d.report.converged);
  EXPECT_EQ(d.report.tolerance, std::sqrt(epsilon<double>));
  double held = 0, all = 0;
  for (Index i = 0; i < 3000; ++i) {
    all += std::pow(0.8, 2.0 * double(i));
    held += i < static_cast<Index>(d.s.size()) ? std::pow(0.8, 2.0 * double(i)) : 0.0;
  }
  EXPECT_GE(held, 0.9 * all * (1 - 1e-12));
  EXPECT_LE(d.s.size(), 7U);  // 6 are enough
}

// Principal components: the norm of a centred matrix is not known.
TEST(Randomized, AShareOfTheVariance) {
  Matrix<double> a = generate<double>("svd_geo 400x120 cond=1e6");
  for (Index i = 0; i < 400; ++i) {
    for (Index j = 0; j < 120; ++j) {
      a(i, j) += 3;
    }
  }
  const Operator<double> op(DenseOperator<double>(a.view()));
  const std::vector<double> means = column_means(op);
  const Operator<double> components = centred(op, means);
  EXPECT_FALSE(components.knows_norm());
  EXPECT_TRUE(op.knows_norm() && adjoint(op).knows_norm() && scaled(op, 2.0).knows_norm());
  EXPECT_FALSE(adjoint(components).knows_norm());
  Matrix<double> b = a;
  for (Index i = 0; i < 400; ++i) {
    for (Index j = 0; j < 120; ++j) {
      b(i, j) -= means[static_cast<std::size_t>(j)];
    }
  }
  const std::vector<double> s = singular_values(b);
  double all = 0, held = 0;
  for (const double value : s) {
    all += value * value;
  }
  const TruncatedSvd<double> d = truncated_svd<double>(components, energy(0.95), randomized());
  EXPECT_EQ(d.report.method, TruncatedMethod::randomized);
  EXPECT_TRUE(d.report.converged);
  for (const double value : d.s) {
    held += value * value;
  }
  EXPECT_GE(held, 0.95 * all);
  EXPECT_GE(d.report.norm_at_most.value(), std::sqrt(all));
  EXPECT_LE(d.report.norm_at_most.value(), 1.05 * std::sqrt(all));
}

TEST(Randomized, ARuleThatTheSpaceCannotDecideIsLeftToTheWhole) {
  const Matrix<double> flat = generate<double>("svd_arith 200x150 cond=2");
  const Operator<double> blind(Blind<double>{DenseOperator<double>(flat.view())});
  const TruncatedSvd<double> d = truncated_svd<double>(blind, energy(0.9), randomized());
  EXPECT_EQ(d.report.method, TruncatedMethod::dense);
  EXPECT_NE(d.report.reason.find("not enough"), std::string::npos) << d.report.reason;
  EXPECT_EQ(d.report.bound_by, "energy");
  EXPECT_TRUE(d.report.converged);
  double held = 0;
  for (const double value : d.s) {
    held += value * value;
  }
  EXPECT_GE(held, 0.9 * std::pow(d.report.frobenius_norm.value(), 2) * (1 - 1e-12));
}

TEST(Randomized, WhatIsNotReachedIsSaid) {
  const Matrix<double> a = generate<double>("normal 300x300");
  TruncatedOptions options = randomized(1e-12);
  options.basis = 40;
  options.max_memory = 1'000'000;  // not for the dense method
  for (const Truncation& rule : {rank(6), energy(0.9)}) {
    const TruncatedSvd<double> d = truncated_svd(a, rule, options);
    EXPECT_EQ(d.report.method, TruncatedMethod::randomized);
    EXPECT_FALSE(d.report.converged);
    EXPECT_EQ(d.report.bound_by, "");
    EXPECT_NE(d.report.shortfall.find("a basis of 40 vectors"), std::string::npos)
        << d.report.shortfall;
    EXPECT_LE(d.report.within_tolerance, static_cast<Index>(d.s.size()));
    EXPECT_EQ(d.report.residuals.size(), d.s.size());
    EXPECT_GE(d.report.next_at_most.value(), singular_values(a)[d.s.size()]);
  }
}

TEST(Randomized, MemoryBoundsTheBasis) {
  const Operator<double> a(
      Diagonal<double>{3000, 2000, [](Index i) { return 1 / (1.0 + double(i)); }});
  TruncatedOptions options = randomized(1e-6);
  options.max_memory = 10'000'000;
  const TruncatedSvd<double> d = truncated_svd<double>(a, rank(20), options);
  EXPECT_LE(d.report.workspace_bytes, options.max_memory);
  options.max_memory = 1000;
  try {
    static_cast<void>(truncated_svd<double>(a, rank(20), options));
    FAIL() << "it took more memory than it was allowed";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::out_of_memory) << e.what();
  }
}

TEST(Randomized, ProductsThatAreNotFiniteAreNamed) {
  Matrix<double> a = generate<double>("normal 80x60");
  a(17, 3) = std::nan("");
  const Operator<double> blind(Blind<double>{DenseOperator<double>(a.view())});
  for (const Truncation& rule : {rank(2), energy(0.5)}) {
    try {
      static_cast<void>(truncated_svd<double>(blind, rule, randomized()));
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::non_finite);
      EXPECT_NE(std::string(error.what()).find("row 17"), std::string::npos) << error.what();
    }
  }
}

TEST(Randomized, StopsHalfWayWhenAsked) {
  std::stop_source source;
  std::atomic<int> products = 0;
  const CallbackOperator<double> a(
      500, 500,
      [&](const Execution&, MatrixView<const double> x, MatrixView<double> y) {
        for (Index j = 0; j < x.cols(); ++j) {
          std::copy_n(x.col(j), x.rows(), y.col(j));
        }
        if (++products == 3) {
          source.request_stop();
        }
      },
      [](const Execution&, MatrixView<const double> x, MatrixView<double> y) {
        for (Index j = 0; j < x.cols(); ++j) {
          std::copy_n(x.col(j), x.rows(), y.col(j));
        }
      });
  TruncatedOptions options = randomized();
  options.stop = source.get_token();
  EXPECT_THROW(static_cast<void>(truncated_svd<double>(Operator<double>(a), rank(9), options)),
               Cancelled);
  EXPECT_LE(products, 4);
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

TEST(Randomized, RefusesWhatCannotBe) {
  const Matrix<double> a = generate<double>("normal 80x60");
  for (const double failure : {0.0, 1.0, -1.0, std::nan("")}) {
    TruncatedOptions options = randomized();
    options.failure_probability = failure;
    EXPECT_THROW(static_cast<void>(truncated_svd(a, rank(5), options)), InvalidArgument);
  }
}

TEST(Randomized, ALessCertainBoundIsSmaller) {
  const Operator<double> a(
      Diagonal<double>{600, 500, [](Index i) { return 1 / std::sqrt(1.0 + double(i)); }});
  TruncatedOptions options = randomized();
  const double certain = truncated_svd<double>(a, rank(5), options).report.left_out_at_most.value();
  options.failure_probability = 0.1;
  const TruncatedSvd<double> d = truncated_svd<double>(a, rank(5), options);
  EXPECT_LT(d.report.left_out_at_most.value(), certain);
  EXPECT_EQ(d.report.failure_probability, 0.1);
}

}  // namespace
}  // namespace eckart
