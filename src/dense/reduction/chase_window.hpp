#pragma once

// The blocks of a bulge chase as windows between aligned rows, and the three loops over their columns: w = X v, u^H X and the update.
// A window begins at the aligned row at or above its first and ends at the one at or below its last; the vectors u and w are zero in
// the rows that do not belong to it. Complex columns are read as real ones of twice the length (bulge_chase_kernels.hpp).

#include <cstdint>
#include <utility>

#include "core/pack_sums.hpp"
#include "core/simd.hpp"

namespace eckart::dense::chase {

/// i x for a pack of complex numbers: (re, im) -> (-im, re).
template <class R, int bytes, std::size_t... lane>
[[gnu::always_inline]] inline Pack<R, bytes> alternating(std::index_sequence<lane...>) noexcept {
  return Pack<R, bytes>{(lane % 2 == 0 ? R{-1} : R{1})...};
}
template <class R, int bytes>
[[gnu::always_inline]] inline Pack<R, bytes> times_i(const Pack<R, bytes>& x) noexcept {
  return swapped<R, bytes>(x) *
         alternating<R, bytes>(std::make_index_sequence<bytes / sizeof(R)>());
}

// The bound of an array of packs: registers, as long as all indices are known when it is compiled.
constexpr std::size_t bound(Index count) noexcept {
  return static_cast<std::size_t>(count);
}

/// Rows of a matrix between aligned limits.
template <class R>
struct Window {
  R* x;          // aligned, at or above the first row
  Index stride;  // reals between columns
  Index lead;    // reals above the first row
  Index length;  // reals of a column that belong to the window
  Index packs;   // from x on
};

template <class R, int bytes>
[[gnu::always_inline]] inline Window<R> window(R* first, Index stride, Index length) noexcept {
  constexpr Index in_pack = lanes<R, bytes>;
  const Index lead =
      static_cast<Index>(reinterpret_cast<std::uintptr_t>(first) / sizeof(R)) % in_pack;
  return {first - lead, stride, lead, length, (lead + length + in_pack - 1) / in_pack};
}

/// Zeros in the rows of a vector that do not belong to the window, and in one pack behind it.
template <class R, int bytes>
[[gnu::always_inline]] inline void clear_outside(const Window<R>& m, R* vector) noexcept {
  for (Index i = 0; i < m.lead; ++i) {
    vector[i] = 0;
  }
  for (Index i = m.lead + m.length; i < m.packs * lanes<R, bytes>; ++i) {
    vector[i] = 0;
  }
  store(vector + m.packs * lanes<R, bytes>, Pack<R, bytes>{});
}

/// The sum over the columns j of column j times v_j, for `tile` packs from pack `from` on; `unroll` columns at a time.
template <class R, int bytes, Index parts_, Index tile, Index unroll>
[[gnu::always_inline]] inline void combine_tile(const Window<R>& m, Index from, Index columns,
                                                const R* v, R* w, R* wi) noexcept {
  using P = Pack<R, bytes>;
  constexpr Index in_pack = lanes<R, bytes>;
  P sum[bound(unroll)][bound(parts_)][bound(tile)] = {};
  const R* x = m.x + from * in_pack;
  const auto add = [&](P(&to)[bound(parts_)][bound(tile)], Index j) __attribute__((always_inline)) {
    const auto* const column = reinterpret_cast<const P*>(x + j * m.stride);
    for (int part = 0; part < parts_; ++part) {
      const R factor = v[parts_ * j + part];
      for (Index p = 0; p < tile; ++p) {
        to[part][p] += column[p] * factor;
      }
    }
  };
  Index j = 0;
  for (; j + unroll <= columns; j += unroll) {
    for (Index u = 0; u < unroll; ++u) {
      add(sum[u], j + u);
    }
  }
  for (; j < columns; ++j) {
    add(sum[0], j);
  }
  for (Index p = 0; p < tile; ++p) {
    for (int part = 0; part < parts_; ++part) {
      for (Index u = 1; u < unroll; ++u) {
        sum[0][part][p] += sum[u][part][p];
      }
    }
    P result = sum[0][0][p];
    if constexpr (parts_ == 2) {
      result += times_i<R, bytes>(sum[0][1][p]);
      store(wi + (from + p) * in_pack, times_i<R, bytes>(result));
    }
    store(w + (from + p) * in_pack, result);
  }
}

/// w = X v, and i w.
template <class R, int bytes, Index parts_>
[[gnu::always_inline]] inline void combine(const Window<R>& m, Index columns, const R* v, R* w,
                                           R* wi) noexcept {
  constexpr Index largest = bytes == 64 || parts_ == 1 ? 8 : 4;
  Index from = 0;
  for (; from + largest <= m.packs; from += largest) {
    combine_tile<R, bytes, parts_, largest, 1>(m, from, columns, v, w, wi);
  }
  if (from + 4 <= m.packs) {
    combine_tile<R, bytes, parts_, 4, bytes == 64 ? 2 : 1>(m, from, columns, v, w, wi);
    from += 4;
  }
  if (from + 2 <= m.packs) {
    combine_tile<R, bytes, parts_, 2, 4 / parts_>(m, from, columns, v, w, wi);
    from += 2;
  }
  if (from < m.packs) {
    combine_tile<R, bytes, parts_, 1, 4>(m, from, columns, v, w, wi);
  }
}

/// products[j] = u^H x_j for `columns` columns x_j from column `first` on.
template <class R, int bytes, Index parts_, Index columns>
[[gnu::always_inline]] inline void inner_products(const Window<R>& m, Index first, const R* u,
                                                  const R* ui, R* products) noexcept {
  using P = Pack<R, bytes>;
  P sum[bound(columns * parts_)] = {};
  const R* const x = m.x + first * m.stride;
  for (Index p = 0; p < m.packs; ++p) {
    const Index at = p * lanes<R, bytes>;
    const P up = *reinterpret_cast<const P*>(u + at);
    if constexpr (parts_ == 2) {
      const P uip = *reinterpret_cast<const P*>(ui + at);
      for (Index j = 0; j < columns; ++j) {
        const P xp = *reinterpret_cast<const P*>(x + j * m.stride + at);
        sum[2 * j] += up * xp;
        sum[2 * j + 1] += uip * xp;
      }
    } else {
      for (Index j = 0; j < columns; ++j) {
        sum[j] += up * *reinterpret_cast<const P*>(x + j * m.stride + at);
      }
    }
  }
  sums_of_packs<R, bytes, static_cast<int>(columns * parts_)>(sum, products);
}

/// x_j <- x_j - w a_j - u c_j for `columns` columns from column `first` on.
template <class R, int bytes, Index parts_, Index columns>
[[gnu::always_inline]] inline void update(const Window<R>& m, Index first, const R* w, const R* wi,
                                          const R* a, const R* u, const R* ui,
                                          const R* c) noexcept {
  using P = Pack<R, bytes>;
  R* const x = m.x + first * m.stride;
  P aj[bound(columns)][bound(parts_)], cj[bound(columns)][bound(parts_)];
  for (Index j = 0; j < columns; ++j) {
    for (int part = 0; part < parts_; ++part) {
      aj[j][part] = P{} + a[parts_ * (first + j) + part];
      cj[j][part] = P{} + c[parts_ * (first + j) + part];
    }
  }
  for (Index p = 0; p < m.packs; ++p) {
    const Index at = p * lanes<R, bytes>;
    const P wp = *reinterpret_cast<const P*>(w + at), up = *reinterpret_cast<const P*>(u + at);
    if constexpr (parts_ == 2) {
      const P wip = *reinterpret_cast<const P*>(wi + at),
              uip = *reinterpret_cast<const P*>(ui + at);
      for (Index j = 0; j < columns; ++j) {
        P& xp = *reinterpret_cast<P*>(x + j * m.stride + at);
        xp = xp - wp * aj[j][0] - wip * aj[j][1] - up * cj[j][0] - uip * cj[j][1];
      }
    } else {
      for (Index j = 0; j < columns; ++j) {
        P& xp = *reinterpret_cast<P*>(x + j * m.stride + at);
        xp = xp - wp * aj[j][0] - up * cj[j][0];
      }
    }
  }
}

}  // namespace eckart::dense::chase
