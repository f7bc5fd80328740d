#include "dense/bidiagonal/values_by_divide_and_conquer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "dense/bidiagonal/arrow.hpp"
#include "dense/bidiagonal/block_tree.hpp"

namespace eckart::dense {
namespace {

// Rows of W.
constexpr Index first_row = 0, last_row = 1;

template <class T>
T* data(std::span<T> s) noexcept {
  return s.data();
}

template <RealScalar R>
struct Arrays {
  std::span<R> d, e;  // B, scaled
  std::span<R> value, weight, pole, square, origin, offset, superdiagonal;
  std::span<R> w, x, y, new_x,
      new_y;  // W (2 x n), its rows in the order of the poles, and multiplied
  std::span<R> qr;
  std::span<Index> order, kept, place;
  std::span<ColumnKind> kind;

  Arrays(Index n, Workspace& work)
      : d(work.take<R>(n)),
        e(work.take<R>(n)),
        value(work.take<R>(n)),
        weight(work.take<R>(n)),
        pole(work.take<R>(n)),
        square(work.take<R>(n)),
        origin(work.take<R>(n)),
        offset(work.take<R>(n)),
        superdiagonal(work.take<R>(n)),
        w(work.take<R>(2 * n)),
        x(work.take<R>(n)),
        y(work.take<R>(n)),
        new_x(work.take<R>(n)),
        new_y(work.take<R>(n)),
        qr(work.take<R>(n * leaf_scratch_per_row())),
        order(work.take<Index>(n)),
        kept(work.take<Index>(n)),
        place(work.take<Index>(n)),
        kind(work.take<ColumnKind>(n)) {}

  static MemoryPlan plan(Index n) {
    return MemoryPlan::all_of(
        "divide and conquer, values alone",
        {MemoryPlan::block<R>("d", n), MemoryPlan::block<R>("e", n),
         MemoryPlan::block<R>("values", n), MemoryPlan::block<R>("weights", n),
         MemoryPlan::block<R>("poles", n), MemoryPlan::block<R>("squares", n),
         MemoryPlan::block<R>("origins", n), MemoryPlan::block<R>("offsets", n),
         MemoryPlan::block<R>("superdiagonal of a leaf", n),
         MemoryPlan::block<R>("first and last rows of V", 2, n),
         MemoryPlan::block<R>("first row by pole", n), MemoryPlan::block<R>("last row by pole", n),
         MemoryPlan::block<R>("new first row", n), MemoryPlan::block<R>("new last row", n),
         MemoryPlan::block<R>("rotations", n * leaf_scratch_per_row()),
         MemoryPlan::block<Index>("order", n), MemoryPlan::block<Index>("kept columns", n),
         MemoryPlan::block<Index>("order of poles", n), MemoryPlan::block<ColumnKind>("kinds", n)});
  }
};

template <RealScalar R>
class ValuesByDivideAndConquer {
 public:
  ValuesByDivideAndConquer(const Execution& execution, Index n,
                           const DivideAndConquerOptions& options, const Arrays<R>& arrays)
      : execution_(execution), options_(options), n_(n), a_(arrays), w_(arrays.w.data(), 2, n) {}

  bool run() {
    return decompose_blocks(
        execution_, {n_, options_.leaf, options_.subtree, options_.task_rows},
        [&](const Block& block) { return solve_leaf(block); },
        [&](const Execution& execution, const Block& block, Index, Index) {
          return join(execution, block) || solve_leaf(block);
        });
  }

 private:
  // 2.
  bool solve_leaf(const Block& block) {
    const Index f = block.first;
    const MatrixView<R> w = w_.columns(f, block.columns());
    std::fill_n(w.col(0), 2 * w.cols(), R{0});
    w(first_row, 0) = 1;
    w(last_row, w.cols() - 1) = 1;
    const auto at = static_cast<std::size_t>(f), count = static_cast<std::size_t>(block.rows);
    const std::span<R> d = a_.value.subspan(at, count),
                       e = a_.superdiagonal.subspan(at, count - (block.extra ? 0 : 1));
    std::copy_n(a_.d.begin() + f, d.size(), d.begin());
    std::copy_n(a_.e.begin() + f, e.size(), e.begin());
    std::iota(a_.order.begin() + f, a_.order.begin() + f + block.rows, Index{0});
    return solve_by_qr<R>(execution_, d, e, {}, w, a_.qr.subspan(at * qr_row_, count * qr_row_),
                          kernels_.rotation);
  }

