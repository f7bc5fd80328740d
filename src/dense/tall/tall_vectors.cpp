// Step 6 of tall_qr.hpp: U = Q U_R, chunk by chunk, and the audit of each chunk while it is in cache.
//
//   6a. M = R_2^-1 U_R, n x k: small, and as accurate as R_2 is well conditioned; the tree takes U_R itself
//   6b. per chunk:  U = Q_1 M,  residual A X - U (S Vh X),  image U X,  sum of U^H (U X)
//
// Where k < n, U does not show all of Q. Then M = R_2^-1 [U_R, rest], n x (k + p), and per chunk
//
//       [U, Z] = Q_1 M,  residual A X - U (S Vh X) - Z,  image U X,  sums of U^H (U X) and of Q_1^H (A X)
//
// whose last one is to be R_2^H R X. Let A = Q R (the residual) and Q^H Q = I + E: then R_2^-H times it, less R X, is E R X, which bounds
// the errors of all values (tall_link.hpp). For that the tree forms the rows of Q, its Q_1 with R_2 = I.
//
// A is read a second time for the residual rather than A X kept: for n columns and p probes that is n m numbers read in place
// of 3 p m written and read, and p m of memory less.

#include <algorithm>
#include <chrono>

#include "blas/gemm.hpp"
#include "dense/audit/audit.hpp"
#include "dense/columns.hpp"
#include "dense/tall/row_gram.hpp"
#include "dense/tall/tall_link.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

// Buffers and sums of the audit for `lanes` leaves or runs. Without probes: no audit.
template <Scalar T>
struct FusedAudit {
  MatrixView<const T> x;
  Index p = 0, k = 0, chunk_rows = 0, lanes = 0;
  bool sees_rest = false;  // k < n
  MatrixView<T> gx;        // k x 2p: [S Vh X, X], so that U is multiplied once
  std::span<T> wanted, images, defects, bases;
  std::span<double> squares;

  FusedAudit(const TallProbes<T>& probes, Index columns, Index rows, Index count, Workspace& work)
      : x(probes.x),
        p(x.cols()),
        k(columns),
        chunk_rows(rows),
        lanes(count),
        sees_rest(!probes.rest.empty()),
        gx(take_matrix<T>(work, k, 2 * p)),
        wanted(work.take<T>(count * rows * p)),
        images(work.take<T>(count * rows * 2 * p)),
        defects(work.take<T>(count * k * p)),
        bases(work.take<T>(sees_rest ? count * x.rows() * p : 0)),
        squares(work.take<double>(count * p)) {
    copy_columns(probes.g.top_rows(k), gx.columns(0, p));
    copy_columns(x.top_rows(k), gx.columns(p, p));
    std::fill(defects.begin(), defects.end(), T{});
    std::fill(bases.begin(), bases.end(), T{});
    std::fill(squares.begin(), squares.end(), 0.0);
  }

  [[nodiscard]] static MemoryPlan memory(Index n, Index p, Index k, Index rows, Index lanes) {
    return MemoryPlan::all_of(
        "audit of chunks",
        {MemoryPlan::block<T>("S Vh X, X", k, 2 * p), MemoryPlan::block<T>("A X", lanes * rows, p),
         MemoryPlan::block<T>("U S Vh X, U X", lanes * rows, 2 * p),
         MemoryPlan::block<T>("U^H U X", lanes * k, p),
         MemoryPlan::block<T>("Q1^H A X", k < n ? lanes * n : 0, p),
         MemoryPlan::block<double>("squares", lanes, p)});
  }

  // Rows of A and of Q_1; product: the same of [U, Z].
  void see(Index lane, MatrixView<const T> a, MatrixView<const T> q1,
           MatrixView<const T> product) const {
    const MatrixView<T> ax(wanted.data() + lane * chunk_rows * p, a.rows(), p);
    blas::gemm<T>(Op::none, Op::none, T(1), a, x, T(0), ax);
    compare(lane, ax, q1, product);
  }

