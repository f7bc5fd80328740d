#pragma once

// Many Householder reflectors, in blocks, applied to columns:  C <- op(H_0 H_1 ... H_{r-1}) C,   C l x c,
//
// the reflectors standing one step below one another in a matrix, in columns or in rows (block_reflector.hpp), the T of each block
// of `block` of them known or to be formed.
//
// 1. T, where it is not known: V^H V and the recurrence of block_reflector.hpp.
// 2. The blocks are packed once, with their ones and zeros (packed_block_kernels.hpp): half the entries of an l x l matrix.
// 3. A strip of C's columns is copied into tiles that stay in a core's own cache, all blocks are applied to them, and it is copied
//    back. The packed blocks stream past; C, which a product of matrices would read twice and write once for each block, is moved once
//    in all.
//
// Cost: 4 r c (l - r/2) flops (complex: four times), r block c more for T, and l r block / 2 to form it; l r / 2 entries for the
// packed blocks, a strip for each thread. On a Zen 4 with AVX-512 both sides of n = 1024 take 2.0 GEMMs in double, packing and
// copying included, where block reflectors as products of OpenBLAS take 2.4.
//
// Accuracy: orthogonal to rounding level. Nothing here can fail. Bit-identical for any number of threads. Stops and reports progress
// at every strip.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

#include "blas/gemm.hpp"
#include "core/simd.hpp"
#include "dense/reduction/block_reflector.hpp"

namespace eckart::dense {

struct PackedOptions {
  /// Bytes of a strip's tiles, one tile at least: with the block that passes within a second-level cache of 1 MiB. 400 to 768 KiB
  /// take the same time, within 2 %, from n = 512 to 2048.
  Index strip = 400 << 10;
  Processor processor = this_processor();
};

template <Scalar T>
struct ReflectorSide {
  Stored stored = Stored::columns;
  MatrixView<const T> v;  // l x r, or r x l
  MatrixView<const T>
      t;            // block x r: T of the block that begins at j stands in its columns from j on
  Index count = 0;  // r
  Index block = 1;

  [[nodiscard]] Index length() const noexcept {
    return stored == Stored::columns ? v.rows() : v.cols();
  }
};

/// Step 1: t (block x r) from tau (r).
template <Scalar T>
void form_factors(const Execution& execution, Stored stored, blas::ConstView<T> v,
                  std::span<const T> tau, MatrixView<T> t, Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan form_factors_memory(Index count, Index block);

/// Steps 2 and 3; op is none or adjoint.
template <Scalar T>
void apply_packed(const Execution& execution, blas::Op op, const ReflectorSide<T>& side,
                  MatrixView<T> c, Workspace& work, const PackedOptions& options = {});
/// With so many threads (Execution::thread_count()).
template <Scalar T>
[[nodiscard]] MemoryPlan apply_packed_memory(Index length, Index count, Index block, Index cols,
                                             Index threads, const PackedOptions& options = {});

}  // namespace eckart::dense
