#pragma once

// Columns of a matrix as real vectors, for all four types.
//
// A complex vector is stored as it comes, real and imaginary parts in turn, and is read as a real one of twice the length. With
// the companion  u = -i v  of a vector v (again a real vector) all that is needed are real sums and real multiples:
//
//   a^H v        = (a, v) + i (a, u)                inner products of real vectors
//   v conj(y)    = Re(y) v + Im(y) u
//   sum a_j c_j  = X_0 + i X_1,  X_0 = sum Re(c_j) a_j,  X_1 = sum Im(c_j) a_j
//
// so nothing is shuffled while the matrix streams, and every product is one fused multiply-add on full vectors. A real type has
// one such part, a complex type two: `parts`. Coefficients (y, c) are planar: all real parts, then all imaginary parts.
//
// Lengths are counted in reals. Buffers are aligned to a cache line and padded with zeros to whole lines.

#include <eckart/types.hpp>

namespace eckart::dense {

template <Scalar T>
inline constexpr int parts = ComplexScalar<T> ? 2 : 1;

/// Reals in a cache line; a multiple of the lanes of every processor.
template <Scalar T>
inline constexpr Index line = 64 / static_cast<Index>(sizeof(Real<T>));

/// Reals in a buffer for n entries of T.
template <Scalar T>
[[nodiscard]] constexpr Index padded_reals(Index n) noexcept {
  return (n * parts<T> + line<T> - 1) / line<T> * line<T>;
}
/// The first real of the line in which entry i starts.
template <Scalar T>
[[nodiscard]] constexpr Index line_of(Index i) noexcept {
  return i * parts<T> / line<T> * line<T>;
}

/// A matrix as its columns of reals, `stride` apart.
template <class R>
struct Columns {
  R* data;
  Index stride;

  [[nodiscard]] R* col(Index j) const noexcept { return data + j * stride; }
};

/// Planar coefficients: part k of entry j stands at data[k * stride + j].
template <class R>
struct Planar {
  R* data;
  Index stride;

  [[nodiscard]] R* part(int k) const noexcept { return data + k * stride; }
  [[nodiscard]] Planar from(Index j) const noexcept { return {data + j, stride}; }
};

/// Real (k = 0) or imaginary (k = 1) part.
template <Scalar T>
[[nodiscard, gnu::always_inline]] inline Real<T> part_of(const T& x, int k) noexcept {
  if constexpr (ComplexScalar<T>) {
    return k == 0 ? x.real() : x.imag();
  } else {
    return k == 0 ? x : Real<T>{};
  }
}

template <Scalar T>
[[nodiscard]] inline T from_parts(Real<T> real, Real<T> imaginary) noexcept {
  if constexpr (ComplexScalar<T>) {
    return {real, imaginary};
  } else {
    return real;
  }
}

/// Entry i of a vector as it stands in a matrix, and of planar coefficients.
template <Scalar T>
[[nodiscard]] inline T entry_of(const Real<T>* vector, Index i) noexcept {
  return from_parts<T>(vector[i * parts<T>], vector[i * parts<T> + parts<T> - 1]);
}
template <Scalar T>
[[nodiscard]] inline T entry_of(const Planar<Real<T>>& planar, Index i) noexcept {
  return from_parts<T>(planar.part(0)[i], planar.part(parts<T> - 1)[i]);
}
template <Scalar T>
inline void set_entry(Real<T>* vector, Index i, const T& value) noexcept {
  for (int k = 0; k < parts<T>; ++k) {
    vector[i * parts<T> + k] = part_of<T>(value, k);
  }
}
template <Scalar T>
inline void set_entry(const Planar<Real<T>>& planar, Index i, const T& value) noexcept {
  for (int k = 0; k < parts<T>; ++k) {
    planar.part(k)[i] = part_of<T>(value, k);
  }
}

}  // namespace eckart::dense
