#pragma once

// The rows of a tall matrix, a chunk at a time.
//
// Everything that is done with a tall A (m x n, m >> n) is done chunk by chunk of rows, so that a chunk is read from memory once
// and stays in cache for all products that need it. The chunks are dealt out to `leaves`, contiguous runs of them; a leaf has
// buffers and sums of its own, the leaves are shared over the threads, and their sums are added as a tree. Chunks and leaves
// depend on m and n alone, so results do not depend on the number of threads.
//
// A is read in place, through any strides, scaled and conjugated on the way: no copy of A is made. A chunk is always packed to
// contiguous columns: then row-major and column-major matrices differ only in this packing, not in any bit of a result, and the
// products never walk with a stride of m.

#include <algorithm>
#include <functional>
#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

namespace eckart::dense {

/// The matrix that is decomposed: 2^exponent * given, conjugated if asked, every row less `means` if there are any. m >= n; strides are
/// free.
template <Scalar T>
struct TallRows {
  MatrixView<const T> given;
  int exponent = 0;
  bool conjugated = false;
  const T* means = nullptr;  // n, of the matrix as it is scaled and conjugated

  [[nodiscard]] Index rows() const noexcept { return given.rows(); }
  [[nodiscard]] Index cols() const noexcept { return given.cols(); }

  /// to (count x n, column-major, or row-major without gaps) <- rows first, ..., first + count - 1.
  void pack(Index first, MatrixView<T> to) const noexcept;
};

/// How the rows are dealt out.
struct RowLeaves {
  Index rows = 0;
  Index chunk = 1;  // rows of a chunk; the last one may have fewer
  Index count = 1;  // leaves; none is empty

  RowLeaves() = default;

  /// About 64 KiB of chunk in double where that is 256 rows or more: there the library's products of small matrices are fastest.
  /// As many leaves as keep their n x n sums below a quarter of A, but four at least where there are chunks for them, and at most
  /// `most_leaves`. 0 rows: chosen here.
  RowLeaves(Index m, Index n, Index chunk_rows, Index most_leaves) noexcept;

  /// body(leaf, first row, number of rows) for every chunk, leaves in parallel, the chunks of one leaf in order. Looks at the
  /// stop token before each.
  void for_each_chunk(const Execution& execution,
                      const std::function<void(Index, Index, Index)>& body) const;

  /// body(first row, number of rows) for the chunks of one leaf.
  template <class Body>
  void for_chunks_of(const Execution& execution, Index leaf, const Body& body) const {
    const Index chunks = (rows + chunk - 1) / chunk;
    for (Index c = chunks * leaf / count; c < chunks * (leaf + 1) / count; ++c) {
      execution.check_stop();
      body(c * chunk, std::min(chunk, rows - c * chunk));
    }
  }
};

/// The entries first .. last - 1 of sum_leaves().
template <class N>
void sum_part_of_leaves(std::span<N> all, Index size, Index leaves, Index first,
                        Index last) noexcept {
  for (Index step = 1; step < leaves; step *= 2) {
    for (Index leaf = 0; leaf + step < leaves; leaf += 2 * step) {
      N* const sum = all.data() + leaf * size;
      const N* const other = all.data() + (leaf + step) * size;
      for (Index i = first; i < last; ++i) {
        sum[i] += other[i];
      }
    }
  }
}

/// all holds a block of `size` for each leaf; the first becomes their sum, added pairwise as a tree.
template <class N>
void sum_leaves(std::span<N> all, Index size, Index leaves) noexcept {
  sum_part_of_leaves(all, size, leaves, 0, size);
}

/// The same by pieces that the threads share.
template <class N>
void sum_leaves(const Execution& execution, std::span<N> all, Index size, Index leaves) {
  constexpr Index piece = 32768;
  parallel_for(execution, (size + piece - 1) / piece, [&](Index i) {
    sum_part_of_leaves(all, size, leaves, i * piece, std::min((i + 1) * piece, size));
  });
}

/// y <- y + factor x, for n real numbers.
template <RealScalar R>
void add_scaled(const R* x, R* y, Index n, R factor) noexcept;

/// sums[j] += the sum of the squared moduli of column j, in double.
template <Scalar T>
void add_column_squares(MatrixView<const T> a, double* sums) noexcept;

/// From such sums of p columns of each leaf: the length of the longest column, or the Frobenius norm (`all`). NaN stays.
[[nodiscard]] double norm_of_columns(std::span<double> sums, Index p, Index leaves,
                                     bool all) noexcept;

}  // namespace eckart::dense
