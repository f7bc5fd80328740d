#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>
#include <eckart/svd.hpp>
#include <eckart/truncated_svd.hpp>

#include "known_operators.hpp"

namespace eckart {
namespace {

TruncatedOptions small_spaces() {
  return {.method = TruncatedMethod::lanczos, .block = 4, .basis = 24};
}

/// s against the values of svd(), residuals and orthogonality against what the report says.
template <Scalar T>
void expect_leading(const Matrix<T>& a, const TruncatedSvd<T>& d, double accuracy) {
  const std::vector<Real<T>> exact = singular_values(a);
  const double unit = exact.empty() ? 0 : double{exact[0]};
  const auto k = static_cast<Index>(d.s.size());
  ASSERT_EQ(d.U.rows(), a.rows());
  ASSERT_EQ(d.U.cols(), k);
  ASSERT_EQ(d.Vh.rows(), k);
  ASSERT_EQ(d.Vh.cols(), a.cols());
  EXPECT_TRUE(d.report.converged) << d.report.restarts;
  for (Index i = 0; i < k; ++i) {
    const auto at = static_cast<std::size_t>(i);
    EXPECT_NEAR(double{d.s[at]}, double{exact[at]}, accuracy * unit) << "value " << i;
    EXPECT_LE(std::abs(double{d.s[at]} - double{exact[at]}),
              d.report.residuals[at] + 50 * double{epsilon<T>} * unit)
        << "the bound of value " << i;
  }
  EXPECT_LE(d.report.orthogonality_u, 10);
  EXPECT_LE(d.report.orthogonality_v, 10);
}

template <class T>
class TruncatedSvdTest : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(TruncatedSvdTest, Types);

TYPED_TEST(TruncatedSvdTest, FindsTheLeadingTripletsOfEveryShape) {
  using T = TypeParam;
  for (const char* line : {"svd_geo 90x60 cond=1e3", "svd_geo 60x90 cond=1e3", "normal 80x80",
                           "svd_arith 200x50 cond=10", "svd_cluster1 70x70 cond=100"}) {
    SCOPED_TRACE(line);
    const Matrix<T> a = generate<T>(line);
    const TruncatedSvd<T> d = truncated_svd(a, rank(5), small_spaces());
    EXPECT_EQ(d.report.method, TruncatedMethod::lanczos);
    EXPECT_EQ(d.report.bound_by, "rank");
    EXPECT_EQ(d.s.size(), 5U);
    expect_leading<T>(a, d, 100 * double{epsilon<T>});
  }
}

TYPED_TEST(TruncatedSvdTest, AFlatSpectrumConvergesAtLast) {
  using T = TypeParam;
  const Matrix<T> a = generate<T>("normal 300x200");
  expect_leading<T>(a, truncated_svd(a, rank(3), small_spaces()), 200 * double{epsilon<T>});
}

TYPED_TEST(TruncatedSvdTest, SmallMatricesAreDecomposedWhole) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{1, 1}, {1, 7}, {7, 1}, {5, 5}, {12, 3}}) {
    const Matrix<T> a = generate<T>("normal " + std::to_string(m) + "x" + std::to_string(n));
    const TruncatedSvd<T> d = truncated_svd(a, rank(100));
    EXPECT_EQ(d.report.method, TruncatedMethod::dense);
    EXPECT_EQ(d.report.bound_by, "all");
    EXPECT_EQ(static_cast<Index>(d.s.size()), std::min(m, n));
    expect_leading<T>(a, d, 100 * double{epsilon<T>});
  }
}

TYPED_TEST(TruncatedSvdTest, NothingOfNothing) {
  using T = TypeParam;
  EXPECT_TRUE(truncated_svd(Matrix<T>(0, 5), rank(3)).s.empty());
  EXPECT_TRUE(truncated_svd(Matrix<T>(5, 0), rank(3)).s.empty());
  const TruncatedSvd<T> none = truncated_svd(generate<T>("normal 50x40"), rank(0));
  EXPECT_TRUE(none.s.empty());
  EXPECT_EQ(none.U.rows(), 50);
  EXPECT_EQ(none.Vh.cols(), 40);
}

TYPED_TEST(TruncatedSvdTest, AZeroMatrixHasOrthonormalVectors) {
  using T = TypeParam;
  const Matrix<T> zero(80, 60);
  const TruncatedSvd<T> d = truncated_svd(zero, rank(5), small_spaces());
  expect_leading<T>(zero, d, 0);
}

