// The choice of a method: from sizes, cost and memory alone, without a product.

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>
#include <eckart/truncated_svd.hpp>

namespace eckart {
namespace {

/// Of a size and a cost that nobody could hold; a product would be a failure.
struct Outline {
  Index m, n;
  double entries;

  [[nodiscard]] Index rows() const { return m; }
  [[nodiscard]] Index cols() const { return n; }
  void apply(const Execution&, MatrixView<const double>, MatrixView<double>) const {
    throw NumericalError("a plan applies nothing");
  }
  void apply_adjoint(const Execution&, MatrixView<const double>, MatrixView<double>) const {
    throw NumericalError("a plan applies nothing");
  }
  [[nodiscard]] OperatorCost cost() const { return {.flops = 2 * entries, .bytes = 12 * entries}; }
};

TruncatedPlan plan(const Outline& outline, const Truncation& rule,
                   const TruncatedOptions& options = {}) {
  return plan_truncated_svd<double>(Operator<double>(outline), rule, options);
}

Outline full(Index m, Index n) {
  return {m, n, static_cast<double>(m) * static_cast<double>(n)};
}

TEST(TruncatedPlan, FewTripletsOfALargeMatrixAreIteratedAndManyAreCut) {
  EXPECT_EQ(plan(full(3000, 3000), rank(10)).method, TruncatedMethod::lanczos);
  EXPECT_EQ(plan(full(3000, 3000), rank(50)).method, TruncatedMethod::lanczos);
  EXPECT_EQ(plan(full(3000, 3000), rank(1200)).method, TruncatedMethod::dense);
  EXPECT_EQ(plan(full(100, 100), rank(5)).method, TruncatedMethod::dense);
  EXPECT_EQ(plan({200000, 20000, 2e6}, rank(20)).method, TruncatedMethod::lanczos);
}

TEST(TruncatedPlan, OneThatDoesNotFitIsDense) {
  const TruncatedPlan p = plan(full(500, 60), rank(50));
  EXPECT_EQ(p.method, TruncatedMethod::dense);
  EXPECT_NE(p.reason.find("more than min(m, n) = 60"), std::string::npos) << p.reason;
  EXPECT_EQ(p.estimate(TruncatedMethod::lanczos)->obstacle, Obstacle::unfit);
  EXPECT_TRUE(p.is_only_way);
}

TEST(TruncatedPlan, MemoryDecidesBeforeTime) {
  const std::uint64_t little = std::uint64_t{128} << 20;
  const TruncatedPlan p = plan(full(3000, 3000), rank(300), {.max_memory = little});
  EXPECT_EQ(p.method, TruncatedMethod::lanczos);
  EXPECT_NE(p.reason.find("dense cannot: it needs"), std::string::npos) << p.reason;
  const TruncatedPlan none = plan(full(3000, 3000), rank(300), {.max_memory = 1000});
  EXPECT_EQ(none.estimate(none.method)->obstacle, Obstacle::memory);
}

TEST(TruncatedPlan, WhatIsAskedForIsTakenAndSaid) {
  const TruncatedPlan p = plan(full(3000, 3000), rank(5), {.method = TruncatedMethod::dense});
  EXPECT_EQ(p.method, TruncatedMethod::dense);
  EXPECT_EQ(p.reason, "it was asked for");
}

// It is the one with a looser tolerance of its own, so it is never taken without a word.
TEST(TruncatedPlan, TheRandomizedMethodIsForFewDigitsOrAnUnknownNorm) {
  EXPECT_EQ(plan(full(3000, 3000), rank(200)).method, TruncatedMethod::lanczos);
  EXPECT_EQ(plan(full(3000, 3000), rank(200), {.tolerance = 1e-3}).method,
            TruncatedMethod::lanczos);
  EXPECT_EQ(plan(full(3000, 3000), rank(200), {.tolerance = 0.05}).method,
            TruncatedMethod::randomized);
  const TruncatedPlan unknown = plan(full(3000, 3000), energy(0.5));
  EXPECT_EQ(unknown.method, TruncatedMethod::randomized);
  EXPECT_NE(unknown.estimate(TruncatedMethod::lanczos)->obstacle_text.find("||A||_F"),
            std::string::npos);
  const TruncatedPlan all = plan(full(500, 60), rank(50), {.method = TruncatedMethod::randomized});
  EXPECT_EQ(all.method, TruncatedMethod::dense);
  EXPECT_NE(all.reason.find("randomized cannot"), std::string::npos) << all.reason;
}

TEST(TruncatedPlan, CostsGrowWithTheirCauses) {
  const auto seconds = [](Index m, Index n, Index k) {
    return plan(full(m, n), rank(k)).estimate(TruncatedMethod::lanczos)->product_flops;
  };
  EXPECT_LT(seconds(3000, 3000, 10), seconds(3000, 3000, 50));
  EXPECT_LT(seconds(2000, 2000, 10), seconds(3000, 3000, 10));
  const MethodEstimate sparse =
      *plan({3000, 3000, 1e5}, rank(10)).estimate(TruncatedMethod::lanczos);
  EXPECT_LT(sparse.product_flops, seconds(3000, 3000, 10));
  EXPECT_GT(sparse.passes, 2);
  EXPECT_GT(sparse.memory.bytes(), 2U * 3000 * 10 * sizeof(double));
}

TEST(TruncatedPlan, RulesThatNameNoNumberBeginWithAFew) {
  const TruncatedPlan p = plan(full(3000, 3000), energy(0.5));
  EXPECT_EQ(p.target, 16);
  EXPECT_EQ(p.most, 3000);
  EXPECT_EQ(plan(full(3000, 3000), rank(7) & energy(0.5)).most, 7);
}

TEST(TruncatedPlan, AnErrorThatAnIterationCannotTellIsLeftToTheWholeSpectrum) {
  const TruncatedPlan p = plan(full(3000, 3000), relative_error(1e-9));
  EXPECT_EQ(p.method, TruncatedMethod::dense);
  EXPECT_NE(p.reason.find("lost in the rounding"), std::string::npos) << p.reason;
}

// They would iterate for ever; the dense method has every value.
TEST(TruncatedPlan, NoErrorAtAllIsForTheWholeSpectrumToo) {
  const Matrix<double> a = Matrix<double>::identity(60, 50);
  for (const Truncation& rule : {energy(1), relative_error(0), absolute_error(0)}) {
    EXPECT_EQ(plan(full(3000, 3000), rule).method, TruncatedMethod::dense);
    EXPECT_EQ(truncated_svd(a, rule).s.size(), 50U);
    for (const TruncatedMethod method : {TruncatedMethod::lanczos, TruncatedMethod::randomized}) {
      try {
        static_cast<void>(truncated_svd(a, rule, {.method = method}));
        ADD_FAILURE() << to_string(method);
      } catch (const InvalidArgument& e) {
        EXPECT_NE(std::string(e.what()).find("an error of 0 ||A||_F is lost in the rounding"),
                  std::string::npos)
            << e.what();
      }
    }
  }
}

TEST(TruncatedPlan, NothingOfNothing) {
  EXPECT_TRUE(plan(full(0, 5), rank(3)).estimates.empty());
  EXPECT_TRUE(plan(full(50, 40), rank(0)).estimates.empty());
}

TEST(TruncatedPlan, RefusesOptionsThatMakeNoSense) {
  EXPECT_THROW(static_cast<void>(plan(full(9, 9), rank(2), {.tolerance = 1})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(plan(full(9, 9), rank(2), {.basis = -1})), InvalidArgument);
}

/// What the plan does not allow is not done, and said.
TEST(TruncatedPlan, IsWhatTheDecompositionObeys) {
  const Matrix<double> a = Matrix<double>::identity(300, 300);
  try {
    static_cast<void>(truncated_svd(a, rank(200), {.max_memory = 1000}));
    FAIL() << "it took more memory than it was allowed";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::out_of_memory) << e.what();
  }
  // An energy that needs more triplets than Golub-Kahan can look for, and no memory to write A out: the shortfall says it.
  const std::uint64_t enough = std::uint64_t{3} << 20;
  const Matrix<double> flat = generate<double>("svd_arith 300x300 cond=2");
  const TruncatedSvd<double> d = truncated_svd(flat, energy(0.9), {.max_memory = enough});
  EXPECT_EQ(d.report.method, TruncatedMethod::lanczos);
  EXPECT_FALSE(d.report.converged);
  EXPECT_NE(d.report.shortfall.find("can look for no more"), std::string::npos)
      << d.report.shortfall;
  EXPECT_EQ(d.report.residuals.size(), d.s.size());
}

}  // namespace
}  // namespace eckart
