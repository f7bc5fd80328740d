#include "dense/bidiagonal/divide_and_conquer.hpp"

#include <algorithm>

#include "dense/bidiagonal/block_frame.hpp"
#include "dense/bidiagonal/merge.hpp"
#include "dense/columns.hpp"

namespace eckart::dense {
namespace {

// What the merges need beside the arrays of the frame.
template <RealScalar R>
struct MergeArrays {
  std::span<R> row_pole, row_weight, columns, packed, vectors;

  MergeArrays(Index n, Workspace& work)
      : row_pole(work.take<R>(n)),
        row_weight(work.take<R>(n)),
        columns(work.take<R>(2 * n)),
        packed(work.take<R>(n * (n / 2 + 2))),
        vectors(work.take<R>(n * n)) {}

  static MemoryPlan plan(Index n) {
    return MemoryPlan::all_of("merges", {MemoryPlan::block<R>("poles by row", n),
                                         MemoryPlan::block<R>("weights by row", n),
                                         MemoryPlan::block<R>("columns moved", n, 2),
                                         MemoryPlan::block<R>("packed columns", n, n / 2 + 2),
                                         MemoryPlan::block<R>("vectors of a merge", n, n)});
  }

  // Memory for products begins at row `base` of what blocks of `most_rows` rows share.
  MergeMemory<R> memory_of(const Block& block, const ArrowMemory<R>& arrow, Index base,
                           Index most_rows) const noexcept {
    return {arrow, row_pole.data() + block.first, row_weight.data() + block.first,
            packed.data() + base * (most_rows / 2 + 2), vectors.data() + base * most_rows};
  }
};

// Rows, or columns, that are one piece for the threads.
constexpr Index strip = 256;

// u, v <- 0.
template <RealScalar R>
void clear(const Execution& execution, const MatrixView<R>& u, const MatrixView<R>& v) {
  parallel_for(execution, (u.cols() + strip - 1) / strip, [&](Index i) {
    for (Index j = i * strip; j < std::min(u.cols(), (i + 1) * strip); ++j) {
      std::fill_n(u.col(j), u.rows(), R{0});
      std::fill_n(v.col(j), v.rows(), R{0});
    }
  });
}

// 4. Column r becomes the old column order[r], along the cycles of the permutation, a strip of rows of each matrix at a time. cycles: n
// of scratch; column: 2 n.
template <RealScalar R>
void permute_columns(const Execution& execution, const MatrixView<R>& u, const MatrixView<R>& v,
                     std::span<Index> order, std::span<Index> cycles, std::span<R> column) {
  const Index n = u.rows(), strips = (n + strip - 1) / strip;
  const auto entry = [order](Index r) -> Index& { return order[static_cast<std::size_t>(r)]; };
  std::size_t count = 0;
  for (Index start = 0; start < n; ++start) {
    if (entry(start) >= 0 && entry(start) != start) {
      cycles[count++] = start;
      for (Index r = start; entry(r) >= 0;) {  // what was seen is marked by -1 - order[r]
        entry(r) = -1 - entry(r);
        r = -1 - entry(r);
      }
    }
  }
  for (Index& from : order) {
    from = from < 0 ? -1 - from : from;
  }
  parallel_for(execution, 2 * strips, [&](Index i) {
    const MatrixView<R>& q = i < strips ? u : v;
    const Index first = i % strips * strip, rows = std::min(strip, n - first);
    R* const spare = column.data() + (i < strips ? 0 : n) + first;
    for (const Index start : cycles.first(count)) {
      std::copy_n(q.col(start) + first, rows, spare);
      Index to = start;
      for (Index from = entry(start); from != start; to = from, from = entry(from)) {
        std::copy_n(q.col(from) + first, rows, q.col(to) + first);
      }
      std::copy_n(spare, rows, q.col(to) + first);
    }
  });
}

}  // namespace

template <RealScalar R>
MemoryPlan divide_and_conquer_memory(Index n, const DivideAndConquerOptions& /*options*/) {
  return MemoryPlan::all_of("divide and conquer",
                            {BlockArrays<R>::plan(n), MergeArrays<R>::plan(n)});
}

template <RealScalar R>
bool divide_and_conquer(const Execution& execution, std::span<R> d, std::span<R> e, MatrixView<R> u,
                        MatrixView<R> v, const DivideAndConquerOptions& options, Workspace& work) {
  const Index n = static_cast<Index>(d.size());
  if (n == 0) {
    return true;
  }
  const Workspace::Frame frame(work);
  const BlockArrays<R> arrays(n, work);
  const MergeArrays<R> merges(n, work);
  clear<R>(execution, u, v);
  // A block's U and V stand where they will stand in the whole.
  const auto u_of = [&](const Block& block) {
    return u.block(block.first, block.first, block.rows, block.rows);
  };
  const auto v_of = [&](const Block& block) {
    return v.block(block.first, block.first, block.columns(), block.columns());
  };
  // 2.
  const auto leaf = [&](const Block& block) {
    set_identity(u_of(block));
    set_identity(v_of(block));
    return arrays.solve_by_qr(execution, block, u_of(block), v_of(block));
  };
  // 3.
  const auto join = [&](const Execution& threads, const Block& block, Index base, Index most_rows) {
    const bool is_last = block.rows == n;
    const MergeProblem<R> problem{arrays.problem_of(block, options, u_of(block), v_of(block),
                                                    block.upper_rows(), block.upper_rows() + 1),
                                  is_last && options.wanted >= 0 ? options.wanted : block.rows};
    return merge<R>(threads, problem, arrays.kernels,
                    merges.memory_of(block, arrays.memory_of(block), base, most_rows));
  };
  if (!divide_and_conquer_blocks<R>(execution, d, std::span<const R>(e), options, arrays, leaf,
                                    join)) {
    return false;
  }
  // 4.
  permute_columns<R>(execution, u, v, arrays.order(), arrays.spare(), merges.columns);
  return true;
}

#define ECKART_INSTANTIATE(R)                                                                      \
  template MemoryPlan divide_and_conquer_memory<R>(Index, const DivideAndConquerOptions&);         \
  template bool divide_and_conquer<R>(const Execution&, std::span<R>, std::span<R>, MatrixView<R>, \
                                      MatrixView<R>, const DivideAndConquerOptions&, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)

}  // namespace eckart::dense
