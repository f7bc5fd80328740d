#include "blas/few_vectors.hpp"

#include <algorithm>

#include "core/pack_sums.hpp"

// GCC 12 warns of every array whose size depends on a template argument that is an int.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"

namespace eckart::blas {
namespace {

// Columns of A that step 2 adds at a time, and those whose sums step 1 keeps in registers, of which 64-byte vectors have twice as
// many.
constexpr int group = 8;
template <int bytes, int vectors>
constexpr int tile = std::min(group, (bytes == 64 ? 16 : 8) / vectors);

// 1. W of `columns` columns from column j on.
template <class R, int bytes, int vectors, int columns>
[[gnu::always_inline]] inline void down(const FewStrip<R>& s, Index j) noexcept {
  using P = Pack<R, bytes>;
  constexpr Index step = lanes<R, bytes>;
  P sum[columns * vectors] = {};
  const R* const a = s.a + j * s.a_stride;
  Index p = 0;
  for (; p + step <= s.m; p += step) {
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
  sums_of_packs<R, bytes, columns * vectors>(sum, w);
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

// 2. `columns` columns from column j on, times W, to Z.
template <class R, int bytes, int vectors, int columns>
[[gnu::always_inline]] inline void up(const FewStrip<R>& s, Index j) noexcept {
  using P = Pack<R, bytes>;
  constexpr Index step = lanes<R, bytes>;
  constexpr Index line = 64 / static_cast<Index>(sizeof(R));
  const R* const a = s.a + j * s.a_stride;
  const R* const w = s.w + j * vectors;
  Index p = 0;
  for (; p + step <= s.m; p += step) {
    P of_z[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      of_z[v] = load<bytes>(s.z + v * s.stride + p);
    }
#pragma GCC unroll 8
    for (int c = 0; c < columns; ++c) {
      const P of_a = load<bytes>(a + c * s.a_stride + p);
      if (p % line == 0) {
        __builtin_prefetch(a + (c + columns) * s.a_stride + p, 0, 2);
      }
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) {
        of_z[v] += of_a * w[c * vectors + v];
      }
    }
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      store(s.z + v * s.stride + p, of_z[v]);
    }
  }
  for (; p < s.m; ++p) {
    for (int v = 0; v < vectors; ++v) {
      for (int c = 0; c < columns; ++c) {
        s.z[v * s.stride + p] += a[c * s.a_stride + p] * w[c * vectors + v];
      }
    }
  }
}

template <class R, int bytes, int vectors>
[[gnu::always_inline]] inline void multiply(const FewStrip<R>& s) noexcept {
  constexpr int columns = tile<bytes, vectors>;
  Index j = 0;
  for (; j + group <= s.cols; j += group) {
    for (Index first = j; first < j + group; first += columns) {
      down<R, bytes, vectors, columns>(s, first);
    }
    up<R, bytes, vectors, group>(s, j);
  }
  for (; j < s.cols; ++j) {
    down<R, bytes, vectors, 1>(s, j);
    up<R, bytes, vectors, 1>(s, j);
  }
}

template <class R>
struct MultiplyFew {
  template <int bytes>
  [[gnu::always_inline]] static void run(const FewStrip<R>& s) noexcept {
    s.vectors == 1   ? multiply<R, bytes, 1>(s)
    : s.vectors == 2 ? multiply<R, bytes, 2>(s)
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
