// Every link of the chain audit, spoiled on purpose. The steps of the driver are run one by one; at one of them a fault of 8
// times the accepted size is planted, as small as the audit promises to see, and the verdict must fail and name the figure of
// that link, while the links before it still hold.

#include "dense/audit/chain_audit.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/gallery.hpp>

#include "dense/bidiagonal/bidiagonal_svd.hpp"
#include "dense/columns.hpp"
#include "support/cases.hpp"

namespace eckart::dense {
namespace {

const Execution quiet{.threads = 1, .stop = {}, .progress = {}};

/// What is computed of a 40 x 24 matrix.
struct Wanted {
  const char* name;
  Index vectors;
  bool left;  // L too, not R alone
};
constexpr Wanted all_vectors{"both sides", 24, true}, right_alone{"R alone", 24, false},
    leading{"the leading 9", 9, true}, values_alone{"values alone", 0, false};
constexpr Wanted with_vectors[] = {all_vectors, right_alone, leading};
constexpr Wanted everything[] = {all_vectors, right_alone, leading, values_alone};

/// The driver's steps from A to its values and vectors, and the audit along the chain.
template <Scalar T>
class Steps {
 public:
  using R = Real<T>;
  static constexpr Index m = 40, n = 24;

  // What is changed between two steps; each gets the steps themselves.
  using Fault = std::function<void(Steps&)>;
  Fault before_reduction, after_reduction, after_bidiagonal, after_back;

  explicit Steps(const char* matrix = "svd_geo 40x24 cond=1e3") : a(generate<T>(matrix)) {}
  Steps(const Steps&) = delete;  // views of one must not be the matrices of another
  Steps& operator=(const Steps&) = delete;

  /// Steps 1 to 3 of ladder.cpp, with the faults.
  AuditReport run(const Wanted& wanted) {
    const SvdOptions options;
    const Index k = wanted.vectors;
    const Witness<T> witness = make_witness<T>(quiet, a, options, work_);
    inject(before_reduction);
    std::vector<StageTime> stages;
    Reduction<T> reduced(plan_reduction<T>(m, n, k, options), work_);
    reduced.reduce(quiet, StageClock(quiet, stages), a, work_);
    inject(after_reduction);
    chain = make_chain<T>(m, n, k, witness.x.cols(), work_);
    check_reduction<T>(quiet, witness, reduced, chain, work_);

    s.assign(reduced.d().begin(), reduced.d().end());
    std::vector<R> spare_e(reduced.e().begin(), reduced.e().end());
    EXPECT_TRUE(k == 0 ? bidiagonal_values<R>(quiet, Driver::divide_and_conquer, s, spare_e, work_)
                       : bidiagonal_svd<R>(quiet, Driver::divide_and_conquer, s, spare_e, left_b,
                                           right_b, k, work_));
    inject(after_bidiagonal);
    left = Matrix<T>(wanted.left ? m : 0, wanted.left ? k : 0);
    right = Matrix<T>(k > 0 ? n : 0, k);
    if (k > 0) {
      const MatrixView<T> left_top = wanted.left ? left.view().top_rows(n) : MatrixView<T>();
      copy_columns(right_b.view().columns(0, k), right.view());
      if (wanted.left) {
        copy_columns(left_b.view().columns(0, k), left_top);
      }
      check_bidiagonal<T>(quiet, witness, reduced,
                          {.left_b = left_b.view().columns(0, k),
                           .right_b = right_b.view().columns(0, k),
                           .left = left_top,
                           .right = right.view()},
                          std::span<const R>(s), options.seed, chain, work_);
      reduced.right(quiet, blas::Op::none, right, work_);
      if (wanted.left) {
        reduced.left(quiet, blas::Op::none, left, work_);
      }
      inject(after_back);
    }
    return audit_chain<T>(quiet, witness, reduced, chain, left, std::span<const R>(s), right,
                          options.audit, work_);
  }

