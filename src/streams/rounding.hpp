#pragma once

// What a small decomposition inside a stream may have added by rounding, from its audit.

#include <eckart/svd.hpp>

namespace eckart::streams {

/// For M = U S V^H as svd() of doubles gave it, `largest` its first value: a bound of ||M - U S V^H||_2 for factors that are exactly
/// orthonormal, and of the rounding of S V^H. The audit looks through random vectors: the bound is wrong with a probability below
/// AuditReport::fooled, 1e-10.
[[nodiscard]] double rounding_of(const SvdReport& report, double largest);

}  // namespace eckart::streams
