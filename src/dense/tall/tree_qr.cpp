#include "dense/tall/tree_qr.hpp"

#include <algorithm>

#include "blas/lapack.hpp"
#include "dense/columns.hpp"

namespace eckart::dense {
namespace {

// A block has this many times as many rows as columns: the levels above then add an eighth.
constexpr Index block_shape = 8, least_block = 512;

// Blocks are dealt out to at most this many runs, each with one buffer.
constexpr Index most_runs = 32;

Index block_count(Index m, Index block) {
  return std::max<Index>(1, m / block);
}

// Rows of the longest block of a level: the last one takes what is left over.
Index longest_block(Index m, Index block) {
  return m - (block_count(m, block) - 1) * block;
}

// body(run, i) for all `count` blocks, the runs in parallel.
void for_each_block(const Execution& execution, Index count,
                    const std::function<void(Index, Index)>& body) {
  const Index runs = std::min(count, most_runs);
  parallel_for(execution, runs, [&](Index run) {
    for (Index i = count * run / runs; i < count * (run + 1) / runs; ++i) {
      execution.check_stop();
      body(run, i);
    }
  });
}

template <class N>
std::span<N> part(std::span<N> all, Index i, Index length) {
  return all.subspan(static_cast<std::size_t>(i * length), static_cast<std::size_t>(length));
}

}  // namespace

Index tree_block(Index n, Index wanted) noexcept {
  return wanted > 0 ? std::max(wanted, 2 * n) : std::max(least_block, block_shape * n);
}

Index tree_runs(Index m, Index block) noexcept {
  return std::min(block_count(m, block), most_runs);
}

// 1, 2.
template <Scalar T>
TreeQr<T> tree_factor(const Execution& execution, MatrixView<T> a, MatrixView<T> r, Index block,
                      Workspace& work) {
  const Index n = a.cols();
  TreeQr<T> tree;
  for (MatrixView<T> level_a = a;;) {
    const Index count = block_count(level_a.rows(), block);
    const TreeLevel<T> level{level_a, work.take<T>(count * n), block, count};
    tree.levels.push_back(level);
    const MatrixView<T> above = count == 1 ? r : take_matrix<T>(work, count * n, n);
    const Workspace::Frame frame(work);
    const Index each = blas::geqrf_work<T>(longest_block(level_a.rows(), block), n);
    const std::span<T> scratch = work.take<T>(std::min(count, most_runs) * each);
    for_each_block(execution, count, [&](Index run, Index i) {
      const MatrixView<T> rows = level.block_rows(i);
      blas::geqrf<T>(rows, part(level.tau, i, n), part(scratch, run, each));
      for (Index j = 0; j < n; ++j) {
        T* const column = above.col(j) + i * n;
        std::copy_n(rows.col(j), j + 1, column);
        std::fill(column + j + 1, column + n, T{});
      }
    });
    if (count == 1) {
      return tree;
    }
    level_a = above;
  }
}

template <Scalar T>
MemoryPlan tree_memory(Index m, Index n, Index block, Index k) {
  MemoryPlan kept, factor, apply;
  for (Index rows = m, count = 0; count != 1; rows = count * n) {
    count = block_count(rows, block);
    const Index runs = std::min(count, most_runs), longest = longest_block(rows, block);
    const Index buffer = rows == m ? runs * longest : rows;
    kept = MemoryPlan::all_of("levels", {kept, MemoryPlan::block<T>("tau", count, n)});
    factor = MemoryPlan::any_of(
        "factor",
        {factor,
         MemoryPlan::all_of(
             "level",
             {kept,
              count > 1 ? MemoryPlan::block<T>("R of the blocks", count * n, n) : MemoryPlan(),
              MemoryPlan::block<T>("panels", runs, blas::geqrf_work<T>(longest, n))})});
    if (count > 1) {
      kept = MemoryPlan::all_of("levels",
                                {kept, MemoryPlan::block<T>("R of the blocks", count * n, n)});
    }
    apply = MemoryPlan::all_of(
        "Q C", {apply, MemoryPlan::block<T>("Q C of a level", buffer, k),
                MemoryPlan::block<T>("reflectors applied", runs, blas::apply_q_work<T>(k, 1))});
  }
  return MemoryPlan::any_of("tree QR", {factor, MemoryPlan::all_of("application", {kept, apply})});
}

// 3.
template <Scalar T>
void tree_apply(const Execution& execution, const TreeQr<T>& tree, MatrixView<const T> c,
                const std::function<void(Index, Index, MatrixView<T>)>& done, Workspace& work) {
  const Workspace::Frame frame(work);
  const Index n = c.rows(), k = c.cols(), each = blas::apply_q_work<T>(k, 1);
  MatrixView<const T> from = c;
  for (std::size_t l = tree.levels.size(); l-- > 0;) {
    const TreeLevel<T>& level = tree.levels[l];
    const bool is_leaf = l == 0;
    const Index runs = std::min(level.count, most_runs);
    const Index longest = longest_block(level.a.rows(), level.block);
    const MatrixView<T> product =
        take_matrix<T>(work, is_leaf ? runs * longest : level.a.rows(), k);
    const std::span<T> scratch = work.take<T>(runs * each);
    for_each_block(execution, level.count, [&](Index run, Index i) {
      const MatrixView<T> rows = level.block_rows(i);
      const Index first = i * level.block;
      const MatrixView<T> to =
          is_leaf ? MatrixView<T>(product.data() + run * longest * k, rows.rows(), k)
                  : product.block(first, 0, rows.rows(), k);
      for (Index j = 0; j < k; ++j) {
        std::copy_n(from.col(j) + i * n, n, to.col(j));
        std::fill(to.col(j) + n, to.col(j) + to.rows(), T{});
      }
      blas::unmqr<T>(blas::Side::left, blas::Op::none, rows, part(level.tau, i, n), to,
                     part(scratch, run, each));
      if (is_leaf) {
        done(run, first, to);
      }
    });
    from = product;
  }
}

#define ECKART_INSTANTIATE(T)                                                              \
  template MemoryPlan tree_memory<T>(Index, Index, Index, Index);                          \
  template TreeQr<T> tree_factor<T>(const Execution&, MatrixView<T>, MatrixView<T>, Index, \
                                    Workspace&);                                           \
  template void tree_apply<T>(const Execution&, const TreeQr<T>&, MatrixView<const T>,     \
                              const std::function<void(Index, Index, MatrixView<T>)>&,     \
                              Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::dense
