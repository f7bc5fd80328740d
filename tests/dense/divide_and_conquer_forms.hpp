#pragma once

// The two forms of divide and conquer on a bidiagonal matrix, with vectors and without, for tests that both have to pass:
// WithVectors<R> and ValuesAlone<R> have the same members.

#include <vector>

#include <gtest/gtest.h>

#include "dense/bidiagonal/bidiagonal_qr.hpp"
#include "dense/bidiagonal/divide_and_conquer.hpp"
#include "dense/bidiagonal/values_by_divide_and_conquer.hpp"
#include "support/bidiagonal.hpp"

namespace eckart::dense {

template <class R>
struct DivideAndConquerResult {
  bool converged = false;
  std::vector<R> s;
  Matrix<R> u, v;  // n x n, or empty
};

/// In exactly the memory that was planned.
template <class R, class Run>
DivideAndConquerResult<R> in_planned_memory(DivideAndConquerResult<R> result,
                                            const testing::Bidiagonal<R>& b, const MemoryPlan& plan,
                                            int threads, const Run& run) {
  std::vector<R> e = b.e;
  result.s = b.d;
  Workspace work(plan);
  result.converged =
      run(Execution{.threads = threads, .stop = {}, .progress = {}}, result, e, work);
  EXPECT_EQ(work.peak(), plan.bytes());
  EXPECT_EQ(work.used(), 0U);
  return result;
}

/// Descending, and within a few n eps s_1 of the reference; below the smallest number, within that.
template <class R, class Reference>
::testing::AssertionResult agree(const DivideAndConquerResult<R>& values,
                                 const std::vector<Reference>& reference) {
  if (!values.converged) {
    return ::testing::AssertionFailure() << "not converged";
  }
  const auto n = static_cast<double>(reference.size());
  const double unit = n * std::max(double{epsilon<R>} * static_cast<double>(reference[0]),
                                   double{std::numeric_limits<R>::denorm_min()});
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const R s = values.s[i];
    if (!(s >= 0) || (i > 0 && s > values.s[i - 1])) {
      return ::testing::AssertionFailure() << "s[" << i << "] = " << s << " is out of order";
    }
    const double error = std::abs(static_cast<double>(s) - static_cast<double>(reference[i]));
    if (!(error <= 10 * unit)) {
      return ::testing::AssertionFailure() << "s[" << i << "] is off by " << error / unit;
    }
  }
  return ::testing::AssertionSuccess();
}

/// By QR iteration, whose values have high relative accuracy.
template <class R>
std::vector<R> values_by_qr(const testing::Bidiagonal<R>& b) {
  std::vector<R> s = b.d, e = b.e, scratch(static_cast<std::size_t>(bidiagonal_qr_scratch(b.n())));
  EXPECT_TRUE(bidiagonal_qr<R>({}, s, e, {}, {}, scratch));
  return s;
}

template <class Number>
struct WithVectors {
  using R = Number;
  static DivideAndConquerResult<R> solve(const testing::Bidiagonal<R>& b,
                                         const DivideAndConquerOptions& options = {},
                                         int threads = 1) {
    return in_planned_memory<R>(
        {false, {}, Matrix<R>(b.n(), b.n()), Matrix<R>(b.n(), b.n())}, b,
        divide_and_conquer_memory<R>(b.n(), options), threads,
        [&](const Execution& execution, auto& result, std::vector<R>& e, Workspace& work) {
          return divide_and_conquer<R>(execution, result.s, e, result.u, result.v, options, work);
        });
  }
  static ::testing::AssertionResult is_solved(const testing::Bidiagonal<R>& b,
                                              const DivideAndConquerResult<R>& result) {
    return result.converged ? testing::decomposes<R>(b, result.s, result.u.view(), result.v.view())
                            : ::testing::AssertionFailure() << "not converged";
  }
};

template <class Number>
struct ValuesAlone {
  using R = Number;
  static DivideAndConquerResult<R> solve(const testing::Bidiagonal<R>& b,
                                         const DivideAndConquerOptions& options = {},
                                         int threads = 1) {
    return in_planned_memory<R>(
        {false, {}, {}, {}}, b, divide_and_conquer_values_memory<R>(b.n()), threads,
        [&](const Execution& execution, auto& result, std::vector<R>& e, Workspace& work) {
          return divide_and_conquer_values<R>(execution, result.s, e, options, work);
        });
  }
  static ::testing::AssertionResult is_solved(const testing::Bidiagonal<R>& b,
                                              const DivideAndConquerResult<R>& result) {
    return agree(result, values_by_qr(b));
  }
};

}  // namespace eckart::dense