TYPED_TEST(TruncatedSvdTest, ExactRankBelowTheRankAskedFor) {
  using T = TypeParam;
  Matrix<T> a(90, 70);
  const Matrix<T> left = generate<T>("normal 90x3 seed=1"),
                  right = generate<T>("normal 3x70 seed=2");
  for (Index j = 0; j < 70; ++j) {
    for (Index i = 0; i < 90; ++i) {
      for (Index l = 0; l < 3; ++l) {
        a(i, j) += left(i, l) * right(l, j);
      }
    }
  }
  expect_leading<T>(a, truncated_svd(a, rank(8), small_spaces()), 100 * double{epsilon<T>});
}

TYPED_TEST(TruncatedSvdTest, EntriesNearTheEndsOfTheType) {
  using T = TypeParam;
  for (const char* scaling : {"small", "large"}) {
    SCOPED_TRACE(scaling);
    const Matrix<T> a = generate<T>(std::string("svd_geo 80x60 cond=1e3 scaling=") + scaling);
    expect_leading<T>(a, truncated_svd(a, rank(5), small_spaces()), 100 * double{epsilon<T>});
  }
}

TYPED_TEST(TruncatedSvdTest, IsTheSameForAnyNumberOfThreads) {
  using T = TypeParam;
  const Matrix<T> a = generate<T>("svd_geo 400x300 cond=1e4");
  TruncatedOptions options{.method = TruncatedMethod::lanczos, .threads = 1};
  const TruncatedSvd<T> one = truncated_svd(a, rank(7), options);
  options.threads = 3;
  const TruncatedSvd<T> three = truncated_svd(a, rank(7), options);
  EXPECT_EQ(one.s, three.s);
  EXPECT_TRUE(std::equal(one.U.data(), one.U.data() + 400 * 7, three.U.data()));
  EXPECT_TRUE(std::equal(one.Vh.data(), one.Vh.data() + 300 * 7, three.Vh.data()));
}

TYPED_TEST(TruncatedSvdTest, OperatorsThatKnowNothingButProducts) {
  using T = TypeParam;
  const Matrix<T> a = generate<T>("svd_geo 120x100 cond=1e4");
  const Operator<T> blind(Blind<T>{DenseOperator<T>(a.view())});
  const TruncatedSvd<T> d = truncated_svd<T>(blind, rank(4), small_spaces());
  expect_leading<T>(a, d, 100 * double{epsilon<T>});
  EXPECT_FALSE(d.report.left_out.has_value());
  EXPECT_THROW(static_cast<void>(truncated_svd<T>(blind, energy(0.9), small_spaces())),
               InvalidArgument);
  EXPECT_FALSE(truncated_svd<T>(blind, energy(0.9)).s.empty());
}

// A value of multiplicity 11 shows four copies in blocks of four.
TYPED_TEST(TruncatedSvdTest, RepeatedValuesAreAllThere) {
  using T = TypeParam;
  const Operator<T> a(
      Diagonal<T>{500, 400, [](Index i) {
                    return i < 2 ? 3.0 : i < 13 ? 2.0 : 1.0 / (1.0 + 0.01 * double(i));
                  }});
  const TruncatedSvd<T> d =
      truncated_svd<T>(a, rank(14), {.method = TruncatedMethod::lanczos, .block = 4});
  EXPECT_TRUE(d.report.converged);
  for (std::size_t i = 0; i < 14; ++i) {
    const double exact = i < 2 ? 3.0 : i < 13 ? 2.0 : 1 / 1.13;
    EXPECT_NEAR(double{d.s[i]}, exact, 1e3 * double{epsilon<T>}) << i;
  }
}

TYPED_TEST(TruncatedSvdTest, AllValuesEqual) {
  using T = TypeParam;
  const Operator<T> a(Diagonal<T>{300, 300, [](Index) { return 5.0; }});
  const TruncatedSvd<T> d = truncated_svd<T>(a, rank(10), small_spaces());
  EXPECT_TRUE(d.report.converged);
  for (const Real<T> value : d.s) {
    EXPECT_NEAR(double{value}, 5, 100 * double{epsilon<T>});
  }
}

