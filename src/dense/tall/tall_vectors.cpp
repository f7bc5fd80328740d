// Step 6 of tall_qr.hpp: U = Q U_R, chunk by chunk, and the audit of each chunk while it is in cache.
//
//   6a. M = R_2^-1 [U_R, rest], n x (k + p): small, and as accurate as R_2 is well conditioned; the tree takes [U_R, rest] itself
//   6b. per chunk:  [U, Z] = Q_1 M,  residual A X - U (S Vh X) - Z,  image U X,  sum of U^H (U X)
//
// A is read a second time for the residual rather than A X kept: for n columns and p probes that is n m numbers read in place
// of 3 p m written and read, and p m of memory less.

#include <algorithm>
#include <chrono>

#include "blas/lapack.hpp"
#include "dense/audit/audit.hpp"
#include "dense/columns.hpp"
#include "dense/tall/tall_qr.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

// Buffers and sums of the audit for `lanes` leaves or runs. p = 0: no audit.
template <Scalar T>
struct FusedAudit {
  MatrixView<const T> x;
  Index p = 0, k = 0, chunk_rows = 0, lanes = 0;
  MatrixView<T> gx;  // k x 2p: [S Vh X, X], so that U is multiplied once
  std::span<T> wanted, images, defects;
  std::span<double> squares;

  FusedAudit(MatrixView<const T> probes, MatrixView<const T> g, Index columns, Index rows,
             Index count, Workspace& work)
      : x(probes),
        p(probes.cols()),
        k(columns),
        chunk_rows(rows),
        lanes(count),
        gx(take_matrix<T>(work, k, 2 * p)),
        wanted(work.take<T>(count * rows * p)),
        images(work.take<T>(count * rows * 2 * p)),
        defects(work.take<T>(count * k * p)),
        squares(work.take<double>(count * p)) {
    copy_columns(g.top_rows(k), gx.columns(0, p));
    copy_columns(x.top_rows(k), gx.columns(p, p));
    std::fill(defects.begin(), defects.end(), T{});
    std::fill(squares.begin(), squares.end(), 0.0);
  }

  [[nodiscard]] static MemoryPlan memory(Index p, Index k, Index rows, Index lanes) {
    return MemoryPlan::all_of(
        "audit of chunks",
        {MemoryPlan::block<T>("S Vh X, X", k, 2 * p), MemoryPlan::block<T>("A X", lanes * rows, p),
         MemoryPlan::block<T>("U S Vh X, U X", lanes * rows, 2 * p),
         MemoryPlan::block<T>("U^H U X", lanes * k, p),
         MemoryPlan::block<double>("squares", lanes, p)});
  }

  // a: rows of A; product: the same of [U, Z].
  void see(Index lane, MatrixView<const T> a, MatrixView<const T> product) const {
    const MatrixView<T> ax(wanted.data() + lane * chunk_rows * p, a.rows(), p);
    blas::gemm<T>(Op::none, Op::none, T(1), a, x, T(0), ax);
    compare(lane, ax, product);
  }

  // ax: rows of A X, overwritten.
  void compare(Index lane, MatrixView<T> ax, MatrixView<const T> product) const {
    const MatrixView<T> image(images.data() + lane * chunk_rows * 2 * p, ax.rows(), 2 * p);
    const MatrixView<const T> u = product.columns(0, k);
    blas::gemm<T>(Op::none, Op::none, T(1), u, gx, T(0), image);
    blas::gemm<T>(Op::adjoint, Op::none, T(1), u, image.columns(p, p), T(1),
                  MatrixView<T>(defects.data() + lane * k * p, k, p));
    subtract(ax, image.columns(0, p));
    if (product.cols() > k) {
      subtract(ax, product.columns(k, p));
    }
    add_column_squares<T>(ax, squares.data() + lane * p);
  }

  static void subtract(MatrixView<T> a, MatrixView<const T> b) {
    for (Index j = 0; j < a.cols(); ++j) {
      for (Index i = 0; i < a.rows(); ++i) {
        a(i, j) -= b(i, j);
      }
    }
  }

  [[nodiscard]] TallFigures figures() const {
    if (p == 0) {
      return {};
    }
    sum_leaves<T>(defects, k * p, lanes);
    const MatrixView<T> defect(defects.data(), k, p);
    subtract(defect, x.top_rows(k));
    return {norm_of_columns(squares, p, lanes, p == x.rows()), norm_through_probes<T>(defect, x)};
  }
};

