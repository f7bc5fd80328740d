// Step 6 of the tall QR decomposition: U = Q U_R, and what the audit sees meanwhile.

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>
#include <eckart/random.hpp>
#include <eckart/svd.hpp>

#include "blas/gemm.hpp"
#include "dense/audit/audit.hpp"
#include "tall_paths.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

constexpr double threshold = 10;

template <class T>
class TallVectorsTest : public ::testing::Test {};
using Scalars = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(TallVectorsTest, Scalars);

// k leading vectors of A = Q R, through a few probes.
template <Scalar T>
class Leading {
 public:
  Leading(const Matrix<T>& a, Index k, const TallOptions& options)
      : m(a.rows()),
        n(a.cols()),
        r(n, n),
        q(m, n),
        u(m, k),
        x(n, 4),
        work_(tall_memory<T>(m, n, k, 4, options)) {
    fill_normal(x.view(), Random(3));
    qr = tall_factor<T>(execution_, {a.view()}, q, r, x.view(), options, work_);
    decompose_r();
  }

  // Whenever R was changed.
  void decompose_r() {
    of_r = svd(r);
    u_r = Matrix<T>(MatrixView<const T>(of_r.U.view().columns(0, u.cols())));
  }

  TallFigures multiply() {
    const Index k = u.cols(), p = x.cols();
    Matrix<T> g(n, p), rest(n, p);
    blas::gemm<T>(Op::none, Op::none, T(1), of_r.Vh.view(), x.view(), T(0), g.view());
    scale_rows<T>(g, of_r.s);
    blas::gemm<T>(Op::none, Op::none, T(1), of_r.U.view().columns(k, n - k),
                  g.view().block(k, 0, n - k, p), T(0), rest.view());
    const Matrix<T> leading(MatrixView<const T>(g.view().top_rows(k)));
    return tall_vectors<T>(execution_, qr, u_r.view(), u,
                           {.x = x.view(), .g = leading.view(), .rest = rest.view(), .r = r.view()},
                           work_);
  }

  AuditReport report(const TallFigures& figures) {
    Matrix<T> right(n, n);
    for (Index j = 0; j < n; ++j) {
      for (Index i = 0; i < n; ++i) {
        right(i, j) = conjugate(of_r.Vh(j, i));
      }
    }
    Workspace work(gram_memory<T>(n, n, x.cols()));
    return tall_report<T>(execution_, qr, figures, x.view(), of_r.s, right.view(), {}, work);
  }

  double unit() const { return static_cast<double>(m) * double{epsilon<T>}; }

  Index m, n;
  Matrix<T> r, q, u, x, u_r;
  Svd<T> of_r;
  TallQr<T> qr;

 private:
  Execution execution_{.threads = 2, .stop = {}, .progress = {}};
  Workspace work_;
};

TYPED_TEST(TallVectorsTest, SomeOfThem) {
  using T = TypeParam;
  const Matrix<T> a = generate<T>("svd_geo 900x12 cond=1e3");
  for (const Path path : every_path) {
    Leading<T> some(a, 5, options_for(path));
    const TallFigures figures = some.multiply();
    const double largest = double{some.of_r.s.front()};
    EXPECT_LE(figures.residual, threshold * some.unit() * largest);
    EXPECT_LE(figures.orthogonality, threshold * some.unit());
    EXPECT_GT(figures.basis, 0);
    EXPECT_LE(figures.basis, threshold * some.unit() * largest);
    EXPECT_TRUE(some.report(figures).passed);
    // A wrong column is seen.
    Leading<T> wrong(a, 5, options_for(path));
    wrong.u_r(0, 1) += Real<T>(0.01);
    EXPECT_GT(wrong.multiply().orthogonality, threshold * wrong.unit());
  }
}

