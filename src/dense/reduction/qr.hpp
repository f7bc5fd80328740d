#pragma once

// Blocked Householder QR:  A = Q [R; 0],  A m x n, m >= n, Q m x m as n reflectors, R n x n upper triangular.
//
// Method: panels of `panel` columns are factored by LAPACK, their reflectors gathered into I - V T V^H (Schreiber and
// Van Loan 1989) and applied to the columns behind them in strips, which the threads share. 2 m n^2 - 2/3 n^3 flops, of which
// about panel / n are matrix-vector products. Backward stable: A + E = Q R with ||E|| of order m n eps ||A|| column by column,
// for every finite scaled matrix. Stops and reports progress at every panel.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

#include "blas/gemm.hpp"

namespace eckart::dense {

/// The width of a panel where the caller leaves it to us (0).
[[nodiscard]] constexpr Index panel_or_default(Index panel) noexcept {
  constexpr Index usual = 32;
  return panel > 0 ? panel : usual;
}

/// R overwrites the upper triangle of a, the reflectors the rest; tau: n.
template <Scalar T>
void qr_factor(const Execution& execution, MatrixView<T> a, std::span<T> tau, Index panel,
               Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan qr_memory(Index m, Index n, Index panel);

/// C <- Q C (Op::none) or Q^H C (Op::adjoint), in strips of columns of C shared over the threads; 4 m n c flops for c columns.
template <Scalar T>
void apply_q(const Execution& execution, blas::Op op, blas::ConstView<T> reflectors,
             std::span<const T> tau, MatrixView<T> c, Workspace& work);

/// C <- op(P) C for reflectors that stand in rows, as the bidiagonal reduction leaves them; strips are columns of C.
template <Scalar T>
void apply_p_from_left(const Execution& execution, blas::Op op, blas::ConstView<T> reflectors,
                       std::span<const T> tau, MatrixView<T> c, Workspace& work);

/// For either, on c columns.
template <Scalar T>
[[nodiscard]] MemoryPlan apply_memory(Index c);

/// Fills the last u.cols() - known columns of u (m x c, c <= m) so that all its columns are orthonormal; the first `known` are
/// so already and stay as they are. Householder QR of those, then Q times unit vectors: 2 m known^2 + 4 m known (c - known)
/// flops.
template <Scalar T>
void complete_basis(const Execution& execution, MatrixView<T> u, Index known, Index panel,
                    Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan complete_basis_memory(Index m, Index c, Index known, Index panel);

}  // namespace eckart::dense
