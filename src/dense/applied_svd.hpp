#pragma once

// A decomposition that is applied to right-hand sides and never formed: what least squares needs of it.
//
//   A = Q B P^H  (m x n, m >= n),   B = L_B diag(s) R_B^T        U = Q L_B, V = P R_B
//   C = U^H b = L_B^T (Q^H b),      X = V Y = P (R_B Y)          b m x p, C and Y n x p
//
// Neither back-transformation is made, of which each takes 2 n^3 flops; LAPACK's gelsd saves them too. What one column of b costs instead:
// 4 m n + 2 n^2 flops where it is 2 m n with U formed, so few columns gain and n of them about nothing.
//
//   1. tall       A = Q T as in steps.hpp, b carried along with the Gram matrices (tall_qr.hpp); then T and Q^H b for A and b
//   2. reduction  A = Q B P^H,  the reflectors of Q applied to b                                  reduction.hpp
//   3. bidiagonal L_B, R_B by divide and conquer, by QR iteration where the audit fails           bidiagonal_svd.hpp
//   4. audit      links 1 and 2 of the chain: Q, B and P through probes, by the same reflectors that b and Y see; L_B and R_B whole, and
//                 orthonormal; with 1. the link of R as for values alone                          chain_audit.hpp, tall_link.hpp
//
// A wide A is decomposed through A^H, U and V changing places. What this does not do, the caller does with formed factors: zero and small
// matrices, wide ones that go through a QR decomposition, the tree of Householder QR, other drivers than the default, a failed audit.

#include <memory>
#include <vector>

#include <eckart/svd.hpp>
#include <eckart/workspace.hpp>

#include "dense/audit/chain_audit.hpp"
#include "dense/problem.hpp"
#include "dense/reduction/reduction.hpp"
#include "dense/tall/tall_rows.hpp"

namespace eckart::dense {

template <Scalar T>
class AppliedSvd {
  using R = Real<T>;

 public:
  /// Whether of() is worth a try.
  [[nodiscard]] static bool serves(Index rows, Index cols, const SvdOptions& options);

  /// Null where it is left to the caller. b (m x p, column-major): finite, with entries near 1. Throws NonFinite for A, and what svd() does.
  [[nodiscard]] static std::unique_ptr<AppliedSvd> of(MatrixView<const T> a, MatrixView<const T> b,
                                                      const SvdOptions& options);

  /// The min(m, n) values of A, descending.
  [[nodiscard]] const std::vector<R>& values() const noexcept { return s_; }
  /// C, of all values.
  [[nodiscard]] MatrixView<const T> components() const noexcept { return c_.view(); }
  /// n.
  [[nodiscard]] Index cols() const noexcept {
    return problem_.transposed ? problem_.m : problem_.n;
  }
  /// X for the first rows of Y, as many as y has; of at most p columns.
  [[nodiscard]] Matrix<T> right(MatrixView<const T> y);

 private:
  AppliedSvd(const Problem& problem, const SvdOptions& options);

  bool decompose(MatrixView<const T> a, MatrixView<const T> b, int exponent);
  bool factor_tall(const TallRows<T>& a, MatrixView<const T> b);
  bool climb();
  [[nodiscard]] bool passes();
  [[nodiscard]] MemoryPlan plan(Index columns) const;

  SvdOptions options_;
  Problem problem_;
  Execution execution_;
  bool through_qr_;
  Index rows_, probes_;
  std::vector<StageTime> stages_;
  double norm_ = 0, link_ = 0;  // of A, where it went through a QR decomposition

  Matrix<T> a_, carried_;  // 2: A or T; b or Q^H b
  Workspace work_;
  Witness<T> witness_;
  Chain<T> chain_;
  Reduction<T> reduction_;
  MatrixView<R> left_b_, right_b_;
  std::vector<R> s_;
  Matrix<T> c_;
};

}  // namespace eckart::dense
