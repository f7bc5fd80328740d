#pragma once

// Is a value missing? Counts of singular values below a number against the values that were found.
//
//   N(y): negative pivots of A^H A - y I = L D L^H, which are the eigenvalues below y of A^H A + E, ||E|| <= e     sparse_factors.hpp
//
//   at most N(y) singular values lie below sqrt(y - e), at least N(y) below sqrt(y + e)
//
// k found values, the norm of all residuals added, are as many singular values (Weyl, for orthonormal vectors). Where they are
// N(y), none is missing there. Where fewer than N(y) were found below sqrt(y + e), one is. The numbers y are put into gaps of what was
// found, first into the one behind the last value.
//
// It says nothing where e is above y: below sqrt(eps) sigma_1 A^H A has no digits.

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
  double residual = 0;             // of all of them together, sqrt(sum r_i^2)
  double next = 0;                 // where the next one is expected; 0: not known
  int exponent = 0;
};

/// Of the smallest values.
template <Scalar T>
[[nodiscard]] Certificate certify_smallest(NormalCount<T>& count, const Seen& seen);
/// Of those nearest to x, in the scale of the count.
template <Scalar T>
[[nodiscard]] Certificate certify_nearest(NormalCount<T>& count, const Seen& seen, double x);

}  // namespace eckart::truncated
