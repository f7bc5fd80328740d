#include "truncated/certificate.hpp"

#include <vector>

#include <gtest/gtest.h>

#include <eckart/error.hpp>

namespace eckart::truncated {
namespace {

/// diag(1, 2, ..., n) / 16: its values are its entries.
SparseMatrix<double> steps(Index n) {
  std::vector<std::int64_t> place;
  std::vector<double> value;
  for (Index i = 0; i < n; ++i) {
    place.push_back(i);
    value.push_back(static_cast<double>(i + 1) / 16);
  }
  return SparseMatrix<double>::from_triplets(n, n, place, place, value);
}

TEST(Certificate, CountsEigenvaluesOfTheNormalMatrix) {
  NormalCount<double> count(steps(12), 0);
  EXPECT_EQ(count.fill(), 12);
  for (Index k = 0; k <= 12; ++k) {
    const double x = (static_cast<double>(k) + 0.5) / 16;
    const std::optional<CountBelow> c = count.below({}, x * x);
    ASSERT_TRUE(c);
    EXPECT_EQ(c->below, k);
    EXPECT_LT(c->error, 1e-14);
  }
}

// A diagonal one: neither A^H A nor R has anything else; rows of R that are joined store zeros.
TEST(Certificate, KnowsItsMemory) {
  const NormalCount<double> count(steps(12), 0);
  EXPECT_GE(count.factor_bytes(), 12 * sizeof(double));
  const std::optional<SignedCholesky<double>> r = count.factored({}, 0);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->bytes(), count.factor_bytes());
  EXPECT_GE(count.bytes(), 12 * (sizeof(double) + 3 * sizeof(Index)));
}

TEST(Certificate, FormsNothingThatDoesNotFit) {
  EXPECT_TRUE(NormalCount<double>(steps(12), 0, 500).is_too_dense());
  EXPECT_FALSE(NormalCount<double>(steps(12), 0, 700).is_too_dense());
}

TEST(Certificate, CountsWithTheScaleAndComplexNumbers) {
  using T = std::complex<float>;
  const std::vector<std::int64_t> row = {0, 1, 1, 2}, col = {0, 0, 1, 1};
  const std::vector<T> value = {{0, 1}, {1, 1}, {2, 0}, {0, -1}};
  NormalCount<T> count(SparseMatrix<T>::from_triplets(3, 2, row, col, value), -2);
  // A^H A = [3, 2 - 2i; 2 + 2i, 5]: eigenvalues 4 +- 3.
  const double low = 1.0 / 16, high = 7.0 / 16;
  EXPECT_EQ(count.below({}, 0.9 * low)->below, 0);
  EXPECT_EQ(count.below({}, 1.1 * low)->below, 1);
  EXPECT_EQ(count.below({}, 0.9 * high)->below, 1);
  EXPECT_EQ(count.below({}, 1.1 * high)->below, 2);
}

TEST(Certificate, SaysThatNoneOfTheSmallestIsMissing) {
  NormalCount<double> count(steps(12), 0);
  const std::vector<double> found = {3.0 / 16, 2.0 / 16, 1.0 / 16};
  const Certificate c = certify<double>(
      {}, count, {.values = found, .residual = 1e-12, .next = 4.0 / 16, .exponent = 0}, 0);
  EXPECT_TRUE(c.certified);
  EXPECT_FALSE(c.is_missing);
  EXPECT_GT(c.to, 3.0 / 16);
  EXPECT_LT(c.to, 4.0 / 16);
}

TEST(Certificate, SaysThatOneIsMissing) {
  NormalCount<double> count(steps(12), 0);
  const std::vector<double> found = {4.0 / 16, 3.0 / 16, 1.0 / 16};
  const Certificate c = certify<double>(
      {}, count, {.values = found, .residual = 1e-12, .next = 5.0 / 16, .exponent = 0}, 0);
  EXPECT_TRUE(c.is_missing) << c.text;
  EXPECT_FALSE(c.certified && c.to > 2.0 / 16);
}

TEST(Certificate, OfAnInterval) {
  NormalCount<double> count(steps(12), 0);
  const std::vector<double> found = {7.0 / 16, 6.0 / 16, 5.0 / 16};
  const auto at = [&](const std::vector<double>& values, double next) {
    return certify<double>(
        {}, count, {.values = values, .residual = 1e-12, .next = next, .exponent = 0}, 6.1 / 16);
  };
  const Certificate c = at(found, 8.0 / 16);
  EXPECT_TRUE(c.certified);
  EXPECT_LT(c.from, 5.0 / 16);
  EXPECT_GT(c.to, 7.0 / 16);
  EXPECT_FALSE(at({7.0 / 16, 5.0 / 16}, 8.0 / 16).certified);
  // 6 is missing, and the count between 5 and 7 shows it; 4 is not nearer than 7.
  const Certificate missing = at({8.0 / 16, 7.0 / 16, 5.0 / 16, 4.0 / 16}, 9.0 / 16);
  EXPECT_TRUE(missing.is_missing) << missing.text;
  EXPECT_FALSE(missing.certified);
}

// Around a number so near to zero that nothing can be counted below it, all from zero on is.
TEST(Certificate, OfAnIntervalThatReachesZero) {
  NormalCount<double> count(steps(12), 0);
  const std::vector<double> found = {3.0 / 16, 2.0 / 16, 1.0 / 16};
  for (const double x : {1e-12, 1.0 / 16, 1.4 / 16, 1.9 / 16}) {
    SCOPED_TRACE(x);
    const Certificate c = certify<double>(
        {}, count, {.values = found, .residual = 1e-12, .next = 4.0 / 16, .exponent = 0}, x);
    EXPECT_TRUE(c.certified) << c.text;
    EXPECT_LT(c.from, 1.0 / 16);
    EXPECT_GT(c.to, 3.0 / 16);
    EXPECT_LT(c.to, 4.0 / 16);
  }
}

// A residual is measured in the precision of A, and the count is made in double: what rounding may have hidden of it is added.
TEST(Certificate, GrantsWhatTheMeasurementOfAResidualMayHaveLost) {
  std::vector<std::int64_t> row, col;
  std::vector<float> value;
  for (Index j = 0; j < 30; ++j) {
    for (Index i = 0; i < 40; ++i) {
      row.push_back(i);
      col.push_back(j);
      value.push_back(i == j ? 1.0F : 0.01F);
    }
  }
  NormalCount<float> count(SparseMatrix<float>::from_triplets(40, 30, row, col, value), 0);
  // Sums of up to 40 products.
  EXPECT_GT(count.product_error(), 40 * double{epsilon<float>});
  EXPECT_LT(count.product_error(), 100 * double{epsilon<float>});
}

TEST(Certificate, HearsAStopBetweenTwoCounts) {
  NormalCount<double> count(steps(12), 0);
  const std::vector<double> found = {1.0 / 16};
  std::stop_source stop;
  stop.request_stop();
  Execution execution;
  execution.stop = stop.get_token();
  const Seen seen{.values = found, .residual = 1e-12};
  EXPECT_THROW(static_cast<void>(certify<double>(execution, count, seen, 0)), Error);
}

TEST(Certificate, SaysNothingBelowRounding) {
  const std::vector<std::int64_t> place = {0, 1};
  const std::vector<double> value = {1, 1e-10};
  NormalCount<double> count(SparseMatrix<double>::from_triplets(2, 2, place, place, value), 0);
  const std::vector<double> found = {1e-10};
  EXPECT_FALSE(
      certify<double>({}, count, {.values = found, .residual = 1e-17, .next = 0, .exponent = 0}, 0)
          .certified);
}

}  // namespace
}  // namespace eckart::truncated
