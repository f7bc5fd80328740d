#include "dense/jacobi/jacobi.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/random.hpp>

#include "blas/threads.hpp"
#include "dense/flush_denormals.hpp"
#include "dense/sign_rule.hpp"
#include "support/arithmetic.hpp"
#include "support/checker.hpp"
#include "support/mpfr_reference.hpp"

namespace eckart::dense {
namespace {

using eckart::testing::check_svd;
using eckart::testing::normal_matrix;
using eckart::testing::reference_singular_values;

template <class T>
class Jacobi : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(Jacobi, Types);

const Execution quiet{.threads = 1, .stop = {}, .progress = {}};

template <Scalar T, class Entry>
Matrix<T> from_entries(Index m, Index n, const Entry& entry) {
  Matrix<T> a(m, n);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < m; ++i) {
      a(i, j) = T(static_cast<Real<T>>(entry(i, j)));
    }
  }
  return a;
}

template <Scalar T>
struct Decomposed {
  Matrix<T> u;
  std::vector<Real<T>> s;
  Matrix<T> v;
  JacobiResult result;
};

// Runs jacobi_svd on a copy, in a workspace of exactly the planned size.
template <Scalar T>
Decomposed<T> decompose(const Matrix<T>& a, const JacobiOptions& options = {}, bool want_u = true,
                        bool want_v = true, const Execution& execution = quiet) {
  const Index m = a.rows(), n = a.cols();
  Decomposed<T> d{want_u ? Matrix<T>(m, n) : Matrix<T>(),
                  std::vector<Real<T>>(static_cast<std::size_t>(n)),
                  want_v ? Matrix<T>(n, n) : Matrix<T>(),
                  {}};
  Matrix<T> copy(a);
  Workspace work(jacobi_memory<T>(m, n, want_u, want_v, options));
  d.result = jacobi_svd<T>(copy.view(), d.s, d.u.view(), d.v.view(), work, execution, options);
  return d;
}

// The project's checker, which knows U, s, Vh and the sign rule.
template <Scalar T>
eckart::testing::SvdCheck check(const Matrix<T>& a, const Decomposed<T>& d) {
  Matrix<T> v = d.v;
  Svd<T> svd{d.u, d.s, Matrix<T>(v.cols(), v.rows()), {}};
  apply_phases<T>(svd.U.view(), fix_signs<T>(v.view()));
  for (Index i = 0; i < v.rows(); ++i) {
    for (Index j = 0; j < v.cols(); ++j) {
      svd.Vh(j, i) = conjugate(v(i, j));
    }
  }
  return check_svd<T>(a.view(), svd);
}

template <Scalar T>
void expect_svd(const Matrix<T>& a, const char* what, const JacobiOptions& options = {}) {
  const Decomposed<T> d = decompose(a, options);
  EXPECT_TRUE(d.result.converged) << what;
  EXPECT_LE(d.result.sweeps, 20) << what;
  const auto found = check(a, d);
  EXPECT_TRUE(found.passed()) << what << ' ' << a.rows() << " x " << a.cols() << ": "
                              << found.text();
}

constexpr JacobiOptions plain{.precondition = false};

// The largest relative error of s, entry by entry.
template <class R>
double relative_error(const std::vector<R>& s, const std::vector<double>& reference) {
  double worst = 0;
  for (std::size_t k = 0; k < s.size(); ++k) {
    worst = std::max(worst, std::abs(static_cast<double>(s[k]) - reference[k]) / reference[k]);
  }
  return worst;
}

TYPED_TEST(Jacobi, DecomposesEveryShape) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{0, 0},
                             {4, 0},
                             {1, 1},
                             {7, 1},
                             {2, 2},
                             {3, 2},
                             {15, 15},
                             {16, 16},
                             {17, 17},
                             {70, 40},
                             {101, 100}}) {
    const Matrix<T> a = normal_matrix<T>(m, n);
    expect_svd(a, "preconditioned");
    expect_svd(a, "plain", plain);
  }
}

