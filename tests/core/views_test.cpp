#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <numeric>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/matrix.hpp>
#include <eckart/svd.hpp>

namespace eckart {
namespace {

// Entries 0, 1, 2, ... in the order of memory.
template <class T>
std::vector<T> counted(std::size_t count) {
  std::vector<T> entries(count);
  std::iota(entries.begin(), entries.end(), T{0});
  return entries;
}

Matrix<double> sample(Index rows, Index cols, Layout layout = Layout::column_major) {
  Matrix<double> a(rows, cols, layout);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < cols; ++j) {
      a(i, j) = static_cast<double>(10 * i + j);
    }
  }
  return a;
}

TEST(MatrixView, NegativeStridesReadBackwards) {
  auto m = counted<double>(12);
  const MatrixView<double> a(m.data(), 3, 4);
  const MatrixView<double> flipped(&a(2, 3), 3, 4, -1, -3);
  for (Index i = 0; i < 3; ++i) {
    for (Index j = 0; j < 4; ++j) {
      EXPECT_EQ(flipped(i, j), a(2 - i, 3 - j));
    }
  }
  EXPECT_FALSE(flipped.is_column_major());
  EXPECT_EQ(flipped.block(1, 1, 2, 2)(0, 0), a(1, 2));
  EXPECT_EQ(flipped.transposed()(3, 0), a(2, 0));
}

TEST(MatrixView, ZeroStridesRepeatAnEntry) {
  const std::array<double, 3> column = {1, 2, 3};
  const MatrixView<const double> repeated(column.data(), 3, 5, 1, 0);
  EXPECT_EQ(repeated(2, 0), 3);
  EXPECT_EQ(repeated(2, 4), 3);
  EXPECT_FALSE(repeated.is_column_major());
  const auto s = singular_values(repeated);
  EXPECT_NEAR(s[0], std::sqrt(5.0 * 14), 1e-14);
  EXPECT_NEAR(s[1], 0, 1e-14);
}

TEST(MatrixView, BlocksOfBlocksAddTheirCorners) {
  auto a = sample(8, 9);
  const auto inner = a.view().block(1, 2, 6, 6).block(2, 1, 3, 4).transposed().block(1, 1, 2, 2);
  EXPECT_EQ(inner.rows(), 2);
  EXPECT_EQ(inner(0, 0), a(4, 4));
  EXPECT_EQ(inner(1, 0), a(4, 5));
  EXPECT_EQ(inner(0, 1), a(5, 4));
  EXPECT_EQ(&inner(0, 0), &a(4, 4));
  EXPECT_EQ(&a.view().columns(3, 2)(0, 0), &a(0, 3));
  EXPECT_EQ(a.view().top_rows(2).rows(), 2);
  EXPECT_EQ(a.view().top_rows(2).col(8), &a(0, 8));
}

TEST(MatrixView, AnEmptyBlockOfNothingIsHarmless) {
  const MatrixView<double> none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.data(), nullptr);
  EXPECT_EQ(none.block(0, 0, 0, 0).data(), nullptr);
  EXPECT_TRUE(MatrixView<double>(nullptr, 0, 5).empty());
  EXPECT_EQ(MatrixView<double>(nullptr, 0, 5).transposed().rows(), 5);
}

TEST(MatrixView, TransposingTwiceGivesTheSameView) {
  auto m = counted<double>(12);
  const MatrixView<double> a(m.data(), 3, 2, 4, 2);
  const auto t = a.transposed();
  EXPECT_EQ(t.rows(), 2);
  EXPECT_EQ(t(1, 2), a(2, 1));
  EXPECT_EQ(t.transposed().row_stride(), a.row_stride());
  EXPECT_EQ(t.transposed().col_stride(), a.col_stride());
}

TEST(MatrixView, KnowsTheLayoutThatBlasTakes) {
  auto a = sample(4, 3);
  EXPECT_TRUE(a.view().is_column_major());
  EXPECT_TRUE(a.view().block(1, 1, 2, 2).is_column_major());
  EXPECT_FALSE(a.view().transposed().is_column_major());
  const auto r = sample(4, 3, Layout::row_major);
  EXPECT_FALSE(r.view().is_column_major());
  EXPECT_TRUE(r.view().transposed().is_column_major());
  EXPECT_TRUE(MatrixView<double>(nullptr, 0, 3).is_column_major());
}

