#pragma once

// The roots of the secular equation, in vectors of the processor.
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
// Each lane of a vector holds one root; the poles are broadcast. One step evaluates f and f' as the sums psi over the
// poles below and phi over those above, 1 division for two poles (1/x = y (1/xy)), and solves
//   c + p / (d_i^2 - x) + q / (d_{i+1}^2 - x) = 0
// for x, where c, p and q match f and f' and either p (q) is the true weight of the origin (the fixed weight method) or
// p matches psi' and q matches phi' (the middle way): R.-C. Li, LAPACK Working Note 89, 1994. A lane goes from one to
// the other when |f| did not fall tenfold. Steps that leave the bracket are replaced by bisection. Lanes that have
// converged stop moving; the group ends with the last one. Typically 4 passes, the first for the nearer pole.
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

/// Finds the roots first <= i < last. Returns the passes that the slowest group took, or -1 when one met the limit.
template <RealScalar R>
using SecularRootFinder = int (*)(const SecularProblem<R>& problem, const SecularLimits& limits,
                                  Index first, Index last) noexcept;
template <RealScalar R>
[[nodiscard]] SecularRootFinder<R> secular_root_finder(Processor processor) noexcept;

}  // namespace eckart::dense
