#pragma once

// Is a value missing? Counts of singular values below a number against the values that were found.
//
//   N(y): negative pivots of A^H A - y I = R^H S R = L D L^H, which are the eigenvalues below y of A^H A + E, ||E|| <= e     sparse_factors.hpp
//
//   at most N(y) singular values lie below sqrt(y - e), at least N(y) below sqrt(y + e)
//
// k found values, the norm of all residuals added, are as many singular values (Weyl, Kahan: for orthonormal vectors; what they lack of that
// stretches the distance from x, and rounding of the products that a residual was measured by is added to it, as a bound). Around x, which
// is 0 for the smallest, two counts give the values between x - d and x + d. Where they are as many as were found there, none is missing.
// Where they are more, one is. The distances d are put into gaps of what was found, first into the one behind the farthest value.
//
// It says nothing where e is above y: below sqrt(eps) sigma_1 A^H A has no digits. Counts cost a factorisation each: `most_counts` at the
// most.

#include <optional>
#include <span>
#include <string>

#include "operators/sparse_factors.hpp"

namespace eckart::truncated {

struct Certificate {
  bool certified = false;
  double from = 0, to = 0;  // no singular value between them is missing
  bool is_missing = false;  // one is, for certain
  std::string text;
};

/// What was found, in the scale of the count: 2^exponent A.
struct Seen {
  std::span<const double> values;  // descending
  // Of all of them together, sqrt(sum r_i^2), and the rounding of its measurement.
  double residual = 0;
  double next = 0;  // where the next one is expected; 0: not known
  int exponent = 0;
  double not_orthonormal = 0;  // ||U^H U - I|| + ||V^H V - I||
};

/// Of those nearest to x, in the scale of the count; 0: the smallest. A stop is heard between two counts.
template <Scalar T>
[[nodiscard]] Certificate certify(const Execution& execution, const NormalCount<T>& count,
                                  const Seen& seen, double x);

}  // namespace eckart::truncated
