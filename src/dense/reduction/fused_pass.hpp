#pragma once

// One pass over the columns of a matrix for both products of a step of the one-stage reduction: a column is multiplied by v while it
// comes from memory, and added to x, with its coefficient known by then, while it is still in the innermost cache (Howell, Demmel,
// Fulton, Hammarling and Marmol, ACM Trans. Math. Softw. 34(3), 2008). Columns are as in column_layout.hpp.

#include "core/pack_sums.hpp"
#include "dense/reduction/column_layout.hpp"

// GCC 12 warns of every array whose size depends on a template argument that is an int.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"

namespace eckart::dense {

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

}  // namespace eckart::dense

#pragma GCC diagnostic pop
