#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/subspaces.hpp>

#include "analysis/fixtures.hpp"

namespace eckart {
namespace {

using testing::adjoint;
using testing::difference;
using testing::largest_difference;
using testing::orthonormality_defect;
using testing::product;

template <class T>
class Subspaces : public ::testing::Test {
 protected:
  static constexpr double tolerance() { return 100 * static_cast<double>(epsilon<T>); }

  // Two sets of orthonormal columns that together are a unitary matrix.
  static void expect_complementary(const Matrix<T>& a, const Matrix<T>& b) {
    EXPECT_EQ(a.rows(), b.rows());
    EXPECT_EQ(a.cols() + b.cols(), a.rows());
    EXPECT_LE(orthonormality_defect(a), tolerance());
    EXPECT_LE(orthonormality_defect(b), tolerance());
    EXPECT_LE(largest_difference(product(adjoint(a), b), Matrix<T>(a.cols(), b.cols())),
              tolerance());
  }
};
TYPED_TEST_SUITE(Subspaces, testing::ScalarTypes);

TYPED_TEST(Subspaces, OfEveryShapeRankAndVectorOption) {
  for (const auto& [m, n] : testing::all_shapes) {
    const Index k = std::min(m, n);
    for (Index rank = 0; rank <= k; ++rank) {
      const std::vector<double> values = testing::geometric_of_rank(k, rank, 0.5);
      for (const Vectors which : {Vectors::thin, Vectors::full}) {
        const auto d = testing::known_svd<TypeParam>(m, n, values, which);
        const Matrix<TypeParam> a = testing::assembled(d);
        const auto range = range_basis(d);
        const auto left_null = left_null_space_basis(d);
        const auto row_space = row_space_basis(d);
        const auto null = null_space_basis(d);
        EXPECT_EQ(range.cols(), rank);
        EXPECT_EQ(row_space.cols(), rank);
        this->expect_complementary(range, left_null);
        this->expect_complementary(row_space, null);
        EXPECT_LE(largest_difference(product(a, null), Matrix<TypeParam>(m, n - rank)),
                  this->tolerance());
        EXPECT_LE(
            largest_difference(product(adjoint(left_null), a), Matrix<TypeParam>(m - rank, n)),
            this->tolerance());
        // P A = A and A R = A for the projectors on range and row space.
        EXPECT_LE(largest_difference(product(range, product(adjoint(range), a)), a),
                  this->tolerance());
        EXPECT_LE(largest_difference(product(product(a, row_space), adjoint(row_space)), a),
                  this->tolerance());
      }
    }
  }
}

TYPED_TEST(Subspaces, ASmallValueBelongsToTheNullSpaceUpToItsSize) {
  const auto d = testing::known_svd<TypeParam>(6, 4, {1, 0.5, 1e-3, 1e-4});
  const auto null = null_space_basis(d, {.atol = 1e-2});
  ASSERT_EQ(null.cols(), 2);
  const Matrix<TypeParam> image = product(testing::assembled(d), null);
  EXPECT_LE(largest_difference(image, Matrix<TypeParam>(6, 2)),
            1e-3 * (1 + this->tolerance()) + this->tolerance());
}

TYPED_TEST(Subspaces, CompletionOfABasis) {
  for (Index m = 0; m <= 6; ++m) {
    const Matrix<TypeParam> u = testing::random_unitary<TypeParam>(m, 11);
    for (Index k = 0; k <= m; ++k) {
      const Matrix<TypeParam> q(u.view().columns(0, k));
      this->expect_complementary(q, complete_basis(q));
    }
  }
}

TYPED_TEST(Subspaces, CompletedColumnsFollowTheSignRule) {
  const Matrix<TypeParam> q(testing::random_unitary<TypeParam>(8, 5).view().columns(0, 3));
  const Matrix<TypeParam> rest = complete_basis(q);
  for (Index j = 0; j < rest.cols(); ++j) {
    TypeParam largest{};
    for (Index i = 0; i < rest.rows(); ++i) {
      largest = std::abs(rest(i, j)) > std::abs(largest) ? rest(i, j) : largest;
    }
    EXPECT_NEAR(static_cast<double>(std::abs(largest - TypeParam{std::abs(largest)})), 0,
                this->tolerance());
  }
}

TYPED_TEST(Subspaces, CompletionTakesEveryStride) {
  const Matrix<TypeParam> q(testing::random_unitary<TypeParam>(5, 2).view().columns(0, 2));
  const Matrix<TypeParam> by_rows(q, Layout::row_major);
  EXPECT_EQ(largest_difference(complete_basis(by_rows), complete_basis(q)), 0);
  const MatrixView<const TypeParam> reversed(&q(4, 1), 5, 2, -1, -5);
  this->expect_complementary(Matrix<TypeParam>(reversed), complete_basis(reversed));
}

TYPED_TEST(Subspaces, CompletionRefusesWhatIsNotOrthonormal) {
  Matrix<TypeParam> q = testing::random_unitary<TypeParam>(5, 3);
  q(0, 0) += TypeParam{static_cast<Real<TypeParam>>(0.1)};
  EXPECT_THROW(static_cast<void>(complete_basis(q)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(complete_basis(Matrix<TypeParam>(2, 3))), InvalidArgument);
  EXPECT_THROW(static_cast<void>(complete_basis(Matrix<TypeParam>(3, 1))), InvalidArgument)
      << "a zero column";
  q(0, 0) = TypeParam{std::numeric_limits<Real<TypeParam>>::quiet_NaN()};
  EXPECT_THROW(static_cast<void>(complete_basis(q)), Error);
}

TYPED_TEST(Subspaces, MissingVectorsAreNamed) {
  auto d = testing::known_svd<TypeParam>(4, 3, {3, 2, 1});
  d.U = {};
  EXPECT_NO_THROW(static_cast<void>(null_space_basis(d)));
  try {
    static_cast<void>(range_basis(d));
    FAIL() << "no error";
  } catch (const InvalidArgument& e) {
    EXPECT_NE(std::string(e.what()).find("SvdOptions::u"), std::string::npos);
  }
  d.Vh = {};
  EXPECT_THROW(static_cast<void>(null_space_basis(d)), InvalidArgument);
}

}  // namespace
}  // namespace eckart
