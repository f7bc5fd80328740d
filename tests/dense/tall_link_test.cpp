#include "dense/tall/tall_link.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>
#include <eckart/random.hpp>

#include "blas/lapack.hpp"
#include "dense/columns.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

template <class T>
class TallLinkTest : public ::testing::Test {};
using Scalars = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(TallLinkTest, Scalars);

// R = R_2 R_1 of Q_1 = A / 16 and R_1 = 16 I. Both factors are right, then one of them is spoilt.
TYPED_TEST(TallLinkTest, AWrongSecondFactorIsFound) {
  using T = TypeParam;
  constexpr Index m = 300, n = 12, p = 4;
  const Execution run{.threads = 1, .stop = {}, .progress = {}};
  const Matrix<T> a = generate<T>("normal 300x12");
  Matrix<T> q1 = a, r1(n, n), g(n, n), x(n, p), image(n, p);
  fill_normal(x.view(), Random(3));
  for (Index j = 0; j < n; ++j) {
    r1(j, j) = T(16);
    for (Index i = 0; i < m; ++i) {
      q1(i, j) /= Real<T>(16);
    }
  }
  const RowLeaves leaves(m, n, 64, 4);
  Workspace work(FirstLink<T>::memory(n, p, leaves));
  const FirstLink<T> first(run, leaves, r1.view(), x.view(), work);
  for (Index row = 0, leaf = 0; row < m; row += 64, leaf = (leaf + 1) % leaves.count) {
    const Index rows = std::min<Index>(64, m - row);
    const Matrix<T> of_a(a.view().block(row, 0, rows, n)), of_q(q1.view().block(row, 0, rows, n));
    first.see_a(leaf, of_a.view());
    first.see_q1(leaf, of_q.view());
  }
  const double unit = static_cast<double>(m) * double{epsilon<T>} * std::sqrt(double{m} * n);
  EXPECT_LE(first.finish(image), 10 * unit);

  blas::gemm<T>(Op::adjoint, Op::none, T(1), q1.view(), q1.view(), T(0), g.view());
  ASSERT_TRUE(blas::potrf<T>(g.view()));
  for (Index j = 0; j < n; ++j) {
    clear_rows_from(g.view().columns(j, 1), j + 1);
  }
  const auto link = [&](const Matrix<T>& r2, const Matrix<T>& factor_of_r) {
    Matrix<T> r(n, n), seen = image;
    blas::gemm<T>(Op::none, Op::none, T(1), factor_of_r.view(), r1.view(), T(0), r.view());
    return link_of_second_factor<T>(run, r2.view(), r.view(), x.view(), seen.view());
  };
  EXPECT_LE(link(g, g), 10 * unit);
  Matrix<T> wrong = g;  // R_2 is not the factor of the Gram matrix, and R is made of it
  wrong(n - 1, n - 1) *= Real<T>(1.01);
  EXPECT_GT(link(wrong, wrong), 10 * unit);
  EXPECT_GT(link(g, wrong), 10 * unit);  // R is not R_2 R_1
  wrong = g;
  wrong(2, 7) += Real<T>(0.01);
  EXPECT_GT(link(wrong, wrong), 10 * unit);
}

// All singular values are nearly equal: a bound by ||A||_F, sqrt(n) times ||A||, sent 2000 x 500 to Jacobi.
TYPED_TEST(TallLinkTest, AFlatSpectrumIsNoFault) {
  using T = TypeParam;
  for (const char* spec :
       {"parter 2000x500", "orthogonal 600x100 reflectors=3", "normal 600x100"}) {
    const Matrix<T> a = generate<T>(spec);
    const Index m = a.rows(), n = a.cols(), p = 10;
    Matrix<T> r(n, n), x(n, p);
    fill_uniform(x.view(), Random(3));
    Workspace work(tall_memory<T>(m, n, 0, p, {}));
    const TallQr<T> qr = tall_factor<T>({}, {a.view()}, {}, r.view(), x.view(), {}, work);
    EXPECT_EQ(qr.method, TallMethod::cholesky_once) << spec;
    EXPECT_GT(qr.link, 0) << spec;
    const double unit = static_cast<double>(m) * double{epsilon<T>} * qr.norm /
                        std::sqrt(static_cast<double>(n));  // at most that of the largest value
    EXPECT_LE(qr.link, unit) << spec;
  }
}

}  // namespace
}  // namespace eckart::dense
