#pragma once

// What the two ways of growing a Krylov space of an operator A, m x n, have in common: a basis V that grows by blocks of b vectors, a
// projected matrix H, the next block V' and its coupling S to the last one.
//
//   GolubKahan       A V = U H,  A^H U = V H^H + V' S E^H      both sides are kept            golub_kahan.hpp
//   NormalLanczos    A^H A V = V T + V' S E^H                  H = T; the V side alone        normal_lanczos.hpp
//
//   V  n x p orthonormal    U  m x p orthonormal    V'  n x b    S  b x b    E  the last b columns of the unit matrix
//
//   1. start     V' random, orthonormal
//   2. expand    V <- [V V'], and what belongs to it: the kind's own
//   3. solve     H = P diag(h) Q^H.  U P and V Q are singular vectors with values h (of T: sqrt(h), and P = Q) but for residuals
//                ||A^H u - s v|| = ||S P(last b rows)||, divided by s for T
//   4. restart   U <- U P, V <- V Q, H <- diag(h) for the first few triplets; V' and S stay what they are, and the next expansion
//                finds the coupling to what was kept as it finds everything else, by orthogonalisation
//   5. refresh   V' becomes random. Its part in the residuals is given up; the length of that, g_j, is kept for every triplet and
//                counted as residual. An expansion that grows the space towards it says so: g_j^2 falls by ||C(j, :)||^2, the
//                coupling of triplet j to the new block, which would be zero if nothing had been given up
//   6. renew     residuals of what was kept from a product, as V' the largest of them: for triplets that only what was given up
//                keeps from their tolerance
//
// Thick restart: Baglama, Reichel, SIAM J. Sci. Comput. 27, 2005; Hernandez, Roman, Tomas, ETNA 31, 2008; Wu, Simon, SIAM J. Matrix
// Anal. Appl. 22, 2000. H is taken from the products of the orthogonalisation, not from a recurrence, so that the relations hold to
// rounding whatever happened before: after a restart, after a breakdown, after a block of fresh directions.
//
// What the space does not hold, E = A (I - V V^H), is known by its size: ||E||_F^2 = ||A||_F^2 - sum h^2 (T: - sum h), or, where
// ||A||_F is not known, by products with random vectors (probes.hpp).
//
// A product may throw: the operator's errors, and Cancelled. The space is then what it was before the step, the place in the random
// numbers included, so that what put_into() gives is always one to go on from to the same bits; what changes V in place runs to its end
// whoever asks to stop.
//
// A is multiplied by a power of two on the way, so that squares of its products neither overflow nor vanish (power.hpp has how).

#include <span>
#include <vector>

#include <eckart/operator.hpp>
#include <eckart/random.hpp>
#include <eckart/truncated_state.hpp>
#include <eckart/workspace.hpp>

#include "truncated/probes.hpp"

namespace eckart::truncated {

struct KrylovSize {
  Index m, n;   // of A, or of A^H where that is decomposed
  Index basis;  // p at the most, a multiple of the block; basis + block <= min(m, n)
  Index block;  // b
  bool two_sided = true;
  bool one_pass = false;     // one side alone, and A V' need not be kept for A^H A V'
  bool keeps_image = false;  // one side alone, and A V is kept for the triplets
};

/// Memory for one KrylovSpace, working memory included: (m + n) basis entries, or n basis for one side whose image is not kept.
template <Scalar T>
[[nodiscard]] MemoryPlan krylov_memory(const KrylovSize& size);

/// And for probe() beside it.
template <Scalar T>
[[nodiscard]] MemoryPlan probe_memory(Index m, Index n, Index count);

template <Scalar T>
struct Triplets {
  Matrix<T> u;
  std::vector<Real<T>> s;
  Matrix<T> v;
  // ||A v - s u||, where U was made of a product A V of these v's; else empty.
  std::vector<double> image_residuals = {};
};

template <Scalar T>
class KrylovSpace {
 protected:
  using R = Real<T>;

 public:
  /// Of A, or of A^H where `adjoint`; `a` and `execution` outlive it.
  KrylovSpace(const Execution& execution, const Operator<T>& a, bool adjoint,
              const KrylovSize& size, std::uint64_t seed);
  KrylovSpace(const KrylovSpace&) = delete;
  KrylovSpace& operator=(const KrylovSpace&) = delete;
  virtual ~KrylovSpace() = default;