// A column of Q that U does not show is of length 2/3, and that of R of 3/2: A = Q R holds, and U is right. The value that belongs to
// them is 3/2 of what it should be, yet too small to show in the norm.
TYPED_TEST(TallVectorsTest, AWrongColumnOfQBeyondThoseOfU) {
  using T = TypeParam;
  const auto last = Index{11};
  Matrix<T> a = generate<T>("normal 300x12");
  const int exponent = sizeof(Real<T>) == sizeof(float) ? -8 : -24;
  for (Index i = 0; i < a.rows(); ++i) {
    a(i, last) *= std::ldexp(Real<T>{1}, exponent);
  }
  for (const Path path : {Path::automatic, Path::twice, Path::sketched}) {
    Leading<T> some(a, 5, options_for(path));
    const TallFigures right = some.multiply();
    EXPECT_TRUE(some.report(right).passed) << to_string(some.qr.method);

    Leading<T> spoilt(a, 5, options_for(path));
    spoilt.qr.r2(last, last) *= Real<T>(1.5);
    for (Index j = 0; j <= last; ++j) {
      spoilt.r(last, j) *= Real<T>(1.5);
    }
    spoilt.decompose_r();
    const TallFigures figures = spoilt.multiply();
    AuditReport report = spoilt.report(figures);
    EXPECT_FALSE(report.passed) << to_string(some.qr.method);
    EXPECT_GT(report.residual, threshold);
    // By this figure alone.
    EXPECT_LE(report.norm, threshold);
    report = spoilt.report({figures.residual, figures.orthogonality, 0});
    EXPECT_TRUE(report.passed) << to_string(some.qr.method);
  }
}

TYPED_TEST(TallVectorsTest, ReportIsThatOfTheAudit) {
  using T = TypeParam;
  const Execution execution{.threads = 1, .stop = {}, .progress = {}};
  const Index m = 800, n = 15;
  const Matrix<T> a = generate<T>("normal 800x15");
  SvdOptions options;
  Workspace audit_work(MemoryPlan::all_of(
      "", {witness_memory<T>(m, n, options), audit_memory<T>(m, n, options.audit)}));
  const Witness<T> witness = make_witness<T>(execution, a.view(), options, audit_work);
  const Index p = witness.x.cols();
  Matrix<T> r(n, n), u(m, n), g(n, p);
  Workspace work(tall_memory<T>(m, n, n, p, {}));
  TallQr<T> qr = tall_factor<T>(execution, {a.view()}, u, r, witness.x, {}, work);
  const Svd<T> of_r = svd(r);
  Matrix<T> right(n, n);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < n; ++i) {
      right(i, j) = conjugate(of_r.Vh(j, i));
    }
  }
  blas::gemm<T>(Op::none, Op::none, T(1), of_r.Vh.view(), witness.x, T(0), g.view());
  scale_rows<T>(g, of_r.s);
  const TallFigures figures = tall_vectors<T>(
      execution, qr, of_r.U.view(), u, {.x = witness.x, .g = g.view(), .rest = {}, .r = {}}, work);
  const AuditReport fused = tall_report<T>(execution, qr, figures, witness.x, of_r.s, right.view(),
                                           options.audit, audit_work);
  const AuditReport known =
      audit<T>(execution, witness, u.view(), of_r.s, right.view(), options.audit, audit_work);
  EXPECT_TRUE(fused.passed);
  constexpr double own_rounding =
      0.05;  // of the figures themselves, where 1 is rounding and 10 is too much
  EXPECT_NEAR(fused.residual, known.residual, 0.1 * known.residual + own_rounding);
  EXPECT_NEAR(fused.orthogonality_u, known.orthogonality_u,
              0.1 * known.orthogonality_u + own_rounding);
  EXPECT_EQ(fused.orthogonality_v, known.orthogonality_v);
  EXPECT_EQ(fused.fooled, known.fooled);
  // A wrong U fails it.
  for (Index i = 0; i < m; ++i) {
    u(i, 2) = u(i, 1);
  }
  Matrix<T> wrong(of_r.U.view());
  for (Index i = 0; i < n; ++i) {
    wrong(i, 2) = wrong(i, 1);
  }
  const TallFigures off = tall_vectors<T>(
      execution, qr, wrong.view(), u, {.x = witness.x, .g = g.view(), .rest = {}, .r = {}}, work);
  EXPECT_FALSE(
      tall_report<T>(execution, qr, off, witness.x, of_r.s, right.view(), options.audit, audit_work)
          .passed);
}

// The rows alone make the bound on U's figure small in single precision; V has n rows, and a figure in units of n eps.
TYPED_TEST(TallVectorsTest, AMillionRowsOfFewColumns) {
  for (const Index m : {Index{140000}, Index{1000000}}) {
    auto a = Matrix<TypeParam>::uninitialized(m, 2);
    fill_uniform(a.view(), Random(1));
    const Svd<TypeParam> d = svd(a);
    EXPECT_TRUE(d.report.audit.passed);
    EXPECT_EQ(d.report.attempts.size(), 1U);
    EXPECT_LE(d.report.audit.orthogonality_v * 2 * epsilon<TypeParam>, 1e-2);
  }
}

}  // namespace
}  // namespace eckart::dense
