#include <limits>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/least_squares.hpp>
#include <eckart/norms.hpp>
#include <eckart/pseudoinverse.hpp>

#include "analysis/fixtures.hpp"

namespace eckart {
namespace {

using testing::adjoint;
using testing::difference;
using testing::largest_difference;
using testing::normal_matrix;
using testing::product;

template <class T>
class LeastSquaresOf : public ::testing::Test {};
TYPED_TEST_SUITE(LeastSquaresOf, testing::ScalarTypes);

TYPED_TEST(LeastSquaresOf, IsThePseudoinverseTimesB) {
  for (const auto& [m, n] : testing::all_shapes) {
    const Index k = std::min(m, n);
    for (Index rank = 0; rank <= k; ++rank) {
      const std::vector<double> values = testing::geometric_of_rank(k, rank, 0.6, 2);
      const auto d = testing::known_svd<TypeParam>(m, n, values,
                                                   rank % 2 == 0 ? Vectors::thin : Vectors::full);
      const Matrix<TypeParam> a = testing::assembled(d);
      for (const Index p : {0, 1, 3}) {
        const Matrix<TypeParam> b = normal_matrix<TypeParam>(m, p, 31);
        const auto pinv = pseudoinverse(d);
        const LeastSquares<TypeParam> x = least_squares(d, b);
        const double tolerance = 200 * testing::eps<TypeParam>() * std::max(1.0, pinv.norm);
        EXPECT_LE(largest_difference(x.X, product(pinv.inverse, b)), tolerance);
        EXPECT_EQ(x.rank.rank, rank);
        EXPECT_EQ(x.degrees_of_freedom, static_cast<double>(rank));
        ASSERT_EQ(x.residual_norms.size(), static_cast<std::size_t>(p));
        const Matrix<TypeParam> r = difference(b, product(a, x.X));
        for (Index j = 0; j < p; ++j) {
          const auto at = static_cast<std::size_t>(j);
          EXPECT_NEAR(x.residual_norms[at], frobenius_norm(r.view().columns(j, 1)), tolerance);
          EXPECT_DOUBLE_EQ(x.solution_norms[at], frobenius_norm(x.X.view().columns(j, 1)));
        }
        // The residual is orthogonal to the range.
        EXPECT_LE(largest_difference(product(adjoint(a), r), Matrix<TypeParam>(n, p)),
                  5 * tolerance);
      }
    }
  }
}

// Panels of 16 columns are the smallest where a side of A has more than 2^17 entries.
TYPED_TEST(LeastSquaresOf, ManyRightHandSidesInPanelsAreThoseOneByOne) {
  const Index m = 140000, p = 35;
  const Matrix<TypeParam> a = normal_matrix<TypeParam>(m, 2, 3);
  Matrix<TypeParam> b = normal_matrix<TypeParam>(m, p, 4);
  const auto d = svd(a);
  const auto from_parts = least_squares(d, b), from_matrix = least_squares(a, b);
  for (const auto* x : {&from_parts, &from_matrix}) {
    ASSERT_EQ(x->X.cols(), p);
    ASSERT_EQ(x->residual_norms.size(), static_cast<std::size_t>(p));
    for (const Index j : {0, 15, 16, 34}) {
      const auto at = static_cast<std::size_t>(j);
      const auto one = least_squares(d, b.view().columns(j, 1));
      EXPECT_LE(largest_difference(Matrix<TypeParam>(x->X.view().columns(j, 1)), one.X),
                10 * testing::eps<TypeParam>());
      EXPECT_NEAR(x->residual_norms[at], one.residual_norms[0],
                  1e3 * testing::eps<TypeParam>() * one.residual_norms[0]);
      EXPECT_NEAR(x->error_bounds[at], one.error_bounds[0], 1e-2 * one.error_bounds[0]);
    }
    EXPECT_EQ(x->rank.rank, 2);
  }
  b(5, 33) = std::numeric_limits<Real<TypeParam>>::quiet_NaN();
  try {
    static_cast<void>(least_squares(d, b));
    FAIL() << "NaN went through";
  } catch (const NonFinite& error) {
    EXPECT_EQ(error.row(), 5);
    EXPECT_EQ(error.column(), 33);
  }
}

TYPED_TEST(LeastSquaresOf, TikhonovSolvesTheRegularisedNormalEquations) {
  const double lambda = 0.3;
  for (const auto& [m, n] : testing::all_shapes) {
    const auto d = testing::known_svd<TypeParam>(m, n, testing::geometric(std::min(m, n), 0.4, 2));
    const Matrix<TypeParam> a = testing::assembled(d);
    const Matrix<TypeParam> b = normal_matrix<TypeParam>(m, 2, 5);
    const auto x = least_squares(d, b, {.rank = {}, .lambda = lambda});
    // (A^H A + lambda^2 I) x = A^H b.
    Matrix<TypeParam> left = product(product(adjoint(a), a), x.X);
    for (Index j = 0; j < 2; ++j) {
      for (Index i = 0; i < n; ++i) {
        left(i, j) += static_cast<Real<TypeParam>>(lambda * lambda) * x.X(i, j);
      }
    }
    EXPECT_LE(largest_difference(left, product(adjoint(a), b)), 300 * testing::eps<TypeParam>());
    double freedom = 0;
    for (const auto s : d.s) {
      const auto v = static_cast<double>(s);
      freedom += v * v / (v * v + lambda * lambda);
    }
    EXPECT_NEAR(x.degrees_of_freedom, freedom, 1e-12);
    const Matrix<TypeParam> r = difference(b, product(a, x.X));
    for (Index j = 0; j < 2; ++j) {
      EXPECT_NEAR(x.residual_norms[static_cast<std::size_t>(j)],
                  frobenius_norm(r.view().columns(j, 1)), 100 * testing::eps<TypeParam>());
    }
  }
}

TYPED_TEST(LeastSquaresOf, ExtremeScalesOfEachRightHandSide) {
  using R = Real<TypeParam>;
  const R huge = std::ldexp(R{1}, std::numeric_limits<R>::max_exponent - 2);
  const R tiny = std::ldexp(R{1}, std::numeric_limits<R>::min_exponent + 10);
  const auto d = testing::known_svd<TypeParam>(4, 3, {2, 1, 0.5});
  const Matrix<TypeParam> b = normal_matrix<TypeParam>(4, 1, 2);
  Matrix<TypeParam> twice(4, 2), scaled(4, 2);
  for (Index i = 0; i < 4; ++i) {
    twice(i, 0) = twice(i, 1) = b(i, 0);
    scaled(i, 0) = b(i, 0) / R{8} * huge;
    scaled(i, 1) = b(i, 0) * tiny;
  }
  // As many right-hand sides: a BLAS may round otherwise for two of them than for one; MKL and BLIS do.
  const auto plain = least_squares(d, twice);
  const auto x = least_squares(d, scaled);
  for (Index i = 0; i < 3; ++i) {
    EXPECT_EQ(x.X(i, 0), plain.X(i, 0) / R{8} * huge) << "powers of two are exact";
    EXPECT_EQ(x.X(i, 1), plain.X(i, 1) * tiny);
  }
  const auto bound = static_cast<double>(plain.error_bounds[0]);
  EXPECT_NEAR(static_cast<double>(x.error_bounds[0]), bound, 16 * double{epsilon<R>} * bound);
  EXPECT_NEAR(static_cast<double>(x.error_bounds[1]), bound, 16 * double{epsilon<R>} * bound);
}

TYPED_TEST(LeastSquaresOf, TinyAndHugeMatricesMeetMatchingRightHandSides) {
  using R = Real<TypeParam>;
  for (const double size : {static_cast<double>(std::numeric_limits<R>::max() / 4),
                            static_cast<double>(std::numeric_limits<R>::min() / 16)}) {
    const auto d = testing::known_svd<TypeParam>(3, 2, {size, size / 2});
    Matrix<TypeParam> ones(2, 1);
    std::fill_n(ones.data(), 2, TypeParam{1});
    const Matrix<TypeParam> b = product(testing::assembled(d), ones);
    const auto x = least_squares(d, b);
    // Denormal entries of A have lost four of their bits.
    EXPECT_LE(largest_difference(x.X, ones), 1000 * testing::eps<TypeParam>());
    EXPECT_LE(x.residual_norms[0] / size, 1000 * testing::eps<TypeParam>());
  }
}

TYPED_TEST(LeastSquaresOf, OverflowOfTheSolutionIsAnError) {
  using R = Real<TypeParam>;
  const auto tiny = static_cast<double>(std::numeric_limits<R>::min());
  const auto d = testing::known_svd<TypeParam>(2, 2, {tiny, tiny});
  Matrix<TypeParam> b(2, 1);
  b(0, 0) = TypeParam{100};
  EXPECT_THROW(static_cast<void>(least_squares(d, b)), OutOfRange);
  EXPECT_NO_THROW(static_cast<void>(least_squares(d, b, {.rank = {}, .lambda = 1})));
}

TYPED_TEST(LeastSquaresOf, RefusesSenselessRequests) {
  const auto d = testing::known_svd<TypeParam>(4, 3, {3, 2, 1});
  EXPECT_THROW(static_cast<void>(least_squares(d, Matrix<TypeParam>(3, 1))), InvalidArgument);
  const Matrix<TypeParam> b(4, 1);
  EXPECT_THROW(static_cast<void>(least_squares(d, b, {.rank = {}, .lambda = -1})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(least_squares(d, b, {.rank = {}, .lambda = std::nan("")})),
               InvalidArgument);
  Matrix<TypeParam> bad(4, 2);
  bad(2, 1) = TypeParam{std::numeric_limits<Real<TypeParam>>::infinity()};
  try {
    static_cast<void>(least_squares(d, bad));
    FAIL() << "no error";
  } catch (const NonFinite& e) {
    EXPECT_EQ(e.row(), 2);
    EXPECT_EQ(e.column(), 1);
  }
  auto blind = d;
  blind.Vh = {};
  EXPECT_THROW(static_cast<void>(least_squares(blind, b)), InvalidArgument);
}

TYPED_TEST(LeastSquaresOf, FactorsStoredByRowsAndStridedRightHandSides) {
  auto d = testing::known_svd<TypeParam>(5, 3, {3, 2, 1});
  const Matrix<TypeParam> b = normal_matrix<TypeParam>(5, 2, 8);
  const auto expected = least_squares(d, b);
  d.U = Matrix<TypeParam>(d.U, Layout::row_major);
  d.Vh = Matrix<TypeParam>(d.Vh, Layout::row_major);
  const Matrix<TypeParam> by_rows(b, Layout::row_major);
  EXPECT_LE(largest_difference(least_squares(d, by_rows).X, expected.X),
            10 * testing::eps<TypeParam>());
  const MatrixView<const TypeParam> swapped(&b(0, 1), 5, 2, 1, -5);
  const auto x = least_squares(d, swapped);
  EXPECT_LE(static_cast<double>(std::abs(x.X(0, 0) - expected.X(0, 1))),
            10 * testing::eps<TypeParam>());
}

TEST(LeastSquaresBound, FollowsTheFormula) {
  const auto d = testing::known_svd<double>(5, 2, {4, 0.5}, Vectors::full);
  // b has 3 in the range (along u_1) and 4 outside it: sin = 4/5, cos = 3/5.
  Matrix<double> b(5, 3);
  for (Index i = 0; i < 5; ++i) {
    b(i, 0) = 3 * d.U(i, 0) + 4 * d.U(i, 3);
    b(i, 1) = d.U(i, 4);
  }
  const auto x = least_squares(d, b);
  EXPECT_NEAR(x.residual_norms[0], 4, 1e-14);
  EXPECT_NEAR(x.error_bounds[0] / epsilon<double>, 2 * 8 / 0.6 + 64 * 4.0 / 3, 1e-10);
  EXPECT_GT(x.error_bounds[1], 1) << "b orthogonal to the range: nothing is known of x";
  EXPECT_EQ(x.error_bounds[2], 0) << "b = 0";
  EXPECT_EQ(x.condition, 8);
}

TEST(LeastSquaresBound, HoldsForAnIllConditionedFit) {
  // x = (1, 1) exactly; the error of the float solution stays below the bound times a modest factor.
  const auto d = testing::known_svd<float>(8, 4, {1, 1e-1, 1e-2, 1e-3});
  const Matrix<float> a = testing::assembled(d);
  Matrix<float> ones(4, 1);
  std::fill_n(ones.data(), 4, 1.0F);
  const Matrix<float> b = product(a, ones);
  const auto x = least_squares(d, b);
  const double error = frobenius_norm(difference(x.X, ones)) / 2;
  EXPECT_LE(error, 10 * x.error_bounds[0]);
  EXPECT_LE(x.error_bounds[0], 1e-3);
}

}  // namespace
}  // namespace eckart
