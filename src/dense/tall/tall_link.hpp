#pragma once

// The audit of R alone: is there a Q with orthonormal columns and  A = Q R,  where no Q is formed?  Through the probes X (n x p)
// of the audit, at the rounding level of A, by arithmetic that had no part in making R.
//
// cholesky_once   R^-H A^H (A X) - R X.  Let A R^-1 = H and H^H H = I + E: that is E R X. H = Y G with Y^H Y = I, G = (I + E)^1/2, so
//                 A = Y G R and by Weyl, for every i,  |sigma_i(A) - sigma_i(R)| <= ||(G - I) R|| <= ||E R||.
// twice, sketched R = R_2 R_1 has two links:  (A - Q_1 R_1) X, seen while Q_1 is made, and then  R_2^-H Q_1^H (Q_1 R_1 X) - R X,  which
//                 is E R X of H = Q_1 R_2^-1. A wrong Gram matrix, a wrong factor R_2 of it and a wrong product R_2 R_1 all show.
// tree            A X - Q (R X), Q applied by its reflectors.
//
// Cost: 4 m n p flops each.

#include "dense/tall/tall_qr.hpp"

namespace eckart::dense {

/// The links above as norms through the probes, absolute. r: R.
template <Scalar T>
[[nodiscard]] double link_through_gram(const Execution& execution, const TallQr<T>& qr,
                                       MatrixView<const T> r, MatrixView<const T> x,
                                       Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan link_through_gram_memory(Index n, Index p, const RowLeaves& leaves);

/// image (n x p): Q_1^H (Q_1 R_1 X), or A^H (A X) for R_2 = R; destroyed.
template <Scalar T>
[[nodiscard]] double link_of_second_factor(const Execution& execution, MatrixView<const T> r2,
                                           MatrixView<const T> r, MatrixView<const T> x,
                                           MatrixView<T> image);

/// Takes memory of its own.
template <Scalar T>
[[nodiscard]] double link_through_tree(const Execution& execution, TallQr<T>& qr,
                                       MatrixView<const T> r, MatrixView<const T> x);

/// (A - Q_1 R_1) X and Q_1^H (Q_1 R_1 X), chunk by chunk while Q_1 is made.
template <Scalar T>
class FirstLink {
 public:
  /// x: the probes in the order of Q_1's columns; r1: R_1. Empty probes: nothing is measured.
  FirstLink(const Execution& execution, const RowLeaves& leaves, MatrixView<const T> r1,
            MatrixView<const T> x, Workspace& work);
  [[nodiscard]] static MemoryPlan memory(Index n, Index p, const RowLeaves& leaves);

  /// A chunk of A, before it becomes that of Q_1, and after.
  void see_a(Index leaf, MatrixView<const T> chunk) const;
  void see_q1(Index leaf, MatrixView<const T> chunk) const;

  /// ||(A - Q_1 R_1) X||; image <- Q_1^H (Q_1 R_1 X).
  [[nodiscard]] double finish(MatrixView<T> image) const;

 private:
  [[nodiscard]] MatrixView<T> part(std::span<T> all, Index leaf, Index rows) const {
    return {all.data() + leaf * chunk_rows_ * p_, rows, p_};
  }

  Index n_, p_, leaves_, chunk_rows_;
  MatrixView<const T> x_;
  MatrixView<T> r1_x_;
  std::span<T> of_a_, of_q1_, sums_;
  std::span<double> squares_;
};

}  // namespace eckart::dense
