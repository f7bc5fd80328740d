// Small matrices in lanes, for every kind of processor that this one can stand for.

#include "dense/small/small_svd.hpp"

#include <random>

#include <eckart/error.hpp>

#include "support/checker.hpp"

namespace eckart::dense {
namespace {

template <class T>
class SmallSvd : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(SmallSvd, Types);

template <Scalar T>
Matrix<T> normal_matrix(Index m, Index n, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  Matrix<T> a(m, n);
  for (T& x : std::span(a.data(), static_cast<std::size_t>(m * n))) {
    if constexpr (ComplexScalar<T>) {
      const auto re = static_cast<Real<T>>(normal(generator));
      x = T(re, static_cast<Real<T>>(normal(generator)));
    } else {
      x = static_cast<T>(normal(generator));
    }
  }
  return a;
}

// Decompositions of all matrices together, in tasks of one call.
template <Scalar T>
std::vector<Svd<T>> together(const std::vector<Matrix<T>>& all, Processor processor) {
  const Index m = all.front().rows(), n = all.front().cols(), k = std::min(m, n);
  std::vector<Svd<T>> results(all.size());
  std::vector<SmallTask<T>> tasks;
  for (std::size_t i = 0; i < all.size(); ++i) {
    results[i].U = Matrix<T>(m, k);
    results[i].Vh = Matrix<T>(k, n, Layout::row_major);
    results[i].s.resize(static_cast<std::size_t>(k));
    tasks.push_back({.a = all[i].view(),
                     .s = results[i].s,
                     .u = results[i].U.view(),
                     .vh = results[i].Vh.view(),
                     .audit = {}});
  }
  small_svd<T>(tasks, Problem(m, n, {}), {}, processor);
  for (const SmallTask<T>& task : tasks) {
    EXPECT_TRUE(task.tried && task.audit.passed) << task.audit.residual;
  }
  return results;
}

TYPED_TEST(SmallSvd, IsRightAndTheSameAloneOnEveryProcessor) {
  using T = TypeParam;
  for (const Processor processor : {Processor::base, Processor::fma, Processor::avx512}) {
    if (processor > this_processor()) {
      continue;
    }
    for (Index m = 1; m <= small_rows; ++m) {
      for (Index n = 1; n <= small_rows; ++n) {
        if (std::min(m, n) > small_cols) {
          continue;
        }
        std::vector<Matrix<T>> all;
        for (Index l = 0; l < small_group(processor); ++l) {
          all.push_back(normal_matrix<T>(m, n, static_cast<std::uint64_t>(100 * m + 10 * n + l)));
        }
        const std::vector<Svd<T>> results = together(all, processor);
        for (std::size_t l = 0; l < all.size(); ++l) {
          ASSERT_TRUE(testing::is_svd(all[l], results[l])) << m << " x " << n;
          const Svd<T> alone = together(std::vector<Matrix<T>>{all[l]}, processor).front();
          ASSERT_EQ(alone.s, results[l].s) << m << " x " << n;
          ASSERT_TRUE(
              std::equal(alone.U.data(), alone.U.data() + m * std::min(m, n), results[l].U.data()))
              << m << " x " << n;
          ASSERT_TRUE(std::equal(alone.Vh.data(), alone.Vh.data() + n * std::min(m, n),
                                 results[l].Vh.data()))
              << m << " x " << n;
        }
      }
    }
  }
}

// A = Q D with orthogonal Q and D over 50 powers of ten (float: 30): every value to relative accuracy, which no bidiagonal form has.
TYPED_TEST(SmallSvd, KeepsSmallValuesOfScaledColumns) {
  using T = TypeParam;
  using R = Real<T>;
  const Index n = 6;
  const Svd<T> basis = svd(normal_matrix<T>(n, n, 1));
  Matrix<T> a(n, n);
  std::vector<R> size;
  for (Index j = 0; j < n; ++j) {
    size.push_back(std::ldexp(R(1), static_cast<int>(j) * (std::same_as<R, float> ? -20 : -33)));
    for (Index i = 0; i < n; ++i) {
      a(i, j) = basis.U(i, j) * size.back();
    }
  }
  const Svd<T> result = svd(a);
  EXPECT_EQ(result.report.path(), "one-sided Jacobi (audit passed)");
  for (std::size_t k = 0; k < size.size(); ++k) {
    EXPECT_NEAR(result.s[k] / size[k], 1, 20 * epsilon<T>) << k;
  }
}

TYPED_TEST(SmallSvd, LeavesToTheLadderWhatItDoesNotTake) {
  using T = TypeParam;
  Matrix<T> singular = normal_matrix<T>(4, 4, 2);
  std::fill_n(singular.data() + 4, 4, T(0));
  const Svd<T> result = svd(singular);
  EXPECT_TRUE(testing::is_svd(singular, result));
  EXPECT_EQ(result.report.driver, Driver::divide_and_conquer);
  EXPECT_GT(result.report.workspace_bytes, 0U);
}

TYPED_TEST(SmallSvd, ReportsAnAuditThatFails) {
  using T = TypeParam;
  SvdOptions options;
  options.audit.threshold = 1e-9;
  try {
    static_cast<void>(svd(normal_matrix<T>(5, 5, 3), options));
    FAIL();
  } catch (const NumericalError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("one-sided Jacobi (failed: "), std::string::npos) << message;
    EXPECT_LT(message.find("one-sided Jacobi (failed: "),
              message.find("divide and conquer (failed"));
  }
}

// The values without vectors are those with them.
TYPED_TEST(SmallSvd, ValuesDoNotDependOnWhatElseIsWanted) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{4, 4}, {8, 5}, {5, 8}}) {
    const Matrix<T> a = normal_matrix<T>(m, n, 4);
    EXPECT_EQ(singular_values(a), svd(a).s);
  }
}

}  // namespace
}  // namespace eckart::dense
