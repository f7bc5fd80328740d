#pragma once

// An independent judge of singular values: Sturm counts (LAPACK's testers use them too).
//
// The Golub-Kahan tridiagonal matrix of B(d, e), zero diagonal and off-diagonal d1, e1, d2, e2, ..., dn, has the eigenvalues
// +-sigma_i. The pivots of its elimination, shifted by x > 0,
//
//   p_1 = -x,   p_{k+1} = -x - b_k^2 / p_k,   b = d1, e1, d2, ...
//
// are negative as often as it has eigenvalues below x (Sylvester), so 2n minus that number is #{sigma >= x}. The count is
// exact for a matrix that differs from B by a few eps in each entry (Kahan 1966). 4 n^2 divisions, in double for every type,
// as many shifts side by side as the processor's vectors hold; threads share the values.

#include <span>

#include <eckart/execution.hpp>

#include "core/simd.hpp"

namespace eckart::dense {

/// Whether each s[i] (descending) is within `tolerance` of the i-th singular value of B(d, e):
/// #{sigma >= s[i] + tolerance} <= i  and  #{sigma >= s[i] - tolerance} > i.
template <RealScalar R>
[[nodiscard]] bool values_agree_with_counts(const Execution& execution, std::span<const R> d,
                                            std::span<const R> e, std::span<const R> s,
                                            double tolerance,
                                            Processor processor = this_processor());

}  // namespace eckart::dense
