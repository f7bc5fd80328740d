#include <limits>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/norms.hpp>
#include <eckart/procrustes.hpp>

#include "analysis/fixtures.hpp"

namespace eckart {
namespace {

using testing::difference;
using testing::largest_difference;
using testing::normal_matrix;
using testing::orthonormality_defect;
using testing::product;

// c A Q + t.
template <Scalar T>
Matrix<T> moved(const Matrix<T>& a, const Matrix<T>& q, double c, const Matrix<T>& t) {
  Matrix<T> b = product(a, q);
  for (Index j = 0; j < b.cols(); ++j) {
    for (Index i = 0; i < b.rows(); ++i) {
      b(i, j) = static_cast<Real<T>>(c) * b(i, j) + t(0, j);
    }
  }
  return b;
}

template <class T>
class ProcrustesOf : public ::testing::Test {
 protected:
  static constexpr double tolerance() { return 200 * static_cast<double>(epsilon<T>); }
};
TYPED_TEST_SUITE(ProcrustesOf, testing::ScalarTypes);

TYPED_TEST(ProcrustesOf, FindsTheTransformationItWasGiven) {
  const Index n = 3;
  const Matrix<TypeParam> a = normal_matrix<TypeParam>(12, n, 1);
  const Matrix<TypeParam> q = testing::random_unitary<TypeParam>(n, 4);
  Matrix<TypeParam> t(1, n);
  const auto plain = procrustes(a, moved(a, q, 1, t));
  EXPECT_LE(largest_difference(plain.Q, q), this->tolerance());
  EXPECT_LE(plain.relative_residual, this->tolerance());
  EXPECT_EQ(plain.scale, 1);
  EXPECT_TRUE(plain.unique);
  t(0, 0) = TypeParam{5};
  t(0, 2) = TypeParam{-2};
  const auto full = procrustes(a, moved(a, q, 2.5, t), {.scale = true, .centre = true});
  EXPECT_LE(largest_difference(full.Q, q), this->tolerance());
  EXPECT_LE(largest_difference(full.translation, t), 10 * this->tolerance());
  EXPECT_NEAR(full.scale, 2.5, this->tolerance());
  EXPECT_LE(full.residual, 20 * this->tolerance());
}

TYPED_TEST(ProcrustesOf, ResidualIsThatOfTheMatrices) {
  const Matrix<TypeParam> a = normal_matrix<TypeParam>(9, 4, 6);
  const Matrix<TypeParam> b = normal_matrix<TypeParam>(9, 4, 7);
  for (const bool scale : {false, true}) {
    for (const bool centre : {false, true}) {
      const auto p = procrustes(a, b, {.scale = scale, .centre = centre});
      EXPECT_LE(orthonormality_defect(p.Q), this->tolerance());
      const double actual = frobenius_norm(difference(moved(a, p.Q, p.scale, p.translation), b));
      EXPECT_NEAR(p.residual, actual, this->tolerance() * actual);
    }
  }
}

TYPED_TEST(ProcrustesOf, EveryShapeGivesAUnitaryQ) {
  for (const auto& [m, n] : testing::all_shapes) {
    const auto p = procrustes(normal_matrix<TypeParam>(m, n, 1), normal_matrix<TypeParam>(m, n, 2),
                              {.scale = true, .centre = true});
    EXPECT_EQ(p.Q.rows(), n);
    EXPECT_LE(orthonormality_defect(p.Q), this->tolerance());
    EXPECT_EQ(p.values.size(), static_cast<std::size_t>(n));
    EXPECT_TRUE(std::isfinite(p.residual));
  }
}

TYPED_TEST(ProcrustesOf, ExtremeScales) {
  using R = Real<TypeParam>;
  const int far = std::numeric_limits<R>::max_exponent - 8;
  Matrix<TypeParam> a = normal_matrix<TypeParam>(6, 2, 1);
  const auto plain =
      procrustes(a, normal_matrix<TypeParam>(6, 2, 2), {.scale = true, .centre = true});
  for (const auto& [ea, eb] :
       {std::pair{far, far}, std::pair{-far / 2, far / 4}, std::pair{far / 2, -far / 4}}) {
    Matrix<TypeParam> b = normal_matrix<TypeParam>(6, 2, 2);
    Matrix<TypeParam> scaled = a;
    for (Index i = 0; i < 12; ++i) {
      scaled.data()[i] *= std::ldexp(R{1}, ea);
      b.data()[i] *= std::ldexp(R{1}, eb);
    }
    const auto p = procrustes(scaled, b, {.scale = true, .centre = true});
    EXPECT_EQ(largest_difference(p.Q, plain.Q), 0) << "powers of two are exact";
    EXPECT_EQ(p.scale, std::ldexp(plain.scale, eb - ea));
    EXPECT_EQ(p.relative_residual, plain.relative_residual);
    EXPECT_EQ(p.residual, std::ldexp(plain.residual, eb));
  }
}

TYPED_TEST(ProcrustesOf, RefusesWhatDoesNotFit) {
  const Matrix<TypeParam> a = normal_matrix<TypeParam>(4, 2, 1);
  EXPECT_THROW(static_cast<void>(procrustes(a, normal_matrix<TypeParam>(4, 3, 1))),
               InvalidArgument);
  EXPECT_THROW(static_cast<void>(procrustes(a, normal_matrix<TypeParam>(5, 2, 1))),
               InvalidArgument);
  Matrix<TypeParam> bad = a;
  bad(3, 1) = TypeParam{std::numeric_limits<Real<TypeParam>>::quiet_NaN()};
  EXPECT_THROW(static_cast<void>(procrustes(a, bad)), NonFinite);
  EXPECT_THROW(static_cast<void>(procrustes(bad, a)), NonFinite);
  if (ComplexScalar<TypeParam>) {
    EXPECT_THROW(static_cast<void>(procrustes(a, a, {.rotation_only = true})), InvalidArgument);
  }
}

double determinant3(const Matrix<double>& q) {
  return q(0, 0) * (q(1, 1) * q(2, 2) - q(1, 2) * q(2, 1)) -
         q(0, 1) * (q(1, 0) * q(2, 2) - q(1, 2) * q(2, 0)) +
         q(0, 2) * (q(1, 0) * q(2, 1) - q(1, 1) * q(2, 0));
}

TEST(Kabsch, RotationOnlyNeverReflects) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Matrix<double> a = normal_matrix<double>(10, 3, seed);
    const Matrix<double> b = normal_matrix<double>(10, 3, seed + 100);
    const auto free = procrustes(a, b);
    const auto rotation = procrustes(a, b, {.rotation_only = true});
    EXPECT_NEAR(determinant3(rotation.Q), 1, 1e-12);
    EXPECT_NEAR(determinant3(free.Q), free.reflected ? -1 : 1, 1e-12);
    EXPECT_EQ(free.reflected, rotation.reflected);
    EXPECT_GE(rotation.residual, free.residual * (1 - 1e-12));
    // No nearby rotation is better.
    for (const double angle : {1e-3, -1e-3}) {
      Matrix<double> turn = Matrix<double>::identity(3, 3);
      turn(0, 0) = turn(1, 1) = std::cos(angle);
      turn(1, 0) = std::sin(angle);
      turn(0, 1) = -std::sin(angle);
      EXPECT_GT(frobenius_norm(difference(product(a, product(rotation.Q, turn)), b)),
                rotation.residual);
    }
  }
}

