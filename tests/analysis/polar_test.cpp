#include <limits>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/norms.hpp>
#include <eckart/polar.hpp>

#include "analysis/fixtures.hpp"

namespace eckart {
namespace {

using testing::adjoint;
using testing::difference;
using testing::largest_difference;
using testing::orthonormality_defect;
using testing::product;

template <class T>
class PolarOf : public ::testing::Test {
 protected:
  static constexpr double tolerance() { return 100 * static_cast<double>(epsilon<T>); }

  static void expect_hermitian_psd(const Matrix<T>& h) {
    for (Index j = 0; j < h.cols(); ++j) {
      for (Index i = 0; i <= j; ++i) {
        EXPECT_EQ(h(i, j), conjugate(h(j, i))) << "exactly Hermitian";
      }
    }
    // x^H H x >= 0 up to rounding.
    for (std::uint64_t probe = 0; probe < 5 && h.rows() > 0; ++probe) {
      const auto x = testing::normal_matrix<T>(h.rows(), 1, probe);
      EXPECT_GE(static_cast<double>(real_part(product(adjoint(x), product(h, x))(0, 0))),
                -tolerance());
    }
  }
};
TYPED_TEST_SUITE(PolarOf, testing::ScalarTypes);

TYPED_TEST(PolarOf, EveryShapeAndSide) {
  for (const auto& [m, n] : testing::all_shapes) {
    for (const Vectors which : {Vectors::thin, Vectors::full}) {
      const auto d =
          testing::known_svd<TypeParam>(m, n, testing::geometric(std::min(m, n), 0.5, 2), which);
      const Matrix<TypeParam> a = testing::assembled(d);
      for (const PolarSide side : {PolarSide::right, PolarSide::left}) {
        if ((side == PolarSide::right && m < n) || (side == PolarSide::left && m > n)) {
          EXPECT_THROW(static_cast<void>(polar_decomposition(d, side)), InvalidArgument);
          continue;
        }
        const Polar<TypeParam> p = polar_decomposition(d, side);
        EXPECT_EQ(p.side, side);
        const bool right = side == PolarSide::right;
        EXPECT_LE(largest_difference(right ? product(p.W, p.H) : product(p.H, p.W), a),
                  this->tolerance());
        EXPECT_LE(orthonormality_defect(right ? p.W : adjoint(p.W)), this->tolerance());
        this->expect_hermitian_psd(p.H);
        EXPECT_LE(p.residual, 10);
        EXPECT_LE(p.orthogonality, 10);
        EXPECT_TRUE(p.unique);
      }
      EXPECT_EQ(polar_decomposition(d).side, m >= n ? PolarSide::right : PolarSide::left);
      EXPECT_EQ(largest_difference(nearest_orthonormal(d), polar_decomposition(d).W), 0);
    }
  }
}

TYPED_TEST(PolarOf, FiguresOfAKnownSpectrum) {
  const auto p = polar_decomposition(testing::known_svd<TypeParam>(5, 3, {4, 2, 0.5}));
  EXPECT_EQ(p.smallest_eigenvalue, 0.5);
  EXPECT_EQ(p.condition_w, 2);
  EXPECT_DOUBLE_EQ(p.distance_to_orthonormal, std::sqrt(9 + 1 + 0.25));
  const auto square = polar_decomposition(testing::known_svd<TypeParam>(3, 3, {4, 2, 0.5}));
  EXPECT_DOUBLE_EQ(square.condition_w, RealScalar<TypeParam> ? 0.8 : 2.0);
}

TYPED_TEST(PolarOf, SingularMatricesHaveOneOfSeveral) {
  const auto p = polar_decomposition(testing::known_svd<TypeParam>(4, 3, {1, 1, 0}));
  EXPECT_FALSE(p.unique);
  EXPECT_EQ(p.condition_w, std::numeric_limits<double>::infinity());
  EXPECT_LE(orthonormality_defect(p.W), this->tolerance());
  this->expect_hermitian_psd(p.H);
  const auto zero = polar_decomposition(testing::known_svd<TypeParam>(3, 3, {0, 0, 0}));
  EXPECT_EQ(frobenius_norm(zero.H), 0);
  EXPECT_EQ(zero.residual, 0);
}

TYPED_TEST(PolarOf, ExtremeScalesStayInRange) {
  using R = Real<TypeParam>;
  const auto huge = static_cast<double>(std::numeric_limits<R>::max() / 2);
  const auto p =
      polar_decomposition(testing::known_svd<TypeParam>(3, 3, {huge, huge / 2, huge / 4}));
  EXPECT_TRUE(std::isfinite(frobenius_norm(p.H)));
  EXPECT_LE(p.residual, 10);
  const auto small = static_cast<double>(std::numeric_limits<R>::min());
  EXPECT_LE(
      polar_decomposition(testing::known_svd<TypeParam>(3, 3, {small, small, small})).residual, 10);
}

TEST(NearestOrthonormal, IsNearerThanAnyRotationOfIt) {
  const auto d = testing::known_svd<double>(4, 4, {1.5, 1.1, 0.8, 0.3});
  const Matrix<double> a = testing::assembled(d);
  const Matrix<double> w = nearest_orthonormal(d);
  const double best = frobenius_norm(difference(a, w));
  EXPECT_NEAR(best, polar_decomposition(d).distance_to_orthonormal, 1e-14);
  for (const double angle : {1e-3, -1e-3, 0.1, -0.7}) {
    Matrix<double> turn = Matrix<double>::identity(4, 4);
    turn(0, 0) = turn(2, 2) = std::cos(angle);
    turn(2, 0) = std::sin(angle);
    turn(0, 2) = -std::sin(angle);
    EXPECT_GT(frobenius_norm(difference(a, product(turn, w))), best);
  }
}

}  // namespace
}  // namespace eckart
