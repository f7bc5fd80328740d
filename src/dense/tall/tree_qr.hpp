#pragma once

// Householder QR of a tall matrix as a tree:  A = Q R,  A m x n, m >= n.
//
//   1. A is cut into blocks of at least `block` rows; each is factored by itself, A_i = Q_i [R_i; 0], Q_i = I - V_i T_i V_i^H
//   2. the R_i, stacked, are the next level's matrix, block / n times as short; and again, until one block is left
//   3. Q C: downwards from the root, each block multiplies the n rows that it gave to the level above, with zeros below them:
//        Q_i [C_i; 0] = [C_i; 0] - V_i (T_i (V_i1^H C_i)),   V_i1 the first n rows of V_i
//
// Demmel, Grigori, Hoemmen and Langou, "Communication-optimal parallel and sequential QR and LU factorizations", SIAM J. Sci.
// Comput. 34 (2012), section 3 (TSQR). A block is factored by panels that stay in cache (panel_qr.hpp), looking left: 3 rows n^2
// flops, rows n^2 of them for T. T makes step 3 one product with all of V: 2 m n c flops for c columns, half of what reflectors
// applied one after the other take, with n / block more for the levels above. The tree depends on m and n alone. Threads share the
// blocks of a level, the products of a level of one block, and the rows of Q C. Backward stable for every finite matrix, whatever its
// rank and condition: this is the safe way. Memory: V in place of A, and n / block of it for T.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

#include "dense/tall/tall_rows.hpp"

namespace eckart::dense {

/// The blocks of one level.
template <Scalar T>
struct TreeLevel {
  MatrixView<T> v;  // their reflectors, with the ones and zeros of the first n rows of each
  MatrixView<T> t;  // n x n count: their T, side by side
  Index block = 0, count = 1;  // rows of a block, the last one takes what is left over; blocks

  [[nodiscard]] Index first_row(Index i) const noexcept { return i < count ? i * block : v.rows(); }
  [[nodiscard]] Index block_at(Index row) const noexcept {
    return std::min(row / block, count - 1);
  }
  [[nodiscard]] MatrixView<T> v_of(Index i) const noexcept {
    return v.block(first_row(i), 0, first_row(i + 1) - first_row(i), v.cols());
  }
  [[nodiscard]] MatrixView<T> t_of(Index i) const noexcept {
    return t.columns(i * t.rows(), t.rows());
  }
};

template <Scalar T>
struct TreeQr {
  std::vector<TreeLevel<T>> levels;  // from the leaves to the root
  std::uint64_t scratch_bytes = 0;   // that the factorisation took beside its workspace, for a time
};

/// Rows of a block: `wanted`, or chosen here when that is 0; at least 2 n, so that the levels shrink.
[[nodiscard]] Index tree_block(Index n, Index wanted) noexcept;

/// a is overwritten by the leaves' reflectors; r (n x n) receives R. The levels above and all T are taken from `work` and live as
/// long as the tree.
template <Scalar T>
[[nodiscard]] TreeQr<T> tree_factor(const Execution& execution, MatrixView<T> a, MatrixView<T> r,
                                    Index block, Workspace& work);

/// Q [c; 0] for c n x k, in the chunks of rows of `rows`: done(leaf, first row, the rows of the product), leaves in parallel.
template <Scalar T>
void tree_apply(const Execution& execution, const TreeQr<T>& tree, MatrixView<const T> c,
                const RowLeaves& rows, const std::function<void(Index, Index, MatrixView<T>)>& done,
                Workspace& work);

/// For both, on k columns.
template <Scalar T>
[[nodiscard]] MemoryPlan tree_memory(Index n, Index block, Index k, const RowLeaves& rows);

}  // namespace eckart::dense
