#pragma once

// Both products of a Krylov step with one to four vectors, in one pass over A (normal_product.hpp has the step and the shapes):
//
//   W = factor A^T X,  Z += A W
//
// normal_product() gives every lane a vector of its own, so two vectors would take it as long as eight. Here the lanes run down the
// rows, and what is shared are the entries of A: of a tile of columns every pack is multiplied with each vector.
//
//   1. W of a group of columns: the sums of a tile of columns times all vectors stay in registers, down all rows.
//   2. Z: a few packs of rows of each vector, plus the columns of the group, which are in the cache from step 1, times W.
//
// Both steps fetch the next group meanwhile, each its share of the columns, so that the memory is never idle: with all of it in step 2,
// four vectors took 4.4 ms of a matrix of 3000 x 3000, where they take 3.2 now. The time is that of reading A for one and two vectors,
// as long as A comes from memory; for four that of the arithmetic.

#include "blas/gemm.hpp"
#include "core/simd.hpp"

namespace eckart::blas {

/// The most vectors that are few.
inline constexpr Index few_vectors = 4;

/// A strip of columns of A with its vectors: X and Z hold `vectors` columns `stride` apart, W as many entries a column of A.
template <RealScalar R>
struct FewStrip {
  const R* a;
  Index a_stride, m, cols;
  const R* x;
  Index stride, vectors;  // 1 to 4
  R factor;
  R* w;
  R* z;
};

/// The kernel of a processor.
template <RealScalar R>
[[nodiscard]] auto few_vectors_kernel(Processor processor) noexcept
    -> void (*)(const FewStrip<R>&) noexcept;

}  // namespace eckart::blas
