// svd() against exact references: 50-digit arithmetic, and closed forms. Every driver owes
// |s - sigma| <= 10 max(m, n) eps sigma_1; Jacobi owes digits of each value where its theory promises them.

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>
#include <eckart/svd.hpp>

#include "support/checker.hpp"
#include "support/mpfr_reference.hpp"

namespace eckart {
namespace {

using eckart::testing::is_svd;
using eckart::testing::reference_singular_values;
using eckart::testing::values_agree;
using std::numbers::pi;

constexpr Driver all_drivers[] = {Driver::automatic, Driver::divide_and_conquer,
                                  Driver::qr_iteration, Driver::jacobi};

template <class T>
class Reference : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(Reference, Types);

template <Scalar T, class Entry>
Matrix<T> from_entries(Index m, Index n, const Entry& entry) {
  Matrix<T> a(m, n);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < m; ++i) {
      a(i, j) = T(static_cast<Real<T>>(entry(static_cast<double>(i), static_cast<double>(j))));
    }
  }
  return a;
}

// All drivers, with vectors and without, give `reference`; with vectors the factors pass the checker.
template <Scalar T>
void expect_values(const Matrix<T>& a, const std::vector<double>& reference,
                   const std::string& what) {
  for (const Driver driver : all_drivers) {
    const std::string name = what + ", " + to_string(driver);
    SvdOptions options;
    options.driver = driver;
    const Svd<T> result = svd(a, options);
    EXPECT_TRUE(is_svd(a, result, options, name));
    EXPECT_TRUE(values_agree(result.s, reference, a.rows(), a.cols(), name));
    EXPECT_LE(result.report.attempts.size(), 1U) << result.report.path();
    const std::vector<Real<T>> s = singular_values(a, options);
    EXPECT_TRUE(values_agree(s, reference, a.rows(), a.cols(), name + ", values alone"));
  }
}

// The largest relative error of s, value by value.
template <class R>
double relative_error(const std::vector<R>& s, const std::vector<double>& reference) {
  double worst = 0;
  for (std::size_t k = 0; k < s.size(); ++k) {
    worst = std::max(worst, std::abs(static_cast<double>(s[k]) - reference[k]) / reference[k]);
  }
  return worst;
}

// Jacobi's error of each value, relative to that value.
template <Scalar T>
double jacobi_error(const Matrix<T>& a, const std::vector<double>& reference) {
  return relative_error(singular_values(a, {.driver = Driver::jacobi}), reference);
}

TYPED_TEST(Reference, EveryKindOfTheGallery) {
  using T = TypeParam;
  constexpr Index small = ComplexScalar<T> ? 8 : 16;  // a complex reference costs eight real ones
  for (const GalleryKind& kind : gallery_kinds()) {
    for (const auto& [m, n] :
         {std::pair<Index, Index>{small, small}, {small - 5, small + 2}, {small + 5, small - 4}}) {
      const GallerySpec spec{.kind = kind.name, .rows = m, .cols = n};
      const Matrix<T> a = generate<T>(spec);
      const std::vector<double> reference = reference_singular_values(a);
      expect_values(a, reference, to_string(spec));
      if (const auto known = known_singular_values(spec)) {
        EXPECT_TRUE(values_agree<Real<T>>({known->begin(), known->end()}, reference, m, n,
                                          "closed form of " + to_string(spec)));
      }
    }
  }
}

TEST(ReferenceDouble, HardMatricesUpToOrder60) {
  for (const char* line :
       {"hilbert 40", "kahan 60", "vandermonde 30", "graded 40 rowcond=1e30 colcond=1e30",
        "lauchli 41x40 mu=1e-10", "bidiagonal_graded 50 ratio=0.5", "bidiagonal_loguniform 40",
        "svd_geo 45x30 cond=1e12", "svd_cluster0 40 cond=1e10", "svd_cluster1 40 cond=1e10",
        "wilkinson 21", "glued_wilkinson 42", "glued_wilkinson 60 block=20 glue=1e-14",
        "triangular 50", "companion 15", "pascal 30", "frank 30", "chebspec 24"}) {
    const auto a = generate<double>(line);
    expect_values(a, reference_singular_values(a), line);
  }
}

