#pragma once

// Which method, and why: the choice that truncated_svd() makes and plan_truncated_svd() explains.
//
//   1. estimate: what every method would take, in operations, memory and time
//   2. choose: the one that was asked for, else the fastest of those that can do it within the memory allowed
//
// Times are counted in flops of a matrix product that takes as long, so that one machine's choice is every machine's; the shares of a
// product's rate that the parts reach are constants in plan.cpp, measured on the machine of docs/benchmarks.md.
//
// Lanczos needs no fixed number of steps: measured on geometric spectra it takes 0.7 to 1.5 times the basis in vectors on either
// side, on the flat spectrum of a random matrix about twice the basis. The estimate says 1.5, as a rule within a factor of two
// where nothing is known of the spectrum.

#include <eckart/truncated_svd.hpp>

#include "truncated/iteration.hpp"

namespace eckart::truncated {

/// What Lanczos is to look for: the caller fills in ||A||_F where it is known. Throws InvalidArgument for options that make no
/// sense.
template <Scalar T>
[[nodiscard]] IterationOptions iteration_options(const Operator<T>& a, const Truncation& rule,
                                                 const TruncatedOptions& options);

/// The most triplets that iteration goes on to where the rules do not name their number: beyond, it does not fit, or the dense
/// decomposition would be faster and may be taken.
template <Scalar T>
[[nodiscard]] Index largest_target(const Operator<T>& a, const Truncation& rule,
                                   const TruncatedOptions& options,
                                   const IterationOptions& iteration);

/// Unit vectors that a matrix is written out from at a time.
inline constexpr Index unit_strip = 64;

/// rank(k) and nothing else.
[[nodiscard]] bool is_rank_alone(const Truncation& rule) noexcept;

/// The options of the dense decomposition that serves the rule: the k first vectors where k is known, else all.
[[nodiscard]] SvdOptions dense_options(const Truncation& rule, const TruncatedOptions& options);

}  // namespace eckart::truncated
