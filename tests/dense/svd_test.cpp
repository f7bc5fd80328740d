#include <cmath>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/random.hpp>
#include <eckart/svd.hpp>

namespace eckart {
namespace {

template <class T>
class DenseSvd : public testing::Test {};
using Types = testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(DenseSvd, Types);

template <Scalar T>
Matrix<T> normal_matrix(Index m, Index n, std::uint64_t seed = 7) {
  Matrix<T> a(m, n);
  fill_normal(a.view(), Random(seed));
  return a;
}

TYPED_TEST(DenseSvd, MemoryPlanIsEnoughForEveryShapeAndOption) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{1, 1},
                             {1, 5},
                             {5, 1},
                             {7, 7},
                             {30, 12},
                             {12, 30},
                             {90, 80},
                             {80, 90},
                             {300, 5},
                             {5, 300},
                             {0, 4},
                             {4, 0}}) {
    const Matrix<T> a = normal_matrix<T>(m, n);
    for (const Vectors u : {Vectors::none, Vectors::thin, Vectors::full}) {
      for (const Vectors v : {Vectors::none, Vectors::thin, Vectors::full}) {
        for (const Driver driver : {Driver::automatic, Driver::qr_iteration, Driver::jacobi}) {
          SvdOptions options;
          options.u = u;
          options.v = v;
          options.driver = driver;
          const Svd<T> result = svd(a, options);
          EXPECT_LE(result.report.workspace_bytes, svd_memory<T>(m, n, options).bytes());
          EXPECT_EQ(result.report.attempts.size(), m == 0 || n == 0 ? 0U : 1U)
              << result.report.path();
        }
      }
    }
  }
}

TYPED_TEST(DenseSvd, OverwritesOnlyWhenAskedAndGivesTheSameResult) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{40, 30}, {30, 40}, {90, 20}, {20, 90}}) {
    const Layout layout = m < n ? Layout::row_major : Layout::column_major;
    Matrix<T> a(normal_matrix<T>(m, n).view(), layout);
    const Matrix<T> before = a;
    const Svd<T> kept = svd(a);
    EXPECT_TRUE(std::equal(a.data(), a.data() + m * n, before.data()));
    const Svd<T> overwritten = svd_overwrite(a.view());
    EXPECT_FALSE(std::equal(a.data(), a.data() + m * n, before.data()));
    EXPECT_EQ(kept.s, overwritten.s);
    EXPECT_TRUE(std::equal(kept.U.data(), kept.U.data() + kept.U.rows() * kept.U.cols(),
                           overwritten.U.data()));
    EXPECT_LT(overwritten.report.workspace_bytes, kept.report.workspace_bytes);
  }
}

TYPED_TEST(DenseSvd, RefusesArgumentsOfTheWrongShape) {
  using T = TypeParam;
  const Matrix<T> a = normal_matrix<T>(4, 3);
  std::vector<Real<T>> s(3);
  Matrix<T> u(4, 3), vh(3, 3), wrong(2, 2);
  Workspace work(svd_memory<T>(4, 3));
  EXPECT_THROW(svd_into<T>(a, s, wrong.view(), vh.view(), work), InvalidArgument);
  EXPECT_THROW(svd_into<T>(a, s, u.view(), wrong.view(), work), InvalidArgument);
  EXPECT_THROW(svd_into<T>(a, std::span(s).first(2), u.view(), vh.view(), work), InvalidArgument);
  Workspace too_small(64);
  EXPECT_THROW(svd_into<T>(a, s, u.view(), vh.view(), too_small), OutOfMemory);
  EXPECT_NO_THROW(svd_into<T>(a, s, u.view(), vh.view(), work));
}

TYPED_TEST(DenseSvd, ClimbsToTheNextRungWhenAnAuditFails) {
  using T = TypeParam;
  // A threshold that no computed decomposition meets makes every rung fail.
  SvdOptions options;
  options.audit.threshold = 1e-9;
  try {
    static_cast<void>(svd(normal_matrix<T>(12, 9), options));
    FAIL();
  } catch (const NumericalError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("divide and conquer (failed"), std::string::npos) << message;
    EXPECT_NE(message.find("QR iteration (failed"), std::string::npos) << message;
    EXPECT_NE(message.find("one-sided Jacobi (failed"), std::string::npos) << message;
  }
}

TYPED_TEST(DenseSvd, ReportsWhatItDid) {
  using T = TypeParam;
  const SvdReport report = svd(normal_matrix<T>(20, 50)).report;
  EXPECT_TRUE(report.transposed);
  EXPECT_TRUE(report.qr_first);
  EXPECT_EQ(report.driver, Driver::divide_and_conquer);
  EXPECT_EQ(report.path(), "transposed, QR first, divide and conquer (audit passed)");
  EXPECT_GT(report.audit.residual, 0);
  EXPECT_LT(report.audit.residual, 10);
  EXPECT_GT(report.seconds, 0);
  EXPECT_FALSE(report.stages.empty());
}

TEST(DenseSvdRange, AnswersAValueBeyondTheTypeWithAnError) {
  Matrix<double> a(4, 4);
  std::fill_n(a.data(), 16, 1.5e308);
  EXPECT_THROW(static_cast<void>(svd(a)), OutOfRange);
}

}  // namespace
}  // namespace eckart
