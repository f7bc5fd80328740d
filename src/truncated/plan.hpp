#pragma once

// Which method, and why: the choice that truncated_svd() makes and plan_truncated_svd() explains.
//
//   1. estimate: what every method would take, in operations, memory and time (estimates.hpp)
//   2. choose: the one that was asked for, else the fastest of those that can do it within the memory allowed
//
// The randomized method is chosen only where it is asked for, or where a rule is about ||A||_F and that is not known: then Lanczos
// cannot. At a tolerance of 1e-2 or more it takes part in the choice by time, since the space that it grows is then a small one. Where
// it would need more than half of the space, the whole is decomposed.
//
// Times are counted in flops of a matrix product that takes as long, so that one machine's choice is every machine's; the shares of a
// product's rate that the parts reach are constants in estimates.cpp, measured on the machine of docs/benchmarks.md.

#include <eckart/truncated_svd.hpp>

#include "truncated/iteration.hpp"

namespace eckart::truncated {

/// Iteration stops with this in hand, since what it found is measured again.
inline constexpr double in_hand = 0.5;
/// From this tolerance on a space that never restarts is a small one.
inline constexpr double loose = 1e-2;

/// Residuals relative to a value: what is asked for, or the method's own.
template <Scalar T>
[[nodiscard]] double tolerance_of(const TruncatedOptions& options);

/// plan_truncated_svd() with the knowledge whether ||A||_F is known.
template <Scalar T>
[[nodiscard]] TruncatedPlan plan_for(const Operator<T>& a, const Truncation& rule,
                                     const TruncatedOptions& options, bool norm_is_known);

/// What an iteration is to look for: the caller fills in ||A||_F where it is known. Throws InvalidArgument for options that make no
/// sense.
template <Scalar T>
[[nodiscard]] IterationOptions iteration_options(const Operator<T>& a, const Truncation& rule,
                                                 const TruncatedOptions& options);

/// What all plans begin with; done, where there is nothing to find.
[[nodiscard]] TruncatedPlan plan_of(const IterationOptions& iteration);

/// The most triplets that iteration goes on to where the rules do not name their number: beyond, it does not fit, or the dense
/// decomposition would be faster and may be taken.
template <Scalar T>
[[nodiscard]] Index largest_target(const Operator<T>& a, const Truncation& rule,
                                   const TruncatedOptions& options,
                                   const IterationOptions& iteration);

/// The largest basis of the randomized method: as range_finder.hpp says, within the memory allowed; of half of the space at the most
/// where the dense decomposition may follow.
template <Scalar T>
[[nodiscard]] Index largest_range(const Operator<T>& a, const TruncatedOptions& options,
                                  const IterationOptions& iteration, bool may_be_dense);

/// Without a word about memory, an operator of products is written out within so many bytes, and sparse factors may take so many.
inline constexpr std::uint64_t most_to_write_out = std::uint64_t{2} << 30U,
                               most_of_factors = std::uint64_t{8} << 30U;

/// plan_for() where not the largest values are wanted: shift and invert, the whole, or products alone. Throws InvalidArgument for another
/// rule than rank(k), and for a target that is no number or negative.
template <Scalar T>
[[nodiscard]] TruncatedPlan plan_inner(const Operator<T>& a, const Truncation& rule,
                                       const TruncatedOptions& options);

/// Unit vectors that a matrix is written out from at a time.
inline constexpr Index unit_strip = 64;

/// rank(k) and nothing else.
[[nodiscard]] bool is_rank_alone(const Truncation& rule) noexcept;

/// The options of the dense decomposition that serves the rule: the k first vectors where k is known, else all.
[[nodiscard]] SvdOptions dense_options(const Truncation& rule, const TruncatedOptions& options);

}  // namespace eckart::truncated
