// The theorems behind the analysis room, on every kind of matrix of the gallery, decomposed by the
// engine: every type, tall, wide and square.

#include <numeric>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>
#include <eckart/least_squares.hpp>
#include <eckart/low_rank.hpp>
#include <eckart/norms.hpp>
#include <eckart/polar.hpp>
#include <eckart/pseudoinverse.hpp>
#include <eckart/subspaces.hpp>
#include <eckart/thresholds.hpp>

#include "analysis/fixtures.hpp"

namespace eckart {
namespace {

using testing::adjoint;
using testing::difference;
using testing::largest_difference;
using testing::orthonormality_defect;
using testing::product;

constexpr testing::Size sizes[] = {{8, 8}, {13, 6}, {6, 13}, {1, 5}, {5, 1}, {1, 1}};

template <class T>
class OnTheGallery : public ::testing::Test {
 protected:
  // body(a, d, unit) for every kind and size, with the entries near 1: unit = max(m, n) eps ||A||_2.
  template <class Body>
  static void for_each_matrix(Body body) {
    for (const GalleryKind& kind : gallery_kinds()) {
      for (const auto& [m, n] : sizes) {
        const Matrix<T> a = generate<T>(GallerySpec{.kind = kind.name, .rows = m, .cols = n});
        SCOPED_TRACE(kind.name + " " + std::to_string(m) + "x" + std::to_string(n));
        const Svd<T> d = svd(a);
        body(a, d, static_cast<double>(std::max(m, n)) * testing::eps<T>() * spectral_norm(d));
      }
    }
  }

