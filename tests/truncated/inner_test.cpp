#include <cmath>
#include <limits>
#include <string>
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
  EXPECT_TRUE(d.report.converged) << d.report.shortfall;
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

}  // namespace
}  // namespace eckart
