#pragma once

// QR decomposition of a tall matrix by the method that its condition allows:  A = Q R,  A m x n, m >> n, Q never formed.
//
//   1. G = A^H A, chunk by chunk of rows;  G = R_1^H R_1 by Cholesky; the condition c of R_1, measured
//   2. once      c <= 8: R = R_1, and Q = A R_1^-1
//   3. twice     c <= 1 / sqrt(n eps): Q_1 = A R_1^-1 by substitution, G_2 = Q_1^H Q_1 = R_2^H R_2, R = R_2 R_1, Q = Q_1 R_2^-1
//   4. sketched  else: the same with R_1 from a random sketch of A with column pivoting; what a rank-deficient A lacks in
//                directions is filled with random ones                                                        row_sketch.hpp
//   5. tree      where a measurement of 3 or 4 is not met: Householder                                       tree_qr.hpp
//   6. later, U = Q U_R = A (R_1^-1 U_R) or Q_1 (R_2^-1 U_R), chunk by chunk with the audit of each
//
// Cholesky QR twice: Yamamoto, Nakatsukasa, Yanagisawa and Fukaya, ETNA 44 (2015). Why 3 is right whatever R_1 is. Let
//   d = ||I - R_2^-H (Q_1^H Q_1) R_2^-1||,  at most  c_2^2 n eps  with c_2 = ||R_2^-1|| ||R_2||, both known once G_2 is.
//   Substitution is backward stable row by row, so  A + E_1 = Q_1 R_1  with  ||E_1|| <= n eps || |Q_1| |R_1| ||
//   <= n^2 eps c_2 ||A||: for any R_1, from a sketch or of a spoilt Gram matrix, with no condition of its own in it.
//   Q_1 R_2^-1 has singular values in [sqrt(1 - d), sqrt(1 + d)], so (Ostrowski) those of R_2 R_1 are those of Q_1 R_1 up to
//   a factor 1 +- d/2, and those of A + E_1.
//   So  |sigma_i(R) - sigma_i(A)| <= ||E_1|| + d/2 sigma_i(A),  as for Householder QR. With 2 the same holds with c for c_2
//   and E_1 = 0: an error of c^2 eps sigma_i. All rests on c_2, which is measured: c_2 <= 32, else Q_1 is taken through 3 again
//   (at most three times), else 5. For ||G_2 - I|| <= 1/2 it is at most sqrt(3).
// c is that of R_1 with its columns scaled to unit length, since none of 1 to 3 feels the scale of a column. It is computed from
// the inverse (n^3 / 3 flops) and bounded from above by sqrt(||X||_1 ||X||_inf), not estimated.
//
// The shifted Cholesky QR of Fukaya, Kannan, Nakatsukasa, Yamamoto and Yanagisawa (SIAM J. Sci. Comput. 42, 2020) in place of 4
// needs one more pass of 3, and its shift of 11 m n eps ||A||^2 exceeds ||A||^2 itself in float from a million rows of 32 on; a
// sketch costs less than a pass and knows no limit. A Gram matrix in doubled precision: docs/tall.md.
//
// Cost, in units of A^H A as a product (2 m n^2 flops): 1: 1/2;  3: 1 (1/2 + 1/2);  4: 4/n in additions, then as 3;  6: 1, and
// 2 p / n for the audit with p probes, 3 p / n where U has not all columns. Passes over A: 2 or 3; memory: the result, and n x n sums. R alone needs no m x n memory.

#include <span>
#include <string>
#include <vector>

#include <eckart/svd.hpp>
#include <eckart/workspace.hpp>

#include "dense/tall/row_sketch.hpp"
#include "dense/tall/tall_rows.hpp"
#include "dense/tall/tree_qr.hpp"

namespace eckart::dense {

enum class TallMethod { cholesky_once, cholesky_twice, sketched, tree };

[[nodiscard]] const char* to_string(TallMethod method) noexcept;

/// No condition above sqrt(m) / 2 is accepted: its square, times eps, is a loss of orthogonality, whose unit is m eps. So 8 allows a
/// loss of 64 eps, from m = 256 on a quarter of a unit at most, for a Gram matrix that nothing improves later; 32, from m = 4096
/// on, the same in units: enough that a sketch, which gives conditions of a few, hardly ever needs another pass.
struct TallOptions {
  double once_condition = 8;      // step 2: c at most this; 0: never
  double twice_condition = 1;     // step 3 after 1: c^2 n eps at most this; 0: never
  double refined_condition = 32;  // step 3: c_2 at most this
  int passes = 3;                 // of step 3; 0: the tree at once
  bool gram_given =
      false;        // r holds the upper triangle of A^H A: step 1 reads no A. b is not carried then
  Index chunk = 0;  // rows of a chunk; 0: chosen
  Index most_leaves = 32;
  Index tree_block = 0;  // rows of a block of the tree; 0: chosen
  std::uint64_t seed = 0x45636b617274;
};

/// A decomposition, in the form that its method leaves it in. Q is A R_2^-1 (once), q R_2^-1 (twice, sketched), or the tree.
template <Scalar T>
struct TallQr {
  TallMethod method = TallMethod::tree;
  TallRows<T> a;
  RowLeaves leaves;
  MatrixView<T> q;   // m x n: Q_1, or the reflectors of the tree's leaves; empty for R alone
  MatrixView<T> r2;  // n x n, upper triangular; I with the tree
  TreeQr<T> tree;