  static double norm_of_difference(const Matrix<T>& a, const Matrix<T>& b) {
    return frobenius_norm(difference(a, b));
  }
};
TYPED_TEST_SUITE(OnTheGallery, testing::ScalarTypes);

TYPED_TEST(OnTheGallery, EckartYoung) {
  this->for_each_matrix([&](const auto& a, const auto& d, double unit) {
    for (Index k = 0; k <= static_cast<Index>(d.s.size()); ++k) {
      const Matrix<TypeParam> rest = difference(a, low_rank_matrix(d, k));
      const LowRankError e = low_rank_error(d, k);
      EXPECT_NEAR(frobenius_norm(rest), e.frobenius, 10 * unit) << k;
      EXPECT_NEAR(spectral_norm(rest), e.spectral, 10 * unit) << k;
    }
  });
}

TYPED_TEST(OnTheGallery, NormsAreInOrderAndAgreeWithTheEntries) {
  this->for_each_matrix([&](const auto& a, const auto& d, double unit) {
    const double spectral = spectral_norm(d);
    const double frobenius = frobenius_norm(d);
    const double nuclear = nuclear_norm(d);
    const double slack = 1 + 1e-14;
    EXPECT_NEAR(frobenius, frobenius_norm(a), 10 * unit);
    EXPECT_LE(spectral, frobenius * slack);
    EXPECT_LE(frobenius, nuclear * slack);
    EXPECT_LE(nuclear, std::sqrt(effective_rank(d) > 0 ? static_cast<double>(d.s.size()) : 0.0) *
                           frobenius * slack);
    EXPECT_LE(stable_rank(d), static_cast<double>(d.s.size()) * slack);
    EXPECT_LE(stable_rank(d), effective_rank(d) * slack);
    EXPECT_EQ(spectral_norm(a), spectral_norm(spectrum(a)));
  });
}

TYPED_TEST(OnTheGallery, MoorePenrose) {
  this->for_each_matrix([&](const auto& a, const auto& d, double unit) {
    const auto p = pseudoinverse(d);
    // Each product carries errors of about unit ||A^+|| in A A^+, and that much times ||A^+|| more in A^+ A A^+.
    const double relative = 30 * unit * p.norm;
    const Matrix<TypeParam> ax = product(a, p.inverse);
    const Matrix<TypeParam> xa = product(p.inverse, a);
    // Values that the rank rule left out stand in A and not in A^+.
    EXPECT_LE(this->norm_of_difference(product(ax, a), a), 30 * unit * std::max(1.0, p.condition))
        << "AXA = A";
    EXPECT_LE(this->norm_of_difference(product(xa, p.inverse), p.inverse), relative * p.norm)
        << "XAX = X";
    EXPECT_LE(this->norm_of_difference(ax, adjoint(ax)), relative) << "AX Hermitian";
    EXPECT_LE(this->norm_of_difference(xa, adjoint(xa)), relative) << "XA Hermitian";
  });
}

TYPED_TEST(OnTheGallery, SubspacesFitTheMatrix) {
  this->for_each_matrix([&](const auto& a, const auto& d, double unit) {
    const Index r = numerical_rank(d).rank;
    const auto range = range_basis(a);
    const auto null = null_space_basis(a);
    const auto row_space = row_space_basis(a);
    const auto left_null = left_null_space_basis(a);
    EXPECT_EQ(range.cols(), r);
    EXPECT_EQ(row_space.cols(), r);
    EXPECT_EQ(null.cols(), a.cols() - r);
    EXPECT_EQ(left_null.cols(), a.rows() - r);
    const double tolerance =
        20 * testing::eps<TypeParam>() * static_cast<double>(std::max(a.rows(), a.cols()));
    for (const auto* basis : {&range, &null, &row_space, &left_null}) {
      EXPECT_LE(orthonormality_defect(*basis), tolerance);
    }
    EXPECT_LE(frobenius_norm(product(a, null)), 10 * unit);
    EXPECT_LE(frobenius_norm(product(adjoint(a), left_null)), 10 * unit);
  });
}

TYPED_TEST(OnTheGallery, LeastSquaresSolvesTheNormalEquations) {
  this->for_each_matrix([&](const auto& a, const auto& d, double unit) {
    const auto b = testing::normal_matrix<TypeParam>(a.rows(), 2, 3);
    const auto x = least_squares(a, b);
    EXPECT_EQ(x.rank.rank, numerical_rank(d).rank);
    const Matrix<TypeParam> r = difference(b, product(a, x.X));
    for (Index j = 0; j < 2; ++j) {
      const auto at = static_cast<std::size_t>(j);
      const double rounding =
          30 * (unit * x.solution_norms[at] + testing::eps<TypeParam>() * frobenius_norm(b));
      EXPECT_NEAR(x.residual_norms[at], frobenius_norm(r.view().columns(j, 1)), rounding)
          << "the residual is that of X";
      EXPECT_LE(frobenius_norm(product(adjoint(a), Matrix<TypeParam>(r.view().columns(j, 1)))),
                spectral_norm(d) * rounding)
          << "A^H r = 0";
      EXPECT_TRUE(std::isfinite(x.error_bounds[at]) || x.rank.rank == 0);
    }
    // The shortest solution has no part in the null space. Both are of one decomposition: those of two differ by eps times the condition.
    const Svd<TypeParam> full = svd(a, {.v = Vectors::full});
    const auto shortest = least_squares(full, b);
    EXPECT_LE(frobenius_norm(product(adjoint(null_space_basis(full)), shortest.X)),
              30 * testing::eps<TypeParam>() * static_cast<double>(std::max(a.rows(), a.cols())) *
                  frobenius_norm(shortest.X));
  });
}

TYPED_TEST(OnTheGallery, PolarDecomposition) {
  this->for_each_matrix([&](const auto& a, const auto&, double unit) {
    const auto p = polar_decomposition(a);
    const Matrix<TypeParam> back =
        p.side == PolarSide::right ? product(p.W, p.H) : product(p.H, p.W);
    EXPECT_LE(this->norm_of_difference(back, a),
              10 * unit * std::sqrt(static_cast<double>(std::min(a.rows(), a.cols()))));
    EXPECT_LE(p.residual, 10);
    EXPECT_LE(p.orthogonality, 10);
  });
}

TYPED_TEST(OnTheGallery, ScalingByPowersOfTwoChangesNothingElse) {
  // Rank, soft ranks, rank-k errors and solutions of a scaled matrix are the same numbers, or the same times the power.
  const int far = std::numeric_limits<Real<TypeParam>>::max_exponent - 20;
  const Matrix<TypeParam> a = generate<TypeParam>("svd_geo 9x6 cond=100 seed=5");
  const Matrix<TypeParam> b = generate<TypeParam>("normal 9x2 seed=8");
  const Svd<TypeParam> d = svd(a);
  const auto x = least_squares(a, b);
  for (const int shift : {far, -far, 7}) {
    Matrix<TypeParam> scaled = a;
    for (Index i = 0; i < 54; ++i) {
      scaled.data()[i] *= std::ldexp(Real<TypeParam>{1}, shift);
    }
    const Svd<TypeParam> s = svd(scaled);
    EXPECT_EQ(numerical_rank(s).rank, numerical_rank(d).rank);
    EXPECT_EQ(stable_rank(s), stable_rank(d));
    EXPECT_EQ(effective_rank(s), effective_rank(d));
    EXPECT_EQ(low_rank_error(s, 3).relative_frobenius, low_rank_error(d, 3).relative_frobenius);
    EXPECT_EQ(frobenius_norm(s), std::ldexp(frobenius_norm(d), shift));
    EXPECT_EQ(frobenius_norm(scaled), std::ldexp(frobenius_norm(a), shift));
    EXPECT_EQ(largest_difference(polar_decomposition(scaled).W, polar_decomposition(a).W), 0);
    const auto y = least_squares(scaled, b);
    EXPECT_EQ(y.error_bounds, x.error_bounds);
    EXPECT_EQ(y.residual_norms, x.residual_norms);
    for (Index i = 0; i < 12; ++i) {
      EXPECT_EQ(y.X.data()[i], x.X.data()[i] * std::ldexp(Real<TypeParam>{1}, -shift));
    }
    const auto p = pseudoinverse(scaled);
    const auto q = pseudoinverse(a);
    for (Index i = 0; i < 54; ++i) {
      EXPECT_EQ(p.inverse.data()[i], q.inverse.data()[i] * std::ldexp(Real<TypeParam>{1}, -shift));
    }
  }
}

TYPED_TEST(OnTheGallery, ThreadsChangeNothing) {
  const Matrix<TypeParam> a = generate<TypeParam>("normal 300x260 seed=2");
  const Matrix<TypeParam> b = generate<TypeParam>("normal 300x3 seed=3");
  const auto at = [](int threads) {
    SvdOptions options;
    options.threads = threads;
    return options;
  };
  EXPECT_EQ(
      largest_difference(pseudoinverse(a, {}, at(1)).inverse, pseudoinverse(a, {}, at(3)).inverse),
      0);
  EXPECT_EQ(largest_difference(polar_decomposition(a, PolarSide::right, at(1)).H,
                               polar_decomposition(a, PolarSide::right, at(3)).H),
            0);
  EXPECT_EQ(largest_difference(least_squares(a, b, {}, at(1)).X, least_squares(a, b, {}, at(3)).X),
            0);
}

TEST(LeastSquaresOfAMatrix, TakesEveryStride) {
  const Matrix<double> a = generate<double>("normal 8x5 seed=4");
  const Matrix<double> b = generate<double>("normal 8x2 seed=5");
  const auto expected = least_squares(a, b);
  // Every second column of a wider matrix, rows from the bottom up, and row-major storage.
  Matrix<double> wide(8, 10);
  for (Index j = 0; j < 5; ++j) {
    for (Index i = 0; i < 8; ++i) {
      wide(7 - i, 2 * j) = a(i, j);
    }
  }
  const MatrixView<const double> strided(&wide(7, 0), 8, 5, -1, 16);
  EXPECT_LE(largest_difference(least_squares(strided, b).X, expected.X), 1e-14);
  EXPECT_NEAR(least_squares(strided, b).residual_norms[0], expected.residual_norms[0], 1e-14);
  EXPECT_LE(
      largest_difference(least_squares(Matrix<double>(a, Layout::row_major), b).X, expected.X),
      1e-14);
}

TEST(LeastSquaresOfAMatrix, NamesBadEntriesAndShapes) {
  Matrix<double> a(3, 2), b(3, 1);
  a(0, 0) = a(1, 1) = 1;
  EXPECT_THROW(static_cast<void>(least_squares(a, Matrix<double>(2, 1))), InvalidArgument);
  b(1, 0) = std::nan("");
  EXPECT_THROW(static_cast<void>(least_squares(a, b)), NonFinite);
  b(1, 0) = 0;
  a(2, 1) = std::nan("");
  EXPECT_THROW(static_cast<void>(least_squares(a, b)), NonFinite);
}

TEST(AnalysisRun, StopsWhenAskedTo) {
  const auto d = testing::known_svd<double>(6, 4, {4, 3, 2, 1});
  std::stop_source source;
  source.request_stop();
  const Execution run{.threads = 1, .stop = source.get_token(), .progress = {}};
  EXPECT_THROW(static_cast<void>(pseudoinverse(d, {}, run)), Cancelled);
  EXPECT_THROW(static_cast<void>(least_squares(d, Matrix<double>(6, 1), {}, run)), Cancelled);
  EXPECT_THROW(static_cast<void>(polar_decomposition(d, PolarSide::right, run)), Cancelled);
  EXPECT_THROW(static_cast<void>(complete_basis(d.U, run)), Cancelled);
  EXPECT_THROW(static_cast<void>(low_rank_matrix(d, 2, run)), Cancelled);
}

TEST(NoiseOfAMatrix, ThresholdFindsTheSignal) {
  // 5 strong directions under independent noise of standard deviation 1: 200 x 100.
  Matrix<double> y = generate<double>("normal 200x100 seed=9");
  const Svd<double> directions = svd(generate<double>("normal 200x100 seed=10"));
  for (Index l = 0; l < 5; ++l) {
    for (Index j = 0; j < 100; ++j) {
      for (Index i = 0; i < 200; ++i) {
        y(i, j) += 100.0 * directions.U(i, l) * directions.Vh(l, j);
      }
    }
  }
  const Spectrum s = spectrum(y);
  const HardThreshold known = optimal_hard_threshold(s, 1.0);
  const HardThreshold unknown = optimal_hard_threshold(s);
  EXPECT_EQ(known.rank, 5);
  EXPECT_EQ(unknown.rank, 5);
  EXPECT_NEAR(unknown.noise, 1, 0.05);
  EXPECT_EQ(optimal_hard_threshold(generate<double>("normal 200x100 seed=11")).rank, 0)
      << "noise alone";
  const std::vector<double> shrunk = optimal_shrinkage(s);
  EXPECT_GT(shrunk[4], 0);
  EXPECT_EQ(shrunk[10], 0);
}

}  // namespace
}  // namespace eckart
