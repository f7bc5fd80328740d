#pragma once

// The audit: is  A = L diag(s) R^H  with orthonormal factors, to rounding?  (A scaled, m x n, m >= n; L m x n; R n x n)
//
// Nothing is recomputed. The decomposition overwrites A, so what the audit needs of it is taken before: for probes X (n x p)
//
//   1. W = A X and ||A||_F
//   2. residual         W - L (s . (R^H X))
//   3. orthogonality    (L^H L - I) X  and  (R^H R - I) X
//   4. figure           the largest column norm over its unit of rounding; what it cannot see: AuditReport in eckart/svd.hpp
//
// X has p random columns, or is the identity when n <= p; then a figure is a Frobenius norm, which is not below the
// 2-norm. Cost: 2 m n p flops for step 1, 6 m n p + 6 n^2 p for 2 and 3: for a square matrix and p = 10 some 15 / n of the
// decomposition. Where L is not formed, or not all of its columns: chain_audit.hpp.

#include <span>
#include <string>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/svd.hpp>
#include <eckart/workspace.hpp>

#include "blas/gemm.hpp"

namespace eckart::dense {

/// What is kept of A for the audit.
template <Scalar T>
struct Witness {
  MatrixView<T> x;  // n x p: the probes
  MatrixView<T> w;  // m x p: A X
  double norm = 0;  // ||A||_F
};

/// Step 1. The memory is taken from `work` and must live as long as the witness.
template <Scalar T>
[[nodiscard]] Witness<T> make_witness(const Execution& execution, MatrixView<const T> a,
                                      const SvdOptions& options, Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan witness_memory(Index m, Index n, const SvdOptions& options);

/// Steps 2 to 4. The report's U and V are L and R.
template <Scalar T>
[[nodiscard]] AuditReport audit(const Execution& execution, const Witness<T>& witness,
                                MatrixView<const T> left, std::span<const Real<T>> s,
                                MatrixView<const T> right, const AuditOptions& options,
                                Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan audit_memory(Index m, Index n, const AuditOptions& options);

/// ||I - Q^H Q|| through probes, over (rows eps), for a Q with more columns than the audit saw: a completed basis.
template <Scalar T>
[[nodiscard]] double orthogonality(const Execution& execution, MatrixView<const T> q,
                                   const SvdOptions& options, Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan orthogonality_memory(Index rows, Index cols, const AuditOptions& options);

/// Which figure of a failed audit is out of bounds, in words.
[[nodiscard]] std::string explain_failure(const AuditReport& report, const AuditOptions& options);

// The parts of which this audit and the one along the chain are made.

/// The larger of two figures. A NaN of either comes through, which std::max would lose.
[[nodiscard]] inline double larger(double a, double b) {
  return a != a || a > b ? a : b;
}

[[nodiscard]] Index probe_count(Index n, const AuditOptions& options);

/// Bound on the probability that an error of 8 times the accepted figure passes p probes of length n; AuditReport.
template <Scalar T>
[[nodiscard]] double probability_of_being_fooled(Index n, Index probes);

/// The norm of E seen through R = E X: the largest column norm for random probes X; ||E||_F itself when X is the identity.
template <Scalar T>
[[nodiscard]] double norm_through_probes(MatrixView<const T> r, MatrixView<const T> x);

/// Probes of length x.rows(): unit vectors when there are as many as entries, otherwise independent entries, uniform with mean
/// 0 and variance 1.
template <Scalar T>
void fill_probes(MatrixView<T> x, std::uint64_t seed);

/// ||(Q^H Q - I) X|| over (rows of Q times eps), for the first rows of X, as many as Q has columns.
template <Scalar T>
[[nodiscard]] double gram_defect(const Execution& execution, MatrixView<const T> q,
                                 MatrixView<const T> x, Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan gram_memory(Index rows, Index cols, Index p);

/// g <- diag(s) g.
template <Scalar T>
void scale_rows(MatrixView<T> g, std::span<const Real<T>> s);

/// A report with what s alone shows: `sorted` and `norm`.
template <Scalar T>
[[nodiscard]] AuditReport audit_of_values(std::span<const Real<T>> s, double norm, Index m);

/// Sets `passed` from the figures of a matrix of m >= n: all are in units of m eps but orthogonality_v, which is in units of n eps.
template <Scalar T>
void judge(AuditReport& report, Index m, Index n, const AuditOptions& options);

}  // namespace eckart::dense
