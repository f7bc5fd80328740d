#pragma once

// The Gram matrix of the deviations from the means of the columns, in one pass over A:
//
//   G = (A - 1 mu^T)^H (A - 1 mu^T)        A  m x n     mu  n     G  n x n
//
// 1. For a chunk of r rows, copied row by row: its means d, its deviations D = A_c - 1 d^T, and e, the means of D, which rounding left.
// 2. G += D^H D while the chunk is in the cache: m n^2 flops in all.
// 3. mu from all d + e; then with one row  sqrt(r) (d + e - mu)  a chunk, W:  G += W^H W. (The cross terms are r e (d - mu)^H: what
//    rounding left of a mean times a difference of means, and D is multiplied without it.)
//
// D^H D is summed of deviations, never of entries, so large means cost no digit (Chan, Golub and LeVeque 1983; Schubert and Gertz, SSDBM
// 2018, for covariances). Everything is computed in double, whatever T is. Chunks and the order of sums depend on m and n alone.

#include <span>
#include <type_traits>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

namespace eckart::analysis {

template <Scalar T>
using Wide = std::conditional_t<ComplexScalar<T>, std::complex<double>, double>;

/// g (n x n, column-major, both triangles) <- G of 2^exponent A, means <- mu of the same. `centre` false: means are 0 and G = A^H A.
/// An empty g is not wanted. Not finite where A or its squares are not. m, n >= 1. Throws OutOfMemory, Cancelled.
template <Scalar T>
void gram_of_deviations(const Execution& execution, MatrixView<const T> a, int exponent,
                        bool centre, std::span<Wide<T>> means, MatrixView<Wide<T>> g);

}  // namespace eckart::analysis
