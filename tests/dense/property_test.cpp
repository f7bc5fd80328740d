// What singular values and vectors obey, whatever the algorithm: known values, norms, bounds on change, interlacing.

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "support/cases.hpp"

namespace eckart {
namespace {

using testing::expect_svd;

template <class T>
class SvdProperties : public ::testing::Test {};
TYPED_TEST_SUITE(SvdProperties, testing::ScalarTypes);

// Every kind of the gallery, every scaling, tall, wide, square.
TYPED_TEST(SvdProperties, EveryKindOfMatrixPassesTheChecker) {
  for (const GalleryKind& kind : gallery_kinds()) {
    for (const auto& [m, n] : {std::pair<Index, Index>{29, 29}, {34, 11}, {11, 30}}) {
      for (const GalleryScalingInfo& info : gallery_scalings()) {
        GallerySpec spec{kind.name, m, n};
        spec.scaling = info.scaling;
        expect_svd(generate<TypeParam>(spec), {.threads = 1}, to_string(spec));
      }
    }
  }
}

TYPED_TEST(SvdProperties, ClosedFormsGiveTheSingularValues) {
  int checked = 0;
  for (const GalleryKind& kind : gallery_kinds()) {
    for (const auto& [m, n] :
         {std::pair<Index, Index>{1, 1}, {2, 2}, {33, 33}, {34, 33}, {60, 20}, {20, 60}}) {
      const GallerySpec spec{kind.name, m, n};
      const auto known = known_singular_values(spec);
      if (!known ||
          (std::is_same_v<Real<TypeParam>, float> && kind.name == "companion" && m > 13)) {
        continue;  // generate() scales a companion matrix that does not fit float
      }
      const Matrix<TypeParam> a = generate<TypeParam>(spec);
      EXPECT_TRUE(testing::values_agree(singular_values(a), *known, m, n, to_string(spec)));
      EXPECT_TRUE(testing::values_agree(svd(a).s, *known, m, n, to_string(spec)));
      ++checked;
    }
  }
  EXPECT_GT(checked, 150);
}

// Interlacing (Thompson 1972): a column less, and s_{i+1}(A) <= s_i(B) <= s_i(A).
TYPED_TEST(SvdProperties, ValuesInterlaceWhenAColumnGoes) {
  using R = Real<TypeParam>;
  for (const char* line : {"normal 40x30", "svd_geo 35x35", "normal 20x33", "kahan 30"}) {
    const Matrix<TypeParam> a = generate<TypeParam>(line);
    const std::vector<R> s = singular_values(a);
    const std::vector<R> less = singular_values(a.view().columns(0, a.cols() - 1));
    const R slack = 100 * epsilon<TypeParam> * s[0];
    for (std::size_t i = 0; i < less.size(); ++i) {
      EXPECT_LE(less[i], s[i] + slack) << line << " " << i;
      if (i + 1 < s.size()) {
        EXPECT_GE(less[i], s[i + 1] - slack) << line << " " << i;
      }
    }
  }
}

// Weyl: |s_i(A + E) - s_i(A)| <= ||E||_2 <= ||E||_F.
TYPED_TEST(SvdProperties, ASmallChangeMovesNoValueFurtherThanItsNorm) {
  using R = Real<TypeParam>;
  const Matrix<TypeParam> a = generate<TypeParam>("svd_logrand 40x30"),
                          e = generate<TypeParam>("normal 40x30 seed=5");
  const R size = R(1e-3);
  Matrix<TypeParam> sum = a;
  R norm = 0;
  for (Index i = 0; i < 40 * 30; ++i) {
    sum.data()[i] += size * e.data()[i];
    norm += std::norm(size * e.data()[i]);
  }
  norm = std::sqrt(norm);
  const std::vector<R> before = singular_values(a), after = singular_values(sum);
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_LE(std::abs(before[i] - after[i]), norm) << i;
  }
}

// The Jacobi rung and the bidiagonal rungs agree on values; so do values alone and values with vectors.
TYPED_TEST(SvdProperties, DriversAgreeOnTheValues) {
  for (const char* line :
       {"normal 50x37", "svd_geo 45 cond=1e10", "hilbert 30", "design01 60x20", "normal 30x90"}) {
    const Matrix<TypeParam> a = generate<TypeParam>(line);
    const auto jacobi = svd(a, {.driver = Driver::jacobi}).s;
    const std::vector<double> reference(jacobi.begin(), jacobi.end());
    for (const Driver driver : testing::drivers) {
      EXPECT_TRUE(
          testing::values_agree(svd(a, {.driver = driver}).s, reference, a.rows(), a.cols(), line));
      EXPECT_TRUE(testing::values_agree(singular_values(a, {.driver = driver}), reference, a.rows(),
                                        a.cols(), line));
    }
  }
}

// Jacobi promises more than the others on D1 B with B well conditioned: small values to high relative accuracy (Demmel and
// Veselic 1992). The reference is double precision for float.
TEST(SvdProperties, JacobiHasTheSmallValuesOfScaledMatrices) {
  const Matrix<double> a = generate<double>("graded 40x20 rowcond=1 colcond=1e6");
  Matrix<float> rounded(40, 20);
  std::copy_n(a.data(), 40 * 20, rounded.data());
  Matrix<double> exact(40, 20);
  std::copy_n(rounded.data(), 40 * 20, exact.data());
  const auto reference = singular_values(exact, {.driver = Driver::jacobi});
  const auto s = singular_values(rounded, {.driver = Driver::jacobi});
  for (std::size_t i = 0; i < s.size(); ++i) {
    EXPECT_NEAR(s[i] / reference[i], 1, 100 * double{epsilon<float>}) << i;
  }
}

}  // namespace
}  // namespace eckart