TEST(TruncatedSvd, RulesCombineAndTheReportSaysWhichOneBound) {
  const Operator<double> blind(
      Diagonal<double>{200, 150, [](Index i) { return std::pow(0.5, double(i)); }});
  const Matrix<double> a = generate<double>("svd_geo 200x150 cond=1e10");
  const std::vector<double> s = singular_values(a);
  double sum = 0;
  for (const double x : s) {
    sum += x * x;
  }
  const auto energy_of = [&](Index k) {
    double part = 0;
    for (Index i = 0; i < k; ++i) {
      part += s[std::size_t(i)] * s[std::size_t(i)];
    }
    return part / sum;
  };
  const auto run = [&](const Truncation& rule) { return truncated_svd(a, rule); };
  EXPECT_EQ(run(energy((energy_of(6) + energy_of(7)) / 2)).s.size(), 7U);
  EXPECT_EQ(run(relative_error(std::sqrt(1 - (energy_of(19) + energy_of(20)) / 2))).s.size(), 20U);
  EXPECT_EQ(run(relative_error((s[30] + s[29]) / 2 / s[0], Norm::spectral)).s.size(), 30U);
  EXPECT_EQ(run(above((s[17] + s[18]) / 2)).s.size(), 18U);
  EXPECT_EQ(run(rank(5) & above((s[17] + s[18]) / 2)).report.bound_by, "rank");
  EXPECT_EQ(run(rank(50) & above((s[17] + s[18]) / 2)).report.bound_by, "absolute error");
  EXPECT_EQ(run(above(2 * s[0])).s.size(), 0U);
  EXPECT_EQ(run(above(0)).report.bound_by, "all");
  EXPECT_EQ(truncated_svd<double>(blind, above(0.001)).s.size(), 10U);
  EXPECT_THROW(static_cast<void>(run(Truncation{})), InvalidArgument);
  EXPECT_EQ(run(relative_error(1e-9)).report.method, TruncatedMethod::dense);
  EXPECT_THROW(static_cast<void>(energy(1.5)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(rank(-1)), InvalidArgument);
}

// A V of a dense matrix is kept from the steps, and U and ||A v - s u|| are made of it; after many restarts they are of a new product.
TYPED_TEST(TruncatedSvdTest, ResidualsOfAKeptImageAreTrue) {
  using T = TypeParam;
  for (const char* line : {"svd_geo 160x120 cond=1e3", "normal 240x180"}) {
    SCOPED_TRACE(line);
    const Matrix<T> a = generate<T>(line);
    const TruncatedSvd<T> d = truncated_svd(a, rank(4), small_spaces());
    ASSERT_TRUE(d.report.converged);
    for (Index i = 0; i < 4; ++i) {
      const auto at = static_cast<std::size_t>(i);
      double squares = 0;
      for (Index row = 0; row < a.rows(); ++row) {
        T sum = -d.s[at] * d.U(row, i);
        for (Index j = 0; j < a.cols(); ++j) {
          sum += a(row, j) * conjugate(d.Vh(i, j));
        }
        squares += double{std::norm(sum)};
      }
      for (Index j = 0; j < a.cols(); ++j) {
        T sum = -d.s[at] * conjugate(d.Vh(i, j));
        for (Index row = 0; row < a.rows(); ++row) {
          sum += conjugate(a(row, j)) * d.U(row, i);
        }
        squares += double{std::norm(sum)};
      }
      EXPECT_NEAR(d.report.residuals[at], std::sqrt(squares),
                  100 * double{epsilon<T>} * double{d.s[0]});
    }
  }
}

// Sixteen triplets are looked for where no rank is given: waiting for those of a flat tail took thirty times the products.
TEST(TruncatedSvd, ARuleThatTheFirstValuesDecideWaitsForNoOthers) {
  const auto value = [](Index i) {
    return i < 5 ? 10.0 - static_cast<double>(i) : 1 + 1e-3 * std::cos(static_cast<double>(i));
  };
  const Matrix<double> a = with_values(600, 500, value, 11);
  double whole = 0, first = 0;
  for (Index i = 0; i < 500; ++i) {
    whole += value(i) * value(i);
    first += i < 5 ? value(i) * value(i) : 0;
  }
  const auto run = [&](const Truncation& rule) {
    return truncated_svd(a, rule, {.method = TruncatedMethod::lanczos});
  };
  const Index needed = run(rank(5)).report.products;
  for (const Truncation& rule :
       {energy(0.999 * first / whole), above(2), relative_error(0.3, Norm::spectral), above(20),
        above(2) & rank(40)}) {
    const auto d = run(rule);
    EXPECT_TRUE(d.report.converged) << d.report.shortfall;
    EXPECT_EQ(d.s.size(), rule.absolute_spectral == 20 ? 0U : 5U);
    EXPECT_LE(d.report.products, 2 * needed) << d.report.bound_by;
  }
}

// Five values are found in two steps, when the sixth, a little above 500 equal ones, has hardly begun to stand out.
TEST(TruncatedSvd, ALateValueIsKeptAllTheSame) {
  const auto value = [](Index i) {
    return i < 5 ? 10.0 - static_cast<double>(i) : i == 5 ? 0.6 : 0.5;
  };
  const Matrix<double> a = with_values(600, 500, value, 13);
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto d =
        truncated_svd(a, above(0.55), {.method = TruncatedMethod::lanczos, .seed = seed});
    EXPECT_EQ(d.s.size(), 6U) << seed;
  }
}

