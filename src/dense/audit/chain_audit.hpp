#pragma once

// The audit where not all of L is there: the chain from A to L and R, checked link by link.
//
//   1. reduction      A = Q B P^H               W - Q (B Y),  Y = P^H X      through the probes X of the witness, W = A X
//   2. bidiagonal     B R_B = L_B S             B R_B - L_B S and B^T L_B - R_B S, whole: B is bidiagonal, so this costs O(n k)
//   3. back           R = P R_B,  L = Q L_B     R^H X - R_B^H Y  and  L X - Q (L_B X);  R and L (or, unformed, L_B) orthonormal
//
// L_B, R_B are the k leading singular vectors of B. The residual reported is the largest of the links: together they bound
// ||A R - L S|| at rounding level for every singular value, small ones too, which a look at A^H A - R S^2 R^H could not (it
// sees a value down to sqrt(eps) sigma_1). Values beyond the vectors, and values alone, are held against Sturm counts of B
// (sturm.hpp). Where neither L nor R is formed (applied_svd.hpp) link 3 is not there, and L_B and R_B are orthonormal. Cost: link 1 and link 3 each apply the reflectors to p columns; 6 (m + n) k p flops for the products.

#include <span>

#include "dense/audit/audit.hpp"
#include "dense/reduction/reduction.hpp"

namespace eckart::dense {

/// What the links need of one another.
template <Scalar T>
struct Chain {
  MatrixView<T> y;           // n x p: P^H X
  MatrixView<T> g;           // k x p: R_B^H Y
  MatrixView<T> image;       // m x p: Q (B Y), later Q (L_B X)
  double reduction = 0;      // ||W - Q B Y||, absolute
  double bidiagonal = 0;     // of link 2, absolute
  double orthogonality = 0;  // of L_B, and where R is not formed of R_B
};

/// What a chain holds for as long as it lives.
template <Scalar T>
[[nodiscard]] Chain<T> make_chain(Index m, Index n, Index k, Index p, Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan chain_memory(Index m, Index n, Index k, Index p);

/// Link 1.
template <Scalar T>
void check_reduction(const Execution& execution, const Witness<T>& witness,
                     const Reduction<T>& reduction, Chain<T>& chain, Workspace& work);

/// The leading k singular vectors of B, n x k, before they are transformed back.
template <Scalar T>
struct BidiagonalFactors {
  MatrixView<const Real<T>> left_b, right_b;  // as they were computed: real
  MatrixView<const T> left,
      right;  // where L (its upper n rows) and R will stand; L, or both, may be empty: not formed
};

/// Link 2, and what link 3 needs of the vectors before they are transformed.
template <Scalar T>
void check_bidiagonal(const Execution& execution, const Witness<T>& witness,
                      const Reduction<T>& reduction, const BidiagonalFactors<T>& factors,
                      std::span<const Real<T>> s, std::uint64_t seed, Chain<T>& chain,
                      Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan check_bidiagonal_memory(Index n, Index k, Index p, bool forms_left);

/// Link 3, and the verdict. `left` and `right` are empty where they were not formed.
template <Scalar T>
[[nodiscard]] AuditReport audit_chain(const Execution& execution, const Witness<T>& witness,
                                      const Reduction<T>& reduction, const Chain<T>& chain,
                                      MatrixView<const T> left, std::span<const Real<T>> s,
                                      MatrixView<const T> right, const AuditOptions& options,
                                      Workspace& work);

/// The verdict after links 1 and 2 where neither L nor R is formed.
template <Scalar T>
[[nodiscard]] AuditReport audit_unformed(const Witness<T>& witness, const Chain<T>& chain,
                                         std::span<const Real<T>> s, const AuditOptions& options);

}  // namespace eckart::dense