  // 3.
  bool join(const Execution& execution, const Block& block) {
    if (options_.reject_merges) {
      return false;
    }
    const Index f = block.first, middle = f + block.upper_rows();
    const ArrowMemory<R> memory{data(a_.value) + f,  data(a_.order) + f,  data(a_.weight) + f,
                                data(a_.pole) + f,   data(a_.square) + f, data(a_.origin) + f,
                                data(a_.offset) + f, data(a_.kept) + f,   data(a_.place) + f,
                                data(a_.kind) + f};
    const ArrowProblem<R> problem{block.upper_rows(),
                                  block.lower_rows(),
                                  a_.d[static_cast<std::size_t>(middle)],
                                  a_.e[static_cast<std::size_t>(middle)],
                                  static_cast<R>(options_.deflation),
                                  {options_.secular_steps},
                                  {},
                                  w_.columns(f, block.columns()),
                                  0,
                                  1};
    Arrow<R> arrow(execution, problem, kernels_, memory);
    arrow.read_weights(last_row, first_row);
    keep_outer_rows(problem);
    arrow.rotate_null_vectors();
    if (arrow.deflate_columns() == 1) {
      arrow.finish_single();
    } else if (!arrow.find_roots()) {
      return false;
    } else if (block.rows < n_) {
      multiply(execution, arrow, problem, memory, f);
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
    const SecularEnds<R> ends{m.square, data(a_.x) + f, data(a_.y) + f, data(a_.new_x) + f,
                              data(a_.new_y) + f};
    arrow.recompute_weights();
    R *const x = data(a_.x) + f, *const y = data(a_.y) + f;
    for (Index i = 0; i < k; ++i) {
      x[i] = p.v(first_row, m.kept[i]);
      y[i] = p.v(last_row, m.kept[i]);
    }
    arrow.take_out_deflated(p.v);
    const SecularProblem<R> secular = arrow.secular();
    in_pieces(execution, k, [&](Index first, Index last) {
      kernels_.secular.ends(secular, ends, first, last);
      for (Index i = first; i < last; ++i) {
        p.v(first_row, k - 1 - i) = ends.new_x[i];
        p.v(last_row, k - 1 - i) = ends.new_y[i];
      }
    });
  }

  const Execution& execution_;
  const DivideAndConquerOptions& options_;
  Index n_;
  const Arrays<R>& a_;
  MatrixView<R> w_;
  MergeKernels<R> kernels_;
  std::size_t qr_row_ = static_cast<std::size_t>(leaf_scratch_per_row());
};

}  // namespace

template <RealScalar R>
MemoryPlan divide_and_conquer_values_memory(Index n) {
  return Arrays<R>::plan(n);
}

template <RealScalar R>
bool divide_and_conquer_values(const Execution& execution, std::span<R> d, std::span<R> e,
                               const DivideAndConquerOptions& options, Workspace& work) {
  const Index n = static_cast<Index>(d.size());
  if (n == 0) {
    return true;
  }
  const Workspace::Frame frame(work);
  const Arrays<R> arrays(n, work);
  // 1.
  const std::optional<int> exponent =
      scale_bidiagonal<R>(std::span<const R>(d), std::span<const R>(e), arrays.d, arrays.e);
  // 2. and 3.
  if (!exponent || !ValuesByDivideAndConquer<R>(execution, n, options, arrays).run()) {
    return false;
  }
  // 4.
  for (std::size_t r = 0; r < d.size(); ++r) {
    d[r] = std::ldexp(arrays.value[static_cast<std::size_t>(arrays.order[r])], -*exponent);
  }
  return true;
}

#define ECKART_INSTANTIATE(R)                                                              \
  template MemoryPlan divide_and_conquer_values_memory<R>(Index);                          \
  template bool divide_and_conquer_values<R>(const Execution&, std::span<R>, std::span<R>, \
                                             const DivideAndConquerOptions&, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)

}  // namespace eckart::dense
