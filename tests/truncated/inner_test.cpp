#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>
#include <eckart/svd.hpp>
#include <eckart/truncated_svd.hpp>

#include "known_operators.hpp"

namespace eckart {
namespace {

TruncatedOptions smallest(TruncatedMethod method = TruncatedMethod::automatic) {
  return {.method = method, .which = Which::smallest};
}
TruncatedOptions nearest(double x, TruncatedMethod method = TruncatedMethod::automatic) {
  return {.method = method, .which = Which::nearest, .target = x};
}

/// The window of all values, in descending order, that is wanted: from the definition, by sorting distances.
template <class R>
std::vector<double> wanted_of(const std::vector<R>& all, const TruncatedOptions& options, Index k) {
  std::vector<double> values(all.begin(), all.end());
  const double x = options.which == Which::smallest ? 0 : options.target;
  std::ranges::stable_sort(values, {}, [x](double s) { return std::abs(s - x); });
  values.resize(static_cast<std::size_t>(k));
  std::ranges::sort(values, std::greater());
  return values;
}

/// Values to a few eps sigma_1 of `exact`, residuals as reported and small, orthonormal vectors, a certificate that holds.
template <Scalar T>
void expect_wanted(const std::vector<double>& exact, const std::vector<double>& all,
                   const TruncatedSvd<T>& d, double accuracy = 100) {
  const double unit = all.empty() ? 0 : double{epsilon<T>} * all[0];
  ASSERT_EQ(d.s.size(), exact.size());
  EXPECT_TRUE(d.report.converged) << d.report.shortfall << ", "
                                  << ::testing::PrintToString(d.report.residuals);
  EXPECT_FALSE(d.report.found_by.empty());
  EXPECT_FALSE(d.report.certainty.empty());
  ASSERT_EQ(d.report.residuals.size(), exact.size());
  for (std::size_t i = 0; i < exact.size(); ++i) {
    EXPECT_NEAR(double{d.s[i]}, exact[i],
                accuracy * unit + 1e-6 * exact[i] * double{epsilon<T>} * 1e6)
        << "value " << i << " by " << d.report.found_by;
    EXPECT_LE(std::abs(double{d.s[i]} - exact[i]), d.report.residuals[i] + accuracy * unit);
  }
  EXPECT_LE(d.report.orthogonality_u, 10);
  EXPECT_LE(d.report.orthogonality_v, 10);
  if (d.report.certified) {
    const double low = d.report.certified_from, high = d.report.certified_to;
    const auto inside = [&](double s) { return s > low && s < high; };
    EXPECT_LE(std::ranges::count_if(all, inside),
              std::ranges::count_if(d.s, [&](auto s) { return s >= low && s <= high; }))
        << d.report.certainty;
  }
}

template <Scalar T>
SparseMatrix<T> sparse_of(const Matrix<T>& a) {
  std::vector<std::int64_t> row, col;
  std::vector<T> value;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      if (a(i, j) != T{}) {
        row.push_back(i);
        col.push_back(j);
        value.push_back(a(i, j));
      }
    }
  }
  return SparseMatrix<T>::from_triplets(a.rows(), a.cols(), row, col, value);
}

template <Scalar T>
std::vector<double> all_of(const Matrix<T>& a) {
  const std::vector<Real<T>> s = singular_values(a);
  return {s.begin(), s.end()};
}

template <class T>
class InnerTest : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(InnerTest, Types);

TYPED_TEST(InnerTest, TheSmallestOfEveryShapeByTheWholeAndByAnInverse) {
  using T = TypeParam;
  for (const char* line : {"svd_geo 90x60 cond=1e3", "svd_geo 60x90 cond=1e3", "normal 80x80",
                           "svd_arith 200x50 cond=10", "svd_geo 70x70 cond=100"}) {
    const Matrix<T> a = generate<T>(line);
    const std::vector<double> all = all_of(a);
    for (const TruncatedMethod method : {TruncatedMethod::dense, TruncatedMethod::shift_invert}) {
      SCOPED_TRACE(std::string(line) + " " + to_string(method));
      const TruncatedSvd<T> d = truncated_svd(a, rank(5), smallest(method));
      EXPECT_EQ(d.report.method, method);
      EXPECT_EQ(d.report.bound_by, "rank");
      expect_wanted<T>(wanted_of(all, smallest(), 5), all, d);
    }
  }
}

