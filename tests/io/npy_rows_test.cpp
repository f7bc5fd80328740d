// Matrices that are written row by row.

#include <complex>
#include <filesystem>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/io.hpp>
#include <eckart/random.hpp>

#include "temporary_folder.hpp"

namespace eckart::io {
namespace {

template <class T>
class NpyRowsOfType : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(NpyRowsOfType, Types);

TYPED_TEST(NpyRowsOfType, HoldWhatCameHoweverItWasCutAndWhateverTheStrides) {
  using T = TypeParam;
  const TemporaryFolder folder;
  for (const auto& [m, n] :
       {std::pair<Index, Index>{0, 3}, {1, 1}, {7, 0}, {1, 4}, {9, 1}, {23, 5}}) {
    for (const Layout layout : {Layout::row_major, Layout::column_major}) {
      Matrix<T> a(m, n, layout);
      fill_uniform<T>(a.view(), Random(3));
      NpyRows<T> file(folder / "a.npy", n);
      for (Index first = 0; first < m; first += 4) {
        file.write(a.view().block(first, 0, std::min<Index>(4, m - first), n));
      }
      file.commit();
      EXPECT_EQ(file.rows(), m);
      const MatrixFile back = read_matrix(folder / "a.npy");
      const auto& b = std::get<Matrix<T>>(back.matrix);
      ASSERT_EQ(b.rows(), m);
      ASSERT_EQ(b.cols(), n);
      for (Index i = 0; i < m; ++i) {
        for (Index j = 0; j < n; ++j) {
          ASSERT_EQ(b(i, j), a(i, j)) << i << ", " << j;
        }
      }
    }
  }
}

TEST(NpyRows, AppearWholeOrNotAtAll) {
  const TemporaryFolder folder;
  {
    NpyRows<double> file(folder / "a.npy", 2);
    file.write(Matrix<double>(3, 2).view());
    EXPECT_THROW(file.write(Matrix<double>(3, 1).view()), InvalidArgument);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder / ""));
  EXPECT_THROW(NpyRows<double>("-", 2), InvalidArgument);
}

}  // namespace
}  // namespace eckart::io
