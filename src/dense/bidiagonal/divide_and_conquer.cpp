#include "dense/bidiagonal/divide_and_conquer.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "dense/bidiagonal/bidiagonal_qr.hpp"
#include "dense/bidiagonal/merge.hpp"
#include "dense/flush_denormals.hpp"

namespace eckart::dense {
namespace {

constexpr BidiagonalQrOptions qr_options{.relative = false};

template <class T>
T* data(std::span<T> s) noexcept {
  return s.data();
}

// Rows first .. first + rows - 1 of B; with `extra`, a column more.
struct Node {
  Index first, rows;
  bool extra;

  Index upper_rows() const noexcept { return (rows - 1) / 2; }
  Node upper() const noexcept { return {first, upper_rows(), true}; }
  Node lower() const noexcept { return {first + upper_rows() + 1, rows - 1 - upper_rows(), extra}; }
};

// Node `index` of the 2^depth nodes at a depth, from the left.
Node node_at(Index n, int depth, Index index) noexcept {
  Node node{0, n, false};
  for (int level = depth - 1; level >= 0; --level) {
    node = (index >> level) & 1 ? node.lower() : node.upper();
  }
  return node;
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
        qr(work.take<R>(bidiagonal_qr_scratch(n, qr_options))),
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
         MemoryPlan::block<R>("rotations", bidiagonal_qr_scratch(n, qr_options)),
         MemoryPlan::block<R>("packed columns", n, n / 2 + 2),
         MemoryPlan::block<R>("vectors of a merge", n, n)});
  }
};

template <RealScalar R>
class DivideAndConquer {
 public:
  DivideAndConquer(const Execution& execution, MatrixView<R> u, MatrixView<R> v,
                   const DivideAndConquerOptions& options, const Arrays<R>& arrays)
      : execution_(execution),
        serial_(execution),
        options_(options),
        u_(u),
        v_(v),
        n_(u.rows()),
        a_(arrays) {
    serial_.threads = 1;
    serial_.progress = {};
  }

  bool run() {
    // 2. and 3. The depth at which nodes are small enough to be tasks.
    const Index leaf = std::max<Index>(options_.leaf, 2),
                subtree = std::max({options_.subtree, leaf, Index{4}});
    int depth = 0;
    while ((n_ >> depth) > subtree) {
      ++depth;
    }
    for_nodes(depth, true, [&](const Node& node, Index most_rows) {
      return solve(node, node.first, most_rows);
    });
    for (int level = depth - 1; level >= 0 && !failed_; --level) {
      const bool are_tasks = (n_ >> level) <= options_.task_rows;
      for_nodes(level, are_tasks, [&](const Node& node, Index most_rows) {
        return join(are_tasks ? serial_ : execution_, node, node.first, most_rows);
      });
    }
    return !failed_;
  }

 private:
  // body(node, largest node of the depth) for all nodes of a depth, as tasks or one after the other.
  template <class Body>
  void for_nodes(int depth, bool are_tasks, const Body& body) {
    const Index count = Index{1} << depth, most_rows = n_ >> depth;
    const auto one = [&](Index i) {
      const FlushDenormals scope;
      if (!body(node_at(n_, depth, i), std::max<Index>(most_rows, 1))) {
        failed_ = true;
      }
    };
    if (are_tasks && count > 1) {
      parallel_for(execution_, count, one);
    } else {
      for (Index i = 0; i < count; ++i) {
        one(i);
      }
    }
  }

  // The subtree of a node. Memory for products begins at row `base` of what nodes of `most_rows` rows share.
  bool solve(const Node& node, Index base, Index most_rows) {
    if (node.rows <= std::max<Index>(options_.leaf, 2)) {
      return solve_by_qr(node);
    }
    return solve(node.upper(), base, most_rows) && solve(node.lower(), base, most_rows) &&
           join(serial_, node, base, most_rows);
  }