TYPED_TEST(InnerTest, TheSmallestOfSparseMatricesOfEveryShape) {
  using T = TypeParam;
  for (const char* line : {"svd_geo 90x60 cond=1e2", "svd_geo 60x90 cond=1e4", "normal 80x80",
                           "svd_arith 200x50 cond=10"}) {
    SCOPED_TRACE(line);
    const Matrix<T> a = generate<T>(line);
    const std::vector<double> all = all_of(a);
    const TruncatedSvd<T> d = truncated_svd<T>(SparseOperator<T>(sparse_of(a)), rank(5),
                                               smallest(TruncatedMethod::shift_invert));
    expect_wanted<T>(wanted_of(all, smallest(), 5), all, d);
  }
}

TYPED_TEST(InnerTest, TheNearestOfSparseMatricesOfEveryShape) {
  using T = TypeParam;
  for (const char* line : {"svd_geo 90x60 cond=1e2", "svd_geo 60x90 cond=1e3", "normal 80x80"}) {
    const Matrix<T> a = generate<T>(line);
    const std::vector<double> all = all_of(a);
    for (const double x : {0.0, 0.5 * all.back(), all[30] * 1.01, 0.7 * all[0], 3 * all[0]}) {
      SCOPED_TRACE(std::string(line) + " near " + std::to_string(x));
      for (const TruncatedMethod method : {TruncatedMethod::dense, TruncatedMethod::shift_invert}) {
        const TruncatedSvd<T> d =
            truncated_svd<T>(SparseOperator<T>(sparse_of(a)), rank(4), nearest(x, method));
        expect_wanted<T>(wanted_of(all, nearest(x), 4), all, d);
      }
    }
  }
}

/// Three random diagonals: a sparse matrix whose factors stay sparse. Columns beyond `used` are zero.
template <Scalar T>
Matrix<T> banded(Index m, Index n, int seed, Index used) {
  const Matrix<T> random = generate<T>("normal " + std::to_string(m) + "x" + std::to_string(n) +
                                       " seed=" + std::to_string(seed));
  Matrix<T> a(m, n);
  for (Index j = 0; j < std::min(n, used); ++j) {
    for (Index i = std::max<Index>(0, j * m / n - 1); i < std::min(m, j * m / n + 3); ++i) {
      a(i, j) = random(i, j);
    }
  }
  return a;
}

TYPED_TEST(InnerTest, FactorsThatStaySparse) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{400, 400}, {500, 350}, {350, 500}}) {
    const Matrix<T> a = banded<T>(m, n, 3, n);
    const std::vector<double> all = all_of(a);
    const Operator<T> sparse = SparseOperator<T>(sparse_of(a));
    for (const TruncatedOptions& options :
         {smallest(), nearest(all[100] * 0.999), nearest(0.3 * all[0])}) {
      SCOPED_TRACE(std::to_string(m) + " x " + std::to_string(n) + " " + to_string(options.which));
      TruncatedOptions inverted = options;
      inverted.method = TruncatedMethod::shift_invert;
      const TruncatedSvd<T> d = truncated_svd<T>(sparse, rank(6), inverted);
      EXPECT_NE(d.report.found_by.find("sparse Cholesky"), std::string::npos) << d.report.found_by;
      expect_wanted<T>(wanted_of(all, options, 6), all, d);
    }
  }
}

TYPED_TEST(InnerTest, AnExactlySingularMatrixHasZerosAsItsSmallest) {
  using T = TypeParam;
  for (const auto& [m, n, used] :
       {std::tuple<Index, Index, Index>{120, 120, 117}, {150, 100, 90}, {100, 150, 97}}) {
    SCOPED_TRACE(std::to_string(m) + " x " + std::to_string(n));
    const Matrix<T> a = banded<T>(m, n, 5, used);
    const std::vector<double> all = all_of(a);
    for (const bool sparse : {true, false}) {
      SCOPED_TRACE(sparse ? "sparse" : "dense");
      const Operator<T> op = sparse ? Operator<T>(SparseOperator<T>(sparse_of(a)))
                                    : Operator<T>(DenseOperator<T>(a.view()));
      const TruncatedSvd<T> d =
          truncated_svd<T>(op, rank(6), smallest(TruncatedMethod::shift_invert));
      expect_wanted<T>(wanted_of(all, smallest(), 6), all, d);
    }
  }
}

