#include "blas/few_vectors.hpp"

#include <algorithm>

#include "core/pack_sums.hpp"

// GCC 12 warns of every array whose size depends on a template argument that is an int.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"

namespace eckart::blas {
namespace {

// Columns of A whose sums step 1 keeps in registers, of which 64-byte vectors have twice as many; and those of a group, that step 2
// adds at a time: as few as are not much slower in the cache, since two groups, X and Z share the second level of it.
template <int bytes, int vectors>
constexpr int tile = bytes == 64    ? (vectors == 4 ? 6 : 8)
                     : vectors == 1 ? 8
                                    : (vectors == 2 ? 4 : 6 / vectors + vectors % 2);
template <int bytes, int vectors>
constexpr int group = (6 + tile<bytes, vectors> - 1) / tile<bytes, vectors> * tile<bytes, vectors>;

// Fetches row p of the first `columns` columns from a on, where a line of the cache begins.
template <class R, int columns>
[[gnu::always_inline]] inline void fetch(const R* a, Index a_stride, Index p) noexcept {
  constexpr Index line = 64 / static_cast<Index>(sizeof(R));
  if (p % line == 0) {
#pragma GCC unroll 8
    for (int c = 0; c < columns; ++c) {
      __builtin_prefetch(a + c * a_stride + p, 0, 2);
    }
  }
}

// The sums of the lanes, as many at once as a power of two divides their number.
template <class R, int bytes, int count>
[[gnu::always_inline]] inline void sums_of(const Pack<R, bytes> (&v)[count], R* out) noexcept {
  constexpr int together = std::min(count & -count, 16);
  for (int first = 0; first < count; first += together) {
    Pack<R, bytes> part[together];
#pragma GCC unroll 16
    for (int l = 0; l < together; ++l) {
      part[l] = v[first + l];
    }
    sums_of_packs<R, bytes, together>(part, out + first);
  }
}

// 1. W of `columns` columns from column j on, while the first `fetched` from column `next` on are fetched.
template <class R, int bytes, int vectors, int columns, int fetched>
[[gnu::always_inline]] inline void down(const FewStrip<R>& s, Index j, Index next) noexcept {
  using P = Pack<R, bytes>;
  constexpr Index step = lanes<R, bytes>;
  P sum[columns * vectors] = {};
  const R* const a = s.a + j * s.a_stride;
  Index p = 0;
  for (; p + step <= s.m; p += step) {
    fetch<R, fetched>(s.a + next * s.a_stride, s.a_stride, p);
    P of_x[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      of_x[v] = load<bytes>(s.x + v * s.stride + p);
    }
#pragma GCC unroll 8
    for (int c = 0; c < columns; ++c) {
      const P of_a = load<bytes>(a + c * s.a_stride + p);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) {
        sum[c * vectors + v] += of_a * of_x[v];
      }
    }
  }
  R w[columns * vectors];
  sums_of<R, bytes, columns * vectors>(sum, w);
  for (; p < s.m; ++p) {
    for (int c = 0; c < columns; ++c) {
      for (int v = 0; v < vectors; ++v) {
        w[c * vectors + v] += a[c * s.a_stride + p] * s.x[v * s.stride + p];
      }
    }
  }
  for (int l = 0; l < columns * vectors; ++l) {
    s.w[j * vectors + l] = w[l] * s.factor;
  }
}

// 2. `columns` columns from column j on, times W, to `packs` packs of Z from row p on, while the first `fetched` from column `next` on
// are fetched.
template <class R, int bytes, int vectors, int columns, int fetched, int packs>
[[gnu::always_inline]] inline void add(const FewStrip<R>& s, Index j, Index next,
                                       Index p) noexcept {
  using P = Pack<R, bytes>;
  constexpr Index step = lanes<R, bytes>;
  const R* const a = s.a + j * s.a_stride + p;
  const R* const w = s.w + j * vectors;
  P of_z[vectors * packs];
#pragma GCC unroll 8
  for (int l = 0; l < vectors * packs; ++l) {
    of_z[l] = load<bytes>(s.z + l / packs * s.stride + p + l % packs * step);
  }
#pragma GCC unroll 2
  for (int l = 0; l < packs; ++l) {
    fetch<R, fetched>(s.a + next * s.a_stride, s.a_stride, p + l * step);
  }
#pragma GCC unroll 8
  for (int c = 0; c < columns; ++c) {
    P of_a[packs];
#pragma GCC unroll 2
    for (int l = 0; l < packs; ++l) {
      of_a[l] = load<bytes>(a + c * s.a_stride + l * step);
    }
#pragma GCC unroll 8
    for (int l = 0; l < vectors * packs; ++l) {
      of_z[l] += of_a[l % packs] * w[c * vectors + l / packs];
    }
  }
#pragma GCC unroll 8
  for (int l = 0; l < vectors * packs; ++l) {
    store(s.z + l / packs * s.stride + p + l % packs * step, of_z[l]);
  }
}

template <class R, int bytes, int vectors, int columns, int fetched>
[[gnu::always_inline]] inline void up(const FewStrip<R>& s, Index j, Index next) noexcept {
  constexpr Index step = lanes<R, bytes>;
  Index p = 0;
  for (; p + 2 * step <= s.m; p += 2 * step) {
    add<R, bytes, vectors, columns, fetched, 2>(s, j, next, p);
  }
  for (; p + step <= s.m; p += step) {
    add<R, bytes, vectors, columns, fetched, 1>(s, j, next, p);
  }
  for (; p < s.m; ++p) {
    for (int v = 0; v < vectors; ++v) {
      for (int c = 0; c < columns; ++c) {
        s.z[v * s.stride + p] += s.a[(j + c) * s.a_stride + p] * s.w[(j + c) * vectors + v];
      }
    }
  }
}

template <class R, int bytes, int vectors>
[[gnu::always_inline]] inline void multiply(const FewStrip<R>& strip) noexcept {
  constexpr int columns = tile<bytes, vectors>, all = group<bytes, vectors>;
  constexpr int by_tile = columns / 2, by_rest = all - all / columns * by_tile;
  const FewStrip<R> s = strip;  // which no store changes
  Index j = 0;
  for (; j + all <= s.cols; j += all) {
    Index next = j + all;
    for (Index first = j; first < j + all; first += columns, next += by_tile) {
      down<R, bytes, vectors, columns, by_tile>(s, first, next);
    }
    up<R, bytes, vectors, all, by_rest>(s, j, next);
  }
  const auto by = [&]<int some>() __attribute__((always_inline)) {
    for (; j + some <= s.cols; j += some) {
      down<R, bytes, vectors, some, 0>(s, j, j);
      up<R, bytes, vectors, some, 0>(s, j, j);
    }
  };
  by.template operator()<2>();
  by.template operator()<1>();
}

template <class R>
struct MultiplyFew {
  template <int bytes>
  [[gnu::always_inline]] static void run(const FewStrip<R>& s) noexcept {
    s.vectors == 1   ? multiply<R, bytes, 1>(s)
    : s.vectors == 2 ? multiply<R, bytes, 2>(s)
    : s.vectors == 3 ? multiply<R, bytes, 3>(s)
                     : multiply<R, bytes, 4>(s);
  }
};

}  // namespace

template <RealScalar R>
auto few_vectors_kernel(Processor processor) noexcept -> void (*)(const FewStrip<R>&) noexcept {
  return compiled<MultiplyFew<R>, void(const FewStrip<R>&)>(processor);
}

template auto few_vectors_kernel<float>(Processor) noexcept
    -> void (*)(const FewStrip<float>&) noexcept;
template auto few_vectors_kernel<double>(Processor) noexcept
    -> void (*)(const FewStrip<double>&) noexcept;

}  // namespace eckart::blas

#pragma GCC diagnostic pop
