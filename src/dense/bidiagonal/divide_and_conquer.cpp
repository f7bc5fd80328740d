#include "dense/bidiagonal/divide_and_conquer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "dense/bidiagonal/block_tree.hpp"
#include "dense/bidiagonal/merge.hpp"
#include "dense/columns.hpp"

namespace eckart::dense {
namespace {

template <class T>
T* data(std::span<T> s) noexcept {
  return s.data();
}

template <RealScalar R>
struct Arrays {
  std::span<R> d, e;  // B, scaled
  std::span<R> value, weight, pole, square, origin, offset, row_pole, row_weight, superdiagonal, qr,
      packed, vectors;
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
        row_pole(work.take<R>(n)),
        row_weight(work.take<R>(n)),
        superdiagonal(work.take<R>(n)),
        qr(work.take<R>(n * leaf_scratch_per_row())),
        packed(work.take<R>(n * (n / 2 + 2))),
        vectors(work.take<R>(n * n)),
        order(work.take<Index>(n)),
        kept(work.take<Index>(n)),
        place(work.take<Index>(n)),
        kind(work.take<ColumnKind>(n)) {}

  static MemoryPlan plan(Index n) {
    return MemoryPlan::all_of(
        "divide and conquer",
        {MemoryPlan::all_of(
             "vectors of n",
             {MemoryPlan::block<R>("d", n), MemoryPlan::block<R>("e", n),
              MemoryPlan::block<R>("values", n), MemoryPlan::block<R>("weights", n),
              MemoryPlan::block<R>("poles", n), MemoryPlan::block<R>("squares", n),
              MemoryPlan::block<R>("origins", n), MemoryPlan::block<R>("offsets", n),
              MemoryPlan::block<R>("poles by row", n), MemoryPlan::block<R>("weights by row", n),
              MemoryPlan::block<R>("superdiagonal of a leaf", n),
              MemoryPlan::block<Index>("order", n), MemoryPlan::block<Index>("kept columns", n),
              MemoryPlan::block<Index>("order of rows", n),
              MemoryPlan::block<ColumnKind>("kinds", n)}),
         MemoryPlan::block<R>("rotations", n * leaf_scratch_per_row()),
         MemoryPlan::block<R>("packed columns", n, n / 2 + 2),
         MemoryPlan::block<R>("vectors of a merge", n, n)});
  }
};

template <RealScalar R>
class DivideAndConquer {
 public:
  DivideAndConquer(const Execution& execution, MatrixView<R> u, MatrixView<R> v,
                   const DivideAndConquerOptions& options, const Arrays<R>& arrays)
      : execution_(execution), options_(options), u_(u), v_(v), n_(u.rows()), a_(arrays) {}

  bool run() {
    return decompose_blocks(
        execution_, {n_, options_.leaf, options_.subtree, options_.task_rows},
        [&](const Block& block) { return solve_leaf(block); },
        [&](const Execution& execution, const Block& block, Index base, Index most_rows) {
          return join(execution, block, base, most_rows);
        });
  }

 private:
  // 3. Memory for products begins at row `base` of what blocks of `most_rows` rows share.
  bool join(const Execution& execution, const Block& node, Index base, Index most_rows) {
    const Index f = node.first, middle = f + node.upper_rows();
    const MergeMemory<R> memory{
        {data(a_.value) + f, data(a_.order) + f, data(a_.weight) + f, data(a_.pole) + f,
         data(a_.square) + f, data(a_.origin) + f, data(a_.offset) + f, data(a_.kept) + f,
         data(a_.place) + f, data(a_.kind) + f},
        data(a_.row_pole) + f,
        data(a_.row_weight) + f,
        data(a_.packed) + base * (most_rows / 2 + 2),
        data(a_.vectors) + base * most_rows};
    const bool is_last = node.rows == n_;
    const MergeProblem<R> problem{{node.upper_rows(),
                                   node.lower_rows(),
                                   a_.d[static_cast<std::size_t>(middle)],
                                   a_.e[static_cast<std::size_t>(middle)],
                                   static_cast<R>(options_.deflation),
                                   {options_.secular_steps},
                                   u_.block(f, f, node.rows, node.rows),
                                   v_.block(f, f, node.columns(), node.columns()),
                                   node.upper_rows(),
                                   node.upper_rows() + 1},
                                  is_last && options_.wanted >= 0 ? options_.wanted : node.rows};
    return (!options_.reject_merges && merge<R>(execution, problem, kernels_, memory)) ||
           solve_leaf(node);
  }

