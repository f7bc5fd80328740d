#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/random.hpp>
#include <eckart/svd.hpp>

#include "dense/audit/sturm.hpp"
#include "support/arithmetic.hpp"
#include "support/checker.hpp"

namespace eckart {
namespace {

using testing::normal_matrix;

template <class T>
class DenseSvd : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(DenseSvd, Types);

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
    // In memory of the caller, and in exactly the planned workspace.
    Matrix<T> lost = before;
    const Index k = std::min(m, n);
    std::vector<Real<T>> s(static_cast<std::size_t>(k));
    Matrix<T> u(m, k), vh(k, n, Layout::row_major);
    Workspace work(svd_overwrite_memory<T>(lost.view(), {}));
    svd_overwrite_into<T>(lost.view(), s, u.view(), vh.view(), work);
    EXPECT_EQ(s, overwritten.s);
    EXPECT_TRUE(std::equal(u.data(), u.data() + m * k, overwritten.U.data()));
    EXPECT_TRUE(std::equal(vh.data(), vh.data() + k * n, overwritten.Vh.data()));
    EXPECT_LE(work.size(), svd_memory<T>(m, n).bytes());
    // A tall matrix that goes through its triangular factor is read in place: nothing is to be saved.
    const bool copies = !kept.report.qr_first;
    EXPECT_EQ(std::equal(a.data(), a.data() + m * n, before.data()), !copies);
    EXPECT_EQ(kept.s, overwritten.s);
    EXPECT_TRUE(std::equal(kept.U.data(), kept.U.data() + kept.U.rows() * kept.U.cols(),
                           overwritten.U.data()));
    if (copies) {
      EXPECT_LT(overwritten.report.workspace_bytes, kept.report.workspace_bytes);
    }
  }
}

TYPED_TEST(DenseSvd, RefusesArgumentsOfTheWrongShape) {
  using T = TypeParam;
  const Matrix<T> a = normal_matrix<T>(14, 13);  // a smaller one needs no workspace
  std::vector<Real<T>> s(13);
  Matrix<T> u(14, 13), vh(13, 13), wrong(2, 2);
  Workspace work(svd_memory<T>(14, 13));
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

// Every rung, with every choice of vectors, after the ones below it were rejected.
TYPED_TEST(DenseSvd, EachRungTakesOverFromTheOneBelow) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{14, 11}, {11, 14}, {40, 12}, {12, 40}}) {
    const Layout layout = m < n ? Layout::row_major : Layout::column_major;
    const Matrix<T> a(normal_matrix<T>(m, n).view(), layout);
    for (const Vectors u : {Vectors::none, Vectors::thin, Vectors::full}) {
      for (const Vectors v : {Vectors::none, Vectors::thin, Vectors::full}) {
        for (int rejected = 0; rejected <= 2; ++rejected) {
          for (const bool overwrite : {false, true}) {
            SvdOptions options;
            options.u = u;
            options.v = v;
            options.audit.rejected = rejected;
            Matrix<T> copy = a;
            const Svd<T> result = overwrite ? svd_overwrite(copy.view(), options) : svd(a, options);
            EXPECT_TRUE(testing::is_svd(a, result, options)) << result.report.path();
            EXPECT_EQ(static_cast<int>(result.report.attempts.size()), rejected + 1);
            if (rejected == 2) {
              EXPECT_EQ(result.report.driver, Driver::jacobi);
            }
          }
        }
      }
    }
  }
}

TYPED_TEST(DenseSvd, SignsOfLoneFactorsAreThoseOfBoth) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{9, 6}, {6, 9}, {5, 60}, {60, 5}}) {
    const Layout layout = m < n ? Layout::row_major : Layout::column_major;
    const Matrix<T> a(normal_matrix<T>(m, n).view(), layout);
    const Svd<T> both = svd(a);
    SvdOptions only_u;
    only_u.v = Vectors::none;
    Matrix<T> copy = a;
    for (const Svd<T>& alone : {svd(a, only_u), svd_overwrite(copy.view(), only_u)}) {
      for (Index j = 0; j < both.U.cols(); ++j) {
        for (Index i = 0; i < both.U.rows(); ++i) {
          EXPECT_LE(std::abs(alone.U(i, j) - both.U(i, j)), 1e3 * epsilon<T>) << m << " x " << n;
        }
      }
    }
  }
}

TYPED_TEST(DenseSvd, TiesOfTheSignRuleGoToTheFirstEntry) {
  using T = TypeParam;
  // The right singular vectors are (1, +-1)/sqrt(2): their moduli are equal but for rounding.
  for (int scale = 0; scale < 20; ++scale) {
    const auto x = static_cast<Real<T>>(1 + 0.1 * scale);
    Matrix<T> a(2, 2);
    a(0, 0) = a(1, 1) = T(3 * x);
    a(0, 1) = a(1, 0) = T(x);
    const Svd<T> result = svd(a);
    EXPECT_GT(real_part(result.Vh(0, 0)), 0);
    EXPECT_GT(real_part(result.Vh(1, 0)), 0);
  }
}

TYPED_TEST(DenseSvd, ReportsWhatItDid) {
  using T = TypeParam;
  const SvdReport report = svd(normal_matrix<T>(20, 90)).report;
  EXPECT_TRUE(report.transposed);
  EXPECT_TRUE(report.qr_first);
  EXPECT_EQ(report.driver, Driver::divide_and_conquer);
  EXPECT_EQ(report.path(),
            "transposed, " + report.qr_method + ", divide and conquer (audit passed)");
  EXPECT_EQ(report.qr_method.rfind("Cholesky QR", 0), 0U) << report.qr_method;
  EXPECT_GT(report.audit.residual, 0);
  EXPECT_LT(report.audit.residual, 10);
  EXPECT_GT(report.seconds, 0);
  EXPECT_FALSE(report.stages.empty());
}