// Rows and columns scaled over 1e-120 each: every value to nearly all digits.
TEST(ReferenceDouble, JacobiKeepsTheDigitsOfGradedMatrices) {
  constexpr int bits = 2048;  // the reference itself loses digits to the grading of the rows
  for (const char* line :
       {"graded 20 rowcond=1 colcond=1e150", "graded 20 rowcond=1e120 colcond=1",
        "graded 24x20 rowcond=1e60 colcond=1e60", "graded 20x24 rowcond=1e120 colcond=1e120",
        "bidiagonal_graded 20 ratio=1e-10", "lauchli 21x20 mu=1e-100"}) {
    const auto a = generate<double>(line);
    EXPECT_LT(jacobi_error(a, reference_singular_values(a, bits)), 1e-12) << line;
  }
}

TEST(ReferenceDouble, JacobiKeepsTheDigitsAlsoWhenTheScaleIsExtreme) {
  for (const int exponent : {-900, -300, 0, 300, 900}) {
    auto a = generate<double>("graded 16 rowcond=1 colcond=1e20");
    for (Index j = 0; j < 16; ++j) {
      for (Index i = 0; i < 16; ++i) {
        a(i, j) = std::ldexp(a(i, j), exponent);
      }
    }
    EXPECT_LT(jacobi_error(a, reference_singular_values(a)), 1e-13) << exponent;
  }
}

TYPED_TEST(Reference, GoldenRatio) {
  using T = TypeParam;
  const auto a = from_entries<T>(2, 2, [](double i, double j) { return i <= j; });
  const double phi = std::numbers::phi;
  expect_values<T>(a, {phi, 1 / phi}, "[1 1; 0 1]");
}

TYPED_TEST(Reference, TriangleOfOnes) {
  using T = TypeParam;
  constexpr Index n = 50;
  const auto a = from_entries<T>(n, n, [](double i, double j) { return i <= j; });
  std::vector<double> exact;
  for (Index k = 0; k < n; ++k) {
    exact.push_back(0.5 / std::sin((2 * static_cast<double>(k) + 1) * pi / (4.0 * n + 2)));
  }
  expect_values<T>(a, exact, "triangle of ones");
}

TYPED_TEST(Reference, BidiagonalToeplitz) {
  // Ones on both diagonals: B^T B is tridiagonal Toeplitz up to one corner.
  using T = TypeParam;
  constexpr Index n = 48;
  const auto a = from_entries<T>(n, n, [](double i, double j) { return j == i || j == i + 1; });
  std::vector<double> exact;
  for (Index k = 1; k <= n; ++k) {
    exact.push_back(2 * std::cos(static_cast<double>(k) * pi / (2.0 * n + 1)));
  }
  expect_values<T>(a, exact, "bidiagonal Toeplitz");
}

TYPED_TEST(Reference, SecondDifferences) {
  using T = TypeParam;
  constexpr Index n = 37;
  const auto a = from_entries<T>(n, n, [](double i, double j) {
    return i == j ? 2 : std::abs(i - j) == 1 ? -1 : 0;
  });
  std::vector<double> exact;
  for (Index k = n; k >= 1; --k) {
    const double sine = std::sin(static_cast<double>(k) * pi / (2.0 * n + 2));
    exact.push_back(4 * sine * sine);
  }
  expect_values<T>(a, exact, "second differences");
}

TYPED_TEST(Reference, CirculantHasTheModuliOfItsFourierTransform) {
  using T = TypeParam;
  constexpr int n = 24;
  const auto column = [](int i) { return static_cast<double>(i * i % 7 - 2); };
  const auto a = from_entries<T>(
      n, n, [&](double i, double j) { return column(static_cast<int>(i - j + n) % n); });
  std::vector<double> exact;
  for (int k = 0; k < n; ++k) {
    std::complex<double> sum;
    for (int i = 0; i < n; ++i) {
      sum += column(i) * std::polar(1.0, -2 * pi * (i * k % n) / n);
    }
    exact.push_back(std::abs(sum));
  }
  std::sort(exact.begin(), exact.end(), std::greater<>());
  expect_values<T>(a, exact, "circulant");
}

TYPED_TEST(Reference, Lauchli) {
  using T = TypeParam;
  constexpr Index n = 12;
  const double mu = static_cast<double>(static_cast<Real<T>>(1e-3 * std::sqrt(epsilon<T>)));
  const auto a = from_entries<T>(n + 1, n, [&](double i, double j) {
    return i == 0 ? 1 : i == j + 1 ? mu : 0;
  });
  std::vector<double> exact(n, mu);
  exact[0] = std::sqrt(n + mu * mu);
  expect_values<T>(a, exact, "Lauchli");
  EXPECT_LT(jacobi_error(a, exact), 10 * n * double{epsilon<T>});
}