TYPED_TEST(InnerTest, AScaleNearTheEndsOfTheType) {
  using T = TypeParam;
  using R = Real<T>;
  constexpr int half = std::numeric_limits<R>::max_exponent - 8;
  for (const int exponent : {half, -half + 30, -half - 6}) {
    Matrix<T> a = banded<T>(90, 70, 9, 70);
    const std::vector<double> plain = all_of(a);
    for (Index j = 0; j < a.cols(); ++j) {
      for (Index i = 0; i < a.rows(); ++i) {
        a(i, j) *= std::ldexp(R{1}, exponent / 2);
        a(i, j) *= std::ldexp(R{1}, exponent - exponent / 2);
      }
    }
    for (const bool sparse : {true, false}) {
      SCOPED_TRACE(std::to_string(exponent) + (sparse ? " sparse" : " dense"));
      const Operator<T> op = sparse ? Operator<T>(SparseOperator<T>(sparse_of(a)))
                                    : Operator<T>(DenseOperator<T>(a.view()));
      const TruncatedSvd<T> d =
          truncated_svd<T>(op, rank(3), smallest(TruncatedMethod::shift_invert));
      ASSERT_EQ(d.s.size(), 3U);
      // Entries below the normal numbers have lost digits before anybody looked at them.
      const double digits = exponent < -half ? 1e-2 : 200 * double{epsilon<T>};
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(std::ldexp(double{d.s[i]}, -exponent), plain[plain.size() - 3 + i],
                    digits * plain[0]);
      }
    }
  }
}

TYPED_TEST(InnerTest, RowsColumnsAndNothing) {
  using T = TypeParam;
  for (const char* line : {"normal 1x7", "normal 7x1", "normal 1x1", "normal 5x5", "normal 9x2"}) {
    const Matrix<T> a = generate<T>(line);
    const std::vector<double> all = all_of(a);
    const auto count = static_cast<Index>(all.size());
    for (const TruncatedMethod method :
         {TruncatedMethod::automatic, TruncatedMethod::shift_invert}) {
      for (const Index k : {Index{1}, count, Index{100}}) {
        for (const bool sparse : {true, false}) {
          SCOPED_TRACE(std::string(line) + " k=" + std::to_string(k) + (sparse ? " sparse " : " ") +
                       to_string(method));
          const Operator<T> op = sparse ? Operator<T>(SparseOperator<T>(sparse_of(a)))
                                        : Operator<T>(DenseOperator<T>(a.view()));
          const TruncatedSvd<T> d = truncated_svd<T>(op, rank(k), smallest(method));
          EXPECT_EQ(d.report.bound_by, k > count ? "all" : "rank");
          expect_wanted<T>(wanted_of(all, smallest(), std::min(k, count)), all, d);
        }
      }
    }
  }
  EXPECT_TRUE(truncated_svd(Matrix<T>(0, 5), rank(3), smallest()).s.empty());
  EXPECT_TRUE(truncated_svd(generate<T>("normal 5x4"), rank(0), nearest(1)).s.empty());
  const TruncatedSvd<T> zero =
      truncated_svd(Matrix<T>(50, 40), rank(3), smallest(TruncatedMethod::shift_invert));
  expect_wanted<T>({0, 0, 0}, std::vector<double>(40), zero);
}

TEST(Inner, GradedToRoundingAndBeyond) {
  for (const double smallest_value : {1e-8, 1e-16, 1e-30}) {
    const Matrix<double> a = with_values(
        200, 150, [&](Index i) { return std::pow(smallest_value, static_cast<double>(i) / 149); },
        3);
    const std::vector<double> all = all_of(a);
    for (const Index k : {Index{1}, Index{10}, Index{40}}) {
      SCOPED_TRACE(std::to_string(smallest_value) + " k=" + std::to_string(k));
      const TruncatedSvd<double> d =
          truncated_svd(a, rank(k), smallest(TruncatedMethod::shift_invert));
      expect_wanted<double>(wanted_of(all, smallest(), k), all, d);
    }
  }
}

