#pragma once

// A Krylov space until the rules are decided.
//
//   0. one side alone (normal_lanczos.hpp) to begin with, unless said otherwise; as soon as its rounding is sure to be above the
//      tolerance of a wanted value, anew with both sides (golub_kahan.hpp)
//   1. expand until the basis is full, looking now and then at what has converged: not before the largest residual of a wanted triplet
//      could be down, falling four times as fast as it did; where looks are dear, rather when it is down if it goes on as it went
//   2. not converged and full: restart with the wanted triplets and some that come next, which speed up the others
//   3. converged, and copies of a repeated value may be hidden (convergence.hpp): go on for a cycle from fresh random directions, until
//      that changes nothing
//   4. converged and verified: do the rules decide k? Otherwise more triplets are wanted; and fewer as soon as those that have converged
//      are enough for a decision
//   5. full, and what verification gave up is all that stands before the tolerance: residuals anew, the largest into the space
//
// It can be left between any two of these, and while A is multiplied: what it has is handed out as a state, with which a later one goes on
// as this one would have, to the same bits. For that every one of these happens whole or not at all, as far as the state goes: a step
// that is left halfway is put back (krylov_space.hpp), and what follows from a look counts once it is done; until then one looks again.

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include <eckart/truncated_state.hpp>
#include <eckart/truncation.hpp>

#include "dense/stage_clock.hpp"
#include "truncated/convergence.hpp"
#include "truncated/krylov_space.hpp"
#include "truncated/stopping.hpp"

namespace eckart::truncated {

struct IterationOptions {
  Index target;      // triplets wanted first
  Index most;        // and at the most
  Index largest;     // with what can be done: where the rules want more, there is no decision
  Index block;       // vectors at a time
  Index basis = 0;   // 0: by the cost of a product
  double tolerance;  // of residuals, relative to the value
  int restarts;
  std::uint64_t seed;
  std::optional<double> frobenius_norm;  // of A
  bool two_sided = false;                // from the start
  bool keeps_image = true;               // where that is worth its memory
};

/// p for so many triplets: as large as orthogonalisation stays cheap beside the products, twice the triplets at least.
template <Scalar T>
[[nodiscard]] Index basis_for(Index target, const Operator<T>& a, const IterationOptions& options);

/// A^H is decomposed instead of A.
template <Scalar T>
[[nodiscard]] bool is_adjoint_better(const Operator<T>& a, bool two_sided);

/// Sides and block of the Krylov space with so large a basis.
template <Scalar T>
[[nodiscard]] KrylovSize size_with(Index basis, const Operator<T>& a,
                                   const IterationOptions& options);

/// A product takes so much longer than a combination of so many columns of A V that A V is kept.
template <Scalar T>
[[nodiscard]] bool is_image_cheaper(const Operator<T>& a, Index rows, Index vectors);

/// And with the basis for so many triplets.
template <Scalar T>
[[nodiscard]] KrylovSize size_for(Index target, const Operator<T>& a,
                                  const IterationOptions& options);

/// A space of that size, of A or A^H, in the scale of ||A||_F where that is known. It is not started.
template <Scalar T>
[[nodiscard]] std::unique_ptr<KrylovSpace<T>> make_space(const Execution& execution,
                                                         const Operator<T>& a, bool is_adjoint,
                                                         const KrylovSize& size,
                                                         const IterationOptions& options);

template <Scalar T>
class Iteration {
 public:
  Iteration(const Execution& execution, const dense::StageClock& timed, const Operator<T>& a,
            const Truncation& rule, const IterationOptions& options,
            const Checkpoints<T>& checkpoints, Index products_before);

  /// The decision; nothing when the rules ask for more triplets than fit, or when the restarts are used up: then converged() and
  /// hides_copies() say what is missing.
  [[nodiscard]] std::optional<Decision> run();

  [[nodiscard]] bool converged() const noexcept { return converged_; }
  /// No restart was left to look for further copies of a repeated value.
  [[nodiscard]] bool hides_copies() const noexcept { return hides_copies_; }
  [[nodiscard]] int restarts() const noexcept { return restarts_; }
  /// Triplets that were wanted last.
  [[nodiscard]] Index target() const noexcept { return target_; }
  /// A^H was decomposed: left and right of space() are A's right and left.
  [[nodiscard]] bool is_adjoint() const noexcept { return is_adjoint_; }
  /// Both sides were orthogonalised.
  [[nodiscard]] bool is_two_sided() const noexcept { return options_.two_sided; }
  [[nodiscard]] KrylovSpace<T>& space() noexcept { return *space_; }
  /// Vectors that A and A^H were applied to, in all spaces.
  [[nodiscard]] Index products() const noexcept { return products_ + space_->products(); }

 private:
  [[nodiscard]] std::optional<Decision> iterate();
  void go_on();
  void resume(const TruncatedState<T>& state);
  void hand_out();
  [[nodiscard]] bool time_to_look() const;
  void look();
  [[nodiscard]] Index kept(Index wanted) const;
  [[nodiscard]] Convergence<T> convergence() const;
  [[nodiscard]] std::optional<Decision> decide_from(Index found) const;
  [[nodiscard]] Index wanted_now() const;
  void begin();
  void restart(Index keep, bool afresh = false);
  [[nodiscard]] bool is_blocked() const;

  const Execution& execution_;
  const dense::StageClock& timed_;
  const Operator<T>& a_;
  const Truncation& rule_;
  IterationOptions options_;
  const Checkpoints<T>& checkpoints_;
  std::chrono::steady_clock::time_point handed_out_ = std::chrono::steady_clock::now();
  bool is_adjoint_ = false;
  std::unique_ptr<KrylovSpace<T>> space_;
  Index target_;
  Index products_ = 0;             // in spaces before this one
  Index products_before_ = 0;      // and before this iteration
  std::vector<Real<T>> verified_;  // the values before a cycle of fresh directions
  bool verifying_ = false, converged_ = false, hides_copies_ = false;
  bool is_to_look_ =
      false;  // the space is larger than at the last look, or it is the one to look at again
  bool is_to_renew_ = false;  // residuals of what a restart kept
  Index found_ = 0;
  double work_ = 0;  // of the steps since the last look, in flops
  // The last look: p, and the logarithm of the largest wanted residual over what is accepted; and p before which no look is worth it.
  Index looked_at_ = 0, next_look_ = 0;
  double excess_ = 0;
  int restarts_ = 0;
};

}  // namespace eckart::truncated
