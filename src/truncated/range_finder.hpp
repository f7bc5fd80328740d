#pragma once

// The randomized method: a Krylov space from a random block that grows until what is asked for is there, every block kept, nothing
// restarted.
//
//   V = [W, A^H A W, (A^H A)^2 W, ...]  orthonormal, n x p       A ~ A V V^H,  its leading triplets those of A V
//
// Block Krylov instead of the power iteration of the usual range finder, whose blocks are thrown away but for the last: Musco, Musco,
// NIPS 2015; Tropp, Webber, arXiv 2306.12418. A reading of A a block (normal_lanczos.hpp), or two (golub_kahan.hpp).
//
//   0. one side alone; anew with both where rounding of A^H A hides a wanted value
//   1. grow to the next look; memory grows along, half as much again at a time
//   2. look: the projected problem, values and residuals
//   3. where ||A||_F is not known and a rule needs it: ||A||_F^2 = ||A V||_F^2 + ||A (I - V V^H)||_F^2, the first part known, the
//      second bounded by random probes that are independent of V (probes.hpp). Such a bound is one of A and stays right as V grows.
//      Where it gives many more triplets than the mean of the probes would, the tail being flat and holding a good part of the norm, three
//      times as many probes join, and again: what they take is less than the triplets would
//   4. the rules' k from values that are no larger than the true ones, and a norm that is no smaller: what holds for them holds for A.
//      A rule about single values holds once the first value left out, with its residual, is no larger than the rule says
//   5. residuals of the k triplets above the tolerance: back to 1, for one block where a look is cheap beside it; else as far as the
//      residual, going on as it went, would need
//   6. copies of a repeated value may be hidden (convergence.hpp): the wanted triplets are kept, and on from fresh random directions with
//      as many vectors as found them, until that changes nothing. What is hidden comes up as what was seen did, and no sooner
//   7. what is left out: sigma_{k+1}(A)^2 <= sigma_{k+1}(A V)^2 + ||A (I - V V^H)||_2^2, from ||A||_F where that is known, else from
//      probes
//
// The bounds of probes are wrong with a probability that is chosen beforehand: measurement i is allowed 2^-i of it. All else is as
// sure as for Lanczos, for residuals are measured anew.
//
// Cost: products of A and A^H with p vectors, 2 n p^2 flops of orthogonalisation; at the tolerance 0.05, where values are right to 4e-3
// and better, the slowly falling i^-0.8 takes p = 32, 100 and 368 for k = 10, 50, 200. Memory: n p entries, and m p more where A V is dear
// to form again. It fails where the basis reaches its limit before the residuals are small: that is said, and the whole decomposed
// where that is allowed.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <eckart/truncation.hpp>

#include "dense/stage_clock.hpp"
#include "truncated/convergence.hpp"
#include "truncated/iteration.hpp"
#include "truncated/stopping.hpp"

namespace eckart::truncated {

/// Vectors of a measurement.
inline constexpr Index probes = 16;
/// And of the measurements at one place together, where the rules hang on the bound.
inline constexpr Index most_probes = 256;

/// Vectors of the basis at the first look for so many triplets, in whole blocks.
[[nodiscard]] Index first_basis(Index target, Index block);

/// The largest basis that is built: half of min(m, n), or where `all` is said as much of it as a Krylov space can hold; where the number
/// of triplets is known, no more than a few times what they should need.
[[nodiscard]] Index largest_basis(Index shorter, const IterationOptions& options, bool all);

/// Vectors that there is room for where so many are wanted next, in whole blocks: all that there may be, where half as much again would
/// be more than that. So what is there when the space grows is no more than two thirds of what it grows to.
[[nodiscard]] Index room_for(Index vectors, Index block, Index largest);

/// Sides and memory of the space that has so many vectors.
template <Scalar T>
[[nodiscard]] KrylovSize range_size(Index basis, const Operator<T>& a,
                                    const IterationOptions& options);

template <Scalar T>
class RangeFinder {
 public:
  /// `largest`: vectors in the basis at the most, in whole blocks.
  RangeFinder(const Execution& execution, const dense::StageClock& timed, const Operator<T>& a,
              const Truncation& rule, const IterationOptions& options, Index largest,
              double failure);

  /// The decision; nothing when the basis reached its limit first.
  [[nodiscard]] std::optional<Decision> run();

  /// What the rules gave last, however large the residuals: nothing where they need more values.
  [[nodiscard]] const std::optional<Decision>& last_decision() const noexcept { return decision_; }
  /// In words, where run() gave nothing.
  [[nodiscard]] const std::string& shortfall() const noexcept { return shortfall_; }
  [[nodiscard]] bool is_adjoint() const noexcept { return is_adjoint_; }
  [[nodiscard]] bool is_two_sided() const noexcept { return options_.two_sided; }
  [[nodiscard]] KrylovSpace<T>& space() noexcept { return *space_; }
  [[nodiscard]] Index products() const noexcept { return products_ + space_->products(); }

  /// Step 7, in the scale of A. ||A||_F is no larger; nor is any value behind the first k: to rounding, and where the norm was not
  /// known but with the probability `failure`.
  [[nodiscard]] double norm_at_most() const;
  [[nodiscard]] double next_at_most(Index k) const;

 private:
  void begin();
  void grow();
  void look();
  void measure();
  void probe(Index count);
  [[nodiscard]] bool hangs_on_bound() const;
  [[nodiscard]] double rounding_of(double squares) const;
  void verify(Index needed);
  void look_at(Index vectors);
  [[nodiscard]] std::optional<Decision> give_up(const char* why);
  [[nodiscard]] bool may_grow() const;
  [[nodiscard]] bool is_left_out() const;
  [[nodiscard]] bool may_verify(Index needed) const;
  [[nodiscard]] Index kept_for(Index needed) const;
  [[nodiscard]] Convergence<T> convergence() const;
  [[nodiscard]] std::optional<Decision> decide_now() const;
  [[nodiscard]] std::optional<Decision> decide_with(double squared_norm) const;
  [[nodiscard]] double price_of_a_look() const;
  [[nodiscard]] Index look_after(Index needed);
  [[nodiscard]] double captured() const;
  [[nodiscard]] double likely_squared_norm() const;  // ||A V||_F^2 in the scale of the space

  const Execution& execution_;
  const dense::StageClock& timed_;
  const Operator<T>& a_;
  const Truncation& rule_;
  IterationOptions options_;
  Index largest_;
  double failure_;
  bool is_adjoint_ = false;
  std::unique_ptr<KrylovSpace<T>> space_;
  Index products_ = 0;
  std::optional<Decision> decision_;
  // Squares in the scale of the space: of ||A||_F, and of what the present V leaves out in both norms.
  double norm_ = 0, left_spectral_ = 0;
  ProbeSums sums_;  // of what the present V leaves out
  Index probed_ = 0;
  int measurements_ = 0;
  Index measured_at_ = -1;         // p
  std::vector<Real<T>> verified_;  // the values before fresh directions
  bool verifying_ = false;
  Index kept_ = 0;  // vectors before the fresh directions
  std::string shortfall_;
  int lost_ = 0;  // looks in a row at which rounding hid a wanted value
  Index next_look_ = 0, looked_at_ = 0;
  double excess_ =
      0;  // of the residual that matters over what is accepted, its logarithm, at the last look
};

}  // namespace eckart::truncated
