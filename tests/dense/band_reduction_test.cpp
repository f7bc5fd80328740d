#include "dense/reduction/band_reduction.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>
#include <eckart/random.hpp>

namespace eckart::dense {
namespace {

template <class T>
class BandReductionTest : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(BandReductionTest, Types);

using blas::Op;

Execution with_threads(int threads) {
  return {.threads = threads, .stop = {}, .progress = {}};
}

template <Scalar T>
double frobenius(MatrixView<const T> a) {
  double square = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      square += static_cast<double>(std::norm(a(i, j)));
    }
  }
  return std::sqrt(square);
}

// A reduction with the memory that it needs, and no more.
template <Scalar T>
struct Reduced {
  Reduced(const Matrix<T>& matrix, const BandOptions& options, int threads = 1)
      : a(matrix), b(band_width<T>(a.cols(), options)), t_left(b, a.cols()), t_right(b, a.cols()) {
    Workspace work(reduce_to_band_memory<T>(a.rows(), a.cols(), b, options));
    reduce_to_band<T>(with_threads(threads), view(), options, work);
    EXPECT_EQ(work.peak(), work.size());
    EXPECT_EQ(work.used(), 0U);
  }
  BandReduction<T> view() { return {a.view(), t_left.view(), t_right.view(), b}; }

  Matrix<T> band() {
    Matrix<T> result(a.rows(), a.cols());
    copy_band<T>(view(), result.view());
    return result;
  }
  // op(Q1) c and op(P1) c.
  Matrix<T> left(Op op, const Matrix<T>& c, int threads = 1) {
    Matrix<T> result(c);
    Workspace work(apply_band_memory<T>(a.rows(), a.cols(), c.cols(), b, threads));
    apply_band_left<T>(with_threads(threads), op, view(), result.view(), work);
    EXPECT_EQ(work.peak(), work.size());
    return result;
  }
  Matrix<T> right(Op op, const Matrix<T>& c, int threads = 1) {
    Matrix<T> result(c);
    Workspace work(apply_band_memory<T>(a.rows(), a.cols(), c.cols(), b, threads));
    apply_band_right<T>(with_threads(threads), op, view(), result.view(), work);
    return result;
  }

  Matrix<T> a;
  Index b;
  Matrix<T> t_left, t_right;
};

// ||I - Q^H Q|| / (m eps), of a square Q.
template <Scalar T>
double orthogonality(const Matrix<T>& q) {
  Matrix<T> gram = Matrix<T>::identity(q.cols(), q.cols());
  blas::gemm<T>(Op::adjoint, Op::none, T{1}, q, q, T{-1}, gram.view());
  return frobenius<T>(gram) /
         (static_cast<double>(std::max<Index>(q.rows(), 1)) * double{epsilon<T>});
}

// A = Q1 B P1^H to rounding, Q1 and P1 unitary, all of them and their adjoints.
template <Scalar T>
void expect_reduction(const Matrix<T>& a, const BandOptions& options, const std::string& what) {
  const Index m = a.rows(), n = a.cols();
  Reduced<T> reduced(a, options);
  const Matrix<T> band = reduced.band();
  const Matrix<T> q = reduced.left(Op::none, Matrix<T>::identity(m, m));
  const Matrix<T> p = reduced.right(Op::none, Matrix<T>::identity(n, n));
  EXPECT_LE(orthogonality(q), 10) << what;
  EXPECT_LE(orthogonality(p), 10) << what;

  // Q1 B, then A P1 - Q1 B.
  Matrix<T> difference = reduced.left(Op::none, band);
  blas::gemm<T>(Op::none, Op::none, T{1}, a, p, T{-1}, difference.view());
  const double norm = frobenius<T>(a);
  // The smallest number stands for rounding where products underflow.
  const double unit = static_cast<double>(std::max(m, n)) *
                      (double{epsilon<T>} * norm + double{smallest_normal<T>});
  EXPECT_LE(frobenius<T>(difference), 10 * unit) << what;

  Matrix<T> back = reduced.left(Op::adjoint, q), back_p = reduced.right(Op::adjoint, p);
  for (Index j = 0; j < m; ++j) {
    back(j, j) -= T{1};
  }
  for (Index j = 0; j < n; ++j) {
    back_p(j, j) -= T{1};
  }
  EXPECT_LE(frobenius<T>(back), 10 * static_cast<double>(m) * double{epsilon<T>}) << what;
  EXPECT_LE(frobenius<T>(back_p), 10 * static_cast<double>(n) * double{epsilon<T>}) << what;
}