TEST(Inner, ClustersAndCopiesAtTheSmallEnd) {
  const std::vector<std::function<double(Index)>> spectra = {
      [](Index i) { return i >= 140 ? 0.01 : 1.0; },  // ten copies
      [](Index i) {
        return i >= 130 ? 0.01 * (1 + 1e-9 * static_cast<double>(i)) : 1.0;
      },  // a cluster
      [](Index i) { return i >= 149 ? 1e-3 : 1.0; }, [](Index) { return 1.0; },
      [](Index i) { return i >= 146 ? 0.0 : 1.0 / static_cast<double>(1 + i); }};
  for (std::size_t which = 0; which < spectra.size(); ++which) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      SCOPED_TRACE("spectrum " + std::to_string(which) + " seed " + std::to_string(seed));
      const Matrix<double> a = with_values(180, 150, spectra[which], seed);
      const std::vector<double> all = all_of(a);
      TruncatedOptions options = smallest(TruncatedMethod::shift_invert);
      options.seed = seed;
      expect_wanted<double>(wanted_of(all, options, 12), all, truncated_svd(a, rank(12), options));
    }
  }
}

TEST(Inner, HoldsOverSeeds) {
  for (int seed = 0; seed < 60; ++seed) {
    const Index m = 60 + seed % 7 * 5, n = 60 + seed % 5 * 6;
    const Matrix<double> a = banded<double>(m, n, seed, seed % 3 == 0 ? n - 2 : n);
    const std::vector<double> all = all_of(a);
    const Operator<double> sparse = SparseOperator<double>(sparse_of(a));
    for (TruncatedOptions options :
         {smallest(), nearest(all[static_cast<std::size_t>(seed) % 20 + 10] * 1.001),
          nearest(all[5])}) {
      SCOPED_TRACE("seed " + std::to_string(seed) + " " + to_string(options.which) + " " +
                   std::to_string(options.target));
      options.method = TruncatedMethod::shift_invert;
      options.seed = static_cast<std::uint64_t>(seed);
      expect_wanted<double>(wanted_of(all, options, 3), all,
                            truncated_svd<double>(sparse, rank(3), options));
    }
  }
}

TEST(Inner, ACountMakesItCertain) {
  const Matrix<double> a = banded<double>(500, 400, 3, 400);
  const std::vector<double> all = all_of(a);
  const Operator<double> sparse = SparseOperator<double>(sparse_of(a));
  const TruncatedSvd<double> d =
      truncated_svd<double>(sparse, rank(5), nearest(0.5 * all[0], TruncatedMethod::shift_invert));
  EXPECT_TRUE(d.report.certified) << d.report.certainty;
  EXPECT_NE(d.report.certainty.find("5 values between"), std::string::npos) << d.report.certainty;
}

TEST(Inner, AnInverseOfTheCallers) {
  const Index n = 3000;
  const auto value = [](Index i) { return 1.0 / static_cast<double>(1 + i); };
  const Diagonal<double> a{n, n, value}, inverse{n, n, [&](Index i) { return 1 / value(i); }};
  const TruncatedSvd<double> d =
      truncated_svd<double>(with_inverse<double>(a, inverse), rank(4), smallest());
  EXPECT_EQ(d.report.method, TruncatedMethod::shift_invert);
  EXPECT_TRUE(d.report.converged) << d.report.shortfall;
  for (Index i = 0; i < 4; ++i) {
    EXPECT_NEAR(d.s[static_cast<std::size_t>(i)], value(n - 4 + i), 1e-14);
  }
  // One that is none shows.
  TruncatedOptions few = smallest();
  few.restarts = 5;
  const TruncatedSvd<double> wrong =
      truncated_svd<double>(with_inverse<double>(a, a), rank(4), few);
  EXPECT_TRUE(!wrong.report.converged || std::abs(wrong.s[3] - value(n - 1)) > 0.1);
  for (std::size_t i = 0; i < 4; ++i) {
    double nearest_value = 1;
    for (Index j = 0; j < n; ++j) {
      nearest_value = std::min(nearest_value, std::abs(value(j) - wrong.s[i]));
    }
    EXPECT_LE(nearest_value, wrong.report.residuals[i] + 1e-12);
  }
  EXPECT_THROW(static_cast<void>(with_inverse<double>(Diagonal<double>{3, 4, value}, inverse)),
               InvalidArgument);
}

