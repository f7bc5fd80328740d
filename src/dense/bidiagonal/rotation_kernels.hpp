#pragma once

// Plane rotations of the columns of a matrix, one and many.
//
//   rotate     x' = c x + s y,  y' = c y - s x                                   6 flops a row
//   sequences  for q = 0, 1, ...: for t = first, ..., last - 1: rotate columns t and t + 1 by (c, s)[q][t]
//
// Sequences are what QR iteration makes: each sweep is one. Applied one rotation at a time they would load and store two columns
// for every 6 flops a row. Here four sequences go through the matrix together: while sequence 0 rotates columns t and t + 1,
// sequence 1 rotates t - 1 and t, and so on, all in the five columns that are held in registers, so that one column is loaded and one
// stored for four rotations (the wave of Van Zee, van de Geijn and Quintana-Orti, Restructuring the tridiagonal and bidiagonal QR
// algorithms, ACM TOMS 40(3), 2014). The order of operations on each entry does not change, so neither do
// results. A rotation of a sequence has c >= 0 and stands as s and tau = s / (1 + c), the tangent of half its angle:
//   x' = x + s (y - tau x),  y' = y - s (x + tau y)
// Rounded, that is a rotation but for s^2 eps, where c and s rounded miss by eps; with angles of sqrt(eps), c = 1 lengthens both
// columns each time, and after n such rotations they were longer by n eps.

#include <eckart/types.hpp>

#include "core/simd.hpp"

namespace eckart::dense {

/// Sequences that the wave carries together.
inline constexpr Index fused_sequences = 4;

/// fused_sequences sequences of rotations on columns first .. last. Column t stands at columns + t stride; `stride` may be negative,
/// so that sequences from the last column to the first have the same form.
template <RealScalar R>
struct RotationWave {
  R* columns;
  Index stride, rows;
  Index first, last;
  const R* sine[fused_sequences];     // s of rotation t of each sequence, first <= t < last
  const R* tangent[fused_sequences];  // tau = s / (1 + c)
  Index step;                         // from rotation t to t + 1 in memory: 1 or -1
};

template <RealScalar R>
struct RotationKernels {
  void (*rotate)(R* x, R* y, Index rows, R c, R s) noexcept;
  void (*wave)(const RotationWave<R>& wave) noexcept;
};

template <RealScalar R>
[[nodiscard]] RotationKernels<R> rotation_kernels(Processor processor = this_processor()) noexcept;

}  // namespace eckart::dense
