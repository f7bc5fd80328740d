#pragma once

// Loops over the columns of a matrix, written once on real vectors for all four types; see simd.hpp for how they are compiled.
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

#include <algorithm>
#include <utility>

#include "core/simd.hpp"

// GCC 12 warns of every array whose size depends on a template argument that is an int.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"

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

namespace detail {

// One of two packs, each of `sums` groups of lanes to be added up: the lower (or upper) half of every group of a, then of b.
template <class P, int lane_count, int sums, bool upper, int... l>
[[gnu::always_inline]] inline P halves(const P& a, const P& b,
                                       std::integer_sequence<int, l...>) noexcept {
  constexpr int width = lane_count / sums, half = width / 2;
  // Lane l of the result belongs to group l / half of the 2 * sums groups.
  return __builtin_shufflevector(a, b, ((l / half) * width + l % half + (upper ? half : 0))...);
}

}  // namespace detail

namespace detail {

template <class R, int bytes, int... l>
[[gnu::always_inline]] inline Pack<R, bytes> swap_lanes(const Pack<R, bytes>& v,
                                                        std::integer_sequence<int, l...>) noexcept {
  return __builtin_shufflevector(v, v, (l ^ 1)...);
}

// Real and imaginary parts change places.
template <class R, int bytes>
[[gnu::always_inline]] inline Pack<R, bytes> swapped(const Pack<R, bytes>& v) noexcept {
  return swap_lanes<R, bytes>(v,
                              std::make_integer_sequence<int, static_cast<int>(lanes<R, bytes>)>{});
}

}  // namespace detail