TYPED_TEST(Jacobi, DecomposesSpecialMatrices) {
  using T = TypeParam;
  using R = Real<T>;
  constexpr Index m = 37, n = 24;
  const R tiny = smallest_normal<T>, denormal = std::numeric_limits<R>::denorm_min();
  const std::vector<std::pair<const char*, Matrix<T>>> matrices = {
      {"zero", Matrix<T>(m, n)},
      {"ones", from_entries<T>(m, n, [](Index, Index) { return 1; })},
      {"identity", Matrix<T>::identity(m, n)},
      {"one entry", from_entries<T>(m, n, [](Index i, Index j) { return i == 5 && j == 7; })},
      {"rank 1", from_entries<T>(m, n, [](Index i, Index j) { return (i + 1) * (2 - j); })},
      {"rank 2", from_entries<T>(m, n, [](Index i, Index j) { return i + j; })},
      {"0/1", from_entries<T>(m, n, [](Index i, Index j) { return i * j % 3 == 0; })},
      {"Hilbert", from_entries<T>(m, n, [](Index i, Index j) { return 1.0 / double(i + j + 1); })},
      {"triangle of ones", from_entries<T>(m, n, [](Index i, Index j) { return i <= j; })},
      {"zero columns", from_entries<T>(m, n, [](Index i, Index j) { return j % 3 * (i + j % 5); })},
      {"zero rows", from_entries<T>(m, n, [](Index i, Index j) { return i % 3 * (j + i % 5); })},
      {"signs", from_entries<T>(m, n, [](Index i, Index j) { return (i & j) % 2 == 0 ? 1 : -1; })},
      {"smallest normal",
       from_entries<T>(m, n, [&](Index i, Index j) { return i == j ? 1 : tiny; })},
      {"denormal", from_entries<T>(m, n, [&](Index i, Index j) { return i < j ? 1 : denormal; })},
      {"all denormal", from_entries<T>(m, n, [&](Index, Index) { return denormal; })},
  };
  for (const auto& [name, a] : matrices) {
    expect_svd(a, name);
    expect_svd(a, name, plain);
  }
}

TYPED_TEST(Jacobi, DecomposesRandomSmallMatrices) {
  // Entries 0 and +-1, few distinct ones: ties of norms, exact rank deficiency, repeated values.
  using T = TypeParam;
  const Random random(11);
  std::uint64_t draw = 0;
  for (int trial = 0; trial < 600; ++trial) {
    const auto n = static_cast<Index>(random.below(draw++, 7));
    const Index m = n + static_cast<Index>(random.below(draw++, 4));
    Matrix<T> a(m, n);
    for (Index j = 0; j < n; ++j) {
      for (Index i = 0; i < m; ++i) {
        const auto re = static_cast<Real<T>>(random.below(draw++, 3)) - 1;
        const auto im = static_cast<Real<T>>(random.below(draw++, 3)) - 1;
        if constexpr (ComplexScalar<T>) {
          a(i, j) = {re, im};
        } else {
          a(i, j) = re * (im + 2);
        }
      }
    }
    expect_svd(a, "preconditioned");
    expect_svd(a, "plain", plain);
  }
}

TYPED_TEST(Jacobi, GivesTheSameValuesForEveryVectorOption) {
  using T = TypeParam;
  const Matrix<T> a = normal_matrix<T>(60, 45);
  for (const bool precondition : {true, false}) {
    const JacobiOptions options{.precondition = precondition};
    const Decomposed<T> both = decompose(a, options);
    for (const auto& [want_u, want_v] : {std::pair{false, false}, {true, false}, {false, true}}) {
      const Decomposed<T> some = decompose(a, options, want_u, want_v);
      EXPECT_EQ(some.s, both.s);
      for (Index k = 0; k < 45; ++k) {
        for (Index i = 0; want_u && i < 60; ++i) {
          ASSERT_EQ(some.u(i, k), both.u(i, k));
        }
        for (Index i = 0; want_v && i < 45; ++i) {
          ASSERT_EQ(some.v(i, k), both.v(i, k));
        }
      }
    }
  }
}

TYPED_TEST(Jacobi, WorksInBlocksOfAnySize) {
  using T = TypeParam;
  const Matrix<T> a = normal_matrix<T>(50, 41);
  for (const Index block : {1, 2, 7, 20, 40, 41, 100}) {
    expect_svd(a, "block", {.block = block});
    expect_svd(a, "plain block", {.precondition = false, .block = block});
  }
}

// A = B D with a well-conditioned B: each singular value to almost all digits, however small.
TYPED_TEST(Jacobi, IsAccurateForEachValueOfAGradedMatrix) {
  using T = TypeParam;
  constexpr bool single = std::is_same_v<Real<T>, float>;
  constexpr Index n = ComplexScalar<T> ? 16 : 32;
  constexpr double decades = single ? 30 : 200;
  const Matrix<T> b = normal_matrix<T>(n + 8, n);
  Matrix<T> a(b);
  for (Index j = 0; j < n; ++j) {
    const Index place = j * 5 % n;  // not sorted
    const auto scale = std::pow(10.0, -decades * static_cast<double>(place) / (n - 1));
    for (Index i = 0; i < a.rows(); ++i) {
      a(i, j) = b(i, j) * static_cast<Real<T>>(scale);
    }
  }
  const std::vector<double> reference = reference_singular_values(a);
  EXPECT_LT(reference.back(), single ? 1e-28 : 1e-198);
  const double allowed = single ? 1e-5 : 1e-13;
  EXPECT_LT(relative_error(decompose(a).s, reference), allowed);
  EXPECT_LT(relative_error(decompose(a, plain).s, reference), allowed);
}

