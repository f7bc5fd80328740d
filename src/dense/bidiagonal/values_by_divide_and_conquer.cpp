#include "dense/bidiagonal/values_by_divide_and_conquer.hpp"

#include <algorithm>

#include "dense/bidiagonal/block_frame.hpp"

namespace eckart::dense {
namespace {

// Rows of W.
constexpr Index first_row = 0, last_row = 1;

// W and what a merge multiplies of it.
template <RealScalar R>
struct OuterRows {
  MatrixView<R> w;                  // 2 x n
  std::span<R> x, y, new_x, new_y;  // its rows in the order of the poles, and multiplied

  OuterRows(Index n, Workspace& work)
      : w(work.take<R>(2 * n).data(), 2, n),
        x(work.take<R>(n)),
        y(work.take<R>(n)),
        new_x(work.take<R>(n)),
        new_y(work.take<R>(n)) {}

  static MemoryPlan plan(Index n) {
    return MemoryPlan::all_of(
        "outer rows",
        {MemoryPlan::block<R>("first and last rows of V", 2, n),
         MemoryPlan::block<R>("first row by pole", n), MemoryPlan::block<R>("last row by pole", n),
         MemoryPlan::block<R>("new first row", n), MemoryPlan::block<R>("new last row", n)});
  }
};

template <RealScalar R>
class ValuesByDivideAndConquer {
 public:
  ValuesByDivideAndConquer(const Execution& execution, Index n,
                           const DivideAndConquerOptions& options, Workspace& work)
      : execution_(execution), options_(options), n_(n), arrays_(n, work), rows_(n, work) {}

  bool run(std::span<R> d, std::span<const R> e) {
    return divide_and_conquer_blocks<R>(
        execution_, d, e, options_, arrays_, [&](const Block& block) { return solve_leaf(block); },
        [&](const Execution& execution, const Block& block, Index, Index) {
          return join(execution, block);
        });
  }

 private:
  MatrixView<R> w_of(const Block& block) const noexcept {
    return rows_.w.columns(block.first, block.columns());
  }

  // 2.
  bool solve_leaf(const Block& block) {
    const MatrixView<R> w = w_of(block);
    std::fill_n(w.col(0), 2 * w.cols(), R{0});
    w(first_row, 0) = 1;
    w(last_row, w.cols() - 1) = 1;
    return arrays_.solve_by_qr(execution_, block, {}, w);
  }

  // 3.
  bool join(const Execution& execution, const Block& block) {
    const ArrowMemory<R> memory = arrays_.memory_of(block);
    const ArrowProblem<R> problem = arrays_.problem_of(block, options_, {}, w_of(block), 0, 1);
    Arrow<R> arrow(execution, problem, arrays_.kernels, memory);
    arrow.read_weights(last_row, first_row);
    keep_outer_rows(problem);
    arrow.rotate_null_vectors();
    if (arrow.deflate_columns() == 1) {
      arrow.finish_single();
    } else if (!arrow.find_roots()) {
      return false;
    } else if (block.rows < n_) {
      multiply(execution, arrow, problem, memory, block.first);
    }
    static_cast<void>(arrow.sort_values(0));
    return true;
  }

  // The first row of V1 goes on as that of V, 0 in the columns of V2; the last row of V2 likewise.
  void keep_outer_rows(const ArrowProblem<R>& p) noexcept {
    for (Index j = 0; j <= p.upper; ++j) {
      p.v(last_row, j) = 0;
    }
    for (Index j = p.upper + 1; j < p.v.cols(); ++j) {
      p.v(first_row, j) = 0;
    }
  }

  void multiply(const Execution& execution, Arrow<R>& arrow, const ArrowProblem<R>& p,
                const ArrowMemory<R>& m, Index f) {
    const Index k = arrow.kept();
    R *const x = rows_.x.data() + f, *const y = rows_.y.data() + f;
    const SecularEnds<R> ends{m.square, x, y, rows_.new_x.data() + f, rows_.new_y.data() + f};
    arrow.recompute_weights();
    for (Index i = 0; i < k; ++i) {
      x[i] = p.v(first_row, m.kept[i]);
      y[i] = p.v(last_row, m.kept[i]);
    }
    arrow.take_out_deflated(p.v);
    const SecularProblem<R> secular = arrow.secular();
    in_pieces(execution, k, [&](Index first, Index last) {
      arrays_.kernels.secular.ends(secular, ends, first, last);
      for (Index i = first; i < last; ++i) {
        p.v(first_row, k - 1 - i) = ends.new_x[i];
        p.v(last_row, k - 1 - i) = ends.new_y[i];
      }
    });
  }

  const Execution& execution_;
  const DivideAndConquerOptions& options_;
  Index n_;
  BlockArrays<R> arrays_;
  OuterRows<R> rows_;
};

}  // namespace

template <RealScalar R>
MemoryPlan divide_and_conquer_values_memory(Index n) {
  return MemoryPlan::all_of("divide and conquer, values alone",
                            {BlockArrays<R>::plan(n), OuterRows<R>::plan(n)});
}

template <RealScalar R>
bool divide_and_conquer_values(const Execution& execution, std::span<R> d, std::span<R> e,
                               const DivideAndConquerOptions& options, Workspace& work) {
  const Index n = static_cast<Index>(d.size());
  if (n == 0) {
    return true;
  }
  const Workspace::Frame frame(work);
  return ValuesByDivideAndConquer<R>(execution, n, options, work).run(d, e);
}

#define ECKART_INSTANTIATE(R)                                                              \
  template MemoryPlan divide_and_conquer_values_memory<R>(Index);                          \
  template bool divide_and_conquer_values<R>(const Execution&, std::span<R>, std::span<R>, \
                                             const DivideAndConquerOptions&, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)

}  // namespace eckart::dense