  // ax: rows of A X, overwritten.
  void compare(Index lane, MatrixView<T> ax, MatrixView<const T> q1,
               MatrixView<const T> product) const {
    const MatrixView<T> image(images.data() + lane * chunk_rows * 2 * p, ax.rows(), 2 * p);
    const MatrixView<const T> u = product.columns(0, k);
    blas::gemm<T>(Op::none, Op::none, T(1), u, gx, T(0), image);
    blas::gemm<T>(Op::adjoint, Op::none, T(1), u, image.columns(p, p), T(1),
                  MatrixView<T>(defects.data() + lane * k * p, k, p));
    if (sees_rest) {
      const Index n = x.rows();
      blas::gemm<T>(Op::adjoint, Op::none, T(1), q1, ax, T(1),
                    MatrixView<T>(bases.data() + lane * n * p, n, p));
      subtract(ax, product.columns(k, p));
    }
    subtract(ax, image.columns(0, p));
    add_column_squares<T>(ax, squares.data() + lane * p);
  }

  static void subtract(MatrixView<T> a, MatrixView<const T> b) {
    for (Index j = 0; j < a.cols(); ++j) {
      for (Index i = 0; i < a.rows(); ++i) {
        a(i, j) -= b(i, j);
      }
    }
  }

  [[nodiscard]] TallFigures figures(const Execution& execution, MatrixView<const T> r2,
                                    MatrixView<const T> r) const {
    if (p == 0) {
      return {};
    }
    sum_leaves<T>(defects, k * p, lanes);
    const MatrixView<T> defect(defects.data(), k, p);
    subtract(defect, x.top_rows(k));
    TallFigures seen{norm_of_columns(squares, p, lanes, p == x.rows()),
                     norm_through_probes<T>(defect, x), 0};
    if (sees_rest) {
      sum_leaves<T>(bases, x.rows() * p, lanes);
      seen.basis =
          link_of_second_factor<T>(execution, r2, r, x, MatrixView<T>(bases.data(), x.rows(), p));
    }
    return seen;
  }
};

// m: M, and for `once`, where A itself is multiplied, X behind it.
template <Scalar T>
TallFigures from_chunks(const Execution& execution, const TallQr<T>& qr, MatrixView<const T> m,
                        MatrixView<T> u, const TallProbes<T>& probes, Workspace& work) {
  const RowLeaves& leaves = qr.leaves;
  const Index n = qr.a.cols(), k = u.cols();
  const bool is_once = qr.method == TallMethod::cholesky_once;
  const std::span<T> chunks = work.take<T>(leaves.count * leaves.chunk * n);
  const std::span<T> products = work.take<T>(leaves.count * leaves.chunk * m.cols());
  const FusedAudit<T> audit(probes, k, leaves.chunk, leaves.count, work);
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
      const Index width = m.cols() - audit.p;
      audit.compare(leaf, product.columns(width, audit.p), chunk, product.columns(0, width));
    } else if (audit.p > 0) {
      qr.a.pack(first, chunk);
      audit.see(leaf, chunk, qr.q.block(first, 0, count, n), product);
    }
    copy_columns(product.columns(0, k), u.block(first, 0, count, k));
  });
  return audit.figures(execution, qr.r2, probes.r);
}

template <Scalar T>
TallFigures from_tree(const Execution& execution, TallQr<T>& qr, MatrixView<const T> m,
                      MatrixView<T> u, const TallProbes<T>& probes) {
  const RowLeaves& leaves = qr.leaves;
  const Index n = qr.a.cols(), k = u.cols(), p = probes.x.cols(), width = m.cols();
  const bool forms_q = width > k;
  Workspace own(MemoryPlan::all_of(
      "rows and audit",
      {MemoryPlan::block<T>("rows", leaves.count * leaves.chunk, n),
       MemoryPlan::block<T>("identity", forms_q ? n : 0, n),
       MemoryPlan::block<T>("products", forms_q ? leaves.count * leaves.chunk : 0, width),
       FusedAudit<T>::memory(n, p, k, leaves.chunk, leaves.count)}));
  qr.extra_bytes += own.size();
  const std::span<T> chunks = own.take<T>(leaves.count * leaves.chunk * n);
  const MatrixView<T> identity = take_matrix<T>(own, forms_q ? n : 0, n);
  const std::span<T> products = own.take<T>(forms_q ? leaves.count * leaves.chunk * width : 0);
  const FusedAudit<T> audit(probes, k, leaves.chunk, leaves.count, own);
  if (forms_q) {
    set_identity(identity);
  }
  tree_apply<T>(
      execution, qr.tree, forms_q ? MatrixView<const T>(identity) : m, leaves,
      [&](Index leaf, Index first, MatrixView<T> rows) {
        MatrixView<T> product = rows;
        if (forms_q) {
          product =
              MatrixView<T>(products.data() + leaf * leaves.chunk * width, rows.rows(), width);
          blas::gemm<T>(Op::none, Op::none, T(1), rows, m, T(0), product);
        }
        if (audit.p > 0) {
          const MatrixView<T> chunk(chunks.data() + leaf * leaves.chunk * n, rows.rows(), n);
          qr.a.pack(first, chunk);
          audit.see(leaf, chunk, rows, product);
        }
        copy_columns(product.columns(0, k), u.block(first, 0, rows.rows(), k));
      },
      qr.tree_work);
  return audit.figures(execution, qr.r2, probes.r);
}

}  // namespace

