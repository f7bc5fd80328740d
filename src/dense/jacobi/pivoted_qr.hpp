#pragma once

// QR decomposition with column pivoting:  A P = Q R,  A m x n, m >= n; |r_11| >= |r_22| >= ...
//
// Businger and Golub's method (Numer. Math. 7, 1965): the column whose remaining part is longest comes
// next, and a Householder reflection takes it to the triangle. In blocks, with norms that are updated
// and computed anew where cancellation spoils them (Quintana-Orti, Sun and Bischof, SIAM J. Sci. Comput.
// 19, 1998; Drmac and Bujanovic, ACM TOMS 35, 2008): LAPACK's laqps, a panel at a time, so that a long
// factorisation can be stopped and does not crawl through denormal numbers.
//
// Cost 2 m n^2 - 2/3 n^3 flops, half of them memory-bound products with a vector.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

namespace eckart::dense {

template <Scalar T>
[[nodiscard]] MemoryPlan pivoted_qr_memory(Index n);

/// a: m x n column-major, m >= n; R overwrites its upper triangle, the reflectors the rest, as geqrf
/// leaves them. pivots[j] is the column of A that became column j. pivots, tau: n. Throws Cancelled.
template <Scalar T>
void pivoted_qr(const Execution& execution, MatrixView<T> a, std::span<Index> pivots,
                std::span<T> tau, Workspace& work);

}  // namespace eckart::dense
