#pragma once

// Both products of a Krylov step in one pass over A:
//
//   W = factor A^H X,  Z = A W        A  m x n column-major    X, Z  m x b    W  n x b
//
// Why not two products. With b = 8 vectors an entry of A takes part in 16 multiply-adds each way; a BLAS copies A into blocks first
// and reads it from memory twice. Here a group of columns is read once, multiplied both ways while it is in the cache, and never
// copied.
//
// 1. X becomes rows: its b entries of a row lie side by side, as many as a pack has lanes.
// 2. For each group of columns of A: down the columns for the group's rows of W, down again to add A W to Z, which lies in rows too.
// 3. Z becomes columns.
//
// 4 m n b flops; A is read once. Strips of columns whose number depends on the shape alone are shared over the threads, and their
// parts of Z are added in order. Complex matrices take two products.

#include <span>

#include "blas/gemm.hpp"
#include "core/simd.hpp"

namespace eckart::blas {

/// Entries of `work`.
template <Scalar T>
[[nodiscard]] Index normal_product_work(Index m, Index n);

/// A real W that is not wanted may be empty. `accumulate`: Z <- Z + A W, and Z may be X: with factor -1 and orthonormal columns of A
/// that is X <- (I - A A^H) X.
template <Scalar T>
void normal_product(const Execution& execution, Real<T> factor, ConstView<T> a, ConstView<T> x,
                    MatrixView<T> w, MatrixView<T> z, std::span<T> work, bool accumulate = false,
                    Processor processor = this_processor());

}  // namespace eckart::blas
