#include "dense/reduction/chase_vectors_kernels.hpp"

#include <algorithm>

namespace eckart::dense {
namespace {

// Rows of a result in registers, and packs of a full row: as many sums as the processor has registers for (32 with AVX-512, 16
// otherwise), but no wider than the innermost cache likes.
template <Scalar T, int bytes>
struct Registers {
  static constexpr Index parts = ComplexScalar<T> ? 2 : 1;
  static constexpr Index rows = bytes == 64 || parts == 1 ? 4 : 2;
  static constexpr Index full = parts == 1 ? 3 : 2;
};

// A few numbers of V, its adjoint, S or its adjoint: entry (i, k) stands at data[i * by_row + k * by_term].
template <Scalar T>
struct Coefficients {
  const T* data;
  Index by_row, by_term;
};

// `rows` rows of sums over `terms` terms k:  sum_i = start_i +- sum_k a(i, k) x_k, x_k a row of a tile. The result goes to `to`.
// A single row takes its terms in turn into `unroll` sets of sums, so that one addition need not wait for the one before. The
// order of additions does not depend on the width.
template <Scalar T, int bytes, Index rows, Index packs, bool conjugated, bool subtract>
[[gnu::always_inline]] inline void product(const Coefficients<T>& a, Index terms, const Real<T>* x,
                                           Real<T>* to) noexcept {
  constexpr Index unroll = rows > 1 ? 1 : bytes == 64 ? 4 : 2;
  using Sums = RowSums<T, bytes, rows, packs>;
  Sums sum[bound(unroll)];
#pragma GCC unroll 4
  for (Index u = 0; u < unroll; ++u) {
    if (subtract && u == 0) {
      sum[u].read(to);
    } else {
      sum[u].clear();
    }
  }
  const auto add = [&](Sums& s, Index k) __attribute__((always_inline)) {
    s.template add<conjugated, subtract>(a.data + k * a.by_term, a.by_row, x + k * Sums::row);
  };
  Index k = 0;
  for (; k + unroll <= terms; k += unroll) {
#pragma GCC unroll 4
    for (Index u = 0; u < unroll; ++u) {
      add(sum[u], k + u);
    }
  }
  for (; k < terms; ++k) {
    add(sum[0], k);
  }
#pragma GCC unroll 4
  for (Index u = 1; u < unroll; ++u) {
    sum[0].add(sum[u]);
  }
  sum[0].write(to);
}

template <Scalar T, int bytes, Index packs>
[[gnu::always_inline]] inline void apply(const Diamond<T>& d) noexcept {
  constexpr Index rows = Registers<T, bytes>::rows;
  constexpr Index row = Registers<T, bytes>::parts * packs * lanes<Real<T>, bytes>;
  const Index slanted = d.stride - 1;  // from entry (r, i) to (r, i + 1)
  Real<T>* const c = d.tile;
  Real<T>* const w = d.scratch;

  // 1. W = V^H C: rows i to i + height - 1 of W are sums over the rows i to i + height + b - 2 of C.
  const auto inner = [&]<Index height>(Index i) __attribute__((always_inline)) {
    const Index terms = std::min(d.length + height - 1, d.rows - i);
    product<T, bytes, height, packs, true, false>({d.vectors + i * d.stride, slanted, 1}, terms,
                                                  c + i * row, w + i * row);
  };
  // 2. Rows of op(S) W. S is upper triangular: those of S W need the rows of W from i on, those of S^H W the rows to i.
  const auto triangular = [&]<Index height>(Index i) __attribute__((always_inline)) {
    if (d.adjoint) {
      product<T, bytes, height, packs, true, false>({d.triangle + i * d.leading, d.leading, 1},
                                                    i + height, w, w + i * row);
    } else {
      product<T, bytes, height, packs, false, false>({d.triangle + i * d.leading + i, 1, d.leading},
                                                     d.count - i, w + i * row, w + i * row);
    }
  };

  const Index whole = d.count - d.count % rows;
  for (Index i = 0; i < whole; i += rows) {
    inner.template operator()<rows>(i);
  }
  for (Index i = whole; i < d.count; ++i) {
    inner.template operator()<1>(i);
  }
  if (d.adjoint) {
    for (Index i = d.count - 1; i >= whole; --i) {
      triangular.template operator()<1>(i);
    }
    for (Index i = whole - rows; i >= 0; i -= rows) {
      triangular.template operator()<rows>(i);
    }
  } else {
    for (Index i = 0; i < whole; i += rows) {
      triangular.template operator()<rows>(i);
    }
    for (Index i = whole; i < d.count; ++i) {
      triangular.template operator()<1>(i);
    }
  }
  // 3. C <- C - V W: row r needs those rows i of W for which 0 <= r - i < b.
  for (Index r = 0; r < d.rows; r += rows) {
    const Index first = std::max<Index>(0, r - d.length + 1), end = std::min(d.count, r + rows);
    product<T, bytes, rows, packs, false, true>({d.vectors + r + first * slanted, 1, slanted},
                                                end - first, w + first * row, c + r * row);
  }
}

template <Scalar T>
struct ApplyDiamond {
  template <int bytes>
  [[gnu::always_inline]] static void run(const Diamond<T>& d) noexcept {
    using Shape = Registers<T, bytes>;
    if (d.packs == Shape::full) {
      apply<T, bytes, Shape::full>(d);
    } else {
      apply<T, bytes, 1>(d);
    }
  }
};

template <Scalar T, int bytes>
constexpr TileShape tile_shape = {lanes<Real<T>, bytes>, Registers<T, bytes>::full};

}  // namespace

template <Scalar T>
DiamondKernels<T> diamond_kernels(Processor processor) noexcept {
  const TileShape shape = processor == Processor::avx512 ? tile_shape<T, 64>
                          : processor == Processor::fma  ? tile_shape<T, 32>
                                                         : tile_shape<T, 16>;
  return {shape, compiled<ApplyDiamond<T>, void(const Diamond<T>&)>(processor)};
}

template DiamondKernels<float> diamond_kernels(Processor) noexcept;
template DiamondKernels<double> diamond_kernels(Processor) noexcept;
template DiamondKernels<std::complex<float>> diamond_kernels(Processor) noexcept;
template DiamondKernels<std::complex<double>> diamond_kernels(Processor) noexcept;

}  // namespace eckart::dense
