#pragma once

// The audit: is  A = U diag(s) Vh  with orthonormal factors, to rounding?  (A scaled, m x n, m >= n; U m x n; Vh n x n)
//
// Nothing is recomputed. The decomposition overwrites A, so what the audit needs of it is taken before: for probes X (n x p)
//
//   1. W = A X,  Z = A^H W  (Z only when U is not wanted),  ||A||_F
//   2. residual         R = W - U (s . (Vh X));   without U   R = Z - V (s^2 . (Vh X))
//   3. orthogonality    (U^H U - I) X  and  Vh Vh^H X - X
//   4. figure           the largest column norm over its unit of rounding; what it cannot see: AuditReport in eckart/svd.hpp
//                       where X is the identity the Frobenius norm, which is not below the 2-norm
//
// X has p standard normal columns, or is the identity when n <= p, and the figures are then exact. Cost: 2 m n p flops for
// step 1, 4 n (m + n) p for 2 and 3: with p = 10 some 60 / n of the cost of the decomposition.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/svd.hpp>
#include <eckart/workspace.hpp>

namespace eckart::dense {

/// What is kept of A for the audit.
template <Scalar T>
struct Witness {
  MatrixView<T> x;  // n x p: the probes; empty for values alone
  MatrixView<T> w;  // m x p: A X
  MatrixView<T> z;  // n x p: A^H A X; empty when U is wanted
  double norm = 0;  // ||A||_F
};

/// Step 1. The memory is taken from `work` and must live as long as the witness.
template <Scalar T>
[[nodiscard]] Witness<T> make_witness(const Execution& execution, MatrixView<const T> a,
                                      bool want_u, bool want_v, const SvdOptions& options,
                                      Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan witness_memory(Index m, Index n, bool want_u, bool want_v,
                                        const SvdOptions& options);

/// Steps 2 to 4. u is m x n or empty, vh n x n or empty; u implies vh.
template <Scalar T>
[[nodiscard]] AuditReport audit(const Execution& execution, const Witness<T>& witness,
                                MatrixView<const T> u, std::span<const Real<T>> s,
                                MatrixView<const T> vh, Index m, Index n,
                                const AuditOptions& options, Workspace& work);
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

}  // namespace eckart::dense
