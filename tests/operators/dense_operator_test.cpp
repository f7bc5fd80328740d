#include <cmath>
#include <limits>

#include "operators/operator_test_tools.hpp"

namespace eckart {
namespace {

template <class T>
class DenseOperatorTest : public EveryScalar<T> {};
TYPED_TEST_SUITE(DenseOperatorTest, Scalars);

TYPED_TEST(DenseOperatorTest, TakesEveryStride) {
  using T = TypeParam;
  const Matrix<T> store = random_matrix<T>(140, 130, 1);
  const T* const p = store.data();
  for (const MatrixView<const T> a :
       {store.view(), store.view().transposed(), store.view().block(3, 5, 61, 37),
        store.view().block(3, 5, 61, 37).transposed(),
        MatrixView<const T>(p + 139, 70, 120, -1, 140),         // upside down
        MatrixView<const T>(p + 140 * 129, 140, 130, 1, -140),  // right to left
        MatrixView<const T>(p, 70, 65, 2, 280),                 // every other row and column
        MatrixView<const T>(p, 50, 60, 0, 1),                   // equal rows
        MatrixView<const T>(p, 50, 60, 1, 0),                   // equal columns
        MatrixView<const T>(p, 50, 60, 1, 1),                   // Hankel
        MatrixView<const T>(p, 50, 60, 0, 0),                   // one entry everywhere
        store.view().block(0, 0, 1, 1), store.view().block(0, 0, 1, 40),
        store.view().block(0, 0, 40, 1), store.view().block(0, 0, 30, 9)}) {
    expect_stands_for<T>(DenseOperator<T>(a), a, 4);
  }
}

TYPED_TEST(DenseOperatorTest, CopiesInBlocks) {
  using T = TypeParam;
  const Matrix<T> store = random_matrix<T>(4200, 150, 1);
  const MatrixView<const T> a(store.data(), 2099, 149, 2, 4200);
  expect_stands_for<T>(DenseOperator<T>(a), a, 4);
}

TYPED_TEST(DenseOperatorTest, OfNoRowsOrColumnsGivesZero) {
  using T = TypeParam;
  const Matrix<T> a(0, 5), b(5, 0);
  expect_stands_for<T>(DenseOperator<T>(a.view()), a.view());
  expect_stands_for<T>(DenseOperator<T>(b.view()), b.view());
}

TYPED_TEST(DenseOperatorTest, NormNeitherOverflowsNorVanishes) {
  using T = TypeParam;
  using R = Real<T>;
  for (const R scale : {R{1}, std::numeric_limits<R>::max() / 32, 16 * smallest_normal<T>}) {
    Matrix<T> a(30, 20);
    a(3, 4) = 3 * scale;
    a(29, 19) = -4 * scale;
    const R norm = *DenseOperator<T>(a.view()).frobenius_norm(with_threads(2));
    EXPECT_NEAR(norm / scale, 5, 40 * epsilon<T>);
  }
  Matrix<T> a(30, 20);
  EXPECT_EQ(*DenseOperator<T>(a.view()).frobenius_norm({}), 0);
  a(3, 4) = std::numeric_limits<R>::quiet_NaN();
  EXPECT_TRUE(std::isnan(*DenseOperator<T>(a.view()).frobenius_norm({})));
  a(3, 4) = std::numeric_limits<R>::infinity();
  EXPECT_TRUE(std::isinf(*DenseOperator<T>(a.view()).frobenius_norm({})));
}

TEST(Operator, RefusesBlocksThatDoNotFit) {
  const Matrix<double> a(4, 3), x(3, 2);
  Matrix<double> y(4, 3);
  const Operator<double> op = DenseOperator(a);
  EXPECT_THROW(op.apply({}, x, y.view()), Error);
  EXPECT_THROW(op.apply_adjoint({}, x, y.view().columns(0, 2)), Error);
  EXPECT_THROW(op.apply({}, MatrixView<const double>(x.data(), 3, 2, 2, 1), y.view().columns(0, 2)),
               Error);
}

}  // namespace
}  // namespace eckart
