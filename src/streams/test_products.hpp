#pragma once

// Test matrices of a sketch times blocks of vectors, a few thousand of their columns at a time (test_vectors.hpp).

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

#include "streams/test_vectors.hpp"

namespace eckart::streams {

/// Columns of a test matrix that are made at a time.
inline constexpr Index tested_together = 4096;

/// The sparse test matrix of `size` rows, or its conjugate, times `a`.
template <Scalar W>
[[nodiscard]] Matrix<W> times_signs(const Execution& how, std::uint64_t seed, TestMatrix matrix,
                                    Index size, MatrixView<const W> a, bool conjugated);

/// Theta, of `probes` rows, times `a`.
template <Scalar W>
[[nodiscard]] Matrix<W> times_normal(const Execution& how, std::uint64_t seed, Index probes,
                                     MatrixView<const W> a);

}  // namespace eckart::streams
