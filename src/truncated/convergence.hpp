#pragma once

// Which of the values in a Krylov space are found: their residuals are within a tolerance, of which rounding of the largest value is
// always granted.
//
// Exactly repeated values. A Krylov space from a block of b vectors sees b copies of a value at the most. Where that many near copies
// stand among the wanted values, and ||A||_F leaves room for one more value as large as the last, some may be hidden: the space then
// goes on from fresh random directions until the values stay what they were. A residual r leaves a value wrong by r^2 over its gap, so
// that copies differ the more the looser the tolerance is.

#include <optional>
#include <span>

#include "truncated/krylov_space.hpp"

namespace eckart::truncated {

/// A look at a space after its solve(); it holds for as long as that does.
template <Scalar T>
class Convergence {
 public:
  /// `tolerance` is relative to a value; `norm`: ||A||_F in the scale of the space, where it is known.
  Convergence(const KrylovSpace<T>& space, double tolerance, std::optional<double> norm)
      : space_(space), tolerance_(tolerance), norm_(norm) {}

  [[nodiscard]] double value(Index i) const;
  /// The largest residual i that passes.
  [[nodiscard]] double accepted(Index i) const;
  /// How many values from the first on are found, of `wanted`.
  [[nodiscard]] Index count(Index wanted) const;
  /// The largest residual of the values wanted, over what is accepted; no residual is known of more values than there are.
  [[nodiscard]] double excess(Index wanted) const;
  /// Rounding of this kind of space is likely to be above what is accepted for one of the values wanted; `may_grow`: of those alone that
  /// will not grow much.
  [[nodiscard]] bool is_lost_in_rounding(Index wanted, bool may_grow = false) const;
  [[nodiscard]] bool may_hide_copies(Index wanted) const;
  /// Value i of the last solve(), and the one of A that lies within its residual, are no larger than x. A residual of rounding counts
  /// as none, so that x may be one of the values.
  [[nodiscard]] bool is_at_most(Index i, double x) const;
  /// The values are those that were found before, as many as are wanted now.
  [[nodiscard]] bool are_unchanged(std::span<const Real<T>> before, Index wanted) const;

  /// The stage for whoever watches, and behind a colon how far it is.
  void tell(const Execution& execution, Index wanted) const;

 private:
  [[nodiscard]] Index known(Index wanted) const;  // of how many a residual is known
  [[nodiscard]] double rounding() const;          // of A v, whatever the tolerance
  [[nodiscard]] double noise() const;             // of a value
  [[nodiscard]] double copies() const;            // no further apart, relative to one of them

  const KrylovSpace<T>& space_;
  double tolerance_;
  std::optional<double> norm_;
};

}  // namespace eckart::truncated
