#pragma once

// The broken arrow matrix of a merge, and the steps of a merge that need no more of the vectors than a row of each V.
//
//         | B1               |   nl rows          B1 = U1 [D1 0] [V1 q1]^T,  V1 (nl + 1) x nl, q1 its null vector
//   B  =  | alpha e^T  beta f^T |   1 row         B2 = U2 [D2 0] [V2 q2]^T,  q2 alike where B has one column more than rows
//         |              B2  |   nr rows          e the last, f the first unit vector
//
//      =  diag(U1, 1, U2)  M  [q | diag(V1, V2) | q']^T,     q = c q1 + s q2, q' = c q2 - s q1
//
// where M has the row  z = (r, alpha (last row of V1), beta (first row of V2))  and below it the diagonal (D1, D2).
//
//   1. z, and the rotation of the two null vectors.
//   2. Deflation (deflation.hpp) leaves k columns.
//   3. Roots of the secular equation and weights (secular_kernels.hpp).
//   4. The values, and their order, without moving columns.
//
// What is done with vectors is the merge's own: with all of U and V in merge.hpp; in values_by_divide_and_conquer.hpp with no U
// and two rows of V. V is any matrix of n or n + 1 columns in which the rows of V1 stand above those of V2.

#include <algorithm>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

#include "dense/bidiagonal/deflation.hpp"
#include "dense/bidiagonal/secular_kernels.hpp"

namespace eckart::dense {

/// The largest number of a secular equation is scaled to about 2 to this power. In single precision the squares of the smallest
/// distances (10^-22) and the inverses of those squares then both stay in range.
inline constexpr int scaled_exponent = 6;

/// Memory of one merge; each array belongs to its block alone. Counts for a block of n rows.
template <RealScalar R>
struct ArrowMemory {
  R* value;  // n: the singular value of each column of the block, in and out
  Index*
      order;  // n: order[r] is the column of the r-th largest value, counted within each child on entry, within the block on exit
  R* weight;  // n
  R* pole;    // n
  R* square;  // n
  R* origin;  // n
  R* offset;  // n
  Index* kept;       // n
  Index* place;      // n
  ColumnKind* kind;  // n
};

template <RealScalar R>
struct ArrowProblem {
  Index upper = 0, lower = 0;  // rows of B1 and B2
  R alpha, beta;               // of the row between them
  R deflation_factor;          // tol = this times eps times the largest number of M
  SecularLimits limits;
  MatrixView<R> u;                           // n columns, n = upper + 1 + lower; or empty
  MatrixView<R> v;                           // n columns or n + 1
  Index upper_rows_u = 0, upper_rows_v = 0;  // rows of U and V that belong to B1
};

template <RealScalar R>
struct MergeKernels {
  RotationKernels<R> rotation = rotation_kernels<R>();
  SecularKernels<R> secular = secular_kernels<R>();
};

/// Roots, weights and vectors are shared over threads in pieces of this many, a multiple of every group.
inline constexpr Index root_piece = 64;

/// body(first, last) for pieces of 0 .. count - 1.
template <class Body>
void in_pieces(const Execution& execution, Index count, const Body& body) {
  if (count <= 2 * root_piece) {
    body(Index{0}, count);
    return;
  }
  parallel_for(execution, (count + root_piece - 1) / root_piece,
               [&](Index i) { body(i * root_piece, std::min((i + 1) * root_piece, count)); });
}

/// The steps, in the order in which a merge takes them. What it refers to must outlive it.
template <RealScalar R>
class Arrow {
 public:
  Arrow(const Execution& execution, const ArrowProblem<R>& problem, const MergeKernels<R>& kernels,
        const ArrowMemory<R>& memory) noexcept
      : execution_(execution),
        p_(problem),
        kernels_(kernels),
        m_(memory),
        n_(problem.upper + 1 + problem.lower) {}

  /// 1. z from the last row of V1, last_row of V, and the first of V2, first_row of V.
  void read_weights(Index last_row, Index first_row) noexcept;
  void rotate_null_vectors() noexcept;

  /// 2. Returns k. At k = 1, M is the number z_0: finish_single() replaces step 3.
  [[nodiscard]] Index deflate_columns() noexcept;
  void finish_single() noexcept;

  /// 3. Roots to origin and offset. Returns false when the secular equation was not solved.
  [[nodiscard]] bool find_roots();
  /// Of the kept columns, with the signs of z, to memory.square.
  void recompute_weights();
  /// What the roots are of: poles ascending. The squares are those of z before recompute_weights(), then destroyed.
  [[nodiscard]] SecularProblem<R> secular() const noexcept {
    return {kept_, m_.pole, m_.square, square_sum_, m_.origin, m_.offset};
  }

  /// 3. Deflated columns of Q to the end, in their order.
  void take_out_deflated(const MatrixView<R>& q) const noexcept;

  /// 4. Values to the columns that their vectors take, column c to root k - 1 - c, and their order. Returns how many of the k are
  ///    among the `wanted` largest of all.
  [[nodiscard]] Index sort_values(Index wanted) noexcept;

  [[nodiscard]] Index count() const noexcept { return n_; }
  [[nodiscard]] Index kept() const noexcept { return kept_; }

 private:
  const Execution& execution_;
  const ArrowProblem<R>& p_;
  const MergeKernels<R>& kernels_;
  const ArrowMemory<R>& m_;
  Index n_, kept_ = 0;
  R largest_ = 0;  // the largest number of M
  R below_ = 0;    // of z in the second null vector, before it is rotated away
  R scale_ =
      1;  // of the secular equation: poles, roots and weights are multiplied by this power of two
  R square_sum_ = 0;  // |z|^2 of the kept columns, scaled
};

}  // namespace eckart::dense
