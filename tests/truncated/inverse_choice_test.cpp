// Which inverse of a sparse matrix: short runs of products, factors, and what there is no room for.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/random.hpp>
#include <eckart/sparse.hpp>
#include <eckart/truncated_svd.hpp>

namespace eckart {
namespace {

TruncatedOptions smallest(TruncatedMethod method = TruncatedMethod::automatic) {
  return {.method = method, .which = Which::smallest};
}

/// Five entries in each row, anywhere: A^H A fills, and the values lie close together.
SparseMatrix<double> scattered(Index m, Index n) {
  Matrix<double> number = Matrix<double>::uninitialized(m, 10);
  fill_normal<double>(number.view(), Random(3, 3));
  std::vector<std::int64_t> row, col;
  std::vector<double> value;
  for (Index i = 0; i < m; ++i) {
    for (Index k = 0; k < 5; ++k) {
      row.push_back(i);
      col.push_back(static_cast<Index>(std::abs(number(i, k)) * 1e7) % n);
      value.push_back(number(i, 5 + k));
    }
  }
  return SparseMatrix<double>::from_triplets(m, n, row, col, value);
}

// Where a factor would be dear and values are not small, products alone come first, and the report says so.
TEST(InverseChoice, AShortRunOfProductsTakesThePlaceOfADearFactor) {
  const Operator<double> a = SparseOperator<double>(scattered(15000, 3000));
  const TruncatedSvd<double> brief = truncated_svd<double>(a, rank(4), smallest());
  EXPECT_EQ(brief.report.method, TruncatedMethod::lanczos);
  EXPECT_NE(brief.report.reason.find("a short run"), std::string::npos) << brief.report.reason;
  EXPECT_TRUE(brief.report.converged) << brief.report.shortfall;
  const TruncatedSvd<double> factored =
      truncated_svd<double>(a, rank(4), smallest(TruncatedMethod::shift_invert));
  EXPECT_NE(factored.report.found_by.find("Cholesky"), std::string::npos);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(brief.s[i], factored.s[i], 1e-12);
  }
}

/// Eight columns are small: products do not get there in a short run.
SparseMatrix<double> with_small_columns(Index m, Index n) {
  const SparseMatrix<double> plain = scattered(m, n);
  std::vector<std::int64_t> row, col;
  std::vector<double> value;
  const auto& columns = std::get<std::vector<std::int32_t>>(plain.columns());
  for (Index i = 0; i < plain.rows(); ++i) {
    for (auto k = static_cast<std::size_t>(plain.pointers()[static_cast<std::size_t>(i)]);
         k < static_cast<std::size_t>(plain.pointers()[static_cast<std::size_t>(i + 1)]); ++k) {
      const bool small = columns[k] < 8;
      row.push_back(i);
      col.push_back(columns[k]);
      value.push_back(plain.values()[k] * (small ? 1e-4 * (1 + 1e-4 * columns[k]) : 1));
    }
  }
  return SparseMatrix<double>::from_triplets(m, n, row, col, value);
}

TEST(InverseChoice, AFactorFollowsWhereAShortRunWasNotEnough) {
  const TruncatedSvd<double> d = truncated_svd<double>(
      SparseOperator<double>(with_small_columns(15000, 3000)), rank(4), smallest());
  EXPECT_EQ(d.report.method, TruncatedMethod::shift_invert);
  EXPECT_NE(d.report.found_by.find("Cholesky"), std::string::npos) << d.report.found_by;
  EXPECT_TRUE(d.report.converged) << d.report.shortfall;
  EXPECT_LT(d.s[0], 1e-3);
}

// Where there is no room for one either, products go on, and the reason says why.
TEST(InverseChoice, ALongRunFollowsWhereAShortOneWasNotEnoughAndNoFactorFits) {
  TruncatedOptions options = smallest();
  options.max_memory = 36'000'000;
  const Operator<double> a = SparseOperator<double>(with_small_columns(15000, 3000));
  const TruncatedSvd<double> d = truncated_svd<double>(a, rank(4), options);
  EXPECT_EQ(d.report.method, TruncatedMethod::lanczos);
  EXPECT_NE(d.report.reason.find("more than the memory allowed"), std::string::npos)
      << d.report.reason;
  const TruncatedSvd<double> factored =
      truncated_svd<double>(a, rank(4), smallest(TruncatedMethod::shift_invert));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(d.s[i], factored.s[i], 1e-9);
  }
}

// Cholesky has room, the iteration with it ends too early, and nothing else has room: what there is is counted all the same.
TEST(InverseChoice, WhatNothingFollowsIsCounted) {
  TruncatedOptions options = smallest(TruncatedMethod::shift_invert);
  options.max_memory = 18'000'000;
  options.restarts = 0;
  options.basis = 12;
  options.block = 2;
  const TruncatedSvd<double> d =
      truncated_svd<double>(SparseOperator<double>(scattered(4000, 1500)), rank(5), options);
  EXPECT_NE(d.report.found_by.find("Cholesky"), std::string::npos) << d.report.found_by;
  EXPECT_FALSE(d.report.converged);
  EXPECT_TRUE(std::ranges::any_of(d.report.stages, [](const StageTime& t) {
    return t.stage == "count";
  })) << d.report.certainty;
}

}  // namespace
}  // namespace eckart
