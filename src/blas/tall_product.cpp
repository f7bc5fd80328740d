#include "blas/tall_product.hpp"

#include <algorithm>

namespace eckart::blas {
namespace {

// Rows of V and A that are multiplied before the next: a piece of a group of columns of A stays in the first level of cache, the
// piece of V in the second.
constexpr Index depth = 384;

// Below this many columns of A the packing of V does not pay.
constexpr Index fewest_columns = 24;

// C is computed in tiles: a few packs of V's columns by as many of A's as the registers hold. With the 32 registers of AVX-512 there
// is a choice; the tile that pads k least is taken, the tallest of those first. With 16 there is one.
struct Tile {
  Index packs, columns;
};
constexpr Tile wide_tiles[] = {{4, 6}, {3, 8}, {2, 12}, {1, 16}};
constexpr Tile narrow_tile = {2, 6};

constexpr Index padded(Index k, Index rows) noexcept {
  return (k + rows - 1) / rows * rows;
}

template <class R>
constexpr Index vector_lanes(Processor processor) noexcept {
  return (processor == Processor::avx512 ? 64
          : processor == Processor::fma  ? 32
                                         : 16) /
         static_cast<Index>(sizeof(R));
}

template <class R>
Tile tile_for(Processor processor, Index k) noexcept {
  if (processor != Processor::avx512) {
    return narrow_tile;
  }
  const Index lanes = vector_lanes<R>(processor);
  return *std::min_element(std::begin(wide_tiles), std::end(wide_tiles), [&](Tile x, Tile y) {
    return padded(k, x.packs * lanes) < padded(k, y.packs * lanes);
  });
}

// c (packs vectors x columns) += V^T A, V as a packed tile of `count` rows.
template <class R, int bytes, std::size_t packs, std::size_t columns>
[[gnu::always_inline]] inline void multiply(const R* v, const R* a, Index a_stride, Index count,
                                            R* c, Index c_stride) noexcept {
  using P = Pack<R, bytes>;
  constexpr Index step = lanes<R, bytes>, line = 64 / static_cast<Index>(sizeof(R));
  constexpr Index rows = static_cast<Index>(packs) * step;
  P sum[columns][packs] = {};
  const auto add_row = [&](Index p) __attribute__((always_inline)) {
    P left[packs];
    for (std::size_t i = 0; i < packs; ++i) {
      left[i] = load<bytes>(v + p * rows + static_cast<Index>(i) * step);
    }
    for (std::size_t j = 0; j < columns; ++j) {
      const R right = a[static_cast<Index>(j) * a_stride + p];
      for (std::size_t i = 0; i < packs; ++i) {
        sum[j][i] += left[i] * right;
      }
    }
  };
  Index p = 0;
  for (; p + line <= count; p += line) {
    for (std::size_t j = 0; j < columns; ++j) {
      __builtin_prefetch(a + static_cast<Index>(j + columns) * a_stride + p);
    }
    for (Index l = 0; l < line; ++l) {
      add_row(p + l);
    }
  }
  for (; p < count; ++p) {
    add_row(p);
  }
  for (std::size_t j = 0; j < columns; ++j) {
    for (std::size_t i = 0; i < packs; ++i) {
      R* const at = c + static_cast<Index>(j) * c_stride + static_cast<Index>(i) * step;
      store(at, P(load<bytes>(at) + sum[j][i]));
    }
  }
}

// A piece of V and A: `count` rows, v packed.
template <class R>
struct Piece {
  const R* v;
  const R* a;
  Index a_stride, count;
};

// Step 2 for one piece; c is k x cols.
template <class R, int bytes, std::size_t packs, std::size_t columns>
[[gnu::always_inline]] inline void multiply_piece(const Piece<R>& piece, R* c, Index c_stride,
                                                  Index k, Index cols) noexcept {
  constexpr Index rows = static_cast<Index>(packs) * lanes<R, bytes>;
  constexpr auto group = static_cast<Index>(columns);
  R aside[columns * packs * static_cast<std::size_t>(lanes<R, bytes>)];
  for (Index j = 0; j < cols; j += group) {
    const Index width = std::min(group, cols - j);
    const R* const a = piece.a + j * piece.a_stride;
    for (Index i = 0; i < k; i += rows) {
      const R* const v = piece.v + i * piece.count;
      R* const own = c + j * c_stride + i;
      // A tile that hangs over the edge of C is summed aside.
      const Index height = std::min(rows, k - i);
      const bool inside = height == rows;
      R* const to = inside ? own : aside;
      const Index stride = inside ? c_stride : rows;
      std::fill(aside, aside + (inside ? 0 : group * rows), R{0});
      if (width == group) {
        multiply<R, bytes, packs, columns>(v, a, piece.a_stride, piece.count, to, stride);
      } else {
        for (Index l = 0; l < width; ++l) {
          multiply<R, bytes, packs, 1>(v, a + l * piece.a_stride, piece.a_stride, piece.count,
                                       to + l * stride, stride);
        }
      }
      for (Index l = 0; l < (inside ? 0 : width); ++l) {
        for (Index q = 0; q < height; ++q) {
          own[l * c_stride + q] += aside[l * rows + q];
        }
      }
    }
  }
}

template <class R, std::size_t packs, std::size_t columns>
struct MultiplyPiece {
  template <int bytes>
  [[gnu::always_inline]] static void run(const Piece<R>& piece, R* c, Index c_stride, Index k,
                                         Index cols) noexcept {
    multiply_piece<R, bytes, packs, columns>(piece, c, c_stride, k, cols);
  }
};

template <class R>
using Multiply = void (*)(const Piece<R>&, R*, Index, Index, Index) noexcept;

template <class R>
Multiply<R> multiply_for(Processor processor, Tile tile) noexcept {
  using Signature = void(const Piece<R>&, R*, Index, Index, Index);
  if (processor != Processor::avx512) {
    return compiled<MultiplyPiece<R, 2, 6>, Signature>(processor);
  }
  switch (tile.packs) {
    case 4:
      return compiled<MultiplyPiece<R, 4, 6>, Signature>(processor);
    case 3:
      return compiled<MultiplyPiece<R, 3, 8>, Signature>(processor);
    case 2:
      return compiled<MultiplyPiece<R, 2, 12>, Signature>(processor);
    default:
      return compiled<MultiplyPiece<R, 1, 16>, Signature>(processor);
  }
}

// Step 1. Piece by piece, tile by tile, row by row; columns beyond k are zero. v is m x k with any strides.
template <class R>
void pack(MatrixView<const R> v, Index rows, R* to) {
  const Index m = v.rows(), k = v.cols();
  for (Index first = 0; first < m; first += depth) {
    const Index count = std::min(depth, m - first);
    for (Index i = 0; i < k; i += rows) {
      const Index height = std::min(rows, k - i);
      for (Index l = 0; l < height; ++l) {
        for (Index p = 0; p < count; ++p) {
          to[p * rows + l] = v(first + p, i + l);
        }
      }
      for (Index p = 0; p < count; ++p) {
        std::fill(to + p * rows + height, to + (p + 1) * rows, R{0});
      }
      to += rows * count;
    }
  }
}

// A strip is worth a thread from this many multiply-adds on (about 0.1 ms), and V's pieces are reused enough from this width on.
constexpr double minimal_work = 4e6;
constexpr Index minimal_strip = 96, most_strips = 64;

Index strip_count(Index m, Index n, Index k) {
  const double work = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const auto by_work =
      static_cast<Index>(std::min(work / minimal_work, static_cast<double>(most_strips)));
  return std::max<Index>(1, std::min(by_work, n / minimal_strip));
}

template <RealScalar R>
void packed_product(const Execution& execution, MatrixView<const R> v, MatrixView<const R> a,
                    R beta, MatrixView<R> c, std::span<R> packed, Processor processor) {
  const Index m = a.rows(), n = a.cols(), k = v.cols();
  const Tile tile = tile_for<R>(processor, k);
  const Index rows = tile.packs * vector_lanes<R>(processor);
  const Multiply<R> multiply_piece = multiply_for<R>(processor, tile);
  pack<R>(v, rows, packed.data());
  const Index strips = strip_count(m, n, k);
  parallel_for(execution, strips, [&](Index strip) {
    const Index first = n * strip / strips, cols = n * (strip + 1) / strips - first;
    for (Index j = first; j < first + cols; ++j) {
      for (Index i = 0; i < k; ++i) {
        c(i, j) = beta == R{0} ? R{0} : beta * c(i, j);
      }
    }
    for (Index row = 0; row < m; row += depth) {
      const Piece<R> piece{packed.data() + row * padded(k, rows), a.col(first) + row,
                           a.col_stride(), std::min(depth, m - row)};
      multiply_piece(piece, c.col(first), c.col_stride(), k, cols);
    }
  });
}

}  // namespace

template <Scalar T>
Index tall_product_work(Index m, Index k) {
  // The tallest tile of any processor bounds the padding.
  return ComplexScalar<T> ? 0 : m * padded(k, 64 / static_cast<Index>(sizeof(T)));
}

template <Scalar T>
void tall_product(const Execution& execution, Op op, ConstView<T> v, ConstView<T> a, T beta,
                  MatrixView<T> c, std::span<T> packed, Processor processor) {
  if constexpr (RealScalar<T>) {
    if (a.cols() >= fewest_columns) {
      packed_product<T>(execution, op == Op::none ? v.transposed() : v, a, beta, c, packed,
                        processor);
      return;
    }
  }
  gemm<T>(execution, op, Op::none, T{1}, v, a, beta, c);
}

#define ECKART_INSTANTIATE(T)                                                        \
  template Index tall_product_work<T>(Index, Index);                                 \
  template void tall_product<T>(const Execution&, Op, ConstView<T>, ConstView<T>, T, \
                                MatrixView<T>, std::span<T>, Processor);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::blas
