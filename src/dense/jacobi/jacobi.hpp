#pragma once

// One-sided Jacobi: the last rung of the ladder, and the most accurate one.
//
//   A = U diag(s) V^H      A  m x n, m >= n      U  m x n      s  n, descending      V  n x n
//
// The method, its accuracy and its cost are described at the head of jacobi.cpp.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

namespace eckart::dense {

struct JacobiOptions {
  // Sweeps before it gives up. De Rijk's order with the QR steps takes 3 to 7, and without them up
  // to a dozen; 60 is far beyond anything that converges at all.
  int max_sweeps = 60;
  // QR with column pivoting first. Off: the iteration works on the columns of A themselves, and no
  // LAPACK routine touches the matrix.
  bool precondition = true;
  // Two columns count as orthogonal when |x^H y| <= tolerance * eps * ||x|| ||y||; 0: sqrt(rows) /
  // 2, but at least 2.
  double tolerance = 0;
  // Columns that are rotated against one another while they stay in the cache; 0: as many as fit.
  Index block = 0;
};

struct JacobiResult {
  bool converged = true;  // the last sweep found every pair of columns orthogonal
  int sweeps = 0;
  Index rotations = 0;
};

/// The memory plan of jacobi_svd with the same options.
template <Scalar T>
[[nodiscard]] MemoryPlan jacobi_memory(Index m, Index n, bool want_u, bool want_v,
                                       const JacobiOptions& options = {});

/// Decomposes a (m x n, m >= n, column-major, overwritten). s: n values. u: m x n column-major or
/// an empty view; v: n x n column-major or an empty view (V, not its adjoint).
///
/// The largest entry should be about 1: singular values below the smallest normal number come back as 0.
/// U and V have orthonormal columns also where s is 0. When `converged` is false the side that is made of
/// normalised columns (V; without preconditioning U) is not orthogonal, or A was not finite; the audit sees
/// both. Values do not depend on which vectors are wanted, nor anything on the number of threads.
/// Throws Cancelled, and InvalidArgument when a shape does not fit.
template <Scalar T>
JacobiResult jacobi_svd(MatrixView<T> a, std::span<Real<T>> s, MatrixView<T> u, MatrixView<T> v,
                        Workspace& work, const Execution& execution,
                        const JacobiOptions& options = {});

}  // namespace eckart::dense
