// The randomized method: rules with a norm that is estimated, memory and bases that end, products that fail.

#include <atomic>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>
#include <eckart/svd.hpp>
#include <eckart/truncated_svd.hpp>

#include "known_operators.hpp"
#include "truncated/range_finder.hpp"

namespace eckart {
namespace {

TruncatedOptions randomized(double tolerance = 0) {
  return {.method = TruncatedMethod::randomized, .tolerance = tolerance, .block = 4};
}

// Three values with 51 % of the energy before a flat tail: the bound from sixteen probes was 12 % above ||A||_F, and thirty and more
// triplets of the tail were kept.
TEST(Randomized, AFlatTailTakesMoreProbesAndNotMoreTriplets) {
  const auto value = [](Index i) { return i < 3 ? 12.0 + static_cast<double>(i) / 100 : 0.65; };
  const Matrix<double> a = with_values(1200, 1000, value, 5);
  double whole = 0, three = 0;
  for (Index i = 0; i < 1000; ++i) {
    whole += value(i) * value(i);
    three += i < 3 ? value(i) * value(i) : 0;
  }
  ASSERT_GT(three / whole, 0.505);
  ASSERT_LT(three / whole, 0.515);
  const Operator<double> blind(Blind<double>{DenseOperator<double>(a.view())});
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto d = truncated_svd<double>(blind, energy(0.5), {.seed = seed});
    EXPECT_TRUE(d.report.converged) << d.report.shortfall;
    EXPECT_EQ(d.report.method, TruncatedMethod::randomized);
    EXPECT_LE(d.s.size(), 5U);
    double held = 0;
    for (const double s : d.s) {
      held += s * s;
    }
    EXPECT_GE(held, 0.5 * whole);
    EXPECT_GE(d.report.norm_at_most.value(), std::sqrt(whole));
  }
}

// Twelve values near the largest, which is seen too small among them, and one just below half of it, which stands alone: half of what is
// seen must not be less than what is seen of that one.
TEST(Randomized, ARelativeErrorKeepsNoTripletThatOnlyALargestValueSeenTooSmallAsksFor) {
  const auto value = [](Index i) {
    return i < 12 ? 1 - 0.002 * static_cast<double>(i) : i == 12 ? 0.4999 : 0.02;
  };
  const Matrix<double> a = with_values(300, 200, value, 5);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    TruncatedOptions options = randomized(0.3);
    options.seed = seed;
    const auto d = truncated_svd<double>(DenseOperator<double>(a.view()),
                                         relative_error(0.5, Norm::spectral), options);
    EXPECT_TRUE(d.report.converged) << d.report.shortfall;
    EXPECT_EQ(d.s.size(), 12U) << seed;
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

// Values come up from below: one that stands just below a bound may be above it.
TEST(Randomized, AValueBelowABoundByLessThanItsResidualIsNotLeftOut) {
  const Operator<double> a(
      Diagonal<double>{500, 500, [](Index i) { return 1 - std::pow(double(i) / 500, 2.0 / 3); }});
  for (const Index k : {5, 12, 19, 26}) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      SCOPED_TRACE(std::to_string(k) + ", seed " + std::to_string(seed));
      const double least = 1 - std::pow(double(k - 1) / 500, 2.0 / 3);
      TruncatedOptions options = randomized();
      options.seed = seed;
      for (const Truncation& rule :
           {above(least * (1 - 1e-5)), relative_error(least * (1 - 1e-5), Norm::spectral)}) {
        const TruncatedSvd<double> d = truncated_svd<double>(a, rule, options);
        EXPECT_TRUE(d.report.converged) << d.report.shortfall;
        EXPECT_EQ(static_cast<Index>(d.s.size()), k);
      }
      options.basis = 48;
      options.max_memory = 1'900'000;  // not for the dense method
      const TruncatedSvd<double> cut =
          truncated_svd<double>(a, above(least * (1 - 1e-12)), options);
      EXPECT_TRUE(static_cast<Index>(cut.s.size()) == k || !cut.report.converged);
    }
  }
}

// A bound that is itself a value: what does not exceed it is left out.
TEST(Randomized, ABoundThatIsAValueIsDecided) {
  const Operator<double> a(
      Diagonal<double>{400, 300, [](Index i) { return std::ldexp(1.0, -int(i)); }});
  const TruncatedSvd<double> d = truncated_svd<double>(a, above(0.125), randomized());
  EXPECT_TRUE(d.report.converged) << d.report.shortfall;
  EXPECT_LE(d.s.size(), 4U);
  EXPECT_GE(d.s.size(), 3U);
}

TEST(Randomized, DenormalAndHugeNumbersWithoutANorm) {
  for (const double unit : {1e-310, 1e-160, 1e155, 1e305}) {
    SCOPED_TRACE(unit);
    const Operator<double> a(
        Diagonal<double>{300, 300, [=](Index i) { return unit / std::pow(1.5, double(i)); }});
    for (const Truncation& rule : {rank(4), energy(0.9), relative_error(0.4, Norm::spectral)}) {
      const TruncatedSvd<double> d = truncated_svd<double>(a, rule, randomized());
      EXPECT_TRUE(d.report.converged) << d.report.shortfall;
      ASSERT_GE(d.s.size(), 3U);
      EXPECT_NEAR(d.s[0] / unit, 1, 1e-3);
      EXPECT_NEAR(d.s[2] / unit, 1 / 2.25, 1e-2);
      EXPECT_GE(d.report.norm_at_most.value() / unit, 1.3416);  // 3 / sqrt(5)
      EXPECT_LE(d.report.norm_at_most.value() / unit, 1.36);
      EXPECT_GE(d.report.next_at_most.value() / unit, 0.999 / std::pow(1.5, double(d.s.size())));
    }
  }
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

// Rounding hides the small values from one side alone, at a time when the next look is planned beyond the limit of the basis.
TEST(Randomized, BeginningAnewWithBothSidesStaysWithinTheLimit) {
  const Operator<double> a(Diagonal<double>{300, 300, [](Index i) {
                                              return i < 8 ? std::pow(10.0, -double(i))
                                                           : 0.9e-7 * (1 - double(i) / 600);
                                            }});
  TruncatedOptions options = randomized(1e-3);
  options.basis = 28;
  options.max_memory = 700'000;  // not for the dense method
  const TruncatedSvd<double> d = truncated_svd<double>(a, rank(8), options);
  EXPECT_EQ(d.report.method, TruncatedMethod::randomized);
  EXPECT_FALSE(d.report.one_sided);
  EXPECT_EQ(d.report.basis, 28);
}

// While the space grows the old one is there as well: two thirds of the new one at the most, as its memory is planned.
TEST(Randomized, RoomForABasisIsTwoThirdsOfTheNextAtTheMost) {
  for (const Index block : {1, 3, 8}) {
    for (Index largest = block; largest <= 40 * block; largest += block) {
      for (Index vectors = 1; vectors <= largest; ++vectors) {
        const Index room = truncated::room_for(vectors, block, largest);
        ASSERT_GE(room, vectors);
        ASSERT_LE(room, largest);
        ASSERT_EQ(room % block, 0);
        ASSERT_TRUE(room == largest || 3 * room <= 2 * largest) << vectors << " of " << largest;
      }
    }
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