TEST(TruncatedSvd, StatesWhatIsLeftOut) {
  const Matrix<double> a = generate<double>("svd_arith 300x200 cond=50");
  const std::vector<double> s = singular_values(a);
  const TruncatedSvd<double> d = truncated_svd(a, rank(6));
  double left = 0;
  for (std::size_t i = 6; i < s.size(); ++i) {
    left += s[i] * s[i];
  }
  ASSERT_TRUE(d.report.left_out && d.report.next_at_most);
  EXPECT_NEAR(*d.report.left_out, std::sqrt(left), 1e-7 * std::sqrt(left));
  EXPECT_GE(*d.report.next_at_most, s[6]);
  EXPECT_NEAR(d.report.next_value, s[6], 0.05 * s[6]);
  EXPECT_LE(d.report.next_value, s[6] * (1 + 1e-12));
}

TEST(TruncatedSvd, ProductsThatAreNotFiniteAreNamed) {
  Matrix<double> a = generate<double>("normal 80x60");
  a(17, 3) = std::nan("");
  const Operator<double> blind(Blind<double>{DenseOperator<double>(a.view())});
  try {
    static_cast<void>(truncated_svd<double>(blind, rank(2), small_spaces()));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::non_finite);
    EXPECT_NE(std::string(error.what()).find("row 17"), std::string::npos) << error.what();
  }
}

TEST(TruncatedSvd, NotConvergingIsData) {
  const Matrix<double> a = generate<double>("normal 300x300");
  TruncatedOptions options = small_spaces();
  options.restarts = 1;
  options.tolerance = 1e-14;
  const TruncatedSvd<double> d = truncated_svd(a, rank(6), options);
  EXPECT_FALSE(d.report.converged);
  ASSERT_EQ(d.s.size(), 6U);
  const std::vector<double> s = singular_values(a);
  for (std::size_t i = 0; i < d.s.size(); ++i) {  // some value of A within the residual of each
    double distance = 1e300;
    for (const double exact : s) {
      distance = std::min(distance, std::abs(exact - d.s[i]));
    }
    EXPECT_LE(distance, d.report.residuals[i] + 1e-12);
  }
}

// Twice out of bounds once: more triplets kept than there were vectors, and a fixed basis that was full when more were wanted.
TEST(TruncatedSvd, RulesWithoutARankAndFewRestarts) {
  const Matrix<double> a = generate<double>("normal 300x300");
  TruncatedOptions options = small_spaces();
  options.restarts = 2;
  const TruncatedSvd<double> d = truncated_svd(a, relative_error(0.3), options);
  EXPECT_FALSE(d.report.converged);
  EXPECT_EQ(d.s.size(), 16U);
}

TEST(TruncatedSvd, AFixedBasisHoldsMoreAndMoreTriplets) {
  const Matrix<double> a = generate<double>("svd_geo 400x300 cond=1e12");
  const std::vector<double> s = singular_values(a);
  for (const Index basis : {28, 60, 64, 120}) {
    TruncatedOptions options = small_spaces();
    options.basis = basis;
    const TruncatedSvd<double> d = truncated_svd(a, above((s[46] + s[47]) / 2), options);
    EXPECT_TRUE(d.report.converged);
    EXPECT_EQ(d.s.size(), 47U) << "basis " << basis;
  }
}

TEST(TruncatedSvd, SaysWhereNoRestartIsLeftToLookForCopies) {
  const Operator<double> a(
      Diagonal<double>{300, 300, [](Index i) { return i < 14 ? 5.0 : 4 * std::pow(0.9, i); }});
  TruncatedOptions options = small_spaces();
  options.restarts = 0;
  options.basis = 200;
  const TruncatedSvd<double> d = truncated_svd<double>(a, rank(12), options);
  EXPECT_FALSE(d.report.converged);
  EXPECT_NE(d.report.shortfall.find("copies of a repeated value"), std::string::npos)
      << d.report.shortfall;
}

// Both products of a two-sided step from one reading of A lost the small values: no residual of the iteration showed it.
TEST(TruncatedSvd, ValuesFarBelowTheFirstOnes) {
  for (const double ratio : {1e-3, 1e-5, 1e-6, 1e-8}) {
    const Matrix<double> a = with_values(
        400, 300,
        [ratio](Index i) {
          const auto x = static_cast<double>(i);
          return i < 4 ? 1 - 0.1 * x : ratio * (1 - 0.5 * x / 300);
        },
        1);
    const TruncatedSvd<double> d =
        truncated_svd(a, rank(8), {.method = TruncatedMethod::lanczos, .seed = 7});
    EXPECT_TRUE(d.report.converged) << ratio << ": " << d.report.shortfall;
    EXPECT_NEAR(d.s[7], ratio * (1 - 0.5 * 7 / 300), 1e-14) << ratio;
  }
}