// A = D1 B D2: rows and columns graded. Sorted rows and pivoted columns keep every digit.
TYPED_TEST(Jacobi, IsAccurateForRowsAndColumnsGradedAtOnce) {
  using T = TypeParam;
  constexpr bool single = std::is_same_v<Real<T>, float>;
  constexpr Index n = ComplexScalar<T> ? 14 : 20;
  constexpr double decades = single ? 14 : 120;
  Matrix<T> a = normal_matrix<T>(n, n);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < n; ++i) {
      const auto place = static_cast<double>(j * 3 % n + i * 11 % n);
      a(i, j) *= static_cast<Real<T>>(std::pow(10.0, -decades * place / (n - 1)));
    }
  }
  constexpr int bits = 2048;  // the reference has no preconditioning: rows cost it digits
  const std::vector<double> reference = reference_singular_values(a, bits);
  EXPECT_LT(reference.back(), single ? 1e-22 : 1e-200);
  EXPECT_LT(relative_error(decompose(a).s, reference), single ? 1e-4 : 1e-12);
}

// Squares of 1e-30 are 0 in float: an inner product formed from the entries would call these columns
// orthogonal.
TEST(JacobiFloat, SeesThatTinyColumnsAreNotOrthogonal) {
  Matrix<float> a(3, 3);
  a(0, 0) = 1;
  a(1, 1) = 3e-30F;
  a(2, 1) = 4e-30F;
  a(1, 2) = 4e-30F;
  a(2, 2) = 3e-30F;
  for (const JacobiOptions& options : {JacobiOptions{}, plain}) {
    const Decomposed<float> d = decompose(a, options);
    EXPECT_NEAR(d.s[1] / 7e-30F, 1, 1e-6);
    EXPECT_NEAR(d.s[2] / 1e-30F, 1, 1e-6);
    EXPECT_TRUE(check(a, d).passed()) << check(a, d).text();
  }
}

// An exactly singular matrix once cost a sweep for every 16 decades down to 1e-308.
TEST(JacobiDouble, CallsACancelledColumnZeroAtOnce) {
  const Matrix<double> a = from_entries<double>(50, 50, [](Index, Index) { return 1; });
  const Decomposed<double> d = decompose(a, plain);
  EXPECT_LE(d.result.sweeps, 3);
  EXPECT_EQ(d.s[1], 0);
  EXPECT_NEAR(d.s[0], 50, 1e-13);
}

// Columns grow, and only the first and last are not orthogonal. Swapping neighbours along the row of
// pairs carries every column away from the one it should meet.
TEST(JacobiDouble, SeesPairsThatSortingCouldHide) {
  Matrix<double> a(3, 3);
  a(0, 0) = 1;
  a(1, 1) = 2;
  a(0, 2) = a(2, 2) = 3;
  for (const Index block : {1, 2, 3}) {
    expect_svd(a, "preconditioned", {.block = block});
    expect_svd(a, "plain", {.precondition = false, .block = block});
  }
}

TEST(JacobiDouble, ReportsThatTheSweepsRanOut) {
  const Matrix<double> a = normal_matrix<double>(30, 30);
  const Decomposed<double> d = decompose(a, {.max_sweeps = 2});
  EXPECT_FALSE(d.result.converged);
  EXPECT_EQ(d.result.sweeps, 2);
  EXPECT_GT(d.result.rotations, 0);
  EXPECT_TRUE(std::is_sorted(d.s.rbegin(), d.s.rend()));
}

TEST(JacobiDouble, DoesNotConvergeOnNaNOrInfinity) {
  using Limits = std::numeric_limits<double>;
  for (const double bad : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
    Matrix<double> a = normal_matrix<double>(40, 40);
    a(3, 4) = bad;
    EXPECT_FALSE(decompose(a).result.converged);
    EXPECT_FALSE(decompose(a, plain).result.converged);
  }
}

TEST(JacobiDouble, ToleranceIsHonoured) {
  const Matrix<double> a = normal_matrix<double>(40, 40);
  const Decomposed<double> loose = decompose(a, {.tolerance = 1e10});
  const Decomposed<double> tight = decompose(a);
  EXPECT_TRUE(loose.result.converged);
  EXPECT_LT(loose.result.rotations, tight.result.rotations);
  EXPECT_GT(check(a, loose).orthogonality_v, 10);
}

