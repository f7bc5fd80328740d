#pragma once

// The blocks of divide and conquer, and the order in which they are solved.
//
// B (n x n, upper bidiagonal) is cut at a row into two blocks of half the size, one with a column more than rows; and so on, down
// to blocks of at most `leaf` rows. Results go upwards. Subtrees of at most `subtree` rows are tasks; above them the merges of a
// level are tasks, each with its share of the threads for its own work. What is a task depends on n alone.

#include <algorithm>
#include <atomic>

#include <eckart/execution.hpp>

#include "dense/flush_denormals.hpp"

namespace eckart::dense {

/// Rows first .. first + rows - 1 of B; with `extra`, a column more.
struct Block {
  Index first, rows;
  bool extra;

  [[nodiscard]] Index upper_rows() const noexcept { return (rows - 1) / 2; }
  [[nodiscard]] Index lower_rows() const noexcept { return rows - 1 - upper_rows(); }
  [[nodiscard]] Index columns() const noexcept { return rows + (extra ? 1 : 0); }
  [[nodiscard]] Block upper() const noexcept { return {first, upper_rows(), true}; }
  [[nodiscard]] Block lower() const noexcept {
    return {first + upper_rows() + 1, lower_rows(), extra};
  }
};

struct BlockTree {
  Index rows;     // n
  Index leaf;     // blocks of at most this many rows are leaves; at least 2
  Index subtree;  // blocks of at most this many rows are one task

  BlockTree(Index n, Index leaf_rows, Index subtree_rows) noexcept
      : rows(n),
        leaf(std::max<Index>(leaf_rows, 2)),
        subtree(std::max({subtree_rows, leaf, Index{4}})) {}

  /// Block `index` of the 2^depth blocks at a depth, from the top of B.
  [[nodiscard]] Block at(int depth, Index index) const noexcept {
    Block block{0, rows, false};
    for (int level = depth - 1; level >= 0; --level) {
      block = (index >> level) & 1 ? block.lower() : block.upper();
    }
    return block;
  }
};

/// leaf(block) for all leaves and join(execution, block, base, most_rows) for all others, each after those that it holds. Blocks of
/// most_rows rows share memory, of which this one's part begins at row `base`. False as soon as one of them returned false.
template <class Leaf, class Join>
[[nodiscard]] bool decompose_blocks(const Execution& execution, const BlockTree& tree,
                                    const Leaf& leaf, const Join& join) {
  std::atomic<bool> failed{false};
  // body(threads of its own, block, rows of the largest block) for all blocks of a depth.
  const auto for_blocks = [&](int depth, const auto& body) {
    const Index count = Index{1} << depth, most_rows = std::max<Index>(tree.rows >> depth, 1);
    Execution share = execution;
    share.threads = static_cast<int>(std::max<Index>(execution.thread_count() / count, 1));
    share.progress = {};
    parallel_for(execution, count, [&](Index i) {
      const FlushDenormals scope;
      if (!body(share, tree.at(depth, i), most_rows)) {
        failed = true;
      }
    });
  };
  const auto subtree = [&](const auto& self, const Execution& share, const Block& block, Index base,
                           Index most_rows) -> bool {
    if (block.rows <= tree.leaf) {
      return leaf(block);
    }
    return self(self, share, block.upper(), base, most_rows) &&
           self(self, share, block.lower(), base, most_rows) && join(share, block, base, most_rows);
  };

  // The depth at which blocks are small enough to be tasks.
  int depth = 0;
  while ((tree.rows >> depth) > tree.subtree) {
    ++depth;
  }
  for_blocks(depth, [&](Execution share, const Block& block, Index most_rows) {
    share.threads = 1;  // blocks this small do not gain by more
    return subtree(subtree, share, block, block.first, most_rows);
  });
  for (int level = depth - 1; level >= 0 && !failed; --level) {
    for_blocks(level, [&](const Execution& share, const Block& block, Index most_rows) {
      return join(share, block, block.first, most_rows);
    });
  }
  return !failed;
}

}  // namespace eckart::dense
