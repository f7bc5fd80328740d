#pragma once

// A block of reflectors of a bulge chase applied to a tile of columns, on the processor's vectors:
//
//   C <- (I - V op(S) V^H) C,     C m x w,  V m x g a parallelogram, S g x g upper triangular
//
//   1. W = V^H C      (g x w)
//   2. W <- op(S) W
//   3. C <- C - V W
//
// A tile stands row by row, and all three products are one loop (tile_kernels.hpp). V is read where the chase left it: entry (r, i) is number r - i of vector i, `stride` apart from the
// next, with zeros between one vector and the next, so four rows or columns of V at a time need no case for its slanted sides:
// what is read beyond them is zero. No operand is packed or padded.
//
// With g sweeps of length b the flops are 4 b g w (1 + 3/b) for V, where 3 of the four rows run over, and 2 g w (g + 4)/2 for S:
// overhead about (g + 10) / (4 b) over applying them one by one. A tile is narrow enough that the rows of C, W, V and S of a
// diamond stay in the innermost cache together: 24 doubles, 3 packs of AVX-512, took 0.9 times as long as 48.

#include "dense/reduction/tile_kernels.hpp"

namespace eckart::dense {

template <Scalar T>
struct Diamond {
  const T* vectors = nullptr;  // the first of g
  Index stride = 0;
  Index length = 0;  // b: of a vector
  Index count = 0;   // g
  const T* triangle =
      nullptr;  // S, column by column, columns `leading` apart; zeros below the diagonal
  Index leading = 0;
  bool adjoint = false;
  Index rows = 0;              // m; the tile has up to 3 rows more, which keep their values
  Real<T>* tile = nullptr;     // C
  Index packs = 0;             // of a row of the tile's real parts: one of TileShape's
  Real<T>* scratch = nullptr;  // W: g rows of the tile
};

template <Scalar T>
struct DiamondKernels {
  TileShape shape;
  void (*apply)(const Diamond<T>& diamond) noexcept;
};

template <Scalar T>
[[nodiscard]] DiamondKernels<T> diamond_kernels(Processor processor = this_processor()) noexcept;

}  // namespace eckart::dense
