#pragma once

// Products of an operator whose entries are near the end of the type's range: sums of them overflow though the product does not, or lose
// their digits. With 2^exponent A near 1, half of the power goes to the vectors before the product and the rest to what comes out:
// vectors keep their digits, and neither half leaves the range.

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include <eckart/error.hpp>
#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

#include "dense/scale.hpp"

namespace eckart::truncated {

/// Entries between 2^-half_range and 2^half_range need no such care.
template <RealScalar R>
inline constexpr int half_range = std::numeric_limits<R>::max_exponent / 2;

/// Of the power that brings A near 1, the part for the vectors; 0 where A is not far out.
template <RealScalar R>
[[nodiscard]] int power_for_vectors(int exponent) noexcept {
  return std::abs(exponent) > half_range<R> ? exponent / 2 : 0;
}

/// f(2^exponent x), without a copy where the exponent is 0. Memory: one of x.
template <Scalar T, class F>
void with_power(const Execution& execution, MatrixView<const T> x, int exponent, const F& f) {
  if (exponent == 0) {
    f(x);
    return;
  }
  Matrix<T> scaled = Matrix<T>::uninitialized(x.rows(), x.cols());
  dense::copy_scaled<T>(execution, x, scaled.view(), exponent, false);
  f(scaled.view());
}

/// max |y_ij|; a product that is not finite is the operator's fault, and says so.
template <Scalar T>
[[nodiscard]] Real<T> finite_maximum(const Execution& execution, MatrixView<const T> y,
                                     const char* what) {
  try {
    return dense::max_modulus<T>(execution, y);
  } catch (const NonFinite& bad) {
    throw Error(ErrorKind::non_finite,
                std::string("the product with ") + what + " has NaN or infinity in row " +
                    std::to_string(bad.row()) +
                    "; an operator must give finite products of unit vectors (scale it when its "
                    "entries are near the largest number)");
  }
}

}  // namespace eckart::truncated