TYPED_TEST(BandReductionTest, ReducesEveryShapeAndBand) {
  using T = TypeParam;
  for (const auto& [m, n] :
       {std::pair<Index, Index>{1, 1}, {5, 1}, {2, 2}, {3, 2}, {8, 8}, {9, 8}, {17, 5}, {40, 31}}) {
    Matrix<T> a(m, n);
    fill_normal(a.view(), Random(5));
    for (const Index band : {1, 2, 3, 4, 7, 31, 64}) {
      for (const Index inner : {1, 2, 16}) {
        BandOptions options{.band = band, .panel = {}};
        options.panel.inner = inner;
        expect_reduction(a, options,
                         std::to_string(m) + " x " + std::to_string(n) + ", band " +
                             std::to_string(band) + ", inner " + std::to_string(inner));
      }
    }
  }
}

TYPED_TEST(BandReductionTest, ReducesLargerMatricesByDefault) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{200, 200}, {199, 131}, {300, 33}}) {
    Matrix<T> a(m, n);
    fill_normal(a.view(), Random(6));
    for (const Index band : {0, 48}) {
      expect_reduction(a, {.band = band, .panel = {}},
                       std::to_string(m) + " x " + std::to_string(n));
    }
  }
}

// The loops of the panel, compiled for each processor that this one can stand for.
TYPED_TEST(BandReductionTest, ReducesOnEveryProcessor) {
  using T = TypeParam;
  Matrix<T> a(70, 61);
  fill_normal(a.view(), Random(8));
  for (const Processor processor : {Processor::base, Processor::fma, Processor::avx512}) {
    if (processor <= this_processor()) {
      BandOptions options{.band = 20, .panel = {}};
      options.panel.processor = processor;
      expect_reduction(a, options, "processor " + std::to_string(static_cast<int>(processor)));
    }
  }
}

TYPED_TEST(BandReductionTest, ReducesHardMatrices) {
  using T = TypeParam;
  for (const char* const line :
       {"zeros 20x20", "ones 33x20", "identity 20x20", "svd_geo 40x30 cond=1e30", "kahan 30x30",
        "hilbert 30x30", "lowrank_noise 40x40", "svd_step 40x40", "svd_clusters 40x40",
        "normal 40x40 scaling=mixed", "binary 40x33", "duplicated 40x36", "graded 40x40",
        "glued_wilkinson 42x42", "bidiagonal_ones 30x30", "svd_flat 33x33"}) {
    expect_reduction(generate<T>(line), {.band = 6, .panel = {.inner = 3}}, line);
  }
  // Zero and repeated columns and rows, in the first panel and later.
  Matrix<T> a(30, 24);
  fill_normal(a.view(), Random(9));
  for (const Index j : {0, 3, 4, 17}) {
    std::fill_n(a.view().col(j), 30, T{0});
  }
  for (const Index j : {2, 5, 20, 23}) {
    std::copy_n(a.view().col(1), 30, a.view().col(j));
  }
  for (Index j = 0; j < 24; ++j) {
    a(0, j) = T{0};
    a(12, j) = a(11, j);
  }
  expect_reduction(a, {.band = 5, .panel = {.inner = 2}}, "zero and repeated columns");
}

