#pragma once

// The floor that rounding puts under a residual, whatever the tolerance.
//
//   reached     8 eps s_1    the residual in a projected problem is no larger: an iteration goes on to there, and no further
//   granted   256 eps s_1    and so is that of the triplets that come out of it, measured by products with A
//
// Between the two lie the rotation of the vectors, the orthogonalisation, and the products of the measurement, each a few eps s_1
// whatever the size: their roundings go in all directions. Asked for 1e-16, residuals of 4 to 60 triplets were measured at 5 to 31 eps s_1,
// of matrices of 200 to 4000 columns and up to 20,000 rows, flat and falling spectra, float and double alike: no root of n is to be seen in
// them. The largest that was found, 71 eps s_1, is that of a value at 2e-5 s_1 in float. tests/truncated/rounding_test.cpp has some of
// these, one_sided_test.cpp the last.

#include <eckart/types.hpp>

namespace eckart::truncated {

/// In the unit of s_1, the largest value.
template <Scalar T>
[[nodiscard]] constexpr double reached_by_iteration(double largest) noexcept {
  return 8 * double{epsilon<T>} * largest;
}

template <Scalar T>
[[nodiscard]] constexpr double granted_to_residual(double largest) noexcept {
  return 256 * double{epsilon<T>} * largest;
}

}  // namespace eckart::truncated
