#pragma once

// What the reduction to bidiagonal form leaves, A = Q B P^H, applied to columns:  C <- op(Q) C,  C <- op(P) C.
//
// Both are products of Householder reflectors, Q = H_0 H_1 ... with vectors in columns of A, P likewise with vectors in rows; P's
// begin at its second coordinate. Two methods:
//
//   short vectors   All reflectors are copied once into columns padded to whole cache lines, with their ones and zeros, in groups
//                   of four (complex: two), each with its small T (H_0 ... H_3 = I - V T V^H, see block_reflector.hpp). A task
//                   copies a few columns of C into a padded buffer in the nearest cache and applies all groups to it:
//                   W = V^H C,  C <- C - V (op(T) W),  with W in registers. No call, no tail, C is moved once.
//   long vectors    Blocks of `block` reflectors with T formed once, applied as matrix products (block_reflector.hpp) to chunks of
//                   `chunk` columns that stay in cache.
//
// Threads share the columns of C in chunks: results are bit-identical for any number of threads. 4 r c (l - r/2) flops for r reflectors of length l on c columns, and r / (2 l) of that more for zeros and T.
// Accuracy: orthogonal to rounding level. Nothing here can fail.

#include "dense/reduction/bidiagonalize.hpp"

namespace eckart::dense {

/// The method of short vectors reads all reflectors again for every few columns of C, so it serves while they stay in a core's own
/// cache: of a side's copy, which is as large as A, zeros are half and are not read. Products read them once a chunk.
struct ApplyOptions {
  std::uint64_t cache =
      2 << 20;              // bytes of A up to which vectors are short: twice a cache of 1 MiB
  Index short_chunk = 128;  // columns of C of a task there: n = 512, the most in double, makes four
  Index chunk = 256;        // columns of a task of the other: products of 32 x 256 run at speed
  Index block = 32;  // reflectors of a block: more cost more flops for T, fewer slow the products
  Processor processor = this_processor();
};

/// C <- op(Q) C, C m x c; op is none or adjoint.
template <Scalar T>
void apply_left(const Execution& execution, blas::Op op, const Bidiagonal<T>& b, MatrixView<T> c,
                Workspace& work, const ApplyOptions& options = {});

/// C <- op(P) C, C n x c; op is none or adjoint.
template <Scalar T>
void apply_right(const Execution& execution, blas::Op op, const Bidiagonal<T>& b, MatrixView<T> c,
                 Workspace& work, const ApplyOptions& options = {});

/// For either, on c columns, of a reduction of an m x n matrix.
template <Scalar T>
[[nodiscard]] MemoryPlan apply_bidiagonal_memory(Index m, Index n, Index c,
                                                 const ApplyOptions& options = {});

}  // namespace eckart::dense
