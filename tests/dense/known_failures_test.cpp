// Matrices on which other libraries failed: hung, stopped the process, reported no convergence, or returned factors that were
// wrong or not orthogonal. Each test names the report (repository#number) and says what happened there.

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <eckart/error.hpp>

#include "support/cases.hpp"

namespace eckart {
namespace {

using testing::expect_every_driver;
using testing::expect_svd;

template <class T>
class KnownFailures : public ::testing::Test {};
TYPED_TEST_SUITE(KnownFailures, testing::ScalarTypes);

// lapack#255: dbdsdc returned U and V with inner products up to 0.99987 when many values were nearly equal. Sizes above 25
// make divide and conquer merge.
TYPED_TEST(KnownFailures, ClustersOfNearlyEqualValues) {
  for (const char* width : {"1e-16", "1e-15", "1e-12", "1e-7"}) {
    expect_every_driver<TypeParam>(std::string("bidiagonal_cluster 70 width=") + width);
    expect_every_driver<TypeParam>(std::string("svd_clusters 60x50 groups=1 width=") + width);
    expect_every_driver<TypeParam>(std::string("svd_clusters 50x60 groups=4 width=") + width);
  }
}

// lapack#34, lapack#99, lapack#1138: deflation sorted wrongly when thousands of values are close.
TYPED_TEST(KnownFailures, HugeClusterBesideSmallValues) {
  expect_every_driver<TypeParam>("svd_cluster0 60 cond=1e12");
  expect_every_driver<TypeParam>("svd_cluster1 60 cond=1e12");
  expect_every_driver<TypeParam>("svd_step 80x60 level=35 noise=1e-13");
}

// lapack#1361: the bidiagonal of ones lets nothing deflate.
TYPED_TEST(KnownFailures, AllOnes) {
  expect_every_driver<TypeParam>("bidiagonal_ones 90");
  for (const char* size : {"1", "2", "3", "7", "40", "60", "50x30", "30x50"}) {
    expect_every_driver<TypeParam>(std::string("ones ") + size);
  }
}

// Eigen#2491: BDCSVD failed on constant matrices.
TYPED_TEST(KnownFailures, ConstantMatrix) {
  for (const char* value : {"0.1", "-3.7", "1e-30", "1e30"}) {
    expect_every_driver<TypeParam>(std::string("ones 50x50 value=") + value);
    expect_every_driver<TypeParam>(std::string("ones 17x60 value=") + value);
  }
}

TYPED_TEST(KnownFailures, OrthogonalMatrices) {
  for (const char* line :
       {"orthogonal 60", "orthogonal 80x40", "orthogonal 30x90", "dft 64", "dct 60", "identity 60",
        "identity 70x40", "permutation 61", "permutation 40x70"}) {
    expect_every_driver<TypeParam>(line);
  }
}

// lapack#316: divide and conquer and QR iteration differ by 18 orders in the small values from order 26 on. Both are within
// rounding of sigma_1 (about 1e27), which is what is promised here; the closed form is the judge.
TYPED_TEST(KnownFailures, CompanionMatrixOfHugeCoefficients) {
  for (const Index n : {25, 26, 27, 32, 40}) {
    const std::string line = "companion " + std::to_string(n);
    expect_every_driver<TypeParam>(line);
    if (std::is_same_v<Real<TypeParam>, double>) {
      for (const Driver driver : testing::drivers) {
        const auto s = singular_values(generate<TypeParam>(line), {.driver = driver});
        EXPECT_TRUE(
            testing::values_agree(s, *known_singular_values(parse_gallery(line)), n, n, line));
      }
    }
  }
}

// lapack#672: dgesdd failed on 5344 x 255 and 5344 x 258 design matrices of zeros and ones.
TYPED_TEST(KnownFailures, DesignMatricesOfZerosAndOnes) {
  for (const char* line :
       {"design01 230x45", "design01 230x46", "design01 200x60 factors=5",
        "design01 200x64 factors=2", "design01 250x50 random=1", "design01 40x90 factors=4"}) {
    expect_every_driver<TypeParam>(line);
  }
}
TEST(KnownFailures, DesignMatricesOfTheSizeReported) {
  for (const char* line : {"design01 5344x255 factors=3", "design01 5344x258 factors=4"}) {
    expect_svd(generate<double>(line), {}, line);
  }
}

// stetester's hard cases (Algorithm 880): values that agree to working precision across the glued copies.
TYPED_TEST(KnownFailures, GluedWilkinson) {
  for (const char* glue : {"1e-14", "1e-8", "1e-4", "1"}) {
    expect_every_driver<TypeParam>(std::string("glued_wilkinson 84 glue=") + glue);
  }
  expect_every_driver<TypeParam>("wilkinson 71");
}

// LAPACK's dchkbd type 16 and the graded matrices of Demmel and Kahan (1990).
TYPED_TEST(KnownFailures, BidiagonalsOverTheWholeRange) {
  for (int seed = 1; seed <= 5; ++seed) {
    expect_every_driver<TypeParam>("bidiagonal_loguniform 60 seed=" + std::to_string(seed));
  }
  expect_every_driver<TypeParam>("bidiagonal_graded 50 ratio=0.1");
  expect_every_driver<TypeParam>("bidiagonal_graded 50 ratio=3");
}

// scipy#15024: a spread of magnitudes that confused gesdd; three times the matrix worked.
TYPED_TEST(KnownFailures, TinyBesideHuge) {
  for (const char* line :
       {"wild 40 spread=18", "wild 60x30 spread=8", "wild 20x50 spread=15",
        "normal 40 scaling=mixed", "sparse 50 scaling=mixed", "graded 60 rowcond=1e12 colcond=1e12",
        "kahan 80", "lauchli 61x60", "vandermonde 40", "hilbert 50", "triangular 70"}) {
    expect_every_driver<TypeParam>(line);
    const Matrix<TypeParam> a = generate<TypeParam>(line);
    Matrix<TypeParam> tripled = a;
    for (Index i = 0; i < a.rows() * a.cols(); ++i) {
      tripled.data()[i] *= 3;
    }
    expect_svd(tripled, {}, std::string("3 times ") + line);
  }
}

// 1e-300, 1e300, denormal numbers and the last numbers before overflow, in every shape.
TYPED_TEST(KnownFailures, ExtremesOfTheRange) {
  for (const GalleryScalingInfo& info : gallery_scalings()) {
    for (const char* kind : {"normal 9x7", "svd_geo 30x30 cond=1e10", "ones 5x11", "sparse 40x20",
                             "identity 6", "normal 60x5"}) {
      expect_every_driver<TypeParam>(std::string(kind) + " scaling=" + info.name);
    }
  }
}

// The largest number everywhere: sigma_1 does not fit the type, and that is an error, not an infinity.
TYPED_TEST(KnownFailures, ValuesBeyondTheTypeAreAnError) {
  using R = Real<TypeParam>;
  Matrix<TypeParam> a(3, 3);
  std::fill_n(a.data(), 9, TypeParam(std::numeric_limits<R>::max()));
  for (const Driver driver : testing::drivers) {
    EXPECT_THROW(static_cast<void>(svd(a, {.driver = driver})), OutOfRange) << to_string(driver);
    EXPECT_THROW(static_cast<void>(singular_values(a, {.driver = driver})), OutOfRange)
        << to_string(driver);
  }
  Matrix<TypeParam> single(1, 1);
  single(0, 0) = TypeParam(std::numeric_limits<R>::max());
  EXPECT_EQ(singular_values(single).at(0), std::numeric_limits<R>::max());
}

// lapack#1409, numpy#32591: an infinity made dbdsqr loop for ever. lapack#1387, #1392: NaN stopped the process, or came back
// with "success". Here the first bad entry in column-major order is named.
TYPED_TEST(KnownFailures, NaNAndInfinityAreNamedByPosition) {
  using R = Real<TypeParam>;
  const R infinity = std::numeric_limits<R>::infinity(), nan = std::numeric_limits<R>::quiet_NaN();
  std::vector<TypeParam> bad = {TypeParam(nan), TypeParam(infinity), TypeParam(-infinity)};
  if constexpr (ComplexScalar<TypeParam>) {
    bad.insert(bad.end(), {TypeParam(0, nan), TypeParam(1, -infinity), TypeParam(infinity, nan)});
  }
  for (const auto& [m, n] :
       {std::pair<Index, Index>{1, 1}, {1, 9}, {9, 1}, {6, 5}, {5, 6}, {70, 40}}) {
    for (const TypeParam& value : bad) {
      for (const Index at : {Index{0}, m * n / 2, m * n - 1}) {
        Matrix<TypeParam> a = generate<TypeParam>(GallerySpec{"normal", m, n});
        a(at % m, at / m) = value;
        a(m - 1, n - 1) = value;  // a second one, which comes later
        for (const Driver driver : testing::drivers) {
          for (const Vectors choice : testing::vector_choices) {
            try {
              static_cast<void>(svd(a, {.u = choice, .v = choice, .driver = driver}));
              ADD_FAILURE() << "no error for " << m << " x " << n;
            } catch (const NonFinite& error) {
              EXPECT_EQ(error.row(), at % m);
              EXPECT_EQ(error.column(), at / m);
            }
          }
        }
      }
    }
  }
}

// numpy#32591 again, through a row-major view: the order of search is that of the matrix, not of the memory.
TEST(KnownFailures, NaNInARowMajorMatrixIsNamedInColumnOrder) {
  Matrix<double> a(4, 5, Layout::row_major);
  a(0, 4) = a(3, 1) = std::numeric_limits<double>::quiet_NaN();
  try {
    static_cast<void>(svd(a));
    ADD_FAILURE() << "no error";
  } catch (const NonFinite& error) {
    EXPECT_EQ(error.row(), 3);
    EXPECT_EQ(error.column(), 1);
  }
}

// Eigen#790: U of a 4 x 4 float matrix was not unitary.
TEST(KnownFailures, FloatFourByFour) {
  for (int seed = 0; seed < 200; ++seed) {
    expect_every_driver<float>("uniform 4 seed=" + std::to_string(seed));
    expect_every_driver<float>("integer 4 bound=1 seed=" + std::to_string(seed));
  }
}

// gam#2581: a bidiagonal solver gave up on an ordinary 11 x 11 matrix with entries of order 1.
TYPED_TEST(KnownFailures, OrdinaryElevenByEleven) {
  for (int seed = 0; seed < 50; ++seed) {
    expect_every_driver<TypeParam>("normal 11 seed=" + std::to_string(seed));
  }
}

// scipy#10032: gesvd with vectors gave wrong values for diag(-1, -1-i).
TEST(KnownFailures, ComplexTwoByTwoDiagonal) {
  using C = std::complex<double>;
  Matrix<C> a(2, 2);
  a(0, 0) = -1;
  a(1, 1) = C(-1, -1);
  expect_every_driver(a, "diag(-1, -1-i)");
  for (const Driver driver : testing::drivers) {
    const auto s = svd(a, {.driver = driver}).s;
    EXPECT_NEAR(s[0], std::sqrt(2.0), 1e-15);
    EXPECT_NEAR(s[1], 1, 1e-15);
  }
}

// OpenBLAS#3044: a 204 x 204 matrix that failed with one thread and worked with two.
TYPED_TEST(KnownFailures, TwoHundredAndFourOnOneThreadAndOnTwo) {
  const Matrix<TypeParam> a = generate<TypeParam>("svd_logrand 204 cond=1e9");
  for (const int threads : {1, 2}) {
    expect_svd(a, {.threads = threads}, "204 x 204");
  }
}

// All 9^4 matrices [a b; c d] over zero, one, and denormal numbers among the smallest there are: Eigen's svd_underoverflow
// found wrong results and endless loops there.
template <Scalar T>
void expect_all_two_by_two(const std::array<Real<T>, 9>& entries) {
  for (int code = 0; code < 9 * 9 * 9 * 9; ++code) {
    Matrix<T> a(2, 2);
    for (int at = 0, rest = code; at < 4; ++at, rest /= 9) {
      a.data()[at] = entries[static_cast<std::size_t>(rest % 9)];
    }
    for (const Driver driver : testing::drivers) {
      const SvdOptions options{.threads = 1, .driver = driver};
      ASSERT_TRUE(testing::is_svd(a, svd(a, options), options, "matrix " + std::to_string(code)));
    }
  }
}
TEST(KnownFailures, AllTwoByTwoOfDenormalNumbers) {
  expect_all_two_by_two<double>(
      {0, 1, -1, 5.60844e-313, -5.60844e-313, 4.94e-324, -4.94e-324, 4.94e-223, -4.94e-223});
}
TEST(KnownFailures, AllTwoByTwoOfDenormalFloats) {
  expect_all_two_by_two<float>(
      {0, 1, -1, 5.6e-41F, -5.6e-41F, 1.4e-45F, -1.4e-45F, 1e-26F, -1e-26F});
}
TEST(KnownFailures, AllTwoByTwoOfDenormalComplexNumbers) {
  expect_all_two_by_two<std::complex<double>>(
      {0, 1, -1, 5.60844e-313, -5.60844e-313, 4.94e-324, -4.94e-324, 4.94e-223, -4.94e-223});
}

}  // namespace
}  // namespace eckart
