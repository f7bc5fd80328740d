#pragma once

// Inner loops of a sketch on vectors of many lines at once: what add_signed() and add_multiple() do number by number, in the same order for
// each number, so with the same bits.
//
// Complex vectors are two: a row of so many real parts, and one of imaginary parts behind it. Lengths are multiples of
// `vector_unit`; what is not there is 0.

#include "streams/test_vectors.hpp"

namespace eckart::streams {

inline constexpr Index vector_unit = 8;

/// sums[place] += sign lines[i] for the places of signs[i], i = 0 ... count - 1. Rows of `lines` and of `sums` are `planes` x length.
using AddSignedVectors = void (*)(const SparseSigns* signs, Index count, const double* lines,
                                  double* sums, Index length, Index planes) noexcept;
[[nodiscard]] AddSignedVectors add_signed_vectors() noexcept;

/// sums[p] += factors[i q + p] lines[i], factors real, or with their imaginary parts between.
using AddMultiples = void (*)(const double* factors, Index q, Index count, const double* lines,
                              double* sums, Index length, Index planes) noexcept;
[[nodiscard]] AddMultiples add_multiples() noexcept;

}  // namespace eckart::streams
