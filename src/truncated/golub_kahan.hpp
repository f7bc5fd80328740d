#pragma once

// Block Golub-Kahan bidiagonalisation with full orthogonalisation and thick restart: the leading singular triplets of an operator
// A, m x n, from products with blocks of b vectors.
//
//   A V = U H         U  m x p,  V  n x p orthonormal,  H = U^H A V  p x p
//   A^H U = V H^H + V' S E^H           V'  n x b the next block, E the last b columns of the unit matrix, S  b x b
//
//   1. V' random, orthonormal
//   2. expand:   V <- [V V'],  A V' = U C + U' R  gives a block of U and the columns [C; R] of H,
//                A^H U' = V C' + V' S  gives the next block                                         orthogonalize.hpp
//   3. solve:    H = P diag(s) Q^H.  U P and V Q are singular vectors with values s but for the residuals
//                ||A^H u - s v|| = ||S P(last b rows)||;   A v - s u = 0 to rounding
//   4. restart:  U <- U P, V <- V Q, H <- diag(s) for the first few triplets; V' and S stay what they are, and the next expansion
//                finds the coupling to what was kept as it finds everything else, by C = U^H A V'
//
// Sources: Golub, Luk, Overton, ACM TOMS 7, 1981 (block form); Baglama, Reichel, SIAM J. Sci. Comput. 27, 2005 and Hernandez, Roman,
// Tomas, ETNA 31, 2008 (thick restart). H is taken from the products of the orthogonalisation, not from a recurrence, so that
// A V = U H holds to rounding whatever happened before: after a restart, after a breakdown, after a block of fresh directions.
//
// Cost of a step: A and A^H on b vectors, and 8 (m + n) p b flops of orthogonalisation, all matrix products. Memory: U, V and H.
// Both products of a step from one reading of A (Operator::apply_and_back): with W = A V' = U C + U' R,
//
//   A^H U' = (A^H W - A^H U C) R^-1,      A^H U C in the span of [V V']
//
// so V' of the next step comes from A^H W R^-1, orthogonalised as ever. Its rounding grows to eps ||A||^2 / min r_jj, which shows in
// S, that is in the residuals, and nowhere else; where that would be too much for the tolerance, A^H is applied to U' itself.
//
// A is multiplied by a power of two on the way, so that squares of its products neither overflow nor vanish.

#include <span>

#include <eckart/operator.hpp>
#include <eckart/random.hpp>
#include <eckart/workspace.hpp>

namespace eckart::truncated {

struct GolubKahanSize {
  Index m, n;   // of A, or of A^H where that is decomposed
  Index basis;  // p at the most, a multiple of the block; basis + block <= min(m, n)
  Index block;  // b
};

/// Memory for one GolubKahan, working memory included.
template <Scalar T>
[[nodiscard]] MemoryPlan golub_kahan_memory(const GolubKahanSize& size);

template <Scalar T>
class GolubKahan {
  using R = Real<T>;

 public:
  /// Of A, or of A^H where `adjoint`; `a` and `execution` outlive it. Residuals are wanted to `tolerance` of the values.
  GolubKahan(const Execution& execution, const Operator<T>& a, bool adjoint,
             const GolubKahanSize& size, double tolerance, std::uint64_t seed);

  /// ||A||_F, before the first step: with the scale known, that is one reading of A, too.
  void set_norm(double norm);
  /// 1. The first product sets the scale where no norm has.
  void start();
  /// 2. Throws NonFinite's kind of Error when the operator gives NaN or infinity.
  void expand();
  /// 3. The values of H, descending, and the residuals of the first `leading`; both in the scale of exponent().
  void solve(Index leading);
  /// 4. Keeps the first `keep` triplets of the last solve(), which had as many.
  void restart(Index keep);
  /// Makes room for a larger basis.
  void grow(Index basis);
  /// Puts fresh random directions in the place of V', after restart(); what is dropped with V' is remembered in the residuals.
  void refresh();

  [[nodiscard]] const GolubKahanSize& size() const noexcept { return size_; }
  [[nodiscard]] std::uint64_t memory() const noexcept { return work_.size(); }
  [[nodiscard]] Index dimension() const noexcept { return p_; }
  [[nodiscard]] bool is_full() const noexcept { return p_ + size_.block > size_.basis; }
  [[nodiscard]] std::span<const R> values() const noexcept { return values_; }
  [[nodiscard]] std::span<const R> residuals() const noexcept { return residuals_; }
  /// A was multiplied by 2^exponent.
  [[nodiscard]] int exponent() const noexcept { return exponent_; }
  /// Vectors that A and A^H were applied to, together.
  [[nodiscard]] Index products() const noexcept { return products_; }

  /// The first k triplets after restart(k).
  [[nodiscard]] MatrixView<const T> left() const noexcept { return u_.columns(0, p_); }
  [[nodiscard]] MatrixView<const T> right() const noexcept { return v_.columns(0, p_); }

 private:
  void take_places();
  void set_scale(R largest);
  // y <- 2^exponent A x, and with A^H; both from one reading of A.
  void apply(MatrixView<const T> x, MatrixView<T> y);
  void apply_adjoint(MatrixView<const T> x, MatrixView<T> y);
  void rotate(MatrixView<T> basis, MatrixView<const T> by);
  void apply_and_back(MatrixView<const T> x, MatrixView<T> y, MatrixView<T> z);
  [[nodiscard]] R largest() const noexcept;
  [[nodiscard]] R negligible(Index length) const noexcept;
  [[nodiscard]] Random fresh() noexcept { return Random(seed_, ++streams_); }

  const Execution& execution_;
  const Operator<T>& a_;
  bool adjoint_;
  GolubKahanSize size_;
  R least_pivot_;  // of R, relative to the largest value, for A^H W R^-1 to be good enough
  std::uint64_t seed_, streams_ = 0;
  Workspace work_;

  MatrixView<T> u_, v_, h_, s_;
  Matrix<T> p_of_h_, qh_of_h_;  // H = P diag(values) Q^H
  std::span<R> values_store_, residuals_store_, dropped_;
  std::span<const R> values_, residuals_;
  Index p_ = 0, products_ = 0;
  int exponent_ = 0;
  bool scaled_ = false, one_pass_ = false;
};

}  // namespace eckart::truncated