  Index rank = 0;          // numerical; n unless sketched
  double norm = 0;         // ||A||_F
  double condition = 0;    // c of step 1
  double defect = 0;       // ||G_2 - I||_F of the last Q_1; 0 for once and the tree
  double conditioned = 0;  // c_2
  double link = 0;         // of R alone: tall_link.hpp; 0 where it was not asked for
  std::vector<StageTime> passes;
  std::uint64_t extra_bytes = 0;  // allocated beside the workspace, for the tree

  Workspace tree_work;  // what only the tree needs, had when it is needed
  Matrix<T> tree_leaves;
};

/// Right-hand sides that are carried along:  c <- Q^H b,  b m x p, c n x p. The tree does not carry them. In 2 each entry of c has an error of
/// c eps ||b||, since Q^H b is R_1^-H (A^H b) there; in 3 and 4 it is R_2^-H (Q_1^H b), whose error c_2 bounds, whatever A's condition.
template <Scalar T>
struct TallRightSides {
  MatrixView<const T> b;
  MatrixView<T> c;
};

/// Steps 1 to 5. q: m x n column-major, where U will stand, when vectors are to follow; empty for R alone. r: n x n receives R,
/// which is triangular but for the method `sketched`. x (n x p), if not empty: probes of the audit for `link`, which R alone
/// needs; with vectors step 6 measures more. r2 is taken from `work` and lives as long as the decomposition.
template <Scalar T>
[[nodiscard]] TallQr<T> tall_factor(const Execution& execution, const TallRows<T>& a,
                                    MatrixView<T> q, MatrixView<T> r, MatrixView<const T> x,
                                    const TallOptions& options, Workspace& work,
                                    const TallRightSides<T>& carried = {});

/// What the audit of step 6 is given.
template <Scalar T>
struct TallProbes {
  MatrixView<const T> x;  // n x p: the probes; empty: no audit
  MatrixView<const T> g;  // k x p: S Vh X
  MatrixView<const T>
      rest;  // where U_R has only k of n columns, n x p: the other ones times their rows of S Vh X
  MatrixView<const T> r;  // and there n x n: R
};

/// What step 6 saw of the decomposition through the probes X, absolute.
struct TallFigures {
  double residual = 0;       // ||(A - U S Vh) X||
  double orthogonality = 0;  // ||(U^H U - I) X||
  double basis = 0;          // ||(Q^H Q - I) R X||, where U has not all columns of Q
};

/// Step 6. u (m x k, column-major; may be q's memory) <- Q u_r, u_r n x k.
template <Scalar T>
[[nodiscard]] TallFigures tall_vectors(const Execution& execution, TallQr<T>& qr,
                                       MatrixView<const T> u_r, MatrixView<T> u,
                                       const TallProbes<T>& probes, Workspace& work);

/// The memory of steps 1 to 5, R2 apart; p: probes where R alone is wanted, otherwise 0; columns of b that are carried.
template <Scalar T>
[[nodiscard]] MemoryPlan tall_factor_memory(Index n, Index p, const RowLeaves& leaves,
                                            Index carried = 0);

/// The memory of both for k columns (0: R alone), p probes (0: none) and columns of b that are carried.
template <Scalar T>
[[nodiscard]] MemoryPlan tall_memory(Index m, Index n, Index k, Index p, const TallOptions& options,
                                     Index carried = 0);

/// The report of these figures, as audit() of audit.hpp gives it; right: V, n x n.
template <Scalar T>
[[nodiscard]] AuditReport tall_report(const Execution& execution, const TallQr<T>& qr,
                                      const TallFigures& figures, MatrixView<const T> x,
                                      std::span<const Real<T>> s, MatrixView<const T> right,
                                      const AuditOptions& options, Workspace& work);

}  // namespace eckart::dense
