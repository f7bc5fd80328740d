#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/principal_components.hpp>
#include <eckart/random.hpp>
#include <eckart/svd.hpp>

namespace eckart {
namespace {

// Column j of spread 10^(-decades j / n), rotated by nothing, about `mean`; deviations sum to zero exactly by pairs of rows.
template <class T>
Matrix<T> observations(Index m, Index n, double decades, double mean, Layout layout) {
  Matrix<T> noise(m, n), a(m, n, layout);
  fill_normal<T>(noise.view(), Random(5));
  for (Index j = 0; j < n; ++j) {
    const double spread =
        std::pow(10.0, -decades * static_cast<double>(j) / static_cast<double>(n));
    for (Index i = 0; i < m; i += 2) {
      const T x = noise(i, j) * static_cast<Real<T>>(spread);
      a(i, j) = T(static_cast<Real<T>>(mean)) + x;
      a(i + 1, j) = T(static_cast<Real<T>>(mean)) - x;
    }
  }
  return a;
}

template <class T>
class PrincipalComponentsOf : public testing::Test {};
using Types = testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(PrincipalComponentsOf, Types);

TYPED_TEST(PrincipalComponentsOf, AllMethodsAgreeWithTheWholeDecomposition) {
  using T = TypeParam;
  const double eps = epsilon<T>;
  for (const Index m : {6, 300, 4000}) {
    for (const Layout layout : {Layout::row_major, Layout::column_major}) {
      const Matrix<T> a = observations<T>(m, 20, 1, 0, layout);
      const Svd<T> whole = svd(a);
      for (const PrincipalMethod method : {PrincipalMethod::covariance, PrincipalMethod::direct}) {
        const auto found = principal_components(a, {.method = method});
        EXPECT_EQ(found.method, method);
        ASSERT_EQ(found.s.size(), static_cast<std::size_t>(std::min<Index>(m, 20)));
        for (std::size_t i = 0; i < found.s.size(); ++i) {
          const double error = std::abs(static_cast<double>(found.s[i] - whole.s[i]));
          EXPECT_LE(error, std::pow(10.0, -found.digits[i]) * static_cast<double>(whole.s[i]) +
                               20 * eps * static_cast<double>(whole.s[i]) +
                               (found.digits[i] > 0 ? 0 : static_cast<double>(whole.s[0])) *
                                   std::sqrt(32 * eps));
        }
        for (const T& mean : found.means) {
          EXPECT_LE(std::abs(mean), 4 * eps);
        }
      }
    }
  }
}

TEST(PrincipalComponents, LargeMeansCostTheVarianceNothing) {
  const Matrix<double> a = observations<double>(5000, 6, 2, 0, Layout::row_major);
  const Matrix<double> far = observations<double>(5000, 6, 2, 1e6, Layout::row_major);
  const auto near = principal_components(a, {.method = PrincipalMethod::covariance});
  for (const PrincipalMethod method : {PrincipalMethod::covariance, PrincipalMethod::direct}) {
    const auto moved = principal_components(far, {.method = method});
    for (std::size_t i = 0; i < 6; ++i) {  // the entries themselves were rounded at 1e-10
      EXPECT_NEAR(moved.s[i] / near.s[i], 1, 1e-8);
      EXPECT_NEAR(moved.means[i], 1e6, 1e-9);
    }
  }
}

TEST(PrincipalComponents, AutomaticTakesTheWayThatLeavesTheDigits) {
  const Matrix<double> a = observations<double>(3000, 10, 8, 3, Layout::row_major);
  EXPECT_EQ(principal_components(a, {.components = 2}).method, PrincipalMethod::covariance);
  const auto all = principal_components(a);
  EXPECT_EQ(all.method, PrincipalMethod::direct);
  EXPECT_GE(all.digits.back(), 6.0);
  EXPECT_EQ(principal_components(a, {.digits = 3, .components = 6}).method,
            PrincipalMethod::covariance);
  EXPECT_EQ(principal_components(a, {.energy = 0.9}).method, PrincipalMethod::covariance);
  const auto lossy = principal_components(a, {.method = PrincipalMethod::covariance});
  EXPECT_LT(lossy.digits.back(), 2.0);  // and it says so
}

TEST(PrincipalComponents, ColumnsThatNeverChangeAreNoReasonToBeginAnew) {
  Matrix<double> a = observations<double>(2000, 8, 1, 0, Layout::row_major);
  for (Index i = 0; i < 2000; ++i) {
    a(i, 2) = 0;
    a(i, 5) = 16;
  }
  const auto found = principal_components(a);
  EXPECT_EQ(found.method, PrincipalMethod::covariance);
  EXPECT_GT(found.s[5], 0);
  EXPECT_EQ(found.s[6], 0);
  EXPECT_EQ(found.s[7], 0);
  EXPECT_GT(found.digits[7], 15);
  EXPECT_NEAR(found.s[5], principal_components(a, {.method = PrincipalMethod::direct}).s[5],
              1e-12 * found.s[0]);
  // Squares below the range are not such a column.
  for (Index i = 0; i < 2000; ++i) {
    a(i, 2) = i % 2 == 0 ? 1e-170 : -1e-170;
  }
  EXPECT_EQ(principal_components(a).method, PrincipalMethod::direct);
}

TEST(PrincipalComponents, SquaresThatLeaveTheRange) {
  for (const double size : {1e-200, 1e200}) {
    Matrix<double> a = observations<double>(100, 4, 0, 0, Layout::row_major), b = a;
    for (Index i = 0; i < 400; ++i) {
      b.data()[i] *= size;
    }
    for (const PrincipalMethod method : {PrincipalMethod::covariance, PrincipalMethod::direct}) {
      const auto one = principal_components(a, {.method = method}),
                 other = principal_components(b, {.method = method});
      for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR(other.s[i] / size / one.s[i], 1, 1e-13);
      }
    }
  }
}

TEST(PrincipalComponents, TheSameBitsForAnyNumberOfThreads) {
  const Matrix<double> a = observations<double>(20000, 12, 3, 1, Layout::row_major);
  for (const PrincipalMethod method : {PrincipalMethod::covariance, PrincipalMethod::direct}) {
    const auto one = principal_components(a, {.method = method, .threads = 1}),
               three = principal_components(a, {.method = method, .threads = 3});
    EXPECT_EQ(one.s, three.s);
    EXPECT_EQ(one.means, three.means);
    for (Index i = 0; i < 12 * 12; ++i) {
      EXPECT_EQ(one.Vh.data()[i], three.Vh.data()[i]);
    }
  }
}

TEST(PrincipalComponents, WithoutCentring) {
  const Matrix<double> a = observations<double>(400, 5, 1, 2, Layout::column_major);
  const std::vector<double> s = singular_values(a);
  for (const PrincipalMethod method : {PrincipalMethod::covariance, PrincipalMethod::direct}) {
    const auto found = principal_components(a, {.method = method, .centre = false});
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_NEAR(found.s[i] / s[i], 1, 1e-11);
      EXPECT_EQ(found.means[i], 0.0);
    }
  }
}

TEST(PrincipalComponents, ErrorsNameWhatIsWrong) {
  Matrix<double> a = observations<double>(100, 4, 0, 0, Layout::row_major);
  EXPECT_THROW(static_cast<void>(principal_components(a, {.digits = -1})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(principal_components(a, {.energy = 1})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(principal_components(Matrix<double>(0, 4))), InvalidArgument);
  a(7, 2) = std::numeric_limits<double>::quiet_NaN();
  for (const PrincipalMethod method : {PrincipalMethod::automatic, PrincipalMethod::direct}) {
    try {
      static_cast<void>(principal_components(a, {.method = method}));
      FAIL();
    } catch (const NonFinite& error) {
      EXPECT_EQ(error.row(), 7);
      EXPECT_EQ(error.column(), 2);
    }
  }
}

}  // namespace
}  // namespace eckart
