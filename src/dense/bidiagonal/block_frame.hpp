#pragma once

// The frame of divide and conquer that its two forms share, with vectors (divide_and_conquer.hpp) and without
// (values_by_divide_and_conquer.hpp). What differs is what a merge does with U and V, and what stands for them in a leaf.
//
//   1. Refuse NaN and infinity; scale by a power of two, so that nothing that matters overflows or underflows.
//   2. Leaves: implicit QR iteration, on whatever rows of U and V there are.
//   3. Merges, upwards, in the order of block_tree.hpp. One that fails, or is told to, falls back to QR iteration on its block.
//   4. Undo the scaling; values in the order that the last merge gave.

#include <cmath>
#include <optional>
#include <span>

#include "dense/bidiagonal/arrow.hpp"
#include "dense/bidiagonal/block_tree.hpp"
#include "dense/bidiagonal/divide_and_conquer.hpp"

namespace eckart::dense {

/// B and the arrays of n numbers that its blocks share, each block the part that begins at its first row.
template <RealScalar R>
class BlockArrays {
 public:
  BlockArrays(Index n, Workspace& work);
  [[nodiscard]] static MemoryPlan plan(Index n);

  /// Step 1. The power of two, or nothing when B is not finite.
  [[nodiscard]] std::optional<int> scale(std::span<const R> d, std::span<const R> e) const noexcept;

  /// Step 2. u (any rows, or empty: not wanted): block.rows columns, v: block.columns(). Both are multiplied from the right: U by the
  /// left vectors of the block, V by the right ones and the null vector. Returns false when QR iteration did not converge.
  [[nodiscard]] bool solve_by_qr(const Execution& execution, const Block& block, MatrixView<R> u,
                                 MatrixView<R> v) const;

  /// Step 3, what a merge is given.
  [[nodiscard]] ArrowMemory<R> memory_of(const Block& block) const noexcept;
  [[nodiscard]] ArrowProblem<R> problem_of(const Block& block,
                                           const DivideAndConquerOptions& options, MatrixView<R> u,
                                           MatrixView<R> v, Index upper_rows_u,
                                           Index upper_rows_v) const noexcept;

  /// Step 4: the column of the r-th largest value, and that value.
  [[nodiscard]] std::span<Index> order() const noexcept { return order_; }
  [[nodiscard]] std::span<Index> spare() const noexcept { return kept_; }  // n, free by then
  [[nodiscard]] R value(std::size_t r) const noexcept {
    return value_[static_cast<std::size_t>(order_[r])];
  }

  const MergeKernels<R> kernels;

 private:
  std::span<R> d_, e_;  // B, scaled
  std::span<R> value_, weight_, pole_, square_, origin_, offset_, superdiagonal_, rotations_;
  std::span<Index> order_, kept_, place_;
  std::span<ColumnKind> kind_;
};

/// All steps. d: the diagonal on entry, the descending values on exit. leaf(block) is step 2; join(execution, block, base, most_rows)
/// a merge, as decompose_blocks() calls it. Returns false when it failed.
template <RealScalar R, class Leaf, class Join>
[[nodiscard]] bool divide_and_conquer_blocks(const Execution& execution, std::span<R> d,
                                             std::span<const R> e,
                                             const DivideAndConquerOptions& options,
                                             const BlockArrays<R>& arrays, const Leaf& leaf,
                                             const Join& join) {
  const BlockTree tree(static_cast<Index>(d.size()), options.leaf, options.subtree);
  // 1.
  const std::optional<int> exponent = arrays.scale(std::span<const R>(d), e);
  if (!exponent) {
    return false;
  }
  // 2. and 3.
  const auto join_or_solve = [&](const Execution& threads, const Block& block, Index base,
                                 Index most_rows) {
    return (!options.reject_merges && join(threads, block, base, most_rows)) || leaf(block);
  };
  if (!decompose_blocks(execution, tree, leaf, join_or_solve)) {
    return false;
  }
  // 4.
  for (std::size_t r = 0; r < d.size(); ++r) {
    d[r] = std::ldexp(arrays.value(r), -*exponent);
  }
  return true;
}

}  // namespace eckart::dense