  /// ||A||_F, before the first step: with the scale known, that is one reading of A, too.
  void set_norm(double norm);
  /// 1. The first product sets the scale where no norm has.
  void start();
  /// Instead of 1: what put_into() gave of a space of this size.
  void adopt(const TruncatedState<T>& state);
  /// The part of a state that is this space: a copy of what the next step depends on. After the first step.
  void put_into(TruncatedState<T>& state) const;
  /// Whether the operator has the relations of this space, tried with one random combination of its vectors: two products.
  [[nodiscard]] bool is_of_operator();
  /// 2. Throws NonFinite's kind of Error when the operator gives NaN or infinity.
  void expand();
  /// 3. The values in the space, descending, and the residuals of the first `leading`; both in the scale of exponent().
  void solve(Index leading);
  /// 4. Keeps the first `keep` triplets of the last solve(), which had as many.
  void restart(Index keep);
  /// Makes room for a larger basis.
  void grow(Index basis);
  /// 5. After restart().
  void refresh();
  /// 6. After restart(), of all that was kept.
  void renew();
  /// E and E^H E applied to `count` fresh normal vectors, in the scale of exponent(); one reading of A where it can, else two.
  [[nodiscard]] ProbeSums probe(Index count);
  /// The first k triplets of the last solve(), which had as many, in the scale of exponent(); restarts with them.
  [[nodiscard]] virtual Triplets<T> triplets(Index k) = 0;

  [[nodiscard]] const KrylovSize& size() const noexcept { return size_; }
  [[nodiscard]] std::uint64_t memory() const noexcept { return work_.size(); }
  [[nodiscard]] Index dimension() const noexcept { return p_; }
  [[nodiscard]] bool is_full() const noexcept { return p_ + size_.block > size_.basis; }
  [[nodiscard]] std::span<const R> values() const noexcept { return values_; }
  [[nodiscard]] std::span<const R> residuals() const noexcept { return residuals_; }
  /// Residuals without what was given up by refresh().
  [[nodiscard]] std::span<const R> residuals_in_hand() const noexcept { return in_hand_; }
  /// What rounding leaves of residual i however long one iterates.
  [[nodiscard]] virtual double rounding(Index i) const noexcept = 0;
  /// A lower bound of value i of A, to a rounding of the largest.
  [[nodiscard]] virtual R value_at_least(Index i) const noexcept = 0;
  /// A was multiplied by 2^exponent.
  [[nodiscard]] int exponent() const noexcept { return exponent_; }
  /// Vectors that A and A^H were applied to, together.
  [[nodiscard]] Index products() const noexcept { return products_; }

 protected:
  void set_scale(R largest);
  // y <- 2^exponent A x, and with A^H; both from one reading of A where it can, then y may be without columns.
  void apply(MatrixView<const T> x, MatrixView<T> y);
  void apply_adjoint(MatrixView<const T> x, MatrixView<T> y);
  void apply_and_back(MatrixView<const T> x, MatrixView<T> y, MatrixView<T> z);
  /// basis <- basis by, a strip of rows at a time.
  void rotate(MatrixView<T> basis, MatrixView<const T> by);
  /// 2, which may be left halfway.
  virtual void step() = 0;
  /// f <- A^H u - s v, or A^H A v - s^2 v, for `f.cols()` kept triplets from `first` on.
  virtual void residual_vectors(Index first, MatrixView<T> f) = 0;
  /// For a combination c of the basis: how far its products are from what the space says, in the unit of H.
  [[nodiscard]] virtual double deviation(MatrixView<const T> c) = 0;
  /// The same of z = A^H A V c, or A^H U c, that should be V h but for a part in V', and what was given up.
  [[nodiscard]] double deviation(MatrixView<T> z, MatrixView<const T> c,
                                 MatrixView<const T> h) const;
  /// After C(0 ... p - 1, :) was found: step 5. Before it, `coupled` says of how many columns at the end of V alone V' may be a part
  /// of, 0: of all.
  void note_coupling(Index p);
  /// The largest h seen so far.
  [[nodiscard]] R largest() const noexcept;
  /// Rounding of a product of this length, in the unit of H.
  [[nodiscard]] R negligible(Index length) const noexcept;
  [[nodiscard]] Random fresh() noexcept { return Random(seed_, ++streams_); }
  // Residuals in the unit of H are this times those of A.
  [[nodiscard]] R unit(Index i) const noexcept;

  const Execution& execution_;
  Execution undisturbed_;  // without the stop: for what changes the space in place
  KrylovSize size_;
  Workspace work_;
  // u_: U; where one side alone is orthogonalised A V, if that is kept, else without rows
  MatrixView<T> u_, v_, h_, s_;
  Index p_ = 0;
  Index coupled_ =
      0;  // A V' is a combination of so many last columns but for a new direction; 0: of any
  bool is_uncoupled_ = false;  // V' was chosen without regard to what was kept
  bool is_scaled_ = false;
  int rotations_ = 0;  // of V and its image

 private:
  void take_places();
  void renew_by_products();
  template <class Step>
  void whole(const Step& step);
  // y <- A (2^power x), or with A^H
  void product(bool adjoint, MatrixView<const T> x, int power, MatrixView<T> y);
  // x <- (I - V V^H) x
  void project_off(MatrixView<T> x);

  const Operator<T>& a_;
  bool adjoint_;
  std::uint64_t seed_, streams_ = 0;
  Matrix<T> p_of_h_, qh_of_h_;  // H = P diag(h) Q^H
  std::span<R> values_store_, residuals_store_, in_hand_store_, given_up_;
  std::span<const R> values_, residuals_, in_hand_;
  Index products_ = 0;
  int exponent_ = 0;
};

}  // namespace eckart::truncated
