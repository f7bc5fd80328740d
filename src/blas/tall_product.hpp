#pragma once

// C <- beta C + V^H A  for a V of few columns:  V m x k,  A m x n,  C k x n,  k up to about 128, m and n large.
//
// Why not gemm. A is read once and each of its entries takes part in only k multiply-adds. A BLAS copies A into blocks that its
// kernel can walk (packing), which costs about as much as the product itself at such k: OpenBLAS and MKL reach half to three
// quarters of the speed of a large product at k = 32 ... 64. Here only V is packed, once. A's columns are read where they stand, a few side
// by side, each entry against whole vectors of V's rows, while the next columns are fetched into the cache.
//
// 1. V is packed: in pieces of `depth` rows, inside a piece in tiles of as many columns as the kernel takes.
// 2. For each piece, for each group of columns of A, for each tile: the kernel adds the inner products to C.
//
// Strips of A's columns, whose number depends on the shape alone, are shared over the threads. The error is that of any inner
// product, m eps |V|^H |A|. Complex products, which do four times the work an entry, and those of few columns go to gemm.

#include <span>

#include "blas/gemm.hpp"
#include "core/simd.hpp"

namespace eckart::blas {

/// Entries of `packed` for V of m x k.
template <Scalar T>
[[nodiscard]] Index tall_product_work(Index m, Index k);

/// op says what becomes of `v` to have V^H: adjoint, when v is V; none, when v (k x m) holds V^H. All views are column-major.
template <Scalar T>
void tall_product(const Execution& execution, Op op, ConstView<T> v, ConstView<T> a, T beta,
                  MatrixView<T> c, std::span<T> packed, Processor processor = this_processor());

}  // namespace eckart::blas