  /// 8 times the accepted error, relative to sigma_1, which is 1.
  static R visible() { return R{8} * R{10} * relative_unit(); }
  static R relative_unit() { return R{m} * epsilon<T>; }

  /// The links that hold, in their units.
  [[nodiscard]] double reduction() const { return chain.reduction / unit(); }
  [[nodiscard]] double bidiagonal() const { return chain.bidiagonal / unit(); }

  Matrix<T> a;
  std::vector<R> s;
  Matrix<R> left_b = Matrix<R>(n, n), right_b = Matrix<R>(n, n);
  Matrix<T> left, right;
  Chain<T> chain;

 private:
  void inject(const Fault& fault) {
    if (fault) {
      fault(*this);
    }
  }
  [[nodiscard]] double unit() const {
    return static_cast<double>(s.front()) * static_cast<double>(relative_unit());
  }

  Workspace work_{std::uint64_t{1} << 20};
};

template <class T>
class ChainAudit : public ::testing::Test {
 protected:
  static constexpr double accepted = 10;
  // What rounding leaves stays below this.
  static constexpr double sound = 3;

  static void expect_named(const AuditReport& report, const std::string& figure) {
    EXPECT_FALSE(report.passed);
    EXPECT_EQ(explain_failure(report, {}).rfind(figure, 0), 0U) << explain_failure(report, {});
  }
};
TYPED_TEST_SUITE(ChainAudit, eckart::testing::ScalarTypes);

TYPED_TEST(ChainAudit, PassesWhatIsSound) {
  for (const Wanted& wanted : everything) {
    SCOPED_TRACE(wanted.name);
    Steps<TypeParam> steps;
    const AuditReport report = steps.run(wanted);
    EXPECT_TRUE(report.passed) << explain_failure(report, {});
    EXPECT_LT(report.residual, this->sound);
    EXPECT_TRUE(report.counts_agree);
    EXPECT_GT(report.fooled, 0);
    EXPECT_LT(report.fooled, 2e-10);
  }
}

// Link 1. B, and all that follows from it, is right for another matrix: this link alone can tell.
TYPED_TEST(ChainAudit, SeesAReductionOfAnotherMatrix) {
  for (const Wanted& wanted : everything) {
    SCOPED_TRACE(wanted.name);
    for (const auto& [i, j] : {std::pair<Index, Index>{0, 0}, {39, 23}, {17, 11}}) {
      Steps<TypeParam> steps;
      steps.before_reduction = [i = i, j = j](auto& x) { x.a(i, j) += x.visible(); };
      const AuditReport report = steps.run(wanted);
      this->expect_named(report, "residual");
      EXPECT_GT(steps.reduction(), this->accepted);
      EXPECT_TRUE(report.counts_agree) << "the links behind it hold";
      EXPECT_LT(steps.bidiagonal(), this->sound);
      EXPECT_LT(steps.chain.orthogonality, this->sound);
    }
  }
}

TYPED_TEST(ChainAudit, SeesReflectorsThatAreNotThoseApplied) {
  // Below the diagonal stand those of Q, right of the superdiagonal those of P.
  for (const auto& [i, j] : {std::pair<Index, Index>{9, 2}, {2, 9}}) {
    Steps<TypeParam> steps;
    steps.after_reduction = [i = i, j = j](auto& x) { x.a(i, j) += 10 * x.visible(); };
    const AuditReport report = steps.run(right_alone);
    this->expect_named(report, "residual");
    EXPECT_GT(steps.reduction(), this->accepted);
    EXPECT_LT(steps.bidiagonal(), this->sound);
  }
}

// Link 2.
TYPED_TEST(ChainAudit, SeesAWrongValue) {
  for (const Wanted& wanted : with_vectors) {
    SCOPED_TRACE(wanted.name);
    Steps<TypeParam> steps;
    steps.after_bidiagonal = [](auto& x) { x.s[0] += x.visible(); };
    const AuditReport report = steps.run(wanted);
    this->expect_named(report, "norm");
    EXPECT_GT(report.residual, this->accepted);
    EXPECT_LT(steps.reduction(), this->sound);
  }
}

// Neither the norm nor the order of the values shows it. Beyond the leading vectors, and for values alone, the counts do.
TYPED_TEST(ChainAudit, SeesAWrongValueThatKeepsTheNorm) {
  using R = Real<TypeParam>;
  for (const Wanted& wanted : everything) {
    SCOPED_TRACE(wanted.name);
    Steps<TypeParam> steps;
    steps.after_bidiagonal = [](auto& x) {
      const double up = static_cast<double>(x.s[10]) + static_cast<double>(x.visible());
      const double squares = std::hypot(static_cast<double>(x.s[10]), static_cast<double>(x.s[9]));
      x.s[10] = static_cast<R>(up);
      x.s[9] = static_cast<R>(std::sqrt((squares - up) * (squares + up)));
    };
    const AuditReport report = steps.run(wanted);
    EXPECT_TRUE(report.sorted);
    EXPECT_LT(report.norm, this->sound);
    EXPECT_LT(steps.reduction(), this->sound);
    if (wanted.vectors > 10) {
      this->expect_named(report, "residual");
      EXPECT_GT(steps.bidiagonal(), this->accepted);
    } else {
      EXPECT_LT(report.residual, this->sound) << "all that the vectors say is right";
      this->expect_named(report, "a Sturm count of the bidiagonal matrix contradicts a value");
    }
  }
}

TYPED_TEST(ChainAudit, SeesAPairOfVectorsThatBelongsToNoValue) {
  for (const Wanted& wanted : with_vectors) {
    SCOPED_TRACE(wanted.name);
    Steps<TypeParam> steps;
    steps.after_bidiagonal = [](auto& x) {
      std::swap_ranges(x.left_b.view().col(4), x.left_b.view().col(4) + x.n,
                       x.left_b.view().col(5));
    };
    const AuditReport report = steps.run(wanted);
    this->expect_named(report, "residual");
    EXPECT_GT(steps.bidiagonal(), this->accepted);
    EXPECT_LT(steps.chain.orthogonality, this->sound) << "orthonormal, and wrong";
    EXPECT_LT(report.orthogonality_u, this->sound);
  }
}

// L_B is seen by the residual as well, but for the vectors of values of 0; there its own figure has to speak.
TYPED_TEST(ChainAudit, SeesAnLBThatIsNotOrthogonal) {
  using T = TypeParam;
  for (const Wanted& wanted : {all_vectors, right_alone}) {
    SCOPED_TRACE(wanted.name);
    Steps<T> steps("svd_geo 40x24 cond=1e3 rank=20");
    steps.after_bidiagonal = [](auto& x) {
      const Index last = x.n - 1;
      const auto unit = static_cast<Real<T>>(x.m) * epsilon<T>;
      for (Index i = 0; i < x.n; ++i) {
        x.left_b(i, last) *= 1 + 40 * unit;  // a defect of 80 units in L_B^H L_B
      }
    };
    const AuditReport report = steps.run(wanted);
    this->expect_named(report, wanted.left ? "orthogonality of U" : "orthogonality of V");
    EXPECT_LT(report.residual, this->sound);
  }
}

// Link 3, on either side.
TYPED_TEST(ChainAudit, SeesABackTransformationThatIsNotOne) {
  using T = TypeParam;
  const std::pair<const char*, std::function<void(Matrix<T>&)>> faults[] = {
      {"a sign",
       [](Matrix<T>& q) {
         for (Index i = 0; i < q.rows(); ++i) {
           q(i, 8) = -q(i, 8);
         }
       }},
      {"a rotation of the size that is promised",
       [](Matrix<T>& q) {
         const Real<T> angle = Steps<T>::visible();
         for (Index i = 0; i < q.rows(); ++i) {
           const T x = q(i, 6), y = q(i, 7);
           q(i, 6) = std::cos(angle) * x + std::sin(angle) * y;
           q(i, 7) = std::cos(angle) * y - std::sin(angle) * x;
         }
       }},
      {"two columns", [](Matrix<T>& q) {
         std::swap_ranges(q.view().col(0), q.view().col(0) + q.rows(), q.view().col(1));
       }}};
  for (const Wanted& wanted : with_vectors) {
    for (const bool of_left : {false, true}) {
      for (const auto& [what, fault] : faults) {
        if (of_left && !wanted.left) {
          continue;
        }
        SCOPED_TRACE(std::string(wanted.name) + (of_left ? ", L: " : ", R: ") + what);
        Steps<T> steps;
        steps.after_back = [&, of_left](auto& x) { fault(of_left ? x.left : x.right); };
        const AuditReport report = steps.run(wanted);
        this->expect_named(report, "residual");
        EXPECT_LT(steps.reduction(), this->sound);
        EXPECT_LT(steps.bidiagonal(), this->sound);
        EXPECT_LT(report.orthogonality_u, this->sound) << "orthonormal, and wrong";
        EXPECT_LT(report.orthogonality_v, this->sound) << "orthonormal, and wrong";
      }
    }
  }
}

TYPED_TEST(ChainAudit, SeesFactorsThatAreNotOrthonormal) {
  for (const bool of_left : {false, true}) {
    Steps<TypeParam> steps;
    steps.after_back = [of_left](auto& x) {
      auto& q = of_left ? x.left : x.right;
      for (Index i = 0; i < q.rows(); ++i) {
        q(i, 2) *= 1 + x.visible();
      }
    };
    const AuditReport report = steps.run(all_vectors);
    EXPECT_FALSE(report.passed);
    EXPECT_GT(of_left ? report.orthogonality_u : report.orthogonality_v, this->accepted);
  }
}

// Counts see a value that was found twice, and one that was lost.
TYPED_TEST(ChainAudit, CountsSeeAValueFoundTwice) {
  for (const Wanted& wanted : {values_alone, leading}) {
    SCOPED_TRACE(wanted.name);
    for (const std::size_t at : {std::size_t{11}, std::size_t{14}, std::size_t{22}}) {
      Steps<TypeParam> steps, others;
      steps.after_bidiagonal = [at](auto& x) { x.s[at] = x.s[at - 1]; };
      others.after_bidiagonal = [at](auto& x) { x.s[at] = x.s[at + 1]; };
      const AuditReport report = steps.run(wanted);
      EXPECT_FALSE(report.passed);
      EXPECT_TRUE(report.sorted);
      EXPECT_FALSE(report.counts_agree) << at;
      EXPECT_FALSE(others.run(wanted).counts_agree) << at;
    }
  }
}

TYPED_TEST(ChainAudit, NaNInAnyLinkFails) {
  using T = TypeParam;
  using R = Real<T>;
  const R nan = std::numeric_limits<R>::quiet_NaN();
  const std::pair<const char*, std::function<void(Steps<T>&)>> faults[] = {
      {"L_B", [&](Steps<T>& x) { x.after_bidiagonal = [nan](auto& y) { y.left_b(5, 5) = nan; }; }},
      {"R_B", [&](Steps<T>& x) { x.after_bidiagonal = [nan](auto& y) { y.right_b(5, 5) = nan; }; }},
      {"R", [&](Steps<T>& x) { x.after_back = [nan](auto& y) { y.right(5, 5) = T{nan}; }; }},
      {"a value", [&](Steps<T>& x) { x.after_bidiagonal = [nan](auto& y) { y.s[5] = nan; }; }}};
  for (const Wanted& wanted : with_vectors) {
    for (const auto& [what, fault] : faults) {
      Steps<T> steps;
      fault(steps);
      EXPECT_FALSE(steps.run(wanted).passed) << wanted.name << ", " << what;
    }
  }
  Steps<T> in_left;
  in_left.after_back = [nan](auto& x) { x.left(5, 5) = T{nan}; };
  EXPECT_FALSE(in_left.run(all_vectors).passed);
}

}  // namespace
}  // namespace eckart::dense