// Columns and rows whose squares underflow or overflow, beside others that do not.
TYPED_TEST(BandReductionTest, ScalesColumnsOutOfRange) {
  using T = TypeParam;
  using R = Real<T>;
  for (const R scale :
       {std::numeric_limits<R>::min() * 16, std::sqrt(std::numeric_limits<R>::min()) / 64,
        std::sqrt(std::numeric_limits<R>::max()) * 2}) {
    Matrix<T> a(12, 9);
    fill_normal(a.view(), Random(10));
    for (Index i = 0; i < 12; ++i) {
      a(i, 0) *= scale;
      if (scale < 1) {
        a(i, 4) *= scale;
      } else {
        for (Index j = 1; j < 9; ++j) {
          a(i, j) *= scale;
        }
      }
    }
    expect_reduction(a, {.band = 3, .panel = {.inner = 2}}, std::to_string(std::log2(scale)));
  }
}

TYPED_TEST(BandReductionTest, GivesTheSameBitsForAnyNumberOfThreads) {
  using T = TypeParam;
  // Large enough for products to be cut into strips.
  const Index m = 700, n = 600;
  Matrix<T> a(m, n), c(m, 600);
  fill_normal(a.view(), Random(12));
  fill_normal(c.view(), Random(13));
  const BandOptions options{.band = 48, .panel = {}};
  const auto same = [](const Matrix<T>& x, const Matrix<T>& y) {
    return std::memcmp(x.data(), y.data(),
                       sizeof(T) * static_cast<std::size_t>(x.rows() * x.cols())) == 0;
  };
  Reduced<T> one(a, options, 1);
  const Matrix<T> left = one.left(Op::none, c),
                  right = one.right(Op::adjoint, Matrix<T>(c.view().top_rows(n)));
  for (const int threads : {2, 3}) {
    Reduced<T> other(a, options, threads);
    EXPECT_TRUE(same(one.a, other.a));
    EXPECT_TRUE(same(left, other.left(Op::none, c, threads)));
    EXPECT_TRUE(same(right, other.right(Op::adjoint, Matrix<T>(c.view().top_rows(n)), threads)));
  }
}

TYPED_TEST(BandReductionTest, ChoosesABandWithinTheMatrix) {
  using T = TypeParam;
  EXPECT_EQ(band_width<T>(1, {.band = 5, .panel = {}}), 1);
  EXPECT_EQ(band_width<T>(4, {.band = 5, .panel = {}}), 3);
  EXPECT_EQ(band_width<T>(9, {.band = 5, .panel = {}}), 5);
  for (const Index n : {1, 2, 100, 5000}) {
    const Index band = band_width<T>(n, {});
    EXPECT_GE(band, 1);
    EXPECT_LE(band, std::max<Index>(n - 1, 1));
  }
}

TYPED_TEST(BandReductionTest, LetsNanThrough) {
  using T = TypeParam;
  Matrix<T> a(20, 18);
  fill_normal(a.view(), Random(14));
  a(7, 3) = T(std::numeric_limits<Real<T>>::quiet_NaN());
  Reduced<T> reduced(a, {.band = 4, .panel = {}});
  EXPECT_TRUE(std::isnan(frobenius<T>(reduced.band())));
}

TYPED_TEST(BandReductionTest, StopsWhenToldTo) {
  using T = TypeParam;
  Matrix<T> a(30, 30), t_left(4, 30), t_right(4, 30);
  fill_normal(a.view(), Random(15));
  const BandReduction<T> reduction{a.view(), t_left.view(), t_right.view(), 4};
  Workspace work(reduce_to_band_memory<T>(30, 30, 4, {}));
  std::stop_source source;
  Index panels = 0;
  const Execution execution{
      .threads = 1, .stop = source.get_token(), .progress = [&](const Progress&) {
        ++panels;
        source.request_stop();
      }};
  EXPECT_THROW(reduce_to_band<T>(execution, reduction, {}, work), Cancelled);
  EXPECT_EQ(panels, 1);
  Workspace apply_work(apply_band_memory<T>(30, 30, 30, 4, 1));
  Matrix<T> c(30, 30);
  EXPECT_THROW(apply_band_left<T>(execution, Op::none, reduction, c.view(), apply_work), Cancelled);
}

}  // namespace
}  // namespace eckart::dense
