#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/norms.hpp>
#include <eckart/pseudoinverse.hpp>

#include "analysis/fixtures.hpp"

namespace eckart {
namespace {

using testing::adjoint;
using testing::difference;
using testing::largest_difference;
using testing::product;

template <class T>
class PseudoinverseOf : public ::testing::Test {};
TYPED_TEST_SUITE(PseudoinverseOf, testing::ScalarTypes);

TYPED_TEST(PseudoinverseOf, MeetsTheFourMoorePenroseConditions) {
  for (const auto& [m, n] : testing::all_shapes) {
    const Index k = std::min(m, n);
    for (Index rank = 0; rank <= k; ++rank) {
      const std::vector<double> values = testing::geometric_of_rank(k, rank, 0.6, 2);
      for (const Vectors which : {Vectors::thin, Vectors::full}) {
        const auto d = testing::known_svd<TypeParam>(m, n, values, which);
        const Matrix<TypeParam> a = testing::assembled(d);
        const Pseudoinverse<TypeParam> p = pseudoinverse(d);
        const double tolerance =
            200 * testing::eps<TypeParam>() * std::max(1.0, p.condition * p.norm);
        ASSERT_EQ(p.inverse.rows(), n);
        ASSERT_EQ(p.inverse.cols(), m);
        EXPECT_EQ(p.rank.rank, rank);
        const Matrix<TypeParam> ax = product(a, p.inverse);
        const Matrix<TypeParam> xa = product(p.inverse, a);
        EXPECT_LE(largest_difference(product(ax, a), a), tolerance);
        EXPECT_LE(largest_difference(product(xa, p.inverse), p.inverse), tolerance);
        EXPECT_LE(largest_difference(ax, adjoint(ax)), tolerance);
        EXPECT_LE(largest_difference(xa, adjoint(xa)), tolerance);
      }
    }
  }
}

TYPED_TEST(PseudoinverseOf, FiguresOfAKnownSpectrum) {
  const auto p = pseudoinverse(testing::known_svd<TypeParam>(5, 3, {8, 2, 0.5}));
  EXPECT_EQ(p.norm, 2);
  EXPECT_EQ(p.condition, 16);
  EXPECT_GT(p.error_bound, 0);
  EXPECT_LT(p.error_bound, 1e3 * testing::eps<TypeParam>());
  const auto zero = pseudoinverse(testing::known_svd<TypeParam>(2, 3, {0, 0}));
  EXPECT_EQ(zero.norm, 0);
  EXPECT_EQ(zero.error_bound, 0);
  EXPECT_EQ(frobenius_norm(zero.inverse), 0);
}

TYPED_TEST(PseudoinverseOf, TakesFactorsStoredByRows) {
  auto d = testing::known_svd<TypeParam>(5, 3, {3, 2, 1});
  const auto expected = pseudoinverse(d);
  d.U = Matrix<TypeParam>(d.U, Layout::row_major);
  d.Vh = Matrix<TypeParam>(d.Vh, Layout::row_major);
  EXPECT_LE(largest_difference(pseudoinverse(d).inverse, expected.inverse),
            10 * testing::eps<TypeParam>());
}

TYPED_TEST(PseudoinverseOf, ThrowsWhenItExceedsTheType) {
  using R = Real<TypeParam>;
  const auto tiny = static_cast<double>(std::numeric_limits<R>::denorm_min());
  EXPECT_THROW(static_cast<void>(pseudoinverse(testing::known_svd<TypeParam>(2, 2, {tiny, tiny}))),
               OutOfRange);
  EXPECT_NO_THROW(static_cast<void>(pseudoinverse(testing::known_svd<TypeParam>(2, 2, {1, tiny}))));
  const auto outside =
      pseudoinverse(testing::known_svd<TypeParam>(2, 2, {tiny, tiny}), {.atol = 1e-30});
  EXPECT_EQ(outside.rank.rank, 0);
}

TYPED_TEST(PseudoinverseOf, OfHugeMatricesIsNotZero) {
  using R = Real<TypeParam>;
  const auto huge = static_cast<double>(std::numeric_limits<R>::max() / 4);
  const auto d = testing::known_svd<TypeParam>(1, 1, {huge});
  const auto p = pseudoinverse(d);
  EXPECT_GT(std::abs(p.inverse(0, 0)), R{0});
  EXPECT_NEAR(p.norm * huge, 1, 1e-12);
}

TEST(PseudoinverseBound, HoldsForAPerturbationAndIsNotIdle) {
  // A and A + E with the same factors: the pseudoinverses differ in known diagonals.
  const Spectrum s({1, 0.1}, 3, 2);
  const double perturbation = 1e-3;
  const double actual = 1 / (0.1 - perturbation) - 1 / 0.1;
  const double bound = pseudoinverse_error_bound(s, perturbation);
  EXPECT_GE(bound, actual);
  EXPECT_LE(bound, 2 * actual);
}

TEST(PseudoinverseBound, WedinsConstants) {
  const double e = 1e-9;
  const double base = e / (1 - e);
  EXPECT_DOUBLE_EQ(pseudoinverse_error_bound(Spectrum({1, 1}, 2, 2), e), base);
  EXPECT_DOUBLE_EQ(pseudoinverse_error_bound(Spectrum({1, 1}, 4, 2), e),
                   std::numbers::sqrt2 * base);
  EXPECT_DOUBLE_EQ(pseudoinverse_error_bound(Spectrum({1, 0}, 2, 2), e), std::numbers::phi * base);
  EXPECT_EQ(pseudoinverse_error_bound(Spectrum({1, 0.5}, 2, 2), 0.5),
            std::numeric_limits<double>::infinity());
  EXPECT_THROW(static_cast<void>(pseudoinverse_error_bound(Spectrum({1}, 1, 1), -1)),
               InvalidArgument);
}

}  // namespace
}  // namespace eckart