// [a, b]; the shorter of two counts of columns may be 0.
template <Scalar T>
void join(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> both) {
  copy_columns(a, both.columns(0, a.cols()));
  copy_columns(b, both.columns(a.cols(), b.cols()));
}

// m = R_2^-1 [U_R, rest], and for `once`, where A itself is multiplied, X behind it.
template <Scalar T>
TallFigures from_chunks(const Execution& execution, const TallQr<T>& qr, MatrixView<const T> m,
                        MatrixView<T> u, MatrixView<const T> x, MatrixView<const T> g,
                        Workspace& work) {
  const RowLeaves& leaves = qr.leaves;
  const Index n = qr.a.cols(), k = u.cols();
  const bool is_once = qr.method == TallMethod::cholesky_once;
  const std::span<T> chunks = work.take<T>(leaves.count * leaves.chunk * n);
  const std::span<T> products = work.take<T>(leaves.count * leaves.chunk * m.cols());
  const FusedAudit<T> audit(x, g, k, leaves.chunk, leaves.count, work);
  leaves.for_each_chunk(execution, [&](Index leaf, Index first, Index count) {
    const MatrixView<T> chunk(chunks.data() + leaf * leaves.chunk * n, count, n);
    const MatrixView<T> product(products.data() + leaf * leaves.chunk * m.cols(), count, m.cols());
    if (is_once) {
      qr.a.pack(first, chunk);
    } else {
      copy_columns(qr.q.block(first, 0, count, n), chunk);
    }
    blas::gemm<T>(Op::none, Op::none, T(1), chunk, m, T(0), product);
    if (audit.p > 0 && is_once) {
      const Index rest = m.cols() - audit.p;
      audit.compare(leaf, product.columns(rest, audit.p), product.columns(0, rest));
    } else if (audit.p > 0) {
      qr.a.pack(first, chunk);
      audit.see(leaf, chunk, product);
    }
    copy_columns(product.columns(0, k), u.block(first, 0, count, k));
  });
  return audit.figures();
}

template <Scalar T>
TallFigures from_tree(const Execution& execution, TallQr<T>& qr, MatrixView<const T> m,
                      MatrixView<T> u, MatrixView<const T> x, MatrixView<const T> g) {
  const Index n = qr.a.cols(), k = u.cols(), rows = qr.leaves.chunk;
  const Index runs = tree_runs(qr.a.rows(), qr.tree.levels.front().block);
  Workspace own(
      MemoryPlan::all_of("rows and audit", {MemoryPlan::block<T>("rows", runs * rows, n),
                                            FusedAudit<T>::memory(x.cols(), k, rows, runs)}));
  qr.extra_bytes += own.size();
  const std::span<T> chunks = own.take<T>(runs * rows * n);
  const FusedAudit<T> audit(x, g, k, rows, runs, own);
  tree_apply<T>(
      execution, qr.tree, m,
      [&](Index run, Index first, MatrixView<T> product) {
        for (Index i = 0; audit.p > 0 && i < product.rows(); i += rows) {
          const Index count = std::min(rows, product.rows() - i);
          const MatrixView<T> chunk(chunks.data() + run * rows * n, count, n);
          qr.a.pack(first + i, chunk);
          audit.see(run, chunk, product.block(i, 0, count, product.cols()));
        }
        copy_columns(product.columns(0, k), u.block(first, 0, product.rows(), k));
      },
      qr.tree_work);
  return audit.figures();
}

template <Scalar T>
MemoryPlan factor_memory(Index n, Index p, const RowLeaves& leaves) {
  const MemoryPlan gram = MemoryPlan::all_of(
      "Gram matrix", {MemoryPlan::block<T>("sums of the leaves", leaves.count * n, n),
                      MemoryPlan::block<T>("chunks", leaves.count * leaves.chunk, n)});
  const MemoryPlan images = MemoryPlan::block<T>("images", leaves.count * leaves.chunk, p);
  return MemoryPlan::all_of(
      "factor",
      {MemoryPlan::block<T>("R1", n, n), MemoryPlan::block<T>("R2 R1", n, n),
       MemoryPlan::block<Index>("pivots", n), MemoryPlan::block<T>("1 / diagonal", n),
       MemoryPlan::any_of(
           "passes",
           {sketch_memory<T>(n, leaves),
            MemoryPlan::all_of(
                "Q1", {MemoryPlan::block<T>("P^H X", n, p), MemoryPlan::block<T>("R1 X", n, p),
                       images, MemoryPlan::block<double>("squares", leaves.count, p), gram}),
            MemoryPlan::all_of(
                "link",
                {MemoryPlan::block<T>("D^-1 X", n, p), MemoryPlan::block<T>("R D^-1 X", n, p),
                 MemoryPlan::block<T>("chunks", leaves.count * leaves.chunk, n), images,
                 MemoryPlan::block<T>("A^H A X", leaves.count * n, p)})})});
}

}  // namespace

