#pragma once

// A block of reflectors, packed, applied to a tile of columns (tile_kernels.hpp):
//
//   C <- (I - V op(S) V^H) C,     C m x w,  V m x k unit lower trapezoidal, S k x k upper triangular
//
//   1. W = V^H C      (k x w)
//   2. W <- op(S) W
//   3. C <- C - V W
//
// V stands in groups of `group` columns, a group row by row: entry (r, i) at  (i / group) rows group + r group + i % group, its ones
// and zeros with it, and zeros in place of columns beyond k. So both products read V as it comes, `group` numbers of a row at a
// time for W, a square of group x group for C, and need no case for the rim. Sums of step 1 run over `depth` rows at a time: a sum
// of some thousand terms has the error of a few hundred.
//
// 4 m k w flops and k^2 w (complex: four times that); what is computed above the triangle in vain is of order k group w.

#include "dense/reduction/tile_kernels.hpp"

namespace eckart::dense {

template <Scalar T>
struct PackedBlock {
  const T* vectors = nullptr;
  Index rows = 0;               // m, rounded up to a multiple of group; the tile has as many
  Index count = 0;              // k, likewise
  const T* triangle = nullptr;  // S, count x count, column by column, zeros below the diagonal
  Index leading = 0;
  bool adjoint = false;
  Real<T>* tile = nullptr;
  Index packs = 0;             // of a row of the tile's real parts: one of TileShape's
  Real<T>* scratch = nullptr;  // W: count rows of the tile
};

template <Scalar T>
struct PackedBlockKernels {
  TileShape shape;
  Index group;
  void (*apply)(const PackedBlock<T>& block) noexcept;
};

template <Scalar T>
[[nodiscard]] PackedBlockKernels<T> packed_block_kernels(
    Processor processor = this_processor()) noexcept;

/// group of any processor is at most this.
inline constexpr Index most_of_a_group = 8;

}  // namespace eckart::dense
