#pragma once

// Deflation: the part of a merge that needs no secular equation.
//
// The matrix of a merge (n x n, in the order of its columns)
//
//       | z_0  z_1 ... z_{n-1} |        d_0 = 0, the other d_j >= 0 in any order,
//   M = |      d_1             |        z_j any numbers
//       |           ...        |
//       |              d_{n-1} |
//
// is brought to the form that the secular equation takes (poles ascending and apart, no weight zero) by the steps of Gu and
// Eisenstat (SIAM J. Matrix Anal. Appl. 16(1), 1995, section 4), each of which changes M by at most tol in norm. Poles are visited
// in ascending order:
//
//   1. |z_j| <= tol: z_j becomes 0, and d_j is a singular value with unit vectors.
//   2. d_j <= tol: d_j becomes 0; a rotation of columns 0 and j moves z_j into z_0; 0 is a singular value.
//   3. Poles p < j in sequence, rotated on both sides by the angle that moves z_p into z_j: what comes up beside the diagonal is
//      c s (d_j - d_p). Where that is <= tol it becomes 0, and c^2 d_p + s^2 d_j, now on the diagonal, is a singular value. The pole
//      that stays lies in [d_p, d_j], so that what was visited and what is to come remain in order.
//   4. |z_0| <= tol: z_0 becomes tol. (The value 0 of M cannot be split off without changing the shape of M.)
//
// tol = factor eps max(|alpha|, |beta|, max d), but no denormal number. A factor of 8 keeps the error of a merge below 8 eps sqrt(n) |B|, which counts in
// small matrices. What fails elsewhere with thousands of nearly equal values is the order and the accuracy of the roots, not
// their number: LAPACK up to 3.12.1 compared |d_j - d_p|, which lets poles past that are out of order, and took the deflated values
// to be sorted, which step 3 does not promise. Here nothing depends on the order of deflated values: they are sorted at the end.
//
// The vectors: step 3 rotates columns of U and of V, step 2 of V alone. A column whose entries are zero in the rows of the upper
// or of the lower child keeps them; where columns of both kinds are rotated, both become full, and one is deflated.

#include <eckart/matrix.hpp>

#include "dense/bidiagonal/rotation_kernels.hpp"

namespace eckart::dense {

/// Where the entries of a column of U and V are.
enum class ColumnKind : unsigned char {
  upper,     // in the rows of the upper child alone
  full,      // in the rows of both
  lower,     // in the rows of the lower child alone
  deflated,  // finished
};

/// A merge on the way through deflation. Columns are counted within the node.
template <RealScalar R>
struct DeflationProblem {
  Index count;   // n
  Index middle;  // the column of z_0
  R* value;      // d of each column, the middle's is 0; deflated columns get their singular value
  R* weight;     // z of each column
  const Index* ascending;            // the n - 1 other columns, by ascending d
  R tolerance;                       // tol
  ColumnKind* kind;                  // of each column, upper or lower on entry (the middle: full)
  Index* kept;                       // out: the columns that stay, by ascending d, the middle first
  MatrixView<R> u, v;                // the columns of the block, of any rows; empty: not wanted
  Index upper_rows_u, upper_rows_v;  // rows of the upper child
};

/// Returns how many columns stay, at least 1.
template <RealScalar R>
[[nodiscard]] Index deflate(const DeflationProblem<R>& problem,
                            const RotationKernels<R>& kernels) noexcept;

}  // namespace eckart::dense
