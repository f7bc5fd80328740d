#pragma once

// Y <- op(A) X  or  Y <- Y + op(A) X  for a block X of few vectors: the inner loop of everything that knows A by its products.
//
//   op none      A  m x n    X  n x b    Y  m x b
//   transpose, adjoint       X  m x b    Y  n x b
//
// Why not gemm. A is read once and takes part in b multiply-adds an entry. For b of a few vectors that is less work than the
// copy of A into blocks (packing) that a BLAS makes first. Here A is read where it stands, in groups of columns.
//
//   A X      a tile of Y (some hundred rows, all b vectors) stays in the second level of cache. Eight columns of A at a time, the
//            registers hold a few packs of their rows; each is multiplied by the entries of X for all b vectors.
//   A^H X    b <= 2: inner products of a few columns of A with the vectors; from 3 on tall_product, which computes Y^T.
//
// Complex. With [P Q] = A [Re X, Im X], A's columns read as reals of twice the length, A X = P + i Q; and with those reals
// A^H X = A^T X + i A^T (-i X). So complex products are real ones of twice as many vectors and cost no more than they must.
// conj(A) X = conj(A conj(X)): a row-major A is its transpose, conjugated where op wants it, and is never copied.
//
// From `gemm_from` vectors on (twice that many count for complex ones) the BLAS is as fast or faster and is called. Cost 2 m n b
// flops (8 complex), one pass over A, memory for two copies of X and Y. The error is that of any inner product, n eps |A| |X|. The
// pieces depend on the shape alone, so the result is the same for any number of threads.

#include "blas/gemm.hpp"
#include "core/simd.hpp"

namespace eckart::blas {

struct BlockProductOptions {
  Index gemm_from = 96;  // real vectors from which gemm is called
  Processor processor = this_processor();
};

/// `a` has a unit stride along its rows or its columns; the other stride is any number. x and y are column-major.
template <Scalar T>
void block_product(const Execution& execution, Op op, ConstView<T> a, ConstView<T> x,
                   bool accumulate, MatrixView<T> y, const BlockProductOptions& options = {});

}  // namespace eckart::blas
