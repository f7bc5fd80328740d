#pragma once

// The two inner loops of one-sided Jacobi: the inner product of two columns, and their rotation.
//
//   dot     g = x^H y                                                        2 n flops (complex: 8
//   n) rotate  x' = x + (kappa x + alpha y)
//           y' = y + (kappa y - beta  x),   returns ||y'||^2                  8 n flops (complex:
//           24 n)
//
// With c = cos, s = sin, w of modulus 1: kappa = c - 1, alpha = s conj(w), beta = s w is a plane
// rotation. This is Rutishauser's form (The Jacobi method for real symmetric matrices, Numer. Math.
// 9, 1966): the bracket is small when the angle is, so that the rounding errors of a nearly
// converged iteration are those of one addition. alpha and beta are separate because columns may
// carry scales of their own (see jacobi.cpp).
//
// Layout. Complex columns are planar: all real parts, then, `length` reals further on, all
// imaginary parts. Every product then is an elementwise one on reals, without shuffles and without
// the NaN checks of std::complex. `length` is a multiple of `column_multiple` reals, padded with
// zeros, and columns are aligned to a cache line: the loops have no tails.
//
// Speed. The loops are written on vectors of 32 bytes with several sums at a time, because a
// compiler may not reorder a sum by itself. They are compiled for AVX-512, for FMA and for the base
// processor, and the loader picks (GCC's target_clones). The choice depends on the processor alone,
// so results on one machine do not change from run to run.

#include <eckart/types.hpp>

namespace eckart::dense {

/// Columns are padded to a multiple of this many reals: one cache line of float.
inline constexpr Index column_multiple = 16;

/// The length to which a column of n entries is padded.
[[nodiscard]] constexpr Index padded_length(Index n) noexcept {
  return (n + column_multiple - 1) / column_multiple * column_multiple;
}

/// Reals in one padded column of `length` entries of T.
template <Scalar T>
[[nodiscard]] constexpr Index column_reals(Index length) noexcept {
  return ComplexScalar<T> ? 2 * length : length;
}

/// Coefficients of rotate(); see the head of the file.
template <Scalar T>
struct PlaneRotation {
  Real<T> kappa;
  T alpha, beta;
};

namespace kernels {

[[nodiscard]] float dot(const float* x, const float* y, Index length) noexcept;
[[nodiscard]] double dot(const double* x, const double* y, Index length) noexcept;
[[nodiscard]] std::complex<float> dot_planar(const float* x, const float* y, Index length) noexcept;
[[nodiscard]] std::complex<double> dot_planar(const double* x, const double* y,
                                              Index length) noexcept;

float rotate(float* x, float* y, Index length, const PlaneRotation<float>& r) noexcept;
double rotate(double* x, double* y, Index length, const PlaneRotation<double>& r) noexcept;
float rotate(float* x, float* y, Index length,
             const PlaneRotation<std::complex<float>>& r) noexcept;
double rotate(double* x, double* y, Index length,
              const PlaneRotation<std::complex<double>>& r) noexcept;

}  // namespace kernels

/// x^H y of two padded columns of T.
template <Scalar T>
[[nodiscard]] T column_dot(const Real<T>* x, const Real<T>* y, Index length) noexcept {
  if constexpr (ComplexScalar<T>) {
    return kernels::dot_planar(x, y, length);
  } else {
    return kernels::dot(x, y, length);
  }
}

/// Rotates two padded columns of T; returns the squared norm of the new y.
template <Scalar T>
Real<T> column_rotate(Real<T>* x, Real<T>* y, Index length, const PlaneRotation<T>& r) noexcept {
  return kernels::rotate(x, y, length, r);
}

/// Squared norm of a padded column of T: the real dot of all its reals with themselves.
template <Scalar T>
[[nodiscard]] Real<T> column_square(const Real<T>* x, Index length) noexcept {
  return kernels::dot(x, x, column_reals<T>(length));
}

}  // namespace eckart::dense
