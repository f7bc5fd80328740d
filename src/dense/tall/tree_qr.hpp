#pragma once

// Householder QR of a tall matrix as a tree:  A = Q R,  A m x n, m >= n.
//
//   1. A is cut into blocks of at least `block` rows; each is factored by itself, A_i = Q_i R_i
//   2. the R_i, stacked, are the next level's matrix, block / n times as short; and again, until one block is left
//   3. Q C: downwards from the root, each block multiplies the n rows that it gave to the level above, with zeros below them
//
// Demmel, Grigori, Hoemmen and Langou, "Communication-optimal parallel and sequential QR and LU factorizations", SIAM J. Sci.
// Comput. 34 (2012), section 3 (TSQR); blocks by LAPACK's geqrf, in cache. The tree depends on m and n alone. Cost 2 m n^2 flops,
// and 4 m n c for Q times c columns, with n / block more for the levels above. Backward stable for every finite matrix, whatever
// its rank and condition: this is the safe way, two to four times as slow as those of tall_qr.hpp.

#include <functional>
#include <span>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

namespace eckart::dense {

/// The blocks of one level.
template <Scalar T>
struct TreeLevel {
  MatrixView<T> a;  // their reflectors
  std::span<T> tau;
  Index block = 0, count = 1;  // rows of a block, the last one takes what is left over; blocks

  [[nodiscard]] MatrixView<T> block_rows(Index i) const noexcept {
    const Index first = i * block;
    return a.block(first, 0, i + 1 < count ? block : a.rows() - first, a.cols());
  }
};

template <Scalar T>
struct TreeQr {
  std::vector<TreeLevel<T>> levels;  // from the leaves to the root
};

/// Rows of a block: `wanted`, or chosen here when that is 0; at least 2 n, so that the levels shrink.
[[nodiscard]] Index tree_block(Index n, Index wanted) noexcept;

/// a is overwritten by the leaves' reflectors; r (n x n) receives R. The levels above are taken from `work` and live as long as
/// the tree.
template <Scalar T>
[[nodiscard]] TreeQr<T> tree_factor(const Execution& execution, MatrixView<T> a, MatrixView<T> r,
                                    Index block, Workspace& work);

/// Q [c; 0] for c n x k, leaf by leaf: done(run, first row, rows of the product); the runs, at most tree_runs(), in parallel.
template <Scalar T>
void tree_apply(const Execution& execution, const TreeQr<T>& tree, MatrixView<const T> c,
                const std::function<void(Index, Index, MatrixView<T>)>& done, Workspace& work);
[[nodiscard]] Index tree_runs(Index m, Index block) noexcept;

/// For both, on k columns.
template <Scalar T>
[[nodiscard]] MemoryPlan tree_memory(Index m, Index n, Index block, Index k);

}  // namespace eckart::dense
