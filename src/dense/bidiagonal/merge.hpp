#pragma once

// One merge of divide and conquer: from the decompositions of two blocks to that of the bidiagonal matrix that holds both.
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
//   4. The kept columns of diag(U1, 1, U2) go to a packed copy, ordered by where their entries are,
//        | upper  full           |  nl rows
//        |        full  z  lower |  nr + 1 rows        (z: the column of the new row)
//      so that blocks of zeros are not multiplied; the deflated ones move to the end of the node, once.
//   5. The left vectors of M in the same order of rows, and two products into the columns 0 .. k - 1 of U. The same for V.
//   6. The order of all values, without moving columns.
//
// Cost: at most 2 n^3 flops of products without deflation, n^3 for U and n^3 for V; about 8 passes of k^2 divisions.

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

#include "dense/bidiagonal/deflation.hpp"
#include "dense/bidiagonal/secular_kernels.hpp"

namespace eckart::dense {

/// The largest number of a secular equation is scaled to about 2 to this power. In single precision the squares of the smallest
/// distances (10^-22) and the inverses of those squares then both stay in range.
inline constexpr int scaled_exponent = 6;

/// Memory of one merge; each array belongs to the node alone. Counts for a node of n columns.
template <RealScalar R>
struct MergeMemory {
  R* value;  // n: the singular value of each column of the node, in and out
  Index*
      order;  // n: order[r] is the column of the r-th largest value, counted within each child on entry, within the node on exit
  R* weight;  // n
  R* pole;    // n
  R* square;  // n
  R* origin;  // n
  R* offset;  // n
  R* row_pole;       // n
  R* row_weight;     // n
  Index* kept;       // n
  Index* place;      // n
  ColumnKind* kind;  // n
  R* packed;         // n (n / 2 + 2)
  R* vectors;        // n n
};

template <RealScalar R>
struct MergeProblem {
  Index upper, lower;  // rows of B1 and B2
  R alpha, beta;       // of the row between them
  Index wanted;        // columns of U and V that are wanted, those of the largest values
  R deflation_factor;  // tol = this times eps times the largest number of M
  SecularLimits limits;
  MatrixView<R> u, v;  // n x n and n x n or (n + 1) x (n + 1), n = upper + 1 + lower
};

template <RealScalar R>
struct MergeKernels {
  RotationKernels<R> rotation = rotation_kernels<R>();
  SecularKernels<R> secular = secular_kernels<R>();
};

/// Returns false when the secular equation was not solved.
template <RealScalar R>
[[nodiscard]] bool merge(const Execution& execution, const MergeProblem<R>& problem,
                         const MergeKernels<R>& kernels, const MergeMemory<R>& memory);

}  // namespace eckart::dense