template <Scalar T>
TallFigures tall_vectors(const Execution& execution, TallQr<T>& qr, MatrixView<const T> u_r,
                         MatrixView<T> u, MatrixView<const T> x, MatrixView<const T> g,
                         MatrixView<const T> rest, Workspace& work) {
  const auto start = std::chrono::steady_clock::now();
  execution.step("vectors", 0);
  const Workspace::Frame frame(work);
  const bool is_tree = qr.method == TallMethod::tree;
  const Index width = u_r.cols() + rest.cols();
  const bool with_probes = qr.method == TallMethod::cholesky_once;
  const MatrixView<T> m =
      take_matrix<T>(work, qr.a.cols(), width + (with_probes ? x.cols() : 0));  // 6a.
  join<T>(u_r, rest, m.columns(0, width));
  if (!is_tree) {
    blas::trsm<T>(blas::Side::left, Op::none, qr.r2, m.columns(0, width));
  }
  copy_columns(x.columns(0, m.cols() - width), m.columns(width, m.cols() - width));
  const TallFigures figures = is_tree ? from_tree<T>(execution, qr, m, u, x, g)  // 6b.
                                      : from_chunks<T>(execution, qr, m, u, x, g, work);
  qr.passes.push_back(
      {"U", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()});
  return figures;
}

template <Scalar T>
MemoryPlan tall_memory(Index m, Index n, Index k, Index p, const TallOptions& options) {
  const RowLeaves leaves(m, n, options.chunk, options.most_leaves);
  const Index width = k + (k == n ? 1 : 2) * p;  // [M, rest, X]
  const MemoryPlan vectors = MemoryPlan::all_of(
      "vectors", {MemoryPlan::block<T>("M", n, width),
                  MemoryPlan::block<T>("chunks", leaves.count * leaves.chunk, n),
                  MemoryPlan::block<T>("products", leaves.count * leaves.chunk, width),
                  FusedAudit<T>::memory(p, k, leaves.chunk, leaves.count)});
  return MemoryPlan::all_of(
      "tall QR",
      {MemoryPlan::block<T>("R2", n, n),
       MemoryPlan::any_of("factor and vectors", {factor_memory<T>(n, k == 0 ? p : 0, leaves),
                                                 k == 0 ? MemoryPlan() : vectors})});
}

template <Scalar T>
AuditReport tall_report(const Execution& execution, const TallQr<T>& qr, const TallFigures& figures,
                        MatrixView<const T> x, std::span<const Real<T>> s,
                        MatrixView<const T> right, const AuditOptions& options, Workspace& work) {
  const Index m = qr.a.rows(), n = qr.a.cols();
  const double unit = static_cast<double>(m) * double{epsilon<T>};
  AuditReport report = audit_of_values<T>(s, qr.norm, m);
  if (report.sorted) {
    report.residual = figures.residual / (double{s.front()} * unit);
    report.orthogonality_u = figures.orthogonality / unit;
    report.orthogonality_v = gram_defect<T>(execution, right, x, work);
    report.fooled = probability_of_being_fooled<T>(n, x.cols());
  }
  judge<T>(report, m, options);
  return report;
}

#define ECKART_INSTANTIATE(T)                                                                   \
  template TallFigures tall_vectors<T>(const Execution&, TallQr<T>&, MatrixView<const T>,       \
                                       MatrixView<T>, MatrixView<const T>, MatrixView<const T>, \
                                       MatrixView<const T>, Workspace&);                        \
  template MemoryPlan tall_memory<T>(Index, Index, Index, Index, const TallOptions&);           \
  template AuditReport tall_report<T>(const Execution&, const TallQr<T>&, const TallFigures&,   \
                                      MatrixView<const T>, std::span<const Real<T>>,            \
                                      MatrixView<const T>, const AuditOptions&, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::dense
