#pragma once

// Sums and products of columns, written once on real vectors for all four types (column_layout.hpp); see core/simd.hpp for how they
// are compiled.

#include <algorithm>

#include "core/pack_sums.hpp"
#include "dense/reduction/column_layout.hpp"

// GCC 12 warns of every array whose size depends on a template argument that is an int.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"

namespace eckart::dense {

/// out <- sum_q coefficient_q source_q, and its companion -i out where there is one. `out` may be a source.
template <Scalar T, int bytes, int terms>
[[gnu::always_inline]] inline void linear_combination(Index reals,
                                                      const Real<T>* const (&source)[terms],
                                                      const T (&coefficient)[terms],
                                                      Real<T>* const (&out)[parts<T>]) noexcept {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  constexpr int k_parts = parts<T>;
  P sign{};
  if constexpr (k_parts == 2) {
    for (int l = 0; l < static_cast<int>(lanes<R, bytes>); ++l) {
      sign[l] = l % 2 == 0 ? R{-1} : R{1};
    }
  }
  for (Index p = 0; p < reals; p += lanes<R, bytes>) {
    P sum[k_parts]{};
#pragma GCC unroll 8
    for (int q = 0; q < terms; ++q) {
      const P from = load<bytes>(source[q] + p);
#pragma GCC unroll 2
      for (int k = 0; k < k_parts; ++k) {
        sum[k] += from * part_of<T>(coefficient[q], k);
      }
    }
    if constexpr (k_parts == 2) {
      sum[0] += swapped<R, bytes>(sum[1]) * sign;           // i (re, im) = (-im, re)
      store(out[1] + p, swapped<R, bytes>(sum[0] * sign));  // -i (re, im) = (im, -re)
    }
    store(out[0] + p, sum[0]);
  }
}

/// The sum of squares of `reals` reals.
template <class R, int bytes>
[[gnu::always_inline]] inline R sum_of_squares(const R* x, Index reals) noexcept {
  using P = Pack<R, bytes>;
  constexpr Index step = lanes<R, bytes>;
  P sum[4]{};
  Index p = 0;
  for (; p + 4 * step <= reals; p += 4 * step) {
#pragma GCC unroll 4
    for (int l = 0; l < 4; ++l) {
      const P of_x = load<bytes>(x + p + l * step);
      sum[l] += of_x * of_x;
    }
  }
  for (; p < reals; p += step) {
    const P of_x = load<bytes>(x + p);
    sum[0] += of_x * of_x;
  }
  return sum_of_lanes<R, bytes>((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

namespace detail {

// Blocks of `width` columns for inner_products and combine_columns; return the first that is left over.
template <Scalar T, int bytes, int width>
[[gnu::always_inline]] inline Index inner_products_in_blocks(Columns<const Real<T>> a, Index first,
                                                             Index cols, Index reals,
                                                             const Real<T>* const (&v)[parts<T>],
                                                             T* out) noexcept {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  constexpr int k_parts = parts<T>;
  Index j = first;
  for (; j + width <= cols; j += width) {
    P sum[k_parts * width]{};
    for (Index p = 0; p < reals; p += lanes<R, bytes>) {
#pragma GCC unroll 16
      for (int l = 0; l < width; ++l) {
        const P of_a = load<bytes>(a.col(j + l) + p);
#pragma GCC unroll 2
        for (int k = 0; k < k_parts; ++k) {
          sum[k * width + l] += of_a * load<bytes>(v[k] + p);
        }
      }
    }
    R z[k_parts * width];
    sums_of_packs<R, bytes, k_parts * width>(sum, z);
#pragma GCC unroll 16
    for (int l = 0; l < width; ++l) {
      out[j + l] = from_parts<T>(z[l], z[(k_parts - 1) * width + l]);
    }
  }
  return j;
}

template <Scalar T, int bytes, int sets, int width>
[[gnu::always_inline]] inline Index combine_in_blocks(
    Columns<const Real<T>> a, Index first, Index cols, Index reals, const T* const (&c)[sets],
    Real<T>* const (&out)[sets][parts<T>]) noexcept {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  constexpr int k_parts = parts<T>;
  Index j = first;
  for (; j + width <= cols; j += width) {
    P factor[sets * k_parts * width];
#pragma GCC unroll 16
    for (int l = 0; l < sets * k_parts * width; ++l) {
      factor[l] = P{} + part_of<T>(c[l / (k_parts * width)][j + l % width], l / width % k_parts);
    }
    for (Index p = 0; p < reals; p += lanes<R, bytes>) {
      P sum[sets * k_parts];
#pragma GCC unroll 4
      for (int k = 0; k < sets * k_parts; ++k) {
        sum[k] = load<bytes>(out[k / k_parts][k % k_parts] + p);
      }
#pragma GCC unroll 16
      for (int l = 0; l < width; ++l) {
        const P of_a = load<bytes>(a.col(j + l) + p);
#pragma GCC unroll 4
        for (int k = 0; k < sets * k_parts; ++k) {
          sum[k] += of_a * factor[k * width + l];
        }
      }
#pragma GCC unroll 4
      for (int k = 0; k < sets * k_parts; ++k) {
        store(out[k / k_parts][k % k_parts] + p, sum[k]);
      }
    }
  }
  return j;
}

}  // namespace detail

/// out_j = a_j^H v for the columns of a, padded; v with its companion.
template <Scalar T, int bytes>
[[gnu::always_inline]] inline void inner_products(Columns<const Real<T>> a, Index cols, Index reals,
                                                  const Real<T>* const (&v)[parts<T>],
                                                  T* out) noexcept {
  const Index rest =
      detail::inner_products_in_blocks<T, bytes, 8 / parts<T>>(a, 0, cols, reals, v, out);
  detail::inner_products_in_blocks<T, bytes, 1>(a, rest, cols, reals, v, out);
}

/// out_s = sum_j a_j c_sj for the columns of a, padded, and `sets` vectors of coefficients; as out_s0 + i out_s1.
template <Scalar T, int bytes, int sets>
[[gnu::always_inline]] inline void combine_columns(Columns<const Real<T>> a, Index cols,
                                                   Index reals, const T* const (&c)[sets],
                                                   Real<T>* const (&out)[sets][parts<T>]) noexcept {
  for (int s = 0; s < sets; ++s) {
    for (int k = 0; k < parts<T>; ++k) {
      std::fill_n(out[s][k], reals, Real<T>{});
    }
  }
  constexpr int width = sets * parts<T> == 4 ? 2 : 4;
  const Index rest = detail::combine_in_blocks<T, bytes, sets, width>(a, 0, cols, reals, c, out);
  detail::combine_in_blocks<T, bytes, sets, 1>(a, rest, cols, reals, c, out);
}

}  // namespace eckart::dense

#pragma GCC diagnostic pop
