#pragma once

// What each method would take, in operations, memory and time: step 1 of plan.hpp.
//
// Lanczos needs no fixed number of steps: measured on geometric spectra it takes 0.7 to 1.5 times the basis in vectors on either
// side, on the flat spectrum of a random matrix about twice the basis. The estimate says 1.5, as a rule within a factor of two
// where nothing is known of the spectrum. At a loose tolerance, and for the randomized method, it is the basis that the values i^-0.8
// need.

#include <string>

#include <eckart/truncated_svd.hpp>

#include "truncated/iteration.hpp"

namespace eckart::truncated {

[[nodiscard]] inline bool is_possible(const MethodEstimate& e) noexcept {
  return e.obstacle == Obstacle::none;
}

/// "1.23", "45".
[[nodiscard]] std::string as_factor(double x);

/// With an obstacle where it needs more memory than is allowed; 0: any.
[[nodiscard]] MethodEstimate within_memory(MethodEstimate e, std::uint64_t max_memory);

template <Scalar T>
[[nodiscard]] MethodEstimate estimate_lanczos(Index target, const Operator<T>& a,
                                              const Truncation& rule,
                                              const IterationOptions& options,
                                              std::uint64_t max_memory, bool norm_is_known);

/// Of a range finder with so many vectors in its basis, which grew into it by half or more.
template <Scalar T>
[[nodiscard]] MemoryPlan range_memory(Index basis, const Operator<T>& a,
                                      const IterationOptions& options);

template <Scalar T>
[[nodiscard]] MethodEstimate estimate_range(const Operator<T>& a, const Truncation& rule,
                                            const TruncatedOptions& options,
                                            const IterationOptions& iteration, bool may_be_dense,
                                            bool norm_is_known);

template <Scalar T>
[[nodiscard]] MethodEstimate estimate_dense(const Operator<T>& a, const Truncation& rule,
                                            const TruncatedOptions& options);

/// Of triplets that are not the largest: by an inverse, and by products alone.
template <Scalar T>
[[nodiscard]] MethodEstimate estimate_shift_invert(Index target, const Operator<T>& a,
                                                   const TruncatedOptions& options);
template <Scalar T>
[[nodiscard]] MethodEstimate estimate_folded(Index target, const Operator<T>& a,
                                             const TruncatedOptions& options);

}  // namespace eckart::truncated
