#pragma once

// Sweeps of one-sided Jacobi over all pairs of columns of a small matrix, in the odd-even order:
//
//   step 1, 3, ...:  the columns in places (1 2) (3 4) (5 6) ...      step 2, 4, ...:  those in places (2 3) (4 5) ...
//
// Each pair is made orthogonal and changes places. After n steps every column has met every other once. The pairs of a step have no
// column in common, so they may be taken one after the other (`sweep_matrices`: a lane is a matrix) or all at once (`sweep_pairs`: a
// lane is a pair); both give the same bits. An odd n has a last place with no column: it takes part in the changes of places alone.
//
// The order and its equivalence to the cyclic one: Luk and Park, SIAM J. Sci. Stat. Comput. 8 (1987) 1 and 10 (1989) 18.
// Convergence is quadratic and took at most 12 sweeps in any test; the cap makes a counterexample the ladder's.

#include <utility>

#include "dense/small/lane_rotation.hpp"

namespace eckart::dense {

inline constexpr int small_sweeps = 30;

/// Which column stands in which place.
struct SmallPlaces {
  Index count;  // n, or n + 1 for odd n: the last column is none
  Index column[small_cols];

  explicit SmallPlaces(Index n) : count(n + n % 2) {
    for (Index k = 0; k < count; ++k) {
      column[k] = k;
    }
  }
};

/// A lane is a matrix. Returns 1 for the lanes that converged. Columns of `size` packs follow one another; they stay where they are,
/// and `places` tells their order.
template <bool complex, int bytes>
[[gnu::always_inline]] inline Pack<double, bytes> sweep_matrices(Pack<double, bytes>* columns,
                                                                 Index m, Index n,
                                                                 double tolerance_squared,
                                                                 SmallPlaces& places) noexcept {
  using V = Pack<double, bytes>;
  const Index size = small_column<complex>(m, n);
  V rotated = {};
  for (int sweep = 0; sweep < small_sweeps; ++sweep) {
    rotated = V{};
    for (Index step = 0; step < places.count; ++step) {
      for (Index k = step % 2; k + 1 < places.count; k += 2) {
        Index &i = places.column[k], &j = places.column[k + 1];
        if (i < n && j < n) {
          rotated += LaneRotation<complex, bytes>::rotate(columns + i * size, columns + j * size, m,
                                                          n, V{} + 1, tolerance_squared);
        }
        std::swap(i, j);
      }
    }
    if (!any<double, bytes>(rotated)) {
      break;
    }
  }
  return rotated > 0 ? V{} : V{} + 1;
}

// Lane l of the result is lane l + by of v, cyclically.
template <int by, int bytes>
[[gnu::always_inline]] inline Pack<double, bytes> turned(const Pack<double, bytes>& v) noexcept {
  if constexpr (bytes == 16) {
    return __builtin_shufflevector(v, v, 1, 0);
  } else {
    return by == 1 ? __builtin_shufflevector(v, v, 1, 2, 3, 0)
                   : __builtin_shufflevector(v, v, 3, 0, 1, 2);
  }
}

/// A lane is a pair of columns of one matrix: lane l of `even` is the column in place 2l, lane l of `odd` that in place 2l + 1, all
/// lanes beyond them zero. Returns whether the matrix converged.
template <bool complex, int bytes>
[[gnu::always_inline]] inline bool sweep_pairs(Pack<double, bytes>*& even,
                                               Pack<double, bytes>*& odd, Index m, Index n,
                                               double tolerance_squared,
                                               SmallPlaces& places) noexcept {
  using V = Pack<double, bytes>;
  const Index size = small_column<complex>(m, n);
  // In a step of the second kind the first and the last place are without partners.
  double in_second[lanes<double, bytes>];
  for (Index l = 0; l < lanes<double, bytes>; ++l) {
    in_second[l] = 2 * l + 2 < places.count ? 1 : 0;
  }
  const V second = load<bytes>(in_second);
  bool rotated = true;
  for (int sweep = 0; rotated && sweep < small_sweeps; ++sweep) {
    V flags = {};
    for (Index step = 0; step < places.count; ++step) {
      for (Index k = step % 2; k + 1 < places.count; k += 2) {
        std::swap(places.column[k], places.column[k + 1]);
      }
      if (step % 2 == 0) {
        flags += LaneRotation<complex, bytes>::rotate(even, odd, m, n, V{} + 1, tolerance_squared);
        std::swap(even, odd);
        continue;
      }
      for (Index i = 0; i < size; ++i) {
        even[i] = turned<1, bytes>(even[i]);
      }
      flags += LaneRotation<complex, bytes>::rotate(odd, even, m, n, second, tolerance_squared);
      for (Index i = 0; i < size; ++i) {
        const V o = odd[i], e = even[i];
        odd[i] = choose<V>(second, e, o);
        even[i] = turned<-1, bytes>(choose<V>(second, o, e));
      }
    }
    rotated = any<double, bytes>(flags);
  }
  return !rotated;
}

}  // namespace eckart::dense
