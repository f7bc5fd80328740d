#pragma once

// The inner loops of the secular equation, in vectors of the processor.
//
// A merge of divide and conquer (merge.hpp) has the k x k matrix
//
//       | z_0  z_1 ... z_{k-1} |          0 = d_0 < d_1 < ... < d_{k-1}   the poles
//   M = |      d_1             |          z_j != 0                        the weights
//       |           ...        |
//       |              d_{k-1} |
//
// whose singular values are the roots of
//
//   f(s) = 1 + sum_j z_j^2 / (d_j^2 - s^2),      d_i < s_i < d_{i+1},   s_{k-1} < sqrt(d_{k-1}^2 + |z|^2).
//
// A root is kept as  s = origin + offset,  origin the nearer pole, so that every difference d_j^2 - s^2 is formed as
// ((d_j - origin) - offset) ((d_j + origin) + offset) to full relative accuracy, however close s is to the pole. All that follows
// rests on that (Gu and Eisenstat, SIAM J. Matrix Anal. Appl. 16(1), 1995, sections 3 and 4).
//
//   roots     Each lane of a vector holds one root; the poles are broadcast. One step evaluates f and f' as the sums psi over the
//             poles below and phi over those above, 1 division for two poles (1/x = y (1/xy)), and solves
//               c + p / (d_i^2 - x) + q / (d_{i+1}^2 - x) = 0
//             for x, where c, p and q match f and f' and either p (q) is the true weight of the origin (the fixed weight method) or
//             p matches psi' and q matches phi' (the middle way): R.-C. Li, LAPACK Working Note 89, 1994. A lane goes from one to
//             the other when |f| did not fall tenfold. Steps that leave the bracket are replaced by bisection. Lanes that have
//             converged stop moving; the group ends with the last one. Typically 4 passes, the first for the nearer pole.
//   weights   z^ with  z^_i^2 = prod_j (s_j^2 - d_i^2) / prod_{j != i} (d_j^2 - d_i^2),  the weights of the matrix whose singular
//             values are exactly the computed s_j (Gu and Eisenstat, eq. 3.3). Vectors made with them are orthogonal to working
//             precision, whatever the gaps. Each lane holds one i. Paired as  (s_j^2 - d_i^2) / (d_j^2 - d_i^2)  for j < i and
//             (s_j^2 - d_i^2) / (d_{j+1}^2 - d_i^2)  for i <= j < k - 1,  factors are in (0, 1); the one that is left over,
//             s_{k-1}^2 - d_i^2, is at most ||M||^2, which the caller has scaled: nothing can overflow.
//   column    One singular vector of M with the weights z^, normalised:
//               right  z^_i / (d_i^2 - s^2),        left  d_i z^_i / (d_i^2 - s^2), and -1 in place 0.
//   ends      x^T v and y^T v for many right vectors v, which are not stored. Each lane holds one.
//
// Groups and lanes do not exchange anything, so results do not depend on how roots are shared over threads.

#include "core/simd.hpp"

namespace eckart::dense {

/// The matrix M above.
template <RealScalar R>
struct SecularProblem {
  Index count;      // k >= 2
  const R* pole;    // d, ascending, d[0] = 0
  const R* square;  // z_j^2 > 0
  R square_sum;     // |z|^2
  R* origin;        // of root i: the pole that it is measured from
  R* offset;        // s_i - origin[i]
};

struct SecularLimits {
  int steps =
      60;  // passes over the poles for one group of roots; 4 to 8 are usual, bisection to the last bit needs 50
};

/// What a vector of M is made from, its rows in an order of the caller.
template <RealScalar R>
struct SecularRows {
  Index count;
  const R* pole;
  const R* weight;  // z^
  Index zero;       // the row of pole d_0
};

/// Two rows of a matrix with k columns, and what they become when M's right vectors are multiplied to it.
template <RealScalar R>
struct SecularEnds {
  const R* weight;   // z^ with the signs of z
  const R *x, *y;    // the rows, k
  R *new_x, *new_y;  // entry i: times the right vector of root i
};

template <RealScalar R>
struct SecularKernels {
  /// Finds the roots first <= i < last. Returns the passes that the slowest group took, or -1 when one met the limit.
  int (*roots)(const SecularProblem<R>& problem, const SecularLimits& limits, Index first,
               Index last) noexcept;
  /// |z^_i| for first <= i < last.
  void (*weights)(const SecularProblem<R>& problem, Index first, Index last, R* weight) noexcept;
  /// The left or right vector of the root (origin, offset).
  void (*left_column)(const SecularRows<R>& rows, R origin, R offset, R* column) noexcept;
  void (*right_column)(const SecularRows<R>& rows, R origin, R offset, R* column) noexcept;
  /// The entries first <= i < last of the new rows.
  void (*ends)(const SecularProblem<R>& problem, const SecularEnds<R>& ends, Index first,
               Index last) noexcept;
  Index lanes;  // roots in a group
};

template <RealScalar R>
[[nodiscard]] SecularKernels<R> secular_kernels(Processor processor = this_processor()) noexcept;

}  // namespace eckart::dense
