#pragma once

// Singular value decomposition of a real upper bidiagonal matrix:  B(d, e) = U diag(s) Vt,  all n x n.
//
// Two methods, both LAPACK's:
//   divide and conquer (Gu and Eisenstat 1995; bdsdc)   at most 8/3 n^3 flops for both sides, usually far fewer by deflation;
//                                                       errors of order n eps sigma_1
//   implicit QR (Demmel and Kahan 1990; bdsqr)          12 n^3 flops for both sides; small values to high relative accuracy
// Values alone: dqds (Fernando and Parlett 1994), O(n^2), by the latter.
// Either may fail to converge, and either may return wrong factors on matrices that defeat it (clusters of nearly equal
// values defeat the first): the driver audits the result and climbs on.

#include <span>

#include <eckart/matrix.hpp>
#include <eckart/svd.hpp>
#include <eckart/workspace.hpp>

namespace eckart::dense {

/// s: d on entry, the descending singular values on exit. e is destroyed. u, vt: n x n, or both empty for values alone.
/// Returns false when the method reports failure; then the content is undefined.
template <Scalar T>
[[nodiscard]] bool bidiagonal_svd(Driver driver, std::span<Real<T>> s, std::span<Real<T>> e,
                                  MatrixView<T> u, MatrixView<T> vt, Workspace& work);

/// The plan of either method for an n x n matrix.
template <Scalar T>
[[nodiscard]] MemoryPlan bidiagonal_svd_memory(Index n, bool vectors);

/// Whether each s[i] (descending) is within `tolerance` of the i-th singular value of B(d, e), by Sturm counts on the
/// Golub-Kahan tridiagonal [0 d1; d1 0 e1; ...]: #{sigma >= s[i] + tolerance} <= i and #{sigma >= s[i] - tolerance} > i.
/// An independent judge (LAPACK's testers use it too): 4 n^2 divisions, in double for every type.
template <RealScalar R>
[[nodiscard]] bool values_agree_with_counts(std::span<const R> d, std::span<const R> e,
                                            std::span<const R> s, double tolerance);

}  // namespace eckart::dense
