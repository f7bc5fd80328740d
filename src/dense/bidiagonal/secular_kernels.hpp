#pragma once

// The inner loops of a merge, in vectors of the processor: the roots of the secular equation (secular_roots.hpp has the equation and the
// matrix M), and the singular vectors of M that are made of them.
//
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

#include "dense/bidiagonal/secular_roots.hpp"

namespace eckart::dense {

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
  SecularRootFinder<R> roots;
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