TEST(Kabsch, AMirrorImageIsNotReached) {
  const Matrix<double> a = normal_matrix<double>(10, 3, 4);
  Matrix<double> mirrored = a;
  for (Index i = 0; i < 10; ++i) {
    mirrored(i, 0) = -mirrored(i, 0);
  }
  EXPECT_LE(procrustes(a, mirrored).relative_residual, 1e-14);
  EXPECT_GT(procrustes(a, mirrored, {.rotation_only = true}).relative_residual, 0.1);
}

TEST(Kabsch, OneDimensionKeepsItsSignAndScalesToZero) {
  Matrix<double> a(3, 1), b(3, 1);
  for (Index i = 0; i < 3; ++i) {
    a(i, 0) = static_cast<double>(i + 1);
    b(i, 0) = -2 * a(i, 0);
  }
  const auto p = procrustes(a, b, {.scale = true, .rotation_only = true});
  EXPECT_EQ(p.Q(0, 0), 1);
  EXPECT_EQ(p.scale, 0) << "c is not negative";
  EXPECT_TRUE(p.unique) << "the identity is the only rotation of a line";
  EXPECT_EQ(procrustes(a, b, {.scale = true}).Q(0, 0), -1);
  EXPECT_DOUBLE_EQ(procrustes(a, b, {.scale = true}).scale, 2);
}

TEST(ProcrustesCentred, PointsInOnePlaceHaveNoScale) {
  Matrix<double> same(7, 2);
  for (Index i = 0; i < 7; ++i) {
    same(i, 0) = 0.1;
    same(i, 1) = -1e6 / 3;
  }
  const Matrix<double> b = normal_matrix<double>(7, 2, 1);
  const auto p = procrustes(same, b, {.scale = true, .centre = true});
  EXPECT_EQ(p.scale, 1);
  EXPECT_FALSE(p.unique);
  EXPECT_NEAR(p.relative_residual, 1, 1e-9) << "the best is to lie in the middle of B";
}

TEST(ProcrustesUnique, FlatCloudsLeaveAChoice) {
  Matrix<double> flat = normal_matrix<double>(6, 3, 1);
  for (Index i = 0; i < 6; ++i) {
    flat(i, 2) = 0;
  }
  EXPECT_FALSE(procrustes(flat, flat).unique) << "the third axis may point either way";
  EXPECT_TRUE(procrustes(flat, flat, {.rotation_only = true}).unique) << "a rotation settles it";
  EXPECT_FALSE(procrustes(Matrix<double>(4, 2), Matrix<double>(4, 2)).unique);
}

}  // namespace
}  // namespace eckart
