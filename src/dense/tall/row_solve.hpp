#pragma once

// X <- X R^-1 for a few rows of many columns: the substitution of Cholesky QR, on chunks that stay in cache.
//
//   x_j = (a_j - sum_{l < j} x_l r_lj) / r_jj       columns x_j of X (rows x n), R upper triangular n x n
//
// Rows do not depend on one another, so two vectors of them go through all columns, four columns at a time: the sums stay in
// registers, and per step two loads of x_l and four scalars of R feed eight multiply-adds. For n = 32 a library's trsm, made for
// large triangles, takes three times as long. rows n^2 flops. Backward stable row by row: x (R + F) = a with |F| <= (n + 1) eps |R|
// (Higham, "Accuracy and Stability of Numerical Algorithms", theorem 8.5; one eps for the reciprocals of the diagonal).

#include <span>

#include <eckart/matrix.hpp>

#include "core/simd.hpp"

namespace eckart::dense {

/// x in place, column-major; reciprocals: 1 / r_jj.
template <RealScalar R>
void solve_rows(MatrixView<const R> r, std::span<const R> reciprocals, MatrixView<R> x,
                Processor processor = this_processor()) noexcept;

}  // namespace eckart::dense
