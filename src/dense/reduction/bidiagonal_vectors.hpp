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
//   long vectors    Blocks of `block` reflectors, packed, applied to tiles of C (packed_reflectors.hpp). Forming their T costs more
//                   than the small T of the other; C needs not be near.
//
// Threads share the columns of C in chunks: results are bit-identical for any number of threads. 4 r c (l - r/2) flops for r reflectors of length l on c columns, and r / (2 l) of that more for zeros and T.
// Accuracy: orthogonal to rounding level. Nothing here can fail.

#include "dense/reduction/bidiagonalize.hpp"

namespace eckart::dense {

/// Measured (EPYC, Zen 4, both sides of n x n, in GEMMs): short vectors 2.6, 3.7, 2.6 and 2.2 at n = 128 for the four types (double,
/// float, complex<float>, complex<double>), blocks 2.7, 3.9, 2.8 and 2.3; at n = 256 2.4, 2.8, 2.3 and 2.0 against 2.4, 2.7, 2.2 and 2.0.
struct ApplyOptions {
  std::uint64_t cache = 128 << 10;  // bytes of A up to which vectors are short
  Index short_chunk = 128;          // columns of C of a task there
  Index block =
      16;  // reflectors of a block: more cost more flops for T, fewer pass C more often; 16 and 32 are equal
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

/// For either, on c columns, of a reduction of an m x n matrix, with so many threads (Execution::thread_count()).
template <Scalar T>
[[nodiscard]] MemoryPlan apply_bidiagonal_memory(Index m, Index n, Index c, Index threads,
                                                 const ApplyOptions& options = {});

}  // namespace eckart::dense