TEST(MatrixView, AWritableViewReadsAsAConstantOneAndNotBack) {
  static_assert(std::is_convertible_v<MatrixView<double>, MatrixView<const double>>);
  static_assert(!std::is_convertible_v<MatrixView<const double>, MatrixView<double>>);
  static_assert(!std::is_convertible_v<MatrixView<float>, MatrixView<const double>>);
  static_assert(!std::is_convertible_v<const Matrix<double>&, MatrixView<double>>);
  auto m = counted<double>(6);
  const MatrixView<double> a(m.data(), 2, 3, 3, 1);
  const MatrixView<const double> c = a;
  EXPECT_EQ(c.data(), a.data());
  EXPECT_EQ(c.row_stride(), 3);
  a(1, 1) = -5;
  EXPECT_EQ(c(1, 1), -5);
}

TEST(MatrixView, LooksIntoASpan) {
  auto m = counted<double>(7);
  const MatrixView<double> a(std::span<double>(m), 2, 3, Layout::row_major);
  EXPECT_EQ(a.data(), m.data());
  EXPECT_EQ(a(1, 0), 3);
  const MatrixView<const double> c(std::span<const double>(m), 2, 3);
  EXPECT_EQ(c(1, 0), 1);
  EXPECT_TRUE(MatrixView<double>(std::span<double>(), 0, 3).empty());
  EXPECT_THROW(MatrixView<double>(std::span<double>(m), -1, 3), InvalidArgument);
  EXPECT_THROW(MatrixView<double>(std::span<double>(m), 3, -1), InvalidArgument);
  EXPECT_THROW(MatrixView<double>(std::span<double>(m), Index{1} << 62, 4), InvalidArgument);
}

TEST(Matrix, CopiesDeeply) {
  const auto a = sample(3, 4, Layout::row_major);
  auto b = a;
  EXPECT_NE(a.data(), b.data());
  EXPECT_EQ(b.layout(), Layout::row_major);
  b(2, 3) = -1;
  EXPECT_EQ(a(2, 3), 23);
  EXPECT_EQ(b(2, 2), 22);
}

TEST(Matrix, MovesWithoutACopyAndLeavesAnEmptyOne) {
  auto a = sample(3, 4);
  const double* data = a.data();
  const Matrix<double> b(std::move(a));
  EXPECT_EQ(b.data(), data);
  EXPECT_EQ(b.cols(), 4);
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): the promise under test
  EXPECT_EQ(a.data(), nullptr);
  EXPECT_EQ(a.rows(), 0);
}

TEST(Matrix, AssignsOverAnotherShapeAndOverItself) {
  auto a = sample(3, 4);
  Matrix<double> b(7, 1);
  b = a;
  EXPECT_EQ(b.rows(), 3);
  EXPECT_EQ(b(2, 3), 23);
  EXPECT_NE(b.data(), a.data());
  const Matrix<double>& same = b;
  b = same;
  EXPECT_EQ(b(2, 3), 23);
  const double* data = a.data();
  b = std::move(a);
  EXPECT_EQ(b.data(), data);
}

TEST(Matrix, SwapsEverything) {
  auto a = sample(3, 4);
  auto b = sample(2, 5, Layout::row_major);
  const double* first = a.data();
  const double* second = b.data();
  a.swap(b);
  EXPECT_EQ(a.data(), second);
  EXPECT_EQ(b.data(), first);
  EXPECT_EQ(a.layout(), Layout::row_major);
  EXPECT_EQ(b.layout(), Layout::column_major);
  EXPECT_EQ(a(1, 4), 14);
  EXPECT_EQ(b(2, 3), 23);
}

TEST(Matrix, MayBeEmptyInEitherDirection) {
  for (const auto& [rows, cols] : {std::pair<Index, Index>{0, 0}, {0, 5}, {5, 0}}) {
    const Matrix<double> a(rows, cols);
    const Matrix<double> b = a;
    EXPECT_TRUE(b.empty());
    EXPECT_EQ(b.rows(), rows);
    EXPECT_EQ(b.cols(), cols);
    EXPECT_EQ(b.data(), nullptr);
  }
}

TEST(Matrix, StartsAtZeroOnACacheLine) {
  const Matrix<float> a(3, 5);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a.data()) % 64, 0U);
  EXPECT_TRUE(std::all_of(a.data(), a.data() + 15, [](float x) { return x == 0; }));
}

TEST(Matrix, IdentityHasOnesOnItsDiagonalAlone) {
  const auto a = Matrix<double>::identity(2, 4);
  for (Index i = 0; i < 2; ++i) {
    for (Index j = 0; j < 4; ++j) {
      EXPECT_EQ(a(i, j), i == j ? 1 : 0);
    }
  }
}

TEST(RawPointers, WithStridesAreMatrices) {
  // Channel 1 of a 2 x 3 picture whose pixels are interleaved triples.
  const auto pixels = counted<float>(18);
  const MatrixView<const float> green(pixels.data() + 1, 2, 3, 9, 3);
  EXPECT_EQ(green(1, 2), 16);
  EXPECT_EQ(svd(green).s, svd(Matrix<float>(green)).s);
}

