#pragma once

// What a dense decomposition will take: memory, and floating-point operations.

#include "dense/problem.hpp"

namespace eckart::dense {

/// Columns of A that are shown to the sign rule at a time when V itself is not computed.
inline constexpr Index sign_strip = 256;

/// Whether A's own memory serves as the copy that is overwritten. For R alone of a wide matrix the sign rule reads A again.
template <Scalar T>
[[nodiscard]] bool can_overwrite(const Problem& problem, MatrixView<T> a) {
  const bool reads_again = problem.transposed && problem.want_right && !problem.want_left;
  return a.data() != nullptr && !reads_again &&
         (problem.transposed ? a.transposed() : a).is_column_major();
}

/// The plan of svd_into, or of svd_overwrite when A's memory serves. A small matrix needs none: the few that are left to the other
/// steps take memory of their own, steps_plan().
template <Scalar T>
[[nodiscard]] MemoryPlan svd_plan(const Problem& problem, const SvdOptions& options,
                                  bool overwrites);
template <Scalar T>
[[nodiscard]] MemoryPlan steps_plan(const Problem& problem, const SvdOptions& options,
                                    bool overwrites);

}  // namespace eckart::dense