TEST(Inner, ProductsAloneAreWrittenOutOrIterated) {
  const Matrix<double> a = generate<double>("svd_arith 120x80 cond=50");
  const std::vector<double> all = all_of(a);
  const Blind<double> blind{DenseOperator<double>(a.view())};
  expect_wanted<double>(
      wanted_of(all, smallest(), 4), all,
      truncated_svd<double>(blind, rank(4), smallest(TruncatedMethod::shift_invert)));
  const TruncatedSvd<double> d =
      truncated_svd<double>(blind, rank(4), smallest(TruncatedMethod::lanczos));
  EXPECT_EQ(d.report.found_by, "I - A^H A / t, by products");
  expect_wanted<double>(wanted_of(all, smallest(), 4), all, d, 1e5);
  // What it does not reach, it says.
  TruncatedOptions hasty = smallest(TruncatedMethod::lanczos);
  hasty.restarts = 0;
  hasty.basis = 24;
  hasty.block = 4;
  const TruncatedSvd<double> rough = truncated_svd<double>(
      Diagonal<double>{3000, 3000, [](Index i) { return 1.0 + static_cast<double>(i); }}, rank(4),
      hasty);
  EXPECT_FALSE(rough.report.converged);
  EXPECT_FALSE(rough.report.shortfall.empty());
  EXPECT_EQ(rough.report.residuals.size(), rough.s.size());
}

TEST(Inner, FactorsThatDoNotFitAreRefused) {
  const Operator<double> sparse =
      SparseOperator<double>(sparse_of(banded<double>(500, 400, 3, 400)));
  TruncatedOptions options = nearest(0.5, TruncatedMethod::shift_invert);
  options.max_memory = 20000;
  try {
    static_cast<void>(truncated_svd<double>(sparse, rank(5), options));
    FAIL() << "20 kB hold it";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::out_of_memory) << error.what();
  }
}

// One full row fills A^H A. Sizes did not tell; products alone are iterated then, and the reason says why.
TEST(Inner, ProductsTakeThePlaceOfFactorsThatDoNotFit) {
  constexpr Index n = 400;
  Matrix<double> a(n, n);
  for (Index i = 0; i < n; ++i) {
    a(0, i) = 0.01;
    a(i, i) = i < n - 4 ? 1 : 0.2 + 0.02 * static_cast<double>(n - i);
  }
  const std::vector<double> all = all_of(a);
  TruncatedOptions options = smallest();
  options.max_memory = 1500000;
  const TruncatedSvd<double> d =
      truncated_svd<double>(SparseOperator<double>(sparse_of(a)), rank(4), options);
  EXPECT_EQ(d.report.method, TruncatedMethod::lanczos);
  EXPECT_NE(d.report.reason.find("more than the memory allowed"), std::string::npos)
      << d.report.reason;
  expect_wanted<double>(wanted_of(all, smallest(), 4), all, d, 1e5);
  options.method = TruncatedMethod::shift_invert;
  EXPECT_THROW(static_cast<void>(
                   truncated_svd<double>(SparseOperator<double>(sparse_of(a)), rank(4), options)),
               Error);
}

// A^H A has no digits of values near 1e-9 sigma_1: L U of A itself takes its place.
TEST(Inner, LUTakesThePlaceOfANormalMatrixWithoutDigits) {
  Matrix<double> a = banded<double>(300, 300, 3, 300);
  for (Index i = 0; i < 300; ++i) {
    for (const Index j : {10, 110, 210}) {
      a(i, j + 40) = a(i, j) + 1e-9 * a(i, j + 40);
    }
  }
  const std::vector<double> all = all_of(a);
  const TruncatedSvd<double> d = truncated_svd<double>(
      SparseOperator<double>(sparse_of(a)), rank(3), smallest(TruncatedMethod::shift_invert));
  EXPECT_NE(d.report.found_by.find("L U"), std::string::npos) << d.report.found_by;
  expect_wanted<double>(wanted_of(all, smallest(), 3), all, d);
}

// From far above the values differ by less than rounding of their distance; they are the largest.
TEST(Inner, NearestToANumberFarAboveAllAreTheLargest) {
  const Matrix<double> a = banded<double>(300, 200, 3, 200);
  const std::vector<double> all = all_of(a);
  for (const double x : {1e9, 1e30, 1e300}) {
    SCOPED_TRACE(x);
    const TruncatedSvd<double> d = truncated_svd<double>(
        SparseOperator<double>(sparse_of(a)), rank(4), nearest(x, TruncatedMethod::shift_invert));
    expect_wanted<double>({all.begin(), all.begin() + 4}, all, d);
  }
}

