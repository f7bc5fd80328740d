#include "dense/tall/tree_qr.hpp"

#include <algorithm>

#include "blas/gemm.hpp"
#include "dense/columns.hpp"
#include "dense/reduction/panel_qr.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

// A block has this many times as many rows as columns: the levels above then add an eighth.
constexpr Index block_shape = 8, least_block = 512;

// Blocks are dealt out to at most this many runs, each with one buffer.
constexpr Index most_runs = 32;

// Columns of a panel; a multiple of panel_rows_multiple, so that every panel begins aligned.
constexpr Index panel_width = 64;

Index block_count(Index m, Index block) {
  return std::max<Index>(1, m / block);
}

// Rows of the longest block of a level: the last one takes what is left over.
Index longest_block(Index m, Index block) {
  return m - (block_count(m, block) - 1) * block;
}

// body(threads of its own, run, i) for all `count` blocks, the runs in parallel.
void for_each_block(const Execution& execution, Index count,
                    const std::function<void(const Execution&, Index, Index)>& body) {
  const Index runs = std::min(count, most_runs);
  Execution share = execution;
  share.threads = static_cast<int>(std::max<Index>(execution.thread_count() / runs, 1));
  parallel_for(execution, runs, [&](Index run) {
    for (Index i = count * run / runs; i < count * (run + 1) / runs; ++i) {
      execution.check_stop();
      body(share, run, i);
    }
  });
}

template <Scalar T>
MemoryPlan factor_block_memory(Index rows, Index n) {
  const Index width = std::min(n, panel_width);
  return MemoryPlan::all_of(
      "block",
      {panel_storage_memory<T>("rows", rows, n), MemoryPlan::block<T>("V^H A", n, width),
       MemoryPlan::block<T>("T V^H A", n, width), panel_qr_memory<T>(rows, width, PanelOptions{})});
}

// 1. a becomes V; r and t: n x n, upper triangular. own: of the run alone.
template <Scalar T>
void factor_block(const Execution& execution, MatrixView<T> a, MatrixView<T> r, MatrixView<T> t,
                  Workspace& own) {
  const Workspace::Frame frame(own);
  const Index m = a.rows(), n = a.cols();
  const MatrixView<T> v = panel_storage<T>(m, n, own);
  const MatrixView<T> w = take_matrix<T>(own, n, std::min(n, panel_width)),
                      t_w = take_matrix<T>(own, n, std::min(n, panel_width));
  copy_columns(a, v);
  clear_rows_from(r, 0);
  clear_rows_from(t, 0);
  for (Index first = 0; first < n; first += panel_width) {
    const Index width = std::min(panel_width, n - first);
    const MatrixView<T> panel = v.columns(first, width), done = v.columns(0, first),
                        of_done = w.block(0, 0, first, width),
                        scaled = t_w.block(0, 0, first, width),
                        t_done = t.block(0, 0, first, first);
    if (first > 0) {  // the reflectors of the columns before
      blas::gemm<T>(execution, Op::adjoint, Op::none, T(1), done, panel, T(0), of_done);
      blas::gemm<T>(execution, Op::adjoint, Op::none, T(1), t_done, of_done, T(0), scaled);
      blas::gemm<T>(execution, Op::none, Op::none, T(-1), done, scaled, T(1), panel);
      copy_columns(panel.top_rows(first), r.block(0, first, first, width));
      for (Index j = 0; j < width; ++j) {
        std::fill_n(panel.col(j), first, T{});
      }
    }
    panel_qr<T>(panel.block(first, 0, m - first, width), r.block(first, first, width, width),
                t.block(first, first, width, width), PanelOptions{}, own);
    if (first > 0) {  // T = [T_1, -T_1 V_1^H V_2 T_2; 0, T_2]
      blas::gemm<T>(execution, Op::adjoint, Op::none, T(1), done, panel, T(0), of_done);
      blas::gemm<T>(execution, Op::none, Op::none, T(-1), of_done,
                    t.block(first, first, width, width), T(0), scaled);
      blas::gemm<T>(execution, Op::none, Op::none, T(1), t_done, scaled, T(0),
                    t.block(0, first, first, width));
    }
  }
  copy_columns(v, a);
}

// T_i (V_i1^H C_i) for all blocks of a level, side by side as rows of `to` (n count x k); from: n count x k.
template <Scalar T>
void reflect_tops(const Execution& execution, const TreeLevel<T>& level, MatrixView<const T> from,
                  MatrixView<T> scratch, MatrixView<T> to) {
  const Index n = level.v.cols(), k = from.cols();
  for_each_block(execution, level.count, [&](const Execution& share, Index, Index i) {
    const MatrixView<T> inner = scratch.block(i * n, 0, n, k);
    blas::gemm<T>(share, Op::adjoint, Op::none, T(1), level.v_of(i).top_rows(n),
                  from.block(i * n, 0, n, k), T(0), inner);
    blas::gemm<T>(share, Op::none, Op::none, T(1), level.t_of(i), inner, T(0),
                  to.block(i * n, 0, n, k));
  });
}

