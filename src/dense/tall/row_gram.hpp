#pragma once

// Gram matrices of rows that come in chunks, and the condition of their Cholesky factors.
//
//   G = sum over the chunks C of C^H C  =  R^H R        C rows x n, G and R n x n
//
// Each leaf of the rows sums its own chunks, the leaves are added as a tree (tall_rows.hpp). m n^2 flops: half of a product. Real chunks
// of not too many columns are multiplied row by row: the library's update of 200,000 x 100 takes twice as long.
// With columns of unit length the error of G is about n eps, and that of R the same times the square of its condition.

#include <functional>

#include <eckart/workspace.hpp>

#include "dense/tall/tall_rows.hpp"

namespace eckart::dense {

/// Whether chunks of n columns are multiplied as rows side by side (rows_gram.hpp), and therefore made row-major.
template <Scalar T>
[[nodiscard]] constexpr bool by_rows(Index n) noexcept {
  return RealScalar<T> && n < 256;
}

/// Fills `chunk` with the rows first, ..., first + chunk.rows() - 1 of the matrix. It is row-major where by_rows(), else column-major.
template <Scalar T>
using ChunkMaker = std::function<void(Index leaf, Index first, MatrixView<T> chunk)>;

/// The upper triangle of g <- G. What lies below is undefined.
template <Scalar T>
void gram_of_chunks(const Execution& execution, const RowLeaves& leaves, const ChunkMaker<T>& make,
                    MatrixView<T> g, Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan gram_of_chunks_memory(Index n, const RowLeaves& leaves);

/// b <- R^-1 b, in strips of columns that the threads share. r: upper triangular.
template <Scalar T>
void solve_by_strips(const Execution& execution, MatrixView<const T> r, MatrixView<T> b);

/// ||(R D)^-1||_2 from above, D making columns of unit length: sqrt(||X||_1 ||X||_inf) of the inverse X (n^3 / 3 flops). Infinity
/// when it is not finite. r: upper triangular; inverse: n x n of scratch; sums: 2 n.
template <Scalar T>
[[nodiscard]] double condition_of_triangle(const Execution& execution, MatrixView<const T> r,
                                           MatrixView<T> inverse, std::span<double> sums);

/// ||A||_F from G = A^H A.
template <Scalar T>
[[nodiscard]] double root_of_trace(MatrixView<const T> g);

/// ||G - I||_F from the upper triangle.
template <Scalar T>
[[nodiscard]] double distance_from_identity(MatrixView<const T> g);

/// The length of column j of an upper triangular R, which is that of column j of A.
template <Scalar T>
[[nodiscard]] double length_of_column(MatrixView<const T> r, Index j);

}  // namespace eckart::dense
