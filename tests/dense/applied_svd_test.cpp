#include "dense/applied_svd.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/random.hpp>

#include "support/cases.hpp"

namespace eckart::dense {
namespace {

template <class T>
class AppliedSvdOf : public ::testing::Test {};
TYPED_TEST_SUITE(AppliedSvdOf, eckart::testing::ScalarTypes);

// Columns of length 1 down to 10^-decades, mixed so that no scaling of columns mends the condition.
template <Scalar T>
Matrix<T> conditioned(Index m, Index n, double decades) {
  const bool wide = m < n;
  const Index k = std::min(m, n);
  Matrix<T> tall(std::max(m, n), k), mix(k, k);
  fill_normal<T>(tall.view(), Random(1));
  fill_normal<T>(mix.view(), Random(2));
  const Matrix<T> q = svd(mix).Vh;
  Matrix<T> a(tall.rows(), k);
  for (Index j = 0; j < k; ++j) {
    for (Index l = 0; l < k; ++l) {
      const auto weight = static_cast<Real<T>>(
          std::pow(10.0, -decades * static_cast<double>(l) / static_cast<double>(k)));
      for (Index i = 0; i < a.rows(); ++i) {
        a(i, j) += tall(i, l) * weight * q(l, j);
      }
    }
  }
  return wide ? Matrix<T>(a.view().transposed()) : a;
}

template <Scalar T>
Matrix<T> normal(Index m, Index n, std::uint64_t seed) {
  Matrix<T> a(m, n);
  fill_normal<T>(a.view(), Random(seed));
  return a;
}

// V diag(1 / s) U^H b of both decompositions: by one stage and two, tall and wide, and for the tall ones by Cholesky QR once, twice and
// sketched.
TYPED_TEST(AppliedSvdOf, SolvesAsTheFormedFactorsDo) {
  using T = TypeParam;
  struct Case {
    Index m, n;
    double decades;
    Stages stages = Stages::automatic;
  };
  for (const Case& c : {Case{17, 17, 0}, Case{40, 40, 1}, Case{40, 25, 1}, Case{25, 40, 1},
                        Case{90, 90, 1, Stages::two}, Case{70, 90, 1, Stages::two},
                        Case{400, 30, 0}, Case{400, 30, 1.5}, Case{400, 30, 3}}) {
    const Matrix<T> a = conditioned<T>(c.m, c.n, c.decades), b = normal<T>(c.m, 3, 3);
    SvdOptions options;
    options.stages = c.stages;
    const auto applied = AppliedSvd<T>::of(a, b.view(), options);
    ASSERT_TRUE(applied) << c.m << " x " << c.n;
    const Svd<T> formed = svd(a);
    const Index k = std::min(c.m, c.n);
    const double unit = 10 * static_cast<double>(k) * double{epsilon<T>};
    ASSERT_EQ(applied->values().size(), formed.s.size());
    Matrix<T> y(applied->components()), want(k, 3);
    for (Index i = 0; i < k; ++i) {
      const auto at = static_cast<std::size_t>(i);
      EXPECT_LE(std::abs(double{applied->values()[at]} - double{formed.s[at]}),
                unit * double{formed.s[0]});
      for (Index j = 0; j < 3; ++j) {
        y(i, j) /= applied->values()[at];
        for (Index l = 0; l < c.m; ++l) {
          want(i, j) += conjugate(formed.U(l, i)) * b(l, j) / formed.s[at];
        }
      }
    }
    const Matrix<T> x = applied->right(y.view());
    ASSERT_EQ(x.rows(), c.n);
    const double condition = double{formed.s.front()} / double{formed.s.back()};
    for (Index j = 0; j < 3; ++j) {
      double error = 0, length = 0;
      for (Index i = 0; i < c.n; ++i) {
        T sum{};
        for (Index l = 0; l < k; ++l) {
          sum += conjugate(formed.Vh(l, i)) * want(l, j);
        }
        error += static_cast<double>(std::norm(sum - x(i, j)));
        length += static_cast<double>(std::norm(sum));
      }
      // b is far from the range of a tall A, so the square of the condition counts.
      EXPECT_LE(std::sqrt(error), unit * condition * condition * std::sqrt(length))
          << c.m << " x " << c.n << ", " << c.decades;
    }
  }
}

// Of the leading r columns of V alone, whose lengths are 1.
TYPED_TEST(AppliedSvdOf, TheLeadingVectorsAlone) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{30, 30}, {20, 30}, {200, 30}}) {
    const Matrix<T> a = conditioned<T>(m, n, 1), b = normal<T>(m, 2, 3);
    const auto applied = AppliedSvd<T>::of(a, b.view(), {});
    ASSERT_TRUE(applied);
    Matrix<T> y(5, 2);
    y(0, 0) = y(4, 1) = T{1};
    const Matrix<T> x = applied->right(y.view());
    ASSERT_EQ(x.rows(), n);
    for (Index j = 0; j < 2; ++j) {
      double length = 0;
      for (Index i = 0; i < n; ++i) {
        length += static_cast<double>(std::norm(x(i, j)));
      }
      EXPECT_NEAR(length, 1, 100 * double{epsilon<T>});
    }
  }
}

TYPED_TEST(AppliedSvdOf, LeavesToTheCallerWhatItDoesNotDo) {
  using T = TypeParam;
  const auto made = [](const Matrix<T>& a, SvdOptions options = {}) {
    const Matrix<T> b = normal<T>(a.rows(), 1, 3);
    return AppliedSvd<T>::of(a, b.view(), options) != nullptr;
  };
  EXPECT_TRUE(made(normal<T>(30, 30, 1)));
  EXPECT_FALSE(made(Matrix<T>(30, 30)));           // zero
  EXPECT_FALSE(made(normal<T>(6, 4, 1)));          // decomposed in lanes
  EXPECT_FALSE(made(normal<T>(30, 300, 1)));       // Q would have to be applied
  EXPECT_FALSE(made(conditioned<T>(110, 30, 9)));  // by the tree
  SvdOptions options;
  options.audit.rejected = 1;
  EXPECT_FALSE(made(normal<T>(30, 30, 1), options));
  options = {};
  options.driver = Driver::jacobi;
  EXPECT_FALSE(made(normal<T>(30, 30, 1), options));
  Matrix<T> bad = normal<T>(30, 30, 1);
  bad(3, 4) = T{std::numeric_limits<Real<T>>::quiet_NaN()};
  EXPECT_THROW(static_cast<void>(made(bad)), NonFinite);
}

// A figure that no decomposition meets: the caller is left with it.
TYPED_TEST(AppliedSvdOf, AFailedAuditIsLeftToTheCaller) {
  using T = TypeParam;
  const Matrix<T> b = normal<T>(200, 1, 3);
  SvdOptions options;
  options.audit.threshold = 1e-9;
  for (const Index n : {150, 30}) {
    EXPECT_FALSE(AppliedSvd<T>::of(normal<T>(200, n, 1), b.view(), options));
  }
}

}  // namespace
}  // namespace eckart::dense