// Rows first, first + 1, ... of Q [C; 0] for a level, `rows` receiving them. tops: of reflect_tops().
template <Scalar T>
void put_rows(const TreeLevel<T>& level, MatrixView<const T> from, MatrixView<const T> tops,
              Index first, MatrixView<T> rows) {
  const Index n = level.v.cols(), k = rows.cols();
  for (Index done = 0; done < rows.rows();) {
    const Index row = first + done, i = level.block_at(row),
                count = std::min(level.first_row(i + 1) - row, rows.rows() - done),
                inside = row - level.first_row(i);
    const MatrixView<T> to = rows.block(done, 0, count, k);
    blas::gemm<T>(Op::none, Op::none, T(-1), level.v.block(row, 0, count, n),
                  tops.block(i * n, 0, n, k), T(0), to);
    for (Index j = 0; j < k; ++j) {
      const T* const top = from.col(j) + i * n;
      for (Index l = inside; l < std::min(n, inside + count); ++l) {
        to(l - inside, j) += top[l];
      }
    }
    done += count;
  }
}

}  // namespace

Index tree_block(Index n, Index wanted) noexcept {
  return wanted > 0 ? std::max(wanted, 2 * n) : std::max(least_block, block_shape * n);
}

// 1, 2.
template <Scalar T>
TreeQr<T> tree_factor(const Execution& execution, MatrixView<T> a, MatrixView<T> r, Index block,
                      Workspace& work) {
  const Index n = a.cols();
  TreeQr<T> tree;
  for (MatrixView<T> level_a = a;;) {
    const Index count = block_count(level_a.rows(), block);
    const TreeLevel<T> level{level_a, take_matrix<T>(work, n, n * count), block, count};
    tree.levels.push_back(level);
    const MatrixView<T> above = count == 1 ? r : take_matrix<T>(work, count * n, n);
    // A workspace serves one thread, so each run has its own.
    const MemoryPlan plan = factor_block_memory<T>(longest_block(level_a.rows(), block), n);
    std::vector<Workspace> own(static_cast<std::size_t>(std::min(count, most_runs)));
    tree.scratch_bytes = std::max(tree.scratch_bytes, own.size() * plan.bytes());
    for_each_block(execution, count, [&](const Execution& share, Index run, Index i) {
      Workspace& mine = own[static_cast<std::size_t>(run)];
      if (mine.size() == 0) {
        mine = Workspace(plan);
      }
      factor_block<T>(share, level.v_of(i), above.block(i * n, 0, n, n), level.t_of(i), mine);
    });
    if (count == 1) {
      return tree;
    }
    level_a = above;
  }
}

// 3.
template <Scalar T>
void tree_apply(const Execution& execution, const TreeQr<T>& tree, MatrixView<const T> c,
                const RowLeaves& rows, const std::function<void(Index, Index, MatrixView<T>)>& done,
                Workspace& work) {
  const Workspace::Frame frame(work);
  const Index n = c.rows(), k = c.cols();
  MatrixView<const T> from = c;
  for (std::size_t l = tree.levels.size(); l-- > 0;) {
    const TreeLevel<T>& level = tree.levels[l];
    const MatrixView<T> scratch = take_matrix<T>(work, level.count * n, k),
                        tops = take_matrix<T>(work, level.count * n, k);
    reflect_tops<T>(execution, level, from, scratch, tops);
    if (l == 0) {
      const std::span<T> products = work.take<T>(rows.count * rows.chunk * k);
      rows.for_each_chunk(execution, [&](Index leaf, Index first, Index count) {
        const MatrixView<T> product(products.data() + leaf * rows.chunk * k, count, k);
        put_rows<T>(level, from, tops, first, product);
        done(leaf, first, product);
      });
    } else {
      const MatrixView<T> product = take_matrix<T>(work, level.v.rows(), k);
      for_each_block(execution, level.count, [&](const Execution&, Index, Index i) {
        const Index first = level.first_row(i);
        put_rows<T>(level, from, tops, first,
                    product.block(first, 0, level.first_row(i + 1) - first, k));
      });
      from = product;
    }
  }
}

template <Scalar T>
MemoryPlan tree_memory(Index n, Index block, Index k, const RowLeaves& rows) {
  MemoryPlan kept, apply;
  for (Index length = rows.rows, count = 0; count != 1; length = count * n) {
    count = block_count(length, block);
    const bool is_leaf = length == rows.rows;
    kept = MemoryPlan::all_of(
        "levels",
        {kept, MemoryPlan::block<T>("T", n, n * count),
         count > 1 ? MemoryPlan::block<T>("R of the blocks", count * n, n) : MemoryPlan()});
    apply = MemoryPlan::all_of(
        "Q C", {apply, MemoryPlan::block<T>("V1^H C", count * n, k),
                MemoryPlan::block<T>("T V1^H C", count * n, k),
                is_leaf ? MemoryPlan::block<T>("Q C by chunks", rows.count * rows.chunk, k)
                        : MemoryPlan::block<T>("Q C of a level", length, k)});
  }
  return MemoryPlan::all_of("tree QR", {kept, apply});
}

#define ECKART_INSTANTIATE(T)                                                              \
  template MemoryPlan tree_memory<T>(Index, Index, Index, const RowLeaves&);               \
  template TreeQr<T> tree_factor<T>(const Execution&, MatrixView<T>, MatrixView<T>, Index, \
                                    Workspace&);                                           \
  template void tree_apply<T>(                                                             \
      const Execution&, const TreeQr<T>&, MatrixView<const T>, const RowLeaves&,           \
      const std::function<void(Index, Index, MatrixView<T>)>&, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::dense
