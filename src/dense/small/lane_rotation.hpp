#pragma once

// One step of one-sided Jacobi in every lane at once: two columns x, y become orthogonal by a plane rotation.
//
//   a = ||x||^2,  b = ||y||^2,  g = x^H y,  w = g / |g|,  d = a - b
//   t = sign(d) 2 |g| / (|d| + sqrt(d^2 + 4 |g|^2))                   the tangent of the smaller angle, |t| <= 1
//   r = sqrt(1 + t^2),  s = t / r,  u = t / (1 + r)                   sine, and tangent of half the angle
//   x' = x + s conj(w) (y - u w x)
//   y' = y - s w (x + u conj(w) y)                                    Rutishauser's form: see jacobi_kernels.hpp
//
// What a lane holds is not known here: a matrix of its own (one pair of columns, many matrices) or a pair of its own (one matrix,
// many pairs). The arithmetic of a lane is the same for both, which is what makes a matrix of a stack and the same matrix alone
// agree bit for bit. A lane whose columns are orthogonal already, |g| <= tolerance ||x|| ||y||, keeps its bits.
//
// A column is m + n packs: m of X, n of W, the product of the rotations; complex: so many real parts, then as many imaginary ones.
// Norms are taken afresh for every pair: three inner products for one, hidden behind the latency of the square roots.

#include "dense/bidiagonal/secular_packs.hpp"

namespace eckart::dense {

/// The matrices that are decomposed this way have at most so many rows and columns, or columns and rows. Beyond 8 columns a lone
/// matrix is faster by the ladder (10 x 10: equal; 16 x 16: 27 us for 19), and a stack must give what a lone matrix gives.
inline constexpr Index small_rows = 16, small_cols = 8;

/// Packs in a column of X above W.
template <bool complex>
[[nodiscard]] constexpr Index small_column(Index m, Index n) noexcept {
  return (complex ? 2 : 1) * (m + n);
}

template <bool complex, int bytes>
struct LaneRotation {
  using V = Pack<double, bytes>;

  // Sums over even and odd rows, so that two additions are under way at a time.
  struct Products {
    V a, b, g, g_imag;
  };

  [[gnu::always_inline]] static Products products(const V* x, const V* y, Index m,
                                                  Index plane) noexcept {
    Products even = {}, odd = {};
    Index i = 0;
    for (; i + 1 < m; i += 2) {
      add(even, x, y, i, plane);
      add(odd, x, y, i + 1, plane);
    }
    if (i < m) {
      add(even, x, y, i, plane);
    }
    return {even.a + odd.a, even.b + odd.b, even.g + odd.g, even.g_imag + odd.g_imag};
  }

  [[gnu::always_inline]] static void add(Products& sums, const V* x, const V* y, Index i,
                                         Index plane) noexcept {
    sums.a += x[i] * x[i];
    sums.b += y[i] * y[i];
    sums.g += x[i] * y[i];
    if constexpr (complex) {
      const V xi = x[plane + i], yi = y[plane + i];
      sums.a += xi * xi;
      sums.b += yi * yi;
      sums.g += xi * yi;
      sums.g_imag += x[i] * yi;
      sums.g_imag -= xi * y[i];
    }
  }

  /// Rotates where `allowed` is 1; returns 1 for the lanes that were rotated.
  [[gnu::always_inline]] static V rotate(V* x, V* y, Index m, Index n, const V& allowed,
                                         double tolerance_squared) noexcept {
    const Index plane = m + n;
    const Products p = products(x, y, m, plane);
    V g_square = p.g * p.g;
    if constexpr (complex) {
      g_square += p.g_imag * p.g_imag;
    }
    const V excess = g_square - tolerance_squared * (p.a * p.b);
    const V flag = minimum<V>(excess > 0 ? V{} + 1 : V{}, allowed);
    if (!any<double, bytes>(flag)) {
      return flag;
    }
    const V g_modulus = complex ? square_root<double, bytes>(g_square) : absolute<V>(p.g);
    const V d = p.a - p.b;
    const V root = square_root<double, bytes>(d * d + 4 * g_square);
    const V sum = choose<V>(flag, absolute<V>(d) + root, V{} + 1);
    const V modulus = 2 * g_modulus / sum;
    const V tangent = choose<V>(flag, d < 0 ? -modulus : modulus, V{});
    const V r = square_root<double, bytes>(1 + tangent * tangent);
    const V sine = tangent / r, half = tangent / (1 + r);
    if constexpr (complex) {
      const V inverse = 1 / choose<V>(flag, g_modulus, V{} + 1);
      const V w = choose<V>(flag, p.g * inverse, V{} + 1),
              w_imag = choose<V>(flag, p.g_imag * inverse, V{});
      turn(x, y, plane, sine * w, sine * w_imag, half * w, half * w_imag);
    } else {
      const V s = p.g < 0 ? -sine : sine, u = p.g < 0 ? -half : half;
      for (Index i = 0; i < plane; ++i) {
        const V xi = x[i], yi = y[i];
        x[i] = xi + s * (yi - u * xi);
        y[i] = yi - s * (xi + u * yi);
      }
    }
    return flag;
  }

  // x' = x + conj(s) (y - u x),  y' = y - s (x + conj(u) y)
  [[gnu::always_inline]] static void turn(V* x, V* y, Index plane, const V& s, const V& s_imag,
                                          const V& u, const V& u_imag) noexcept {
    for (Index i = 0; i < plane; ++i) {
      const V xr = x[i], xi = x[plane + i], yr = y[i], yi = y[plane + i];
      V fr = yr - u * xr, fi = yi - u * xi;
      fr += u_imag * xi;
      fi -= u_imag * xr;
      V hr = xr + u * yr, hi = xi + u * yi;
      hr += u_imag * yi;
      hi -= u_imag * yr;
      V ar = xr + s * fr, ai = xi + s * fi;
      ar += s_imag * fi;
      ai -= s_imag * fr;
      V br = yr - s * hr, bi = yi - s * hi;
      br += s_imag * hi;
      bi -= s_imag * hr;
      x[i] = ar;
      x[plane + i] = ai;
      y[i] = br;
      y[plane + i] = bi;
    }
  }
};

}  // namespace eckart::dense