// A search with blocks of two sees two of twelve copies; the count shows that others are missing, and nothing is called complete.
TEST(Inner, CopiesThatABlockHidesAreNotCalledComplete) {
  const auto value = [](Index i) {
    return i >= 40 && i < 52 ? 0.5 : 1 - 0.004 * static_cast<double>(i);
  };
  std::vector<std::int64_t> place;
  std::vector<double> entries, all;
  for (Index i = 0; i < 100; ++i) {
    place.push_back(i);
    entries.push_back(value(i));
  }
  all = entries;
  std::ranges::sort(all, std::greater());
  const Operator<double> sparse =
      SparseOperator<double>(SparseMatrix<double>::from_triplets(100, 100, place, place, entries));
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    TruncatedOptions options = nearest(0.501, TruncatedMethod::shift_invert);
    options.block = 2;
    options.seed = seed;
    const TruncatedSvd<double> d = truncated_svd<double>(sparse, rank(16), options);
    const auto copies =
        std::ranges::count_if(d.s, [](double s) { return std::abs(s - 0.5) < 1e-9; });
    EXPECT_TRUE(copies == 12 || !d.report.converged) << copies << " " << d.report.certainty;
    EXPECT_TRUE(copies == 12 || !d.report.certified) << d.report.certainty;
  }
}

// Of what takes the least, and not of the scale that would be looked for first.
TEST(Inner, NoMemoryForAnythingIsSaidBeforeTheWork) {
  TruncatedOptions options = smallest();
  options.max_memory = 20000;
  const TruncatedPlan plan = plan_truncated_svd<double>(
      SparseOperator<double>(sparse_of(banded<double>(500, 400, 3, 400))), rank(5), options);
  EXPECT_EQ(plan.method, TruncatedMethod::lanczos);
  const MethodEstimate* const chosen = plan.estimate(plan.method);
  ASSERT_NE(chosen, nullptr);
  EXPECT_EQ(chosen->obstacle, Obstacle::memory);
  EXPECT_NE(chosen->obstacle_text.find(" KiB are allowed"), std::string::npos)
      << chosen->obstacle_text;
}

TEST(Inner, TheNumberOfThreadsChangesNothing) {
  const Operator<double> sparse =
      SparseOperator<double>(sparse_of(banded<double>(500, 400, 3, 400)));
  std::vector<std::vector<double>> values;
  for (const int threads : {1, 2, 3}) {
    TruncatedOptions options = smallest(TruncatedMethod::shift_invert);
    options.threads = threads;
    values.push_back(truncated_svd<double>(sparse, rank(5), options).s);
    values.push_back(
        truncated_svd(generate<double>("svd_geo 600x400 cond=1e3"), rank(5), options).s);
  }
  for (const std::size_t i : {2U, 3U, 4U, 5U}) {
    EXPECT_EQ(values[i % 2], values[i]);
  }
}

TEST(Inner, RefusesWhatCannotBe) {
  const Matrix<double> a = generate<double>("normal 80x60");
  const Blind<double> blind{DenseOperator<double>(a.view())};
  const auto refused = [&](const Operator<double>& op, const Truncation& rule,
                           const TruncatedOptions& options) {
    EXPECT_THROW(static_cast<void>(truncated_svd<double>(op, rule, options)), InvalidArgument);
  };
  const Operator<double> dense = DenseOperator<double>(a.view());
  refused(dense, energy(0.5), smallest());
  refused(dense, rank(3) & above(0.5), nearest(1));
  refused(dense, rank(3), nearest(-1));
  refused(dense, rank(3), nearest(std::numeric_limits<double>::quiet_NaN()));
  refused(dense, rank(3), smallest(TruncatedMethod::randomized));
  refused(dense, rank(3), nearest(1, TruncatedMethod::lanczos));
  refused(dense, rank(3), nearest(1, TruncatedMethod::shift_invert));
  refused(dense, rank(3), {.method = TruncatedMethod::shift_invert});
}

}  // namespace
}  // namespace eckart
