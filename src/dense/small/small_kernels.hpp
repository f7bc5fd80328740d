#pragma once

// One-sided Jacobi on matrices of at most 16 x 8, compiled for each kind of processor.
//
//   matrices   as many at once as a vector of this processor has doubles                          lane_sweeps.hpp
//   pairs      one matrix, whose pairs of columns share the lanes; results stand in packs of two, both the same
//
// Both give the same bits for the same matrix.

#include "core/simd.hpp"
#include "dense/small/lane_results.hpp"

namespace eckart::dense {

/// Lanes of a lone matrix's packs.
inline constexpr Index lone_lanes = 2;

struct SmallKernels {
  Index group = 0;                               // matrices at once
  void (*matrices)(SmallFrame* frame) noexcept;  // packs of `group`
  void (*lone)(SmallFrame* frame) noexcept;      // packs of `lone_lanes`
};

template <bool complex>
[[nodiscard]] SmallKernels small_kernels(Processor processor = this_processor()) noexcept;

}  // namespace eckart::dense