  bool join(const Execution& execution, const Node& node, Index base, Index most_rows) {
    const Index f = node.first, middle = f + node.upper_rows();
    const MergeMemory<R> memory{data(a_.value) + f,
                                data(a_.order) + f,
                                data(a_.weight) + f,
                                data(a_.pole) + f,
                                data(a_.square) + f,
                                data(a_.origin) + f,
                                data(a_.offset) + f,
                                data(a_.row_pole) + f,
                                data(a_.row_weight) + f,
                                data(a_.kept) + f,
                                data(a_.place) + f,
                                data(a_.kind) + f,
                                data(a_.packed) + base * (most_rows / 2 + 2),
                                data(a_.vectors) + base * most_rows};
    const Index columns = node.rows + (node.extra ? 1 : 0);
    const bool is_last = node.rows == n_;
    const MergeProblem<R> problem{node.upper_rows(),
                                  node.rows - 1 - node.upper_rows(),
                                  a_.d[static_cast<std::size_t>(middle)],
                                  a_.e[static_cast<std::size_t>(middle)],
                                  is_last && options_.wanted >= 0 ? options_.wanted : node.rows,
                                  static_cast<R>(options_.deflation),
                                  {options_.secular_steps},
                                  u_.block(f, f, node.rows, node.rows),
                                  v_.block(f, f, columns, columns)};
    return (!options_.reject_merges && merge<R>(execution, problem, kernels_, memory)) ||
           solve_by_qr(node);
  }

  // 2. U and V of a block by QR iteration. An extra column is first rotated into the others, from the last row to the first:
  //    | d1 e1    |      the rotation of columns i and n + 1 that removes the entry of row i in column n + 1
  //    |    d2 e2 |      puts one into row i - 1, and leaves the rest bidiagonal.
  bool solve_by_qr(const Node& node) {
    const Index f = node.first, n = node.rows, columns = n + (node.extra ? 1 : 0);
    const MatrixView<R> u = u_.block(f, f, n, n), v = v_.block(f, f, columns, columns);
    set_identity(u);
    set_identity(v);
    const auto at = static_cast<std::size_t>(f), count = static_cast<std::size_t>(n);
    const std::span<R> d = a_.value.subspan(at, count), e = a_.superdiagonal.subspan(at, count);
    std::copy_n(a_.d.begin() + f, n, d.begin());
    std::copy_n(a_.e.begin() + f, columns - 1, e.begin());
    if (node.extra) {
      R outside = e[count - 1];
      for (Index i = n - 1; i >= 0 && outside != 0; --i) {
        R& pivot = d[static_cast<std::size_t>(i)];
        const R r = std::hypot(pivot, outside), c = pivot / r, s = outside / r;
        kernels_.rotation.rotate(v.col(i), v.col(n), columns, c, s);
        pivot = r;
        if (i > 0) {
          R& above = e[static_cast<std::size_t>(i - 1)];
          outside = -s * above;
          above = c * above;
        }
      }
    }
    for (Index r = 0; r < n; ++r) {
      a_.order[static_cast<std::size_t>(f + r)] = r;
    }
    return bidiagonal_qr<R>(d, e.first(count - 1), u, v.columns(0, n),
                            a_.qr.subspan(at * qr_row, count * qr_row), qr_options);
  }

  static void set_identity(const MatrixView<R>& q) noexcept {
    for (Index j = 0; j < q.cols(); ++j) {
      std::fill_n(q.col(j), q.rows(), R{0});
      q(j, j) = 1;
    }
  }

  const Execution& execution_;
  Execution serial_;
  const DivideAndConquerOptions& options_;
  MatrixView<R> u_, v_;
  Index n_;
  const Arrays<R>& a_;
  MergeKernels<R> kernels_;
  std::size_t qr_row = static_cast<std::size_t>(bidiagonal_qr_scratch(1, qr_options));
  std::atomic<bool> failed_{false};
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
  R largest = 0;
  bool finite = true;
  for (const std::span<const R> part : {std::span<const R>(d), std::span<const R>(e)}) {
    for (const R x : part) {
      largest = std::max(largest, std::abs(x));
      finite = finite && std::isfinite(x);
    }
  }
  if (!finite) {
    return false;
  }
  const int exponent = largest > 0 ? scaled_exponent - std::ilogb(largest) : 0;
  // Denormals count as zero below, where they would compare as equal and come out in any order: they become zero here.
  const auto scaled = [exponent](R x) {
    const R y = std::ldexp(x, exponent);
    return std::abs(y) < smallest_normal<R> ? R{0} : y;
  };
  std::transform(d.begin(), d.end(), arrays.d.begin(), scaled);
  std::transform(e.begin(), e.end(), arrays.e.begin(), scaled);
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
        std::ldexp(arrays.value[static_cast<std::size_t>(column)], -exponent);
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