  // 2.
  bool solve_leaf(const Block& node) {
    const Index f = node.first, n = node.rows;
    const MatrixView<R> u = u_.block(f, f, n, n),
                        v = v_.block(f, f, node.columns(), node.columns());
    set_identity(u);
    set_identity(v);
    const auto at = static_cast<std::size_t>(f), count = static_cast<std::size_t>(n);
    const std::span<R> d = a_.value.subspan(at, count),
                       e = a_.superdiagonal.subspan(at, count - (node.extra ? 0 : 1));
    std::copy_n(a_.d.begin() + f, d.size(), d.begin());
    std::copy_n(a_.e.begin() + f, e.size(), e.begin());
    std::iota(a_.order.begin() + f, a_.order.begin() + f + n, Index{0});
    return solve_by_qr<R>(execution_, d, e, u, v, a_.qr.subspan(at * qr_row_, count * qr_row_),
                          kernels_.rotation);
  }

  const Execution& execution_;
  const DivideAndConquerOptions& options_;
  MatrixView<R> u_, v_;
  Index n_;
  const Arrays<R>& a_;
  MergeKernels<R> kernels_;
  std::size_t qr_row_ = static_cast<std::size_t>(leaf_scratch_per_row());
};

// 4. Column r becomes the old column order[r], along the cycles of the permutation.
template <RealScalar R>
void permute_columns(const MatrixView<R>& u, const MatrixView<R>& v, std::span<Index> order,
                     std::span<R> one_column) noexcept {
  const Index n = u.rows();
  for (const MatrixView<R>& q : {u, v}) {
    for (Index start = 0; start < n; ++start) {
      Index to = start;
      if (order[static_cast<std::size_t>(to)] < 0 || order[static_cast<std::size_t>(to)] == start) {
        continue;
      }
      std::copy_n(q.col(start), n, one_column.data());
      for (;;) {
        Index& entry = order[static_cast<std::size_t>(to)];
        const Index from = entry;
        entry = -1 - from;
        if (from == start) {
          std::copy_n(one_column.data(), n, q.col(to));
          break;
        }
        std::copy_n(q.col(from), n, q.col(to));
        to = from;
      }
    }
    // A column that was moved is marked by -1 - order[r].
    for (Index& entry : order) {
      entry = entry < 0 ? -1 - entry : entry;
    }
  }
}

}  // namespace

template <RealScalar R>
MemoryPlan divide_and_conquer_memory(Index n, const DivideAndConquerOptions& /*options*/) {
  return Arrays<R>::plan(n);
}

template <RealScalar R>
bool divide_and_conquer(const Execution& execution, std::span<R> d, std::span<R> e, MatrixView<R> u,
                        MatrixView<R> v, const DivideAndConquerOptions& options, Workspace& work) {
  const Index n = static_cast<Index>(d.size());
  if (n == 0) {
    return true;
  }
  const Workspace::Frame frame(work);
  const Arrays<R> arrays(n, work);

  // 1.
  const std::optional<int> exponent =
      scale_bidiagonal<R>(std::span<const R>(d), std::span<const R>(e), arrays.d, arrays.e);
  if (!exponent) {
    return false;
  }
  constexpr Index strip = 256;
  parallel_for(execution, (n + strip - 1) / strip, [&](Index i) {
    for (Index j = i * strip; j < std::min(n, (i + 1) * strip); ++j) {
      std::fill_n(u.col(j), n, R{0});
      std::fill_n(v.col(j), n, R{0});
    }
  });

  // 2. and 3.
  if (!DivideAndConquer<R>(execution, u, v, options, arrays).run()) {
    return false;
  }

  // 4.
  for (Index r = 0; r < n; ++r) {
    const Index column = arrays.order[static_cast<std::size_t>(r)];
    d[static_cast<std::size_t>(r)] =
        std::ldexp(arrays.value[static_cast<std::size_t>(column)], -*exponent);
  }
  permute_columns(u, v, arrays.order, arrays.packed);
  return true;
}

#define ECKART_INSTANTIATE(R)                                                                      \
  template MemoryPlan divide_and_conquer_memory<R>(Index, const DivideAndConquerOptions&);         \
  template bool divide_and_conquer<R>(const Execution&, std::span<R>, std::span<R>, MatrixView<R>, \
                                      MatrixView<R>, const DivideAndConquerOptions&, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)

}  // namespace eckart::dense