/// out[i] = the sum of the lanes of v[i], for `count` (a power of two) packs at once: each step adds halves, and keeps twice as
/// many groups of lanes (`sums`) in half as many packs, the last ones repeated where there is but one pack.
template <class R, int bytes, int count, int sums = 1, int wanted = count>
[[gnu::always_inline]] inline void sums_of_packs(const Pack<R, bytes> (&v)[count],
                                                 R* out) noexcept {
  using P = Pack<R, bytes>;
  constexpr int all = static_cast<int>(lanes<R, bytes>);
  if constexpr (sums == all) {
    R part[count * all];
#pragma GCC unroll 16
    for (int i = 0; i < count; ++i) {
      store(part + i * all, v[i]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < wanted; ++i) {
      out[i] = part[i];
    }
  } else {
    constexpr int fewer = count > 1 ? count / 2 : 1;
    constexpr auto order = std::make_integer_sequence<int, all>{};
    P next[fewer];
#pragma GCC unroll 16
    for (int i = 0; i < fewer; ++i) {
      const P& first = v[2 * i % count];
      const P& second = v[(2 * i + 1) % count];
      next[i] = detail::halves<P, all, sums, false>(first, second, order) +
                detail::halves<P, all, sums, true>(first, second, order);
    }
    sums_of_packs<R, bytes, fewer, 2 * sums, wanted>(next, out);
  }
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
inline void set_entry(const Planar<Real<T>>& planar, Index i, const T& value) noexcept {
  for (int k = 0; k < parts<T>; ++k) {
    planar.part(k)[i] = part_of<T>(value, k);
  }
}

/// The rank-two update  a_j <- a_j - v conj(y_j) - x conj(w_j)  of a step, which the pass of the next step makes on its way.
template <class R, int k_parts>
struct PendingUpdate {
  const R* vector[2 * k_parts];  // v, -i v, x, -i x
  Planar<R> y, w;
};

/// What one pass over the columns a_j reads and writes; see pass_over_columns.
template <class R, int k_parts>
struct FusedPass {
  Columns<R> a;
  Index reals;  // of a column
  const R* v[k_parts];
  R* x[k_parts];
  R tau[k_parts];
  Planar<R> y, r;
  Index row;  // the real of a column at which its entry of the current row stands
};

namespace detail {

// The inner loop of a pass, on `count` packs: `next` is updated (if it is to be) and multiplied by v, while the columns `last`,
// which were multiplied a moment ago and are still near, are added to x.
template <class R, int bytes, int k_parts, int width, bool updates, bool dots, bool adds>
[[gnu::always_inline]] inline void sweep(Columns<R> next, Columns<R> last, Index count,
                                         const R* const (&v)[k_parts], R* const (&x)[k_parts],
                                         const R* const (&pending)[2 * k_parts],
                                         const R (&h)[2 * k_parts * width],
                                         const R (&c)[k_parts * width],
                                         R (&z)[k_parts * width]) noexcept {
  using P = Pack<R, bytes>;
  constexpr Index step = lanes<R, bytes>;
  P sum[k_parts * width], factor[k_parts * width], update[2 * k_parts * width];
#pragma GCC unroll 16
  for (int l = 0; l < k_parts * width; ++l) {
    sum[l] = P{};
    factor[l] = P{} + (adds ? c[l] : R{});
  }
#pragma GCC unroll 16
  for (int l = 0; l < 2 * k_parts * width; ++l) {
    update[l] = P{} + (updates ? h[l] : R{});
  }
  for (Index p = 0; p < count * step; p += step) {
    if constexpr (dots) {
      P of_v[k_parts], of_pending[2 * k_parts];
#pragma GCC unroll 16
      for (int k = 0; k < k_parts; ++k) {
        of_v[k] = load<bytes>(v[k] + p);
      }
      if constexpr (updates) {
#pragma GCC unroll 16
        for (int k = 0; k < 2 * k_parts; ++k) {
          of_pending[k] = load<bytes>(pending[k] + p);
        }
      }
#pragma GCC unroll 16
      for (int j = 0; j < width; ++j) {
        P a = load<bytes>(next.col(j) + p);
        if constexpr (updates) {
#pragma GCC unroll 16
          for (int k = 0; k < 2 * k_parts; ++k) {
            a -= of_pending[k] * update[k * width + j];
          }
          store(next.col(j) + p, a);
        }
#pragma GCC unroll 16
        for (int k = 0; k < k_parts; ++k) {
          sum[k * width + j] += a * of_v[k];
        }
      }
    }
    if constexpr (adds) {
      P of_x[k_parts];
#pragma GCC unroll 16
      for (int k = 0; k < k_parts; ++k) {
        of_x[k] = load<bytes>(x[k] + p);
      }
#pragma GCC unroll 16
      for (int j = 0; j < width; ++j) {
        const P a = load<bytes>(last.col(j) + p);
#pragma GCC unroll 16
        for (int k = 0; k < k_parts; ++k) {
          of_x[k] += a * factor[k * width + j];
        }
      }
#pragma GCC unroll 16
      for (int k = 0; k < k_parts; ++k) {
        store(x[k] + p, of_x[k]);
      }
    }
  }
  if constexpr (dots) {
    sums_of_packs<R, bytes, k_parts * width>(sum, z);
  }
}

// The columns of a pass in blocks of `width`; returns the first that is left over.
template <class R, int bytes, int k_parts, int width, bool updates>
[[gnu::always_inline]] inline Index pass_in_blocks(const FusedPass<R, k_parts>& pass,
                                                   const PendingUpdate<R, k_parts>& pending,
                                                   Index first, Index cols) noexcept {
  constexpr Index step = lanes<R, bytes>;
  const Index count = pass.reals / step;
  R z[k_parts * width], c[k_parts * width] = {}, h[2 * k_parts * width] = {};
  Columns<R> last{};
  // The reals after the last full pack, in columns that are not padded.
  const auto add_tail = [&]() __attribute__((always_inline)) {
    for (Index p = count * step; p < pass.reals; ++p) {
      for (int k = 0; k < k_parts; ++k) {
        for (int j = 0; j < width; ++j) {
          pass.x[k][p] += last.col(j)[p] * c[k * width + j];
        }
      }
    }
  };
  Index j = first;
  for (; j + width <= cols; j += width) {
    const Columns<R> next{pass.a.col(j), pass.a.stride};
    if constexpr (updates) {
#pragma GCC unroll 16
      for (int k = 0; k < k_parts; ++k) {
#pragma GCC unroll 16
        for (int l = 0; l < width; ++l) {
          h[k * width + l] = pending.y.part(k)[j + l];
          h[(k_parts + k) * width + l] = pending.w.part(k)[j + l];
        }
      }
    }
    if (last.data == nullptr) {
      sweep<R, bytes, k_parts, width, updates, true, false>(next, last, count, pass.v, pass.x,
                                                            pending.vector, h, c, z);
    } else {
      sweep<R, bytes, k_parts, width, updates, true, true>(next, last, count, pass.v, pass.x,
                                                           pending.vector, h, c, z);
      add_tail();
    }
    for (Index p = count * step; p < pass.reals; ++p) {
      for (int k = 0; k < k_parts; ++k) {
        for (int l = 0; l < width; ++l) {
          z[k * width + l] += next.col(l)[p] * pass.v[k][p];
        }
      }
    }
#pragma GCC unroll 16
    for (int l = 0; l < width; ++l) {
      R g[k_parts], r[k_parts], y[k_parts];
#pragma GCC unroll 16
      for (int k = 0; k < k_parts; ++k) {
        const R of_row = next.col(l)[pass.row + k];
        r[k] = k == 0 ? of_row : -of_row;
        g[k] = z[k * width + l];
        if constexpr (!updates) {
          r[k] -= pass.r.part(k)[j + l];
          g[k] -= pass.y.part(k)[j + l];
        }
      }
      if constexpr (k_parts == 1) {
        y[0] = pass.tau[0] * g[0];
      } else {
        y[0] = pass.tau[0] * g[0] - pass.tau[1] * g[1];
        y[1] = pass.tau[0] * g[1] + pass.tau[1] * g[0];
      }
#pragma GCC unroll 16
      for (int k = 0; k < k_parts; ++k) {
        pass.y.part(k)[j + l] = y[k];
        c[k * width + l] = r[k] - y[k];
        pass.r.part(k)[j + l] = c[k * width + l];
      }
    }
    last = next;
  }
  if (last.data != nullptr) {
    sweep<R, bytes, k_parts, width, false, false, true>(last, last, count, pass.v, pass.x,
                                                        pending.vector, h, c, z);
    add_tail();
  }
  return j;
}

}  // namespace detail

/// Columns a pass takes at a time.
template <int k_parts>
inline constexpr int pass_width = 4 / k_parts;

/// One pass over columns a_j, j < cols, from memory (Howell et al. 2008):
///
///   y_j <- tau (a_j^H v - y_j)           y_j and r_j come with what pending updates take from the
///   r_j <- conj(a_ij) - r_j - y_j        inner product and from the conjugated entry of row i
///   x   <- x + a_j r_j                   as  x_0 + i x_1
template <class R, int bytes, int k_parts>
[[gnu::always_inline]] inline void pass_over_columns(const FusedPass<R, k_parts>& pass,
                                                     Index cols) noexcept {
  constexpr PendingUpdate<R, k_parts> none{};
  const Index rest =
      detail::pass_in_blocks<R, bytes, k_parts, pass_width<k_parts>, false>(pass, none, 0, cols);
  detail::pass_in_blocks<R, bytes, k_parts, 1, false>(pass, none, rest, cols);
}

/// The same with the update of the step before on the way, so that nothing is to be taken from y_j and r_j. Whole blocks of pass_width columns: `cols` is rounded up, so the columns behind are to be zeros.
template <class R, int bytes, int k_parts>
[[gnu::always_inline]] inline void updating_pass(const FusedPass<R, k_parts>& pass,
                                                 const PendingUpdate<R, k_parts>& pending,
                                                 Index cols) noexcept {
  constexpr int width = pass_width<k_parts>;
  detail::pass_in_blocks<R, bytes, k_parts, width, true>(pass, pending, 0,
                                                         (cols + width - 1) / width * width);
}

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
      sum[0] += detail::swapped<R, bytes>(sum[1]) * sign;           // i (re, im) = (-im, re)
      store(out[1] + p, detail::swapped<R, bytes>(sum[0] * sign));  // -i (re, im) = (im, -re)
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
