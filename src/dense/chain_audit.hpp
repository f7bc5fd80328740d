#pragma once

// The audit where U is not formed: the chain from A to V, checked link by link with the probes X of the witness.
//
//   Y = P^H X                                                     n x p, taken right after the reduction
//   1. reduction      A = Q B P^H         W - Q (B Y)             in units of sigma_1 max(m, n) eps
//   2. bidiagonal     B = U_B S V_B^H     B Y - U_B (s . G),      G = V_B^H Y, before V_B is transformed; U_B orthonormal
//   3. back           V = P V_B           Vh X - G                and Vh orthonormal
//
// The residual reported is the largest of the three: together they bound ||A - (Q U_B) S Vh|| at rounding level for every
// singular value, small ones too, which a look at A^H A - V S^2 V^H could not (it sees a value down to sqrt(eps) sigma_1).
// Values alone need link 1 and Sturm counts of B (bidiagonal_svd.hpp). Cost: 4 m n p + 8 n^2 p flops and 2 applications of
// the reflectors to p columns.

#include <span>

#include "dense/audit.hpp"
#include "dense/bidiagonalize.hpp"

namespace eckart::dense {

/// What the links need of one another.
template <Scalar T>
struct Chain {
  MatrixView<T> y, by, g;    // n x p: P^H X, B P^H X, V_B^H P^H X
  double reduction = 0;      // ||W - Q B Y||, absolute
  double bidiagonal = 0;     // ||B Y - U_B S G||, absolute
  double orthogonality = 0;  // of U_B
};

/// The chain's memory; it must live as long as the chain.
template <Scalar T>
[[nodiscard]] Chain<T> make_chain(Index n, Index p, Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan chain_memory(Index n, const AuditOptions& options);

/// Link 1: image (m x p) <- Q_B [B Y; 0], to which the driver applies the Q of a first QR decomposition, if there was one;
template <Scalar T>
void start_chain(const Execution& execution, const Witness<T>& witness, const Bidiagonal<T>& b,
                 Chain<T>& chain, MatrixView<T> image, Workspace& work);
/// and its end: image <- W - image, whose norm is the figure.
template <Scalar T>
void close_reduction(const Witness<T>& witness, Chain<T>& chain, MatrixView<T> image);

/// Link 2, with V_B^H in vh.
template <Scalar T>
void check_bidiagonal(const Execution& execution, const Witness<T>& witness, Chain<T>& chain,
                      MatrixView<const T> u_b, std::span<const Real<T>> s, MatrixView<const T> vh,
                      Workspace& work);

/// Link 3, and the verdict; vh is V^H, or empty for values alone, which are held against the Sturm counts of B.
template <Scalar T>
[[nodiscard]] AuditReport audit_chain(const Execution& execution, const Witness<T>& witness,
                                      const Chain<T>& chain, const Bidiagonal<T>& b,
                                      std::span<const Real<T>> s, MatrixView<const T> vh,
                                      const AuditOptions& options, Workspace& work);

}  // namespace eckart::dense
