#pragma once

// Singular value decomposition of a real upper bidiagonal matrix:  B(d, e) = U diag(s) V^T,  all n x n, vectors as columns.
//
//   divide and conquer (Gu and Eisenstat 1995)   at most 8/3 n^3 flops for both sides, usually far fewer by deflation;
//                                                errors of order n eps sigma_1
//   implicit QR (Demmel and Kahan 1990)          12 n^3 flops for both sides; small values to high relative accuracy
//   LAPACK's divide and conquer (bdsdc)          the reference
// Values alone, O(n^2):
//   divide and conquer without vectors           errors of order n eps sigma_1
//   dqds (Fernando and Parlett 1994), in place   small values to high relative accuracy
//   of implicit QR; LAPACK's is the reference
// Each may fail to converge, and each may return wrong factors on matrices that defeat it: the driver audits the result and
// climbs on.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/svd.hpp>
#include <eckart/workspace.hpp>

namespace eckart::dense {

/// s: d on entry, the descending singular values on exit. e is destroyed. u, v: n x n, of which the first `vectors` columns are
/// wanted (the others are scratch). Returns false when the method reports failure; then the content is undefined.
template <RealScalar R>
[[nodiscard]] bool bidiagonal_svd(const Execution& execution, Driver driver, std::span<R> s,
                                  std::span<R> e, MatrixView<R> u, MatrixView<R> v, Index vectors,
                                  Workspace& work);

/// From this n on divide and conquer gives values alone faster than dqds (1.1 times at 64, 0.85 at 32).
inline constexpr Index values_by_merges_from = 64;

/// Values alone, by divide and conquer if `driver` says so, otherwise by dqds: LAPACK's for Driver::lapack.
template <RealScalar R>
[[nodiscard]] bool bidiagonal_values(const Execution& execution, Driver driver, std::span<R> s,
                                     std::span<R> e, Workspace& work);

/// The plan of every method that a ladder beginning at `driver` may use, for an n x n matrix.
template <RealScalar R>
[[nodiscard]] MemoryPlan bidiagonal_svd_memory(Index n, bool vectors, Driver driver);

}  // namespace eckart::dense
