#pragma once

// The ladder: one matrix, several methods, an audit after each.
//
//   1. A = Q B P^H, B bidiagonal; once for all bidiagonal rungs                           reduction.hpp
//   2. B = L_B diag(s) R_B^T by divide and conquer, by QR iteration, or by LAPACK's       bidiagonal_svd.hpp
//      (values alone: dqds in place of QR iteration)
//   3. L = Q L_B,  R = P R_B
//   4. the audit; what fails goes to step 2 with the next method                          audit.hpp, chain_audit.hpp
//   5. last, one-sided Jacobi on a fresh copy of A, or on B where A is lost               jacobi.hpp
//
// L is m x k, R is n x k, k <= n leading vectors. Where L has all n columns the audit looks at A - L S R^H itself; where it has
// not, along the chain of steps 1 to 3.

#include <functional>

#include <eckart/svd.hpp>

#include "dense/audit/audit.hpp"
#include "dense/stage_clock.hpp"

namespace eckart::dense {

template <Scalar T>
struct LadderTask {
  MatrixView<T> a;                // m x n, m >= n, largest entry about 1; overwritten
  Witness<T> witness;             // of a
  std::span<Real<T>> s;           // n
  MatrixView<T> left, right;      // m x k, n x k column-major; left, or both, empty: not wanted
  std::function<void()> restore;  // writes A into `a` again; empty where A is lost
};

/// What a ladder has to form.
struct LadderShape {
  Index m = 0, n = 0, k = 0;  // k = 0: values alone
  bool left = false;          // L too
};

/// Climbs until an audit passes, and adds every attempt to the report. Throws NumericalError when even Jacobi fails.
template <Scalar T>
void climb(const Execution& execution, const StageClock& timed, const LadderTask<T>& task,
           const SvdOptions& options, Workspace& work, SvdReport& report);

/// Enough for the first rung that `options` choose; a climb to Jacobi takes memory of its own.
template <Scalar T>
[[nodiscard]] MemoryPlan ladder_memory(const LadderShape& shape, const SvdOptions& options);

}  // namespace eckart::dense