// Verification went on to the last restart: values at the level of rounding never count as unchanged relatively.
TEST(TruncatedSvd, AProjectorOfLowerRankThanAskedFor) {
  const Operator<double> a(Diagonal<double>{400, 400, [](Index i) { return i < 12 ? 1.0 : 0.0; }});
  for (const Index k : {20, 40}) {
    const TruncatedSvd<double> d =
        truncated_svd<double>(a, rank(k), {.method = TruncatedMethod::lanczos});
    EXPECT_TRUE(d.report.converged);
    EXPECT_LE(d.report.restarts, 10);
    EXPECT_NEAR(d.s[11], 1, 1e-12);
    EXPECT_NEAR(d.s[12], 0, 1e-12);
  }
}

TEST(TruncatedSvd, AMatrixOfDenormalNumbers) {
  const Operator<double> a(
      Diagonal<double>{300, 300, [](Index i) { return 1e-310 / static_cast<double>(i + 1); }});
  const TruncatedSvd<double> d =
      truncated_svd<double>(a, rank(3), {.method = TruncatedMethod::lanczos});
  EXPECT_NEAR(d.s[0], 1e-310, 1e-318);
  EXPECT_NEAR(d.s[2], 1e-310 / 3, 1e-318);
}

TEST(TruncatedSvd, AnAdjointThatIsNotFiniteIsFoundByTheDenseMethodToo) {
  const CallbackOperator<double> a(
      5, 5,
      [](const Execution&, MatrixView<const double> x, MatrixView<double> y) {
        for (Index j = 0; j < x.cols(); ++j) {
          std::copy_n(x.col(j), x.rows(), y.col(j));
        }
      },
      [](const Execution&, MatrixView<const double>, MatrixView<double> y) {
        for (Index j = 0; j < y.cols(); ++j) {
          std::fill_n(y.col(j), y.rows(), std::nan(""));
        }
      });
  EXPECT_THROW(static_cast<void>(truncated_svd<double>(Operator<double>(a), rank(2))), Error);
}

TEST(TruncatedSvd, WithoutRestartsTheBasisIsFilledAllTheSame) {
  const Matrix<double> a = generate<double>("svd_geo 400x300 cond=1e12");
  const TruncatedSvd<double> d =
      truncated_svd(a, rank(10), {.method = TruncatedMethod::lanczos, .restarts = 0});
  EXPECT_TRUE(d.report.converged);
}

// Products of sizes overflowed.
TEST(TruncatedSvd, BlocksAndBasesBeyondAllMeasure) {
  const Matrix<double> a = generate<double>("svd_geo 200x150 cond=1e3");
  constexpr Index huge = std::numeric_limits<Index>::max();
  for (const auto& [block, basis] :
       {std::pair<Index, Index>{huge, 0}, {huge, huge}, {huge / 3, 40}, {8, huge}, {8, huge - 7}}) {
    // A block that does not fit leaves the dense method alone.
    const bool fits = block == 8;
    const TruncatedSvd<double> d =
        truncated_svd(a, rank(4),
                      {.method = fits ? TruncatedMethod::lanczos : TruncatedMethod::automatic,
                       .block = block,
                       .basis = basis});
    expect_leading<double>(a, d, 1e-13);
    EXPECT_EQ(d.report.method, fits ? TruncatedMethod::lanczos : TruncatedMethod::dense);
  }
}

TEST(TruncatedSvd, StopsWhenAsked) {
  std::stop_source source;
  source.request_stop();
  TruncatedOptions options = small_spaces();
  options.stop = source.get_token();
  EXPECT_THROW(static_cast<void>(truncated_svd(generate<double>("normal 80x60"), rank(2), options)),
               Error);
}

TEST(TruncatedSvd, RefusesWhatCannotBe) {
  const Matrix<double> a = generate<double>("normal 80x60");
  EXPECT_THROW(static_cast<void>(truncated_svd(a, rank(55), small_spaces())), InvalidArgument);
  EXPECT_THROW(static_cast<void>(truncated_svd(a, rank(5), {.tolerance = 2})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(truncated_svd(a, rank(5), {.block = -1})), InvalidArgument);
}

}  // namespace
}  // namespace eckart
