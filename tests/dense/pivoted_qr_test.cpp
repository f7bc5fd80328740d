#include "dense/jacobi/pivoted_qr.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/random.hpp>

#include "blas/lapack.hpp"

namespace eckart::dense {
namespace {

template <class T>
class PivotedQr : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(PivotedQr, Types);

const Execution quiet{.threads = 1, .stop = {}, .progress = {}};

// ||A P - Q R|| / (||A|| m eps) in Frobenius norms; |r_jj| must fall.
template <Scalar T>
double residual(const Matrix<T>& a) {
  const Index m = a.rows(), n = a.cols();
  Matrix<T> qr(a), product(m, n);
  std::vector<Index> pivots(static_cast<std::size_t>(n));
  std::vector<T> tau(static_cast<std::size_t>(n));
  Workspace work(pivoted_qr_memory<T>(n));
  pivoted_qr<T>(quiet, qr.view(), pivots, tau, work);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i <= j; ++i) {
      product(i, j) = qr(i, j);
    }
    if (j > 0) {
      EXPECT_LE(std::abs(qr(j, j)), std::abs(qr(j - 1, j - 1)) * (1 + 100 * epsilon<T>)) << j;
    }
  }
  std::vector<T> scratch(static_cast<std::size_t>(blas::apply_q_work<T>(m, n)));
  blas::unmqr<T>(blas::Side::left, blas::Op::none, qr.view(), tau, product.view(), scratch);
  double error = 0, norm = 0;
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < m; ++i) {
      error += std::norm(product(i, j) - a(i, pivots[static_cast<std::size_t>(j)]));
      norm += std::norm(a(i, j));
    }
  }
  std::sort(pivots.begin(), pivots.end());
  std::vector<Index> all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), Index{0});
  EXPECT_EQ(pivots, all);
  return norm == 0 ? error
                   : std::sqrt(error / norm) / (static_cast<double>(m) * double{epsilon<T>});
}

TYPED_TEST(PivotedQr, FactorsEveryShape) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{1, 1},
                             {5, 1},
                             {31, 31},
                             {32, 32},
                             {33, 33},
                             {100, 65},
                             {130, 129}}) {
    Matrix<T> a(m, n);
    fill_normal(a.view(), Random(3));
    EXPECT_LT(residual(a), 10) << m << " x " << n;
  }
}

TYPED_TEST(PivotedQr, FactorsRankDeficientMatrices) {
  using T = TypeParam;
  Matrix<T> zero(40, 35), pattern(40, 35);
  for (Index j = 0; j < 35; ++j) {
    for (Index i = 0; i < 40; ++i) {
      pattern(i, j) = T(i * j % 3 == 0 ? 1 : 0);
    }
  }
  EXPECT_EQ(residual(zero), 0);
  EXPECT_LT(residual(pattern), 10);
}

// Squares of these columns underflow; their order must be found all the same.
TEST(PivotedQrFloat, OrdersTinyColumnsByTheirNorm) {
  Matrix<float> a(4, 4);
  a(0, 0) = 1e-28F;
  a(1, 1) = 1;
  a(2, 2) = 1e-26F;
  a(3, 3) = 1e-30F;
  std::vector<Index> pivots(4);
  std::vector<float> tau(4);
  Workspace work(pivoted_qr_memory<float>(4));
  pivoted_qr<float>(quiet, a.view(), pivots, tau, work);
  EXPECT_EQ(pivots, (std::vector<Index>{1, 2, 0, 3}));
}

TEST(PivotedQrDouble, StopsWhenToldTo) {
  Matrix<double> a(100, 100);
  fill_normal(a.view(), Random(3));
  std::vector<Index> pivots(100);
  std::vector<double> tau(100);
  Workspace work(pivoted_qr_memory<double>(100));
  std::stop_source source;
  source.request_stop();
  const Execution stopped{.threads = 1, .stop = source.get_token(), .progress = {}};
  EXPECT_THROW(pivoted_qr<double>(stopped, a.view(), pivots, tau, work), Cancelled);
}

}  // namespace
}  // namespace eckart::dense
