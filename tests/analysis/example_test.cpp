// The examples of docs/analysis.md: they compile and hold here, and the page shows exactly these lines.

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>
#include <eckart/least_squares.hpp>
#include <eckart/low_rank.hpp>
#include <eckart/norms.hpp>
#include <eckart/polar.hpp>
#include <eckart/principal_components.hpp>
#include <eckart/procrustes.hpp>
#include <eckart/pseudoinverse.hpp>
#include <eckart/rank.hpp>
#include <eckart/subspaces.hpp>
#include <eckart/svd.hpp>
#include <eckart/thresholds.hpp>

#include "support/page_examples.hpp"

namespace {

using namespace eckart;

const Matrix<double> A = generate<double>("svd_geo 60x40 cond=1e6 seed=1");

TEST(AnalysisPage, OneDecompositionManyAnswers) {
  // begin: answers
  const auto d = eckart::svd(A);                // once, O(m n^2)
  const auto rank = eckart::numerical_rank(d);  // each of these is O(n)
  const double condition = eckart::condition_number(d);
  const double nuclear = eckart::nuclear_norm(d);
  const auto error = eckart::low_rank_error(d, 10);
  // end
  EXPECT_EQ(rank.rank, 40);
  EXPECT_NEAR(condition / 1e6, 1, 1e-6);
  EXPECT_GT(nuclear, 1);
  EXPECT_LT(error.relative_frobenius, 0.1);
}

TEST(AnalysisPage, Rank) {
  // begin: rank
  const auto exact = eckart::numerical_rank(A);                     // A is exact to rounding
  const auto measured = eckart::numerical_rank(A, {.atol = 1e-3});  // A has an error of norm 1e-3
  const bool doubtful = measured.near_threshold > 0;                // values within a factor 10
  // end
  EXPECT_GT(exact.rank, measured.rank);
  EXPECT_TRUE(doubtful);
}

TEST(AnalysisPage, Subspaces) {
  // begin: subspaces
  const auto range = eckart::range_basis(A, {.atol = 1e-3});      // m x r
  const auto null = eckart::null_space_basis(A, {.atol = 1e-3});  // n x (n - r)
  const auto rest = eckart::complete_basis(range);                // m x (m - r)
  // end
  EXPECT_EQ(range.cols() + null.cols(), A.cols());
  EXPECT_EQ(range.cols() + rest.cols(), A.rows());
}

TEST(AnalysisPage, PseudoinverseAndLeastSquares) {
  const Matrix<double> B = generate<double>("normal 60x2 seed=2");
  // begin: solve
  const auto x = eckart::least_squares(A, B);                         // a column of X for each of B
  const auto smooth = eckart::least_squares(A, B, {.lambda = 1e-3});  // Tikhonov
  const auto inverse = eckart::pseudoinverse(A);                      // when A^+ itself is wanted
  // end
  EXPECT_LT(smooth.solution_norms[0], x.solution_norms[0]);
  EXPECT_NEAR(inverse.norm / 1e6, 1, 1e-3);
}

TEST(AnalysisPage, PolarAndProcrustes) {
  const Matrix<double> B = generate<double>("normal 60x40 seed=3");
  // begin: polar
  const auto p = eckart::polar_decomposition(A);  // A = p.W * p.H
  const auto W = eckart::nearest_orthonormal(A);  // p.W alone
  const auto q = eckart::procrustes(A, B, {.scale = true, .centre = true});
  // end
  EXPECT_EQ(p.H.rows(), 40);
  EXPECT_EQ(W.rows(), 60);
  EXPECT_GT(q.relative_residual, 0);
}

TEST(AnalysisPage, LowRank) {
  // begin: low rank
  const auto d = eckart::svd(A);
  const auto k = eckart::rank_for_error(d, 0.01);     // one per cent of ||A||_F
  const auto best = eckart::low_rank(d, k);           // factors and exact errors
  const auto matrix = eckart::low_rank_matrix(best);  // m x n
  // end
  EXPECT_LE(best.error.relative_frobenius, 0.01);
  EXPECT_EQ(matrix.rows(), 60);
}

TEST(AnalysisPage, Thresholds) {
  // begin: thresholds
  const auto s = eckart::spectrum(A);  // values only, no vectors
  const double stable = eckart::stable_rank(s);
  const double effective = eckart::effective_rank(s);
  const auto k = eckart::energy_rank(s, 0.99);
  const auto cut = eckart::optimal_hard_threshold(s);          // noise estimated
  const auto known = eckart::optimal_hard_threshold(s, 1e-4);  // noise of standard deviation 1e-4
  // end
  EXPECT_LE(stable, effective);
  EXPECT_LE(k, 40);
  EXPECT_FALSE(cut.noise_known);
  EXPECT_TRUE(known.noise_known);
}

TEST(AnalysisPage, PrincipalComponents) {
  // begin: principal components
  const auto pca = eckart::principal_components(A);  // means, s, Vh, and the digits of every value
  const auto few = eckart::principal_components(A, {.digits = 6, .components = 10});
  // end
  EXPECT_EQ(pca.Vh.rows(), 40);
  EXPECT_GE(*std::min_element(few.digits.begin(), few.digits.begin() + 10), 6);
}

TEST(AnalysisPage, ShowsTheseExamples) {
  const std::string root = ECKART_SOURCE_DIR;
  eckart::testing::expect_shown(root + "/docs/analysis.md",
                                root + "/tests/analysis/example_test.cpp");
}

}  // namespace
