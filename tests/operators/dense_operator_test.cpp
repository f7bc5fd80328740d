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

TYPED_TEST(DenseOperatorTest, ANormThatIsNoNumberOfItsTypeIsAbsent) {
  using T = TypeParam;
  using R = Real<T>;
  for (const R entry :
       {std::numeric_limits<R>::max() / 2, std::numeric_limits<R>::denorm_min() * 3}) {
    Matrix<T> a(9, 4);
    std::vector<std::int64_t> row, col;
    for (Index i = 0; i < 9; ++i) {
      a(i, i % 4) = entry;
      row.push_back(i);
      col.push_back(i % 4);
    }
    EXPECT_FALSE(DenseOperator<T>(a.view()).frobenius_norm({})) << entry;
    const SparseOperator<T> sparse(
        SparseMatrix<T>::from_triplets(9, 4, row, col, std::vector<T>(9, T{entry})));
    EXPECT_FALSE(sparse.frobenius_norm({})) << entry;
  }
}

// A matrix in pieces of many columns, of many rows, by rows, and of any strides.
TYPED_TEST(DenseOperatorTest, NormOfEveryShapeAndStride) {
  using T = TypeParam;
  const Matrix<T> store = random_matrix<T>(70'001, 5, 1);
  const auto expect_norm = [](MatrixView<const T> a) {
    long double squares = 0;  // of so many terms that double would show
    for (Index j = 0; j < a.cols(); ++j) {
      for (Index i = 0; i < a.rows(); ++i) {
        squares += std::norm(std::complex<long double>(a(i, j)));
      }
    }
    const auto want = static_cast<Real<T>>(std::sqrt(squares));
    const Real<T> one = *DenseOperator<T>(a).frobenius_norm(with_threads(1));
    EXPECT_NEAR(one, want, 8 * epsilon<T> * want) << a.rows() << " x " << a.cols();
    EXPECT_EQ(*DenseOperator<T>(a).frobenius_norm(with_threads(3)), one);
  };
  const T* const p = store.data();
  for (const MatrixView<const T> a :
       {store.view(), store.view().transposed(), store.view().block(3, 1, 69'990, 3),
        MatrixView<const T>(p, 7, 50'000), MatrixView<const T>(p, 33'000, 2, 2, 70'001),
        MatrixView<const T>(p + 34'999, 35'000, 2, -1, 70'001),
        MatrixView<const T>(p, 300, 200, 0, 1), MatrixView<const T>(p, 3, 5)}) {
    expect_norm(a);
  }
}

TYPED_TEST(DenseOperatorTest, OwnsAMatrixThatIsMovedIn) {
  using T = TypeParam;
  const Matrix<T> a = random_matrix<T>(31, 23, 1);
  Matrix<T> b(a);
  const DenseOperator<T> moved(std::move(b));
  Matrix<T> y(31, 23);
  moved.apply({}, Matrix<T>::identity(23, 23), y.view());
  EXPECT_EQ(largest_difference<T>(y.view(), a.view()), 0);
  EXPECT_EQ(b.data(), nullptr);  // NOLINT(bugprone-use-after-move): it was moved, not copied
  const Operator<T> op = DenseOperator(random_matrix<T>(31, 23, 1));
  expect_stands_for<T>(op, a.view(), 4);
  static_assert(!std::is_constructible_v<DenseOperator<T>, const Matrix<T>>);
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
