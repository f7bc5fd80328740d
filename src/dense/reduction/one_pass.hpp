#pragma once

// The phases of one step of the blocked reduction (steps 1 to 5 at the head of bidiagonalize.hpp), each on a piece of its
// vectors or columns, so that threads share them; what lies between two phases is a few sums, made by bidiagonalize.cpp.

#include "dense/reduction/bidiagonalize.hpp"
#include "dense/reduction/column_layout.hpp"

// GCC 12 warns of every array whose size depends on a template argument that is an int.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"

namespace eckart::dense {

/// Where step i stands, and its memory. Vectors are padded to whole lines with zeros; a piece of a vector is given by its first
/// and last real, multiples of a line.
template <Scalar T>
struct OnePass {
  using R = Real<T>;
  static constexpr int k_parts = parts<T>;

  Columns<R> a;  // m x n, as it was before the panel
  Index m, n;
  Index i;            // the step
  Index done;         // columns of M and N that are complete
  Columns<R> mm, nn;  // M and N
  Index x_pieces;     // of the last pass
  Index x_reals;      // from a piece of x, and from a part of it, to the next
  R* x;

  R* column;               // of A, padded
  R* v[k_parts];           // with its companion
  R* w[k_parts];           // likewise
  R* product[2][k_parts];  // results of products with M and N
  Planar<R> y, r;

  // Coefficients: s, conj(M(i, :)), t, conj(N(i, :)).
  T *s, *row_of_m, *t, *row_of_n;
  T alpha;  // the head of the column
  T left_scale, left_tau, right_scale;
  T of_x, of_head, of_product;  // x_{i-1} = of_x x + of_head a_i + of_product M t

  [[nodiscard]] R* piece_of_x(Index piece, int k) const noexcept {
    return x + (piece * k_parts + k) * x_reals;
  }
};

template <Scalar T>
struct OnePassPhases {
  using R = Real<T>;
  /// 1. Completes column done - 1 of M; then, `with_column`, writes column i to v and its head to alpha, and returns the sum of
  /// squares of the rest.
  R (*column)(OnePass<T>& p, Index first, Index last, bool with_column) noexcept;
  /// 2. v and column `done` of M, and the reflector in A; out = M^H v, `done` entries.
  void (*left)(const OnePass<T>& p, Index first, Index last, T* out) noexcept;
  /// 3. The pass over columns [first, last), which are multiples of a line's length but at the ends; returns the sum of squares
  /// of r but for its head r_{i+1}.
  R (*pass)(const OnePass<T>& p, Index first, Index last, Index piece) noexcept;
  /// 4. and 5. w and columns `done` and `done` + 1 of N; out = N^H w, `done` + 1 entries.
  void (*right)(const OnePass<T>& p, Index first, Index last, T* out) noexcept;
};

template <Scalar T>
[[nodiscard]] OnePassPhases<T> one_pass_phases(Processor processor) noexcept;

/// The rare case of 4: where r is so small that the x of the pass has lost digits to underflow, x <- A w for the finished w,
/// which stands in r.
template <Scalar T>
void multiply_again(OnePass<T>& p) noexcept;

}  // namespace eckart::dense

#pragma GCC diagnostic pop