TYPED_TEST(Reference, RankOne) {
  using T = TypeParam;
  const auto a = from_entries<T>(30, 20, [](double i, double j) { return (i + 1) * (j - 7); });
  std::vector<double> exact(20, 0.0);
  double u = 0, v = 0;
  for (int i = 0; i < 30; ++i) {
    u += (i + 1) * (i + 1);
  }
  for (int j = 0; j < 20; ++j) {
    v += (j - 7) * (j - 7);
  }
  exact[0] = std::sqrt(u * v);
  expect_values<T>(a, exact, "rank one");
}

TYPED_TEST(Reference, AllOnes) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{40, 40}, {50, 8}, {8, 50}}) {
    const auto a = from_entries<T>(m, n, [](double, double) { return 1; });
    std::vector<double> exact(static_cast<std::size_t>(std::min(m, n)), 0.0);
    exact[0] = std::sqrt(static_cast<double>(m * n));
    expect_values<T>(a, exact, "all ones");
  }
}

TYPED_TEST(Reference, OrthogonalReflection) {
  // I - 2 v v^T / v^T v.
  using T = TypeParam;
  constexpr Index n = 40;
  double square = 0;
  const auto v = [](double i) { return i - 11.5; };
  for (Index i = 0; i < n; ++i) {
    square += v(static_cast<double>(i)) * v(static_cast<double>(i));
  }
  const auto a = from_entries<T>(
      n, n, [&](double i, double j) { return (i == j) - 2 * v(i) * v(j) / square; });
  expect_values<T>(a, std::vector<double>(n, 1.0), "reflection");
}

TYPED_TEST(Reference, Companion) {
  // All values are 1 but two, which solve s^4 - (1 + sum c_i^2) s^2 + c_0^2 = 0.
  using T = TypeParam;
  constexpr Index n = 14;
  const auto c = [](double i) { return i - 3.0; };
  const auto a = from_entries<T>(n, n, [&](double i, double j) {
    return j == n - 1 ? -c(i) : i == j + 1 ? 1 : 0;
  });
  double b = 1;
  for (Index i = 0; i < n; ++i) {
    b += c(static_cast<double>(i)) * c(static_cast<double>(i));
  }
  std::vector<double> exact(n, 1.0);
  const double root = std::sqrt(b * b - 4 * c(0) * c(0));
  exact.front() = std::sqrt((b + root) / 2);
  exact.back() = std::abs(c(0)) / exact.front();
  expect_values<T>(a, exact, "companion");
}

TEST(ReferenceDouble, ValuesOfPascalsMatrixComeInReciprocalPairs) {
  const auto a = generate<double>("pascal 7");
  for (const Driver driver : all_drivers) {
    const std::vector<double> s = singular_values(a, {.driver = driver});
    for (std::size_t k = 0; k < 7; ++k) {
      EXPECT_NEAR(s[k] * s[6 - k], 1, 1e-9) << to_string(driver);  // condition 6e5
    }
  }
}

// The reference itself, where a closed form tells every digit.
TEST(ReferenceDouble, TheReferenceIsRightToTheLastDigit) {
  const double phi = std::numbers::phi;
  const auto golden = from_entries<double>(2, 2, [](double i, double j) { return i <= j; });
  EXPECT_LT(relative_error(reference_singular_values(golden), {phi, 1 / phi}), 3e-16);

  const auto lauchli = generate<double>("lauchli 5x4 mu=1e-12");
  EXPECT_LT(relative_error(reference_singular_values(lauchli), {2, 1e-12, 1e-12, 1e-12}), 3e-16);

  // Columns grow, and only the first and last are not orthogonal: sorting must not hide that pair.
  Matrix<double> apart(3, 3);
  apart(0, 0) = 1;
  apart(1, 1) = 2;
  apart(0, 2) = apart(2, 2) = 3;
  const double sum = std::sqrt(361.0 - 36), wide = std::sqrt((19 + sum) / 2);
  EXPECT_LT(relative_error(reference_singular_values(apart), {wide, 2, 3 / wide}), 3e-16);

  Matrix<std::complex<double>> twisted(3, 2);  // golden, with phases and a zero row
  twisted(0, 0) = {0, 1};
  twisted(0, 1) = {-1, 0};
  twisted(2, 1) = {0.6, 0.8};
  EXPECT_LT(relative_error(reference_singular_values(twisted), {phi, 1 / phi}), 3e-16);
}

}  // namespace
}  // namespace eckart