TEST(JacobiDouble, CanBeStoppedAndTellsHowFarItIs) {
  const Matrix<double> a = normal_matrix<double>(60, 60);
  double last = 0;
  Execution execution{.threads = 1, .stop = {}, .progress = {}};
  execution.progress = [&](const Progress& progress) {
    EXPECT_EQ(progress.stage, "one-sided Jacobi");
    EXPECT_GE(progress.fraction, last);
    EXPECT_LE(progress.fraction, 1);
    last = progress.fraction;
  };
  static_cast<void>(decompose(a, {.block = 10}, true, true, execution));
  EXPECT_GT(last, 0.5);

  std::stop_source source;
  execution.stop = source.get_token();
  int steps = 0;
  execution.progress = [&](const Progress&) {
    if (++steps == 4) {
      source.request_stop();
    }
  };
  EXPECT_THROW(static_cast<void>(decompose(a, {.block = 10}, true, true, execution)), Cancelled);
  EXPECT_EQ(steps, 4);
}

TEST(JacobiDouble, WritesIntoViewsWithALongerColumnStride) {
  const Matrix<double> a = normal_matrix<double>(20, 11);
  const Decomposed<double> expected = decompose(a);
  Matrix<double> big_a(25, 11), big_u(31, 11), big_v(13, 11);
  for (Index j = 0; j < 11; ++j) {
    for (Index i = 0; i < 20; ++i) {
      big_a(i, j) = a(i, j);
    }
    big_u(20, j) = big_v(11, j) = 42;
  }
  std::vector<double> s(11);
  Workspace work(jacobi_memory<double>(20, 11, true, true));
  jacobi_svd<double>(big_a.view().top_rows(20), s, big_u.view().top_rows(20),
                     big_v.view().top_rows(11), work, quiet);
  // A BLAS may round differently for another stride; MKL does.
  const double rounding = 100 * epsilon<double>;
  for (Index j = 0; j < 11; ++j) {
    const auto at = static_cast<std::size_t>(j);
    EXPECT_NEAR(s[at], expected.s[at], rounding * expected.s[0]);
    EXPECT_NEAR(big_u(7, j), expected.u(7, j), rounding);
    EXPECT_NEAR(big_v(7, j), expected.v(7, j), rounding);
    EXPECT_EQ(big_u(20, j), 42);
    EXPECT_EQ(big_v(11, j), 42);
  }
}

TEST(JacobiDouble, RefusesShapesThatDoNotFit) {
  Matrix<double> tall(5, 3), wide(3, 5), u(5, 3), v(3, 3), row_major(5, 3, Layout::row_major);
  std::vector<double> s(3), longer(5);
  Workspace work(jacobi_memory<double>(5, 3, true, true));
  const MatrixView<double> none;
  EXPECT_THROW(jacobi_svd<double>(wide.view(), longer, none, none, work, quiet), InvalidArgument);
  EXPECT_THROW(jacobi_svd<double>(tall.view(), longer, none, none, work, quiet), InvalidArgument);
  EXPECT_THROW(jacobi_svd<double>(row_major.view(), s, none, none, work, quiet), InvalidArgument);
  EXPECT_THROW(jacobi_svd<double>(tall.view(), s, v.view(), none, work, quiet), InvalidArgument);
  EXPECT_THROW(jacobi_svd<double>(tall.view(), s, u.view(), u.view(), work, quiet),
               InvalidArgument);
  EXPECT_THROW(jacobi_svd<double>(tall.view(), s, row_major.view(), none, work, quiet),
               InvalidArgument);
}

TEST(FlushDenormals, LastsForItsScope) {
  volatile double tiny = std::numeric_limits<double>::min();
  const auto halved = [&] { return tiny / 2; };
  EXPECT_GT(halved(), 0);
  {
    const FlushDenormals flush;
#if defined(__SSE2__)
    EXPECT_EQ(halved() == 0, blas::controls_threads());
#endif
  }
  EXPECT_GT(halved(), 0);
}

// Threads that stay compute as their caller does at that moment, not as it did when they were started.
TEST(FlushDenormals, HoldsForThreadsThatStay) {
  Execution execution;
  execution.threads = 3;
  execution.keep_threads();
  const auto count_flushed = [&] {
    std::vector<double> half(300);
    parallel_for(execution, 300, [&](Index i) {
      volatile double smallest = std::numeric_limits<double>::min();
      half[static_cast<std::size_t>(i)] = smallest / 2;
      std::this_thread::sleep_for(std::chrono::microseconds(20));  // so that all take part
    });
    return std::count(half.begin(), half.end(), 0.0);
  };
  EXPECT_EQ(count_flushed(), 0);
  {
    const FlushDenormals flush;
#if defined(__SSE2__)
    EXPECT_EQ(count_flushed(), blas::controls_threads() ? 300 : 0);
#endif
  }
  EXPECT_EQ(count_flushed(), 0);
}

}  // namespace
}  // namespace eckart::dense
