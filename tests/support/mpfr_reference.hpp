#pragma once

// Exact references: singular values in arithmetic of many digits.
//
// One-sided Jacobi on the columns of A (of A^H when A is wide) with every number of `bits` bits, by GNU
// MPFR, whose exponents do not run out. A complex matrix is read as the real one [Re -Im; Im Re] of twice
// the size, which has each singular value twice. The values are right to sigma_1 2^-(bits - 20) in any
// case, and to a relative 2^-(bits - 20) cond(B) where A = B D with diagonal D: 192 bits are 57 digits.
// About 1 s for 60 x 60 real in 192 bits, and 8 times that for complex.

#include <vector>

#include <eckart/matrix.hpp>

namespace eckart::testing {

/// The min(m, n) singular values of a, descending, rounded to double once at the end. Throws
/// std::runtime_error when the sweeps do not converge.
template <Scalar T>
[[nodiscard]] std::vector<double> reference_singular_values(MatrixView<const T> a, int bits = 192);

template <MatrixLike A>
[[nodiscard]] std::vector<double> reference_singular_values(const A& a, int bits = 192) {
  return reference_singular_values<ScalarOf<A>>(as_view(a), bits);
}

}  // namespace eckart::testing
