#pragma once

// The two inner loops of one-sided Jacobi: the inner product of two columns, and their rotation.
//
//   dot     g = x^H y                                            2 n flops (complex: 8 n)
//   rotate  x' = x + alpha (y - h beta x)
//           y' = y - beta (x + h alpha y),  returns ||y'||^2     10 n flops (complex: 36 n)
//
// With alpha = s conj(w), beta = s w, |w| = 1 and h = 1 / (1 + c) this is the plane rotation
//   x' = c x + s conj(w) y,   y' = c y - s w x
// in Rutishauser's form (The Jacobi method for real symmetric matrices, Numer. Math. 9, 1966): what
// is added to x and y is small when the angle is, so that a nearly converged iteration rounds like
// one addition. alpha and beta are separate because columns may carry scales of their own (see
// jacobi.cpp); alpha beta = s^2 all the same.
//
// Layout. Complex columns are planar: all real parts, then, `length` reals further on, all
// imaginary parts. Every product then is an elementwise one on reals, without shuffles and without
// the NaN checks of std::complex. `length` is a multiple of `column_multiple`, padded with zeros,
// and columns are aligned to a cache line: the loops have no tails.
//
// Speed. The loops are written on vectors with several sums at a time, because a compiler may not
// reorder a sum by itself, and compiled for AVX-512, for AVX with FMA and for the base processor.
// The choice depends on the processor alone, so results on one machine do not change from run to
// run. Columns of 208 doubles on a Xeon of 2023 at 2.8 GHz, base / FMA / AVX-512: dot 48 / 26 / 19
// ns, rotate 192 / 64 / 41 ns; complex: dot 162 / 78 / 50 ns, rotate 661 / 193 / 100 ns.

#include "core/simd.hpp"

namespace eckart::dense {

/// Columns are padded to a multiple of this many reals: one cache line of float, two of double.
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

/// Coefficients of a rotation; see the head of the file.
template <Scalar T>
struct PlaneRotation {
  T alpha, beta;
  Real<T> h;
};

/// The inner loops for T, compiled for one kind of processor.
template <Scalar T>
struct JacobiKernels {
  T (*dot)(const Real<T>* x, const Real<T>* y, Index length) noexcept;
  Real<T> (*square)(const Real<T>* x, Index length) noexcept;  // ||x||^2
  Real<T> (*rotate)(Real<T>* x, Real<T>* y, Index length, const PlaneRotation<T>& r) noexcept;
};

template <Scalar T>
[[nodiscard]] JacobiKernels<T> jacobi_kernels(Processor processor = this_processor()) noexcept;

}  // namespace eckart::dense