template <Scalar T>
TallFigures tall_vectors(const Execution& execution, TallQr<T>& qr, MatrixView<const T> u_r,
                         MatrixView<T> u, const TallProbes<T>& probes, Workspace& work) {
  const auto start = std::chrono::steady_clock::now();
  execution.step("vectors", 0);
  const Workspace::Frame frame(work);
  const bool is_tree = qr.method == TallMethod::tree;
  const Index k = u_r.cols(), p = probes.x.cols(), width = k + probes.rest.cols();
  const bool with_probes = qr.method == TallMethod::cholesky_once;
  const MatrixView<T> m = take_matrix<T>(work, qr.a.cols(), width + (with_probes ? p : 0));  // 6a.
  copy_columns(u_r, m.columns(0, k));
  copy_columns(probes.rest, m.columns(k, width - k));
  if (!is_tree) {
    solve_by_strips<T>(execution, qr.r2, m.columns(0, width));
  }
  if (with_probes) {
    copy_columns(probes.x, m.columns(width, p));
  }
  const TallFigures figures = is_tree ? from_tree<T>(execution, qr, m, u, probes)  // 6b.
                                      : from_chunks<T>(execution, qr, m, u, probes, work);
  qr.passes.push_back(
      {"U", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()});
  return figures;
}

template <Scalar T>
MemoryPlan tall_memory(Index m, Index n, Index k, Index p, const TallOptions& options,
                       Index carried) {
  const RowLeaves leaves(m, n, options.chunk, options.most_leaves);
  const Index width = k + (k == n ? 1 : 2) * p;  // [M, X]
  const MemoryPlan vectors = MemoryPlan::all_of(
      "vectors", {MemoryPlan::block<T>("M", n, width),
                  MemoryPlan::block<T>("chunks", leaves.count * leaves.chunk, n),
                  MemoryPlan::block<T>("products", leaves.count * leaves.chunk, width),
                  FusedAudit<T>::memory(n, p, k, leaves.chunk, leaves.count)});
  return MemoryPlan::all_of(
      "tall QR", {MemoryPlan::block<T>("R2", n, n),
                  MemoryPlan::any_of("factor and vectors",
                                     {tall_factor_memory<T>(n, k == 0 ? p : 0, leaves, carried),
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
    report.residual = larger(figures.residual, figures.basis) / (double{s.front()} * unit);
    report.orthogonality_u = figures.orthogonality / unit;
    report.orthogonality_v = gram_defect<T>(execution, right, x, work);
    report.fooled = probability_of_being_fooled<T>(n, x.cols());
  }
  judge<T>(report, m, n, options);
  return report;
}

#define ECKART_INSTANTIATE(T)                                                                 \
  template TallFigures tall_vectors<T>(const Execution&, TallQr<T>&, MatrixView<const T>,     \
                                       MatrixView<T>, const TallProbes<T>&, Workspace&);      \
  template MemoryPlan tall_memory<T>(Index, Index, Index, Index, const TallOptions&, Index);  \
  template AuditReport tall_report<T>(const Execution&, const TallQr<T>&, const TallFigures&, \
                                      MatrixView<const T>, std::span<const Real<T>>,          \
                                      MatrixView<const T>, const AuditOptions&, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::dense
