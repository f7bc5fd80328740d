#pragma once

// The norm pass and the scaling that makes every later step safe.
//
// A is multiplied by the power of two that brings max |a_ij| into [1/2, 1). The product is exact, unless an entry is smaller
// than the largest by more than the whole exponent range, so decompositions of A and of 2^k A are the same bit for bit; no
// later product of entries overflows, and none of those that matter underflows. The same pass finds NaN and infinity.
// One read of A for the maximum, one read and one write for the copy.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

namespace eckart::dense {

/// max |Re a_ij|, |Im a_ij|; throws NonFinite naming the first NaN or infinity in column-major order.
template <Scalar T>
[[nodiscard]] Real<T> max_modulus(const Execution& execution, MatrixView<const T> a);

/// The exponent e for which `largest` * 2^e lies in [1/2, 1); 0 for 0.
template <RealScalar R>
[[nodiscard]] int scale_exponent(R largest) noexcept;

/// to <- 2^exponent * from, conjugated if asked. Shapes are equal, strides are free.
template <Scalar T>
void copy_scaled(const Execution& execution, MatrixView<const T> from, MatrixView<T> to,
                 int exponent, bool conjugated);

/// a <- 2^exponent a, exact short of underflow and overflow.
template <Scalar T>
void scale_by_power(MatrixView<T> a, int exponent) noexcept;

/// s <- 2^exponent * s; throws OutOfRange when s[0], the largest, leaves the type.
template <RealScalar R>
void scale_values(std::span<R> s, int exponent);

/// ||A||_F of a scaled matrix, summed in double, column by column.
template <Scalar T>
[[nodiscard]] double frobenius_norm(const Execution& execution, MatrixView<const T> a);

}  // namespace eckart::dense
