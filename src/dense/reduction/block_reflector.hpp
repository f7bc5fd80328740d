#pragma once

// Several Householder reflectors as one:  H_1 H_2 ... H_k = I - V T V^H,  H_i = I - tau_i v_i v_i^H,
//
//   V  m x k  its columns are the v_i, unit lower trapezoidal       T  k x k  upper triangular
//
// (Schreiber and Van Loan, A storage-efficient WY representation for products of Householder transformations, SIAM J. Sci. Stat.
// Comput. 10, 1989), so that all k are applied by matrix products.
//
// Storage. A QR decomposition leaves V in columns: `v` is m x k, and only its entries below the diagonal are read. An LQ
// decomposition leaves it in rows: `v` is k x m and holds V^H, conjugated as LAPACK's gelqf leaves it, and only its entries
// right of the diagonal are read. What an LQ decomposition calls its factor is then A = L (H_1 ... H_k)^H. The ones and zeros
// of the first k rows of V are written out once, in a k x k copy (`triangle`), so that no product needs a triangular routine.
//
// 1. Form T:  G = V^H V;  column by column inside a block of few columns
//      T(:j, j) = -tau_j T(:j, :j) G(:j, j),   T(j, j) = tau_j,
//    and for the block J as a whole  T(:J, J) = -T(:J, :J) G(:J, J) T(J, J).  2 m k^2 + k^3 flops, all but k^2 times a few in
//    matrix products. tau_j = 0 (H_j = I) gives a column of zeros.
// 2. Apply:  C <- (I - V op(T) V^H) C  as  W = V^H C,  C <- C - V (op(T) W).  4 m k c + 2 k^2 c flops. C is read twice and written
//    once; callers give C in chunks of columns that stay in cache, and share the chunks over threads.
//
// Accuracy: orthogonal to rounding level whatever V is, as long as each tau_i belongs to its v_i (tau_i = 2 / ||v_i||^2, or its
// complex counterpart). Nothing here can fail.

#include <span>

#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

#include "blas/gemm.hpp"

namespace eckart::dense {

/// Where the vectors of a block of reflectors stand.
enum class Stored { columns, rows };

template <Scalar T>
struct BlockReflector {
  Stored stored = Stored::columns;
  MatrixView<const T> v;         // m x k, or k x m; see above
  MatrixView<const T> triangle;  // k x k, the first k columns or rows of v with ones and zeros
  MatrixView<const T> t;         // k x k, zeros below the diagonal

  [[nodiscard]] Index size() const noexcept { return t.cols(); }
  [[nodiscard]] Index length() const noexcept {
    return stored == Stored::columns ? v.rows() : v.cols();
  }
};

/// Writes the triangle of `v` (k = triangle.cols() reflectors) with its ones and zeros.
template <Scalar T>
void copy_triangle(Stored stored, blas::ConstView<T> v, MatrixView<T> triangle);

/// Step 1, with k = tau.size(). `triangle` and `t`, k x k each, are written, and must live as long as the result.
template <Scalar T>
[[nodiscard]] BlockReflector<T> form_block_reflector(Stored stored, blas::ConstView<T> v,
                                                     std::span<const T> tau, MatrixView<T> triangle,
                                                     MatrixView<T> t, Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan form_block_reflector_memory(Index k);

/// The recurrence of step 1 alone, for columns [first, first + count) of T, when those before them are done: in these columns t
/// holds tau on its diagonal and G = V^H V above it; they become T's, zeros below the diagonal included.
/// scratch: (first + count) * count.
template <Scalar T>
void extend_triangular_factor(MatrixView<T> t, Index first, Index count, std::span<T> scratch);

/// T of the product of two blocks, I - V1 T1 V1^H and I - V2 T2 V2^H, whose vectors stand side by side in `v`, those of the second
/// one step below those of the first: t holds T1 and T2 in its diagonal blocks and becomes [T1, -T1 V1^H V2 T2; 0, T2]. `triangle` is
/// that of the whole, `first` the number of reflectors in the first block. scratch: first * (k - first).
template <Scalar T>
void join_triangular_factors(Stored stored, blas::ConstView<T> v, blas::ConstView<T> triangle,
                             Index first, MatrixView<T> t, std::span<T> scratch);

/// Step 2, on the calling thread alone. c: length() x c, column-major; op is none or adjoint. scratch: apply_block_reflector_scratch.
template <Scalar T>
void apply_block_reflector(blas::Op op, const BlockReflector<T>& h, MatrixView<T> c,
                           std::span<T> scratch);
/// Entries of scratch for k reflectors of this length on a chunk of `cols` columns.
template <Scalar T>
[[nodiscard]] Index apply_block_reflector_scratch(Index length, Index k, Index cols);

}  // namespace eckart::dense
