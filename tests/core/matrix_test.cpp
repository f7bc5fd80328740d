#include <array>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/matrix.hpp>

namespace eckart {
namespace {

TEST(MatrixView, AddressesEntriesByBothStrides) {
  std::array<double, 6> entries = {1, 2, 3, 4, 5, 6};
  const MatrixView<double> column_major(entries.data(), 2, 3);
  const MatrixView<double> row_major(entries.data(), 2, 3, Layout::row_major);
  EXPECT_EQ(column_major(1, 2), 6);
  EXPECT_EQ(column_major(0, 1), 3);
  EXPECT_EQ(row_major(0, 1), 2);
  EXPECT_EQ(row_major.transposed()(1, 0), 2);
}

TEST(MatrixView, RefusesASpanThatIsTooShort) {
  std::array<double, 5> entries{};
  EXPECT_THROW(MatrixView<double>(std::span<double>(entries), 2, 3), InvalidArgument);
}

TEST(Matrix, RefusesSizesBeyondTheAddressSpace) {
  EXPECT_THROW(Matrix<double>(Index{1} << 40, Index{1} << 40), SizeLimit);
  EXPECT_THROW(Matrix<double>(-1, 3), InvalidArgument);
  EXPECT_THROW(static_cast<void>(Matrix<double>::uninitialized(Index{1} << 28, Index{1} << 28)),
               OutOfMemory);
}

TEST(Matrix, CopiesAViewIntoEitherLayout) {
  std::array<double, 6> entries = {1, 2, 3, 4, 5, 6};
  const MatrixView<const double> a(entries.data(), 2, 3, Layout::row_major);
  for (const Layout layout : {Layout::column_major, Layout::row_major}) {
    const Matrix<double> copy(a, layout);
    for (Index i = 0; i < 2; ++i) {
      for (Index j = 0; j < 3; ++j) {
        EXPECT_EQ(copy(i, j), a(i, j));
      }
    }
  }
}

}  // namespace
}  // namespace eckart