// One stage and two give the same decomposition up to rounding, whatever is wanted, with any width of the band.
TYPED_TEST(DenseSvd, StagesAgree) {
  using T = TypeParam;
  for (const auto& [m, n] :
       {std::pair<Index, Index>{9, 9}, {14, 11}, {11, 14}, {70, 64}, {64, 70}, {1, 1}}) {
    const Matrix<T> a = normal_matrix<T>(m, n);
    for (const Vectors u : {Vectors::none, Vectors::thin, Vectors::full}) {
      for (const Vectors v : {Vectors::none, Vectors::thin}) {
        for (const Index band : {0, 1, 2, 5, 100}) {
          SvdOptions options;
          options.u = u;
          options.v = v;
          options.stages = Stages::one;
          const Svd<T> one = svd(a, options);
          options.stages = Stages::two;
          options.band = band;
          const Svd<T> two = svd(a, options);
          EXPECT_FALSE(one.report.two_stage);
          EXPECT_TRUE(two.report.two_stage);
          EXPECT_EQ(two.report.attempts.size(), 1U) << two.report.path();
          EXPECT_TRUE(testing::is_svd(a, two, options)) << two.report.path();
          EXPECT_LE(two.report.workspace_bytes, svd_memory<T>(m, n, options).bytes());
          for (std::size_t i = 0; i < one.s.size(); ++i) {
            EXPECT_NEAR(one.s[i], two.s[i], 1e3 * epsilon<T> * one.s[0]);
          }
        }
      }
    }
  }
}

// k of n vectors are the first k of all, whichever sides are wanted, by every rung.
TYPED_TEST(DenseSvd, LeadingVectorsAreTheFirstOfAll) {
  using T = TypeParam;
  const auto differ = [](const auto& some, const auto& all) {
    double most = 0;
    for (Index j = 0; j < some.cols(); ++j) {
      for (Index i = 0; i < some.rows(); ++i) {
        most = std::max(most, static_cast<double>(std::abs(some(i, j) - all(i, j))));
      }
    }
    return most;
  };
  const double close = 1e4 * double{epsilon<T>};
  for (const auto& [m, n] :
       {std::pair<Index, Index>{14, 11}, {11, 14}, {40, 12}, {12, 40}, {9, 9}}) {
    const Matrix<T> a = normal_matrix<T>(m, n);
    const Svd<T> all = svd(a);
    const Index shorter = std::min(m, n);
    for (const Index k : {Index{1}, Index{4}, shorter - 1, shorter, shorter + 3}) {
      for (const Vectors u : {Vectors::none, Vectors::thin}) {
        for (const Vectors v : {Vectors::none, Vectors::thin}) {
          for (int rejected = 0; rejected <= 2; ++rejected) {
            SvdOptions options;
            options.leading = k;
            options.u = u;
            options.v = v;
            options.audit.rejected = rejected;
            const Svd<T> some = svd(a, options);
            EXPECT_EQ(some.s.size(), all.s.size());
            EXPECT_EQ(some.U.cols(), u == Vectors::none ? 0 : std::min(k, shorter));
            EXPECT_EQ(some.Vh.rows(), v == Vectors::none ? 0 : std::min(k, shorter));
            EXPECT_LE(differ(some.U, all.U), close) << some.report.path();
            EXPECT_LE(differ(some.Vh.view().transposed(), all.Vh.view().transposed()), close);
            EXPECT_TRUE(some.report.audit.passed);
            if (rejected == 0) {
              EXPECT_LE(some.report.workspace_bytes, svd_memory<T>(m, n, options).bytes());
            }
          }
        }
      }
    }
  }
  SvdOptions full;
  full.leading = 2;
  full.u = Vectors::full;
  EXPECT_THROW(static_cast<void>(svd(normal_matrix<T>(5, 4), full)), InvalidArgument);
}

// The shift is an exact eigenvalue of a leading block: its pivot is 0 and must count once.
TEST(SturmCounts, CountAnExactZeroPivotOnce) {
  Execution execution;
  execution.threads = 2;
  const std::array<double, 2> d = {1, 1}, golden = {1.618033988749895, 0.6180339887498949};
  const std::array<double, 1> e = {1};
  EXPECT_TRUE(dense::values_agree_with_counts<double>(execution, d, e, golden, 1 - golden[1]));
  EXPECT_TRUE(dense::values_agree_with_counts<double>(execution, d, e, golden, 1e-14));
  const std::array<double, 2> wrong = {1.618033988749895, 0.6181};
  EXPECT_FALSE(dense::values_agree_with_counts<double>(execution, d, e, wrong, 1e-14));
  const std::array<double, 3> d3 = {1, 1, 1};
  const std::array<double, 2> e2 = {1, 1};
  const std::array<double, 3> s3 = {1.8019377358048383, 1.2469796037174672, 0.4450418679126287};
  EXPECT_TRUE(dense::values_agree_with_counts<double>(execution, d3, e2, s3, 1 - s3[2]));
  EXPECT_TRUE(dense::values_agree_with_counts<double>(execution, d3, e2, s3, 1e-14));
}

TEST(SvdMemory, RefusesSizesBeyondTheAddressSpace) {
  EXPECT_THROW(static_cast<void>(svd_memory<double>(4294967296, 4294967296)), SizeLimit);
}

TEST(DenseSvdRange, AnswersAValueBeyondTheTypeWithAnError) {
  Matrix<double> a(4, 4);
  std::fill_n(a.data(), 16, 1.5e308);
  EXPECT_THROW(static_cast<void>(svd(a)), OutOfRange);
}

}  // namespace
}  // namespace eckart
