#pragma once

// Several Householder reflectors as one:  H_1 H_2 ... H_k = I - V T V^H,  H_i = I - tau_i v_i v_i^H,
//
//   V  m x k  its columns are the v_i, unit lower trapezoidal       T  k x k  upper triangular
//
// (Schreiber and Van Loan, A storage-efficient WY representation for products of Householder transformations, SIAM J. Sci. Stat.
// Comput. 10, 1989), so that all k are applied by products: packed_reflectors.hpp.
//
// Storage. A QR decomposition leaves V in columns: `v` is m x k, and only its entries below the diagonal are read. An LQ
// decomposition leaves it in rows: `v` is k x m and holds V^H, conjugated as LAPACK's gelqf leaves it, and only its entries
// right of the diagonal are read. What an LQ decomposition calls its factor is then A = L (H_1 ... H_k)^H.
//
// T from G = V^H V, column by column inside a block of few columns
//      T(:j, j) = -tau_j T(:j, :j) G(:j, j),   T(j, j) = tau_j,
//    and for the block J as a whole  T(:J, J) = -T(:J, :J) G(:J, J) T(J, J).  2 m k^2 + k^3 flops, all but k^2 times a few in
//    matrix products. tau_j = 0 (H_j = I) gives a column of zeros.
//
// Accuracy: orthogonal to rounding level whatever V is, as long as each tau_i belongs to its v_i (tau_i = 2 / ||v_i||^2, or its
// complex counterpart). Nothing here can fail.

#include <span>

#include <eckart/matrix.hpp>

#include "blas/gemm.hpp"

namespace eckart::dense {

/// Where the vectors of a block of reflectors stand.
enum class Stored { columns, rows };

/// T of the k = tau.size() reflectors in `v`: t (k x k), zeros below the diagonal included. scratch: 2 k^2.
template <Scalar T>
void form_triangular_factor(Stored stored, blas::ConstView<T> v, std::span<const T> tau,
                            MatrixView<T> t, std::span<T> scratch);

/// The recurrence alone, for columns [first, first + count) of T, when those before them are done: in these columns t
/// holds tau on its diagonal and G = V^H V above it; they become T's, zeros below the diagonal included.
/// scratch: (first + count) * count.
template <Scalar T>
void extend_triangular_factor(MatrixView<T> t, Index first, Index count, std::span<T> scratch);

}  // namespace eckart::dense