template <class A>
void expect_no_copy(const A& a) {
  static_assert(MatrixLike<A>);
  const auto view = as_view(a);
  EXPECT_EQ(view.data(), a.data());
  ASSERT_EQ(view.rows(), a.rows());
  ASSERT_EQ(view.cols(), a.cols());
  for (Index i = 0; i < view.rows(); ++i) {
    for (Index j = 0; j < view.cols(); ++j) {
      EXPECT_EQ(view(i, j), a(i, j)) << i << ", " << j;
    }
  }
}

TEST(Eigen, MatricesMapsAndBlocksPassWithoutACopy) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::MatrixXd a = Eigen::MatrixXd::Random(6, 5);
  const RowMajor r = a;
  expect_no_copy(a);
  expect_no_copy(r);
  expect_no_copy(Eigen::Matrix3cf(Eigen::Matrix3cf::Random()));
  expect_no_copy(Eigen::ArrayXXf(Eigen::ArrayXXf::Random(2, 3)));
  expect_no_copy(a.block(1, 2, 4, 3));
  expect_no_copy(r.block(1, 2, 4, 3));
  expect_no_copy(a.transpose());
  expect_no_copy(a.block(1, 2, 4, 3).transpose());
  expect_no_copy(a.col(2));
  expect_no_copy(a.row(2));
  expect_no_copy(Eigen::Ref<const Eigen::MatrixXd>(a.leftCols(2)));

  const auto entries = counted<double>(40);
  expect_no_copy(Eigen::Map<const Eigen::MatrixXd>(entries.data(), 5, 8));
  using Stride = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  expect_no_copy(Eigen::Map<const Eigen::MatrixXd, 0, Stride>(entries.data(), 3, 4, Stride(9, 2)));
  expect_no_copy(Eigen::Map<const RowMajor, 0, Stride>(entries.data(), 3, 4, Stride(12, 3)));
  expect_no_copy(Eigen::MatrixXd());
}

// An expression has no entries in memory yet: it is refused at compile time until .eval().
TEST(Eigen, ExpressionsThatAreNotComputedYetDoNotPass) {
  const Eigen::MatrixXd a = Eigen::MatrixXd::Random(3, 3);
  static_assert(!MatrixLike<decltype(a + a)>);
  static_assert(!MatrixLike<decltype(a * a)>);
  static_assert(!MatrixLike<decltype(a.adjoint() * 2.0)>);
  static_assert(!MatrixLike<Eigen::MatrixXi>);
  expect_no_copy((a + a).eval());
}

template <class A>
void expect_same_svd(const A& a) {
  using T = ScalarOf<A>;
  Matrix<T> copy(a.rows(), a.cols());
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index j = 0; j < a.cols(); ++j) {
      copy(i, j) = a(i, j);
    }
  }
  const Svd<T> expected = svd(copy);
  const Svd<T> got = svd(a);
  EXPECT_EQ(got.s, expected.s);
  EXPECT_EQ(singular_values(a), singular_values(copy));
  const auto equal = [](const Matrix<T>& x, const Matrix<T>& y) {
    for (Index j = 0; j < x.cols(); ++j) {
      for (Index i = 0; i < x.rows(); ++i) {
        EXPECT_EQ(x(i, j), y(i, j));
      }
    }
  };
  equal(got.U, expected.U);
  equal(got.Vh, expected.Vh);
}

TEST(Eigen, DecomposesAsTheSameEntriesInAMatrixDo) {
  const Eigen::MatrixXd tall = Eigen::MatrixXd::Random(9, 6);
  const Eigen::Matrix<std::complex<float>, 4, 7, Eigen::RowMajor> wide =
      Eigen::Matrix<std::complex<float>, 4, 7, Eigen::RowMajor>::Random();
  expect_same_svd(tall);
  expect_same_svd(wide);
  expect_same_svd(tall.block(1, 1, 5, 4));
  expect_same_svd(tall.transpose());
  expect_same_svd(wide.block(1, 2, 3, 3).transpose());
}

TEST(Eigen, SingularVectorsGoBackAsAMap) {
  const Eigen::MatrixXd a = Eigen::MatrixXd::Random(7, 4);
  const auto [U, s, Vh, report] = svd(a);
  const Eigen::Map<const Eigen::MatrixXd> u(U.data(), U.rows(), U.cols());
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const RowMajor> vh(Vh.data(), Vh.rows(), Vh.cols());
  const Eigen::Map<const Eigen::VectorXd> values(s.data(), static_cast<Eigen::Index>(s.size()));
  ASSERT_EQ(Vh.layout(), Layout::row_major);
  EXPECT_LE((u * values.asDiagonal() * vh - a).norm(), 1e-14 * a.norm());
}

}  // namespace
}  // namespace eckart
