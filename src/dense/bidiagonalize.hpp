#pragma once

// Reduction to bidiagonal form:  A = Q B P^H,  A m x n, m >= n, B n x n real upper bidiagonal with diagonal d, superdiagonal e.
//
// Method: Golub and Kahan 1965, blocked as in Dongarra, Hammarling and Sorensen 1989 (LAPACK's gebrd): a panel of columns and
// rows is reduced while the rest of A waits, then the rest receives  A22 - V2 Y2^H - X2 U2^H  as two matrix products, whose
// strips the threads share. 4 m n^2 - 4/3 n^3 flops (four times that for complex), half of them in matrix-vector products
// inside the panel, which run at the speed of memory. Backward stable: B is that of A + E, ||E|| of order m eps ||A||_F. It
// succeeds for every finite scaled matrix; the driver checks that B is finite. Stops and reports progress at every panel.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

namespace eckart::dense {

/// The reduction of one matrix: Q's reflectors stand in the columns of `a` below the diagonal, P's in its rows right of the
/// superdiagonal.
template <Scalar T>
struct Bidiagonal {
  MatrixView<T> a;
  std::span<Real<T>> d;  // n
  std::span<Real<T>> e;  // n - 1
  std::span<T> tau_q;    // n
  std::span<T> tau_p;    // n
};

template <Scalar T>
void bidiagonalize(const Execution& execution, Bidiagonal<T> b, Index panel, Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan bidiagonalize_memory(Index m, Index n, Index panel);

/// u (m x c) <- Q u.
template <Scalar T>
void apply_left_vectors(const Execution& execution, const Bidiagonal<T>& b, MatrixView<T> u,
                        Workspace& work);

/// vh (c x n) <- vh P^H.
template <Scalar T>
void apply_right_vectors(const Execution& execution, const Bidiagonal<T>& b, MatrixView<T> vh,
                         Workspace& work);

/// x (n x c) <- P^H x.
template <Scalar T>
void apply_right_vectors_from_left(const Execution& execution, const Bidiagonal<T>& b,
                                   MatrixView<T> x, Workspace& work);

}  // namespace eckart::dense
