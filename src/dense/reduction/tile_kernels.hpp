#pragma once

// Blocks of reflectors on a tile of columns: what the kernels of a chase's diamonds and of packed blocks share.
//
// A tile is a few columns of a matrix standing row by row: row r is w consecutive numbers, the real parts before the imaginary
// ones, w a whole number of packs of the processor. Then  sum_k a(i, k) x_k,  x_k a row of a tile, is one loop for W = V^H C,
// for op(S) W and for C - V W alike: a few rows of the result stay in registers, numbers of V or S are broadcast, rows of C or W
// are read in whole packs, and nothing is shuffled, for complex types either.

#include <eckart/matrix.hpp>

#include "core/simd.hpp"

namespace eckart::dense {

/// Tiles are `full` packs wide, or one pack where that is enough.
struct TileShape {
  Index lanes;  // reals in a pack
  Index full;

  [[nodiscard]] Index width_for(Index columns) const noexcept { return columns > lanes ? full : 1; }
};

/// The bound of an array of packs: registers, as long as all indices are known when it is compiled.
constexpr std::size_t bound(Index count) noexcept {
  return static_cast<std::size_t>(count);
}

/// Some rows of a tile in registers, as sums: `rows` rows of `packs` packs, or of twice as many in a complex type.
template <Scalar T, int bytes, Index rows, Index packs>
struct RowSums {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  static constexpr Index parts = ComplexScalar<T> ? 2 : 1;
  static constexpr Index row = parts * packs * lanes<R, bytes>;  // reals in a row of the tile

  P sum[bound(rows)][bound(parts * packs)];

  [[gnu::always_inline]] void clear() noexcept {
#pragma GCC unroll 16
    for (Index i = 0; i < rows; ++i) {
#pragma GCC unroll 16
      for (Index p = 0; p < parts * packs; ++p) {
        sum[i][p] = P{};
      }
    }
  }
  [[gnu::always_inline]] void read(const R* from) noexcept {
#pragma GCC unroll 16
    for (Index i = 0; i < rows; ++i) {
#pragma GCC unroll 16
      for (Index p = 0; p < parts * packs; ++p) {
        sum[i][p] = *reinterpret_cast<const P*>(from + i * row + p * lanes<R, bytes>);
      }
    }
  }
  [[gnu::always_inline]] void write(R* to) const noexcept {
#pragma GCC unroll 16
    for (Index i = 0; i < rows; ++i) {
#pragma GCC unroll 16
      for (Index p = 0; p < parts * packs; ++p) {
        *reinterpret_cast<P*>(to + i * row + p * lanes<R, bytes>) = sum[i][p];
      }
    }
  }
  [[gnu::always_inline]] void add(const RowSums& other) noexcept {
#pragma GCC unroll 16
    for (Index i = 0; i < rows; ++i) {
#pragma GCC unroll 16
      for (Index p = 0; p < parts * packs; ++p) {
        sum[i][p] += other.sum[i][p];
      }
    }
  }
  [[gnu::always_inline]] void add_to(R* to) const noexcept {
#pragma GCC unroll 16
    for (Index i = 0; i < rows; ++i) {
#pragma GCC unroll 16
      for (Index p = 0; p < parts * packs; ++p) {
        *reinterpret_cast<P*>(to + i * row + p * lanes<R, bytes>) += sum[i][p];
      }
    }
  }

  /// sum_i <- sum_i +- a_i x, with a_i = entry[i * by_row] or its conjugate, x a row of a tile.
  template <bool conjugated, bool subtract>
  [[gnu::always_inline]] void add(const T* entry, Index by_row, const R* x) noexcept {
    P of_x[bound(parts * packs)];
#pragma GCC unroll 16
    for (Index p = 0; p < parts * packs; ++p) {
      of_x[p] = *reinterpret_cast<const P*>(x + p * lanes<R, bytes>);
    }
#pragma GCC unroll 16
    for (Index i = 0; i < rows; ++i) {
      const auto* const a = reinterpret_cast<const R*>(entry + i * by_row);
      if constexpr (parts == 2) {
        const R re = a[0], im = a[1];
#pragma GCC unroll 16
        for (Index p = 0; p < packs; ++p) {
          P& to_re = sum[i][p];
          P& to_im = sum[i][packs + p];
          if constexpr (subtract) {
            to_re -= of_x[p] * re;
            to_im -= of_x[packs + p] * re;
          } else {
            to_re += of_x[p] * re;
            to_im += of_x[packs + p] * re;
          }
          if constexpr (subtract == conjugated) {
            to_re -= of_x[packs + p] * im;
            to_im += of_x[p] * im;
          } else {
            to_re += of_x[packs + p] * im;
            to_im -= of_x[p] * im;
          }
        }
      } else {
#pragma GCC unroll 16
        for (Index p = 0; p < packs; ++p) {
          if constexpr (subtract) {
            sum[i][p] -= of_x[p] * a[0];
          } else {
            sum[i][p] += of_x[p] * a[0];
          }
        }
      }
    }
  }
};

}  // namespace eckart::dense
