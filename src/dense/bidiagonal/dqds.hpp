#pragma once

// Singular values of a real upper bidiagonal matrix, without vectors, by the differential quotient-difference algorithm with shifts.
//
//   B(d, e), n x n  ->  s descending
//
// Method. Fernando and Parlett, Numer. Math. 67, 1994, section 6; splitting, late failures and deflation as Parlett and Marques,
// Linear Algebra Appl. 309, 2000. With q_i = d_i^2 and r_i = e_i^2 a sweep replaces B by B' such that
// B'^T B' = B B^T - tau I, without forming either product:
//
//   t = q_1 - tau;   q'_i = t + r_i,   r'_i = r_i q_{i+1} / q'_i,   t = t q_{i+1} / q'_i - tau;   q'_n = the last t
//
// Nothing but the shift is subtracted, so as long as every t stays positive each sweep changes every value by a few eps of itself.
// A negative t says that tau was above the smallest eigenvalue: the sweep is thrown away.
//
//   1. Scale, square.
//   2. Take the lowest block between two negligible r; turn it end for end where its small entries stand on top.
//   3. A block of 1 or 2 rows is solved at once; from a larger one those are split off below whose r are negligible.
//   4. Shift by an estimate of the smallest eigenvalue from below (choose_shift in dqds.cpp) and sweep. After a failure: the bound
//      that the failed sweep gives where its last t alone was negative, a quarter, nothing.
//   5. Undo 1, sort.
//
// Cost: about 3 sweeps a value, each as long as the latency of one division and two additions a row: 1.5 n^2 times 19 cycles. In
// double for both types.
// Accuracy: relative, each value to a few n eps.
// Fails when `sweeps_per_value * n` sweeps were not enough, and at once on NaN: returns false.

#include <span>

#include <eckart/types.hpp>

namespace eckart::dense {

struct DqdsOptions {
  Index sweeps_per_value = 30;  // 3 are usual
};

/// Doubles that dqds() needs for an n x n matrix.
[[nodiscard]] constexpr Index dqds_scratch(Index n) noexcept {
  return 4 * n;
}

/// d: the diagonal on entry, the descending values on exit. e: n - 1 entries, which are left alone.
template <RealScalar R>
[[nodiscard]] bool dqds(std::span<R> d, std::span<const R> e, std::span<double> scratch,
                        const DqdsOptions& options = {});

}  // namespace eckart::dense
