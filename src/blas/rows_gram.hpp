#pragma once

// The upper triangle of  C <- C + A A^H  for few rows and many columns:  A n x k column-major, C n x n, n up to about 250
//
// Columns of A are rows of a table, so this is the Gram matrix of a table in row order, as a sum of outer products. Why not the
// library's rank-k update: it packs both sides of so thin a product and computes whole blocks on the diagonal; OpenBLAS reaches two
// fifths of the speed of a large product at n = 100. Here nothing is packed, since a column lies in one piece:
//
// 1. As many columns as stay in the second cache.
// 2. For each group of columns of C, for each tile of packs of its rows down to the diagonal: sums of  x_i x_j  in registers.
// 3. Tiles read beyond the last row, into the next column, and what they find there is not stored. The last columns, where nothing
//    follows, are copied to where something does.
//
// n (n + 8) k flops or so. The error is that of any inner product, k eps |A| |A|^H. Complex matrices and larger n go to the library.

#include "blas/gemm.hpp"
#include "core/simd.hpp"

namespace eckart::blas {

/// Memory that will be read next: it is fetched into the second cache meanwhile, a line at a step of the sums.
struct Ahead {
  const char* at = nullptr;
  const char* end = nullptr;
};

/// a and c column-major. What lies below the diagonal of c is undefined.
template <Scalar T>
void add_gram_of_rows(ConstView<T> a, MatrixView<T> c, Ahead ahead = {},
                      Processor processor = this_processor());

}  // namespace eckart::blas
