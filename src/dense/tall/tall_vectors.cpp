// Step 6 of tall_qr.hpp: U = Q U_R, chunk by chunk, and the audit of each chunk while it is in cache.
//
//   6a. M = R_2^-1 U_R, n x k: small, and as accurate as R_2 is well conditioned; the tree takes U_R itself
//   6b. per chunk:  U = Q_1 M,  residual A X - U (S Vh X),  image U X,  sum of U^H (U X)
//
// Where k < n, U does not show all of Q. Then M = R_2^-1 [U_R, rest, X], n x (k + 2p), and per chunk
//
//       [U, Z, Y] = Q_1 M,  residual A X - U (S Vh X) - Z,  image U X,  sums of U^H (U X) and of A^H Y
//
// whose last one is to be R^H X. Let A = Q R (the residual) and Q^H Q = I + E: A^H Y - R^H X = R^H E X. With E U_R = 0 that leaves U
// and its values alone, and bounds the others: ||E R|| by Weyl (tall_link.hpp).
//
// A is read a second time for the residual rather than A X kept: for n columns and p probes that is n m numbers read in place
// of 3 p m written and read, and p m of memory less.

#include <algorithm>
#include <chrono>

#include "blas/gemm.hpp"
#include "dense/audit/audit.hpp"
#include "dense/columns.hpp"
#include "dense/tall/row_gram.hpp"
#include "dense/tall/tall_qr.hpp"

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
  MatrixView<T> rx;        // n x p: R^H X
  std::span<T> wanted, images, defects, adjoints;
  std::span<double> squares;

  FusedAudit(const Execution& execution, const TallProbes<T>& probes, Index columns, Index rows,
             Index count, Workspace& work)
      : x(probes.x),
        p(x.cols()),
        k(columns),
        chunk_rows(rows),
        lanes(count),
        sees_rest(!probes.rest.empty()),
        gx(take_matrix<T>(work, k, 2 * p)),
        rx(take_matrix<T>(work, sees_rest ? x.rows() : 0, p)),
        wanted(work.take<T>(count * rows * p)),
        images(work.take<T>(count * rows * 2 * p)),
        defects(work.take<T>(count * k * p)),
        adjoints(work.take<T>(count * rx.rows() * p)),
        squares(work.take<double>(count * p)) {
    copy_columns(probes.g.top_rows(k), gx.columns(0, p));
    copy_columns(x.top_rows(k), gx.columns(p, p));
    if (sees_rest) {
      blas::gemm<T>(execution, Op::adjoint, Op::none, T(1), probes.r, x, T(0), rx);
    }
    std::fill(defects.begin(), defects.end(), T{});
    std::fill(adjoints.begin(), adjoints.end(), T{});
    std::fill(squares.begin(), squares.end(), 0.0);
  }

  [[nodiscard]] static MemoryPlan memory(Index n, Index p, Index k, Index rows, Index lanes) {
    const Index seen = k < n ? n : 0;
    return MemoryPlan::all_of(
        "audit of chunks",
        {MemoryPlan::block<T>("S Vh X, X", k, 2 * p), MemoryPlan::block<T>("R^H X", seen, p),
         MemoryPlan::block<T>("A X", lanes * rows, p),
         MemoryPlan::block<T>("U S Vh X, U X", lanes * rows, 2 * p),
         MemoryPlan::block<T>("U^H U X", lanes * k, p),
         MemoryPlan::block<T>("A^H Q X", lanes * seen, p),
         MemoryPlan::block<double>("squares", lanes, p)});
  }

  // a: rows of A; product: the same of [U, Z, Y].
  void see(Index lane, MatrixView<const T> a, MatrixView<const T> product) const {
    const MatrixView<T> ax(wanted.data() + lane * chunk_rows * p, a.rows(), p);
    blas::gemm<T>(Op::none, Op::none, T(1), a, x, T(0), ax);
    compare(lane, a, ax, product);
  }

  // ax: rows of A X, overwritten.
  void compare(Index lane, MatrixView<const T> a, MatrixView<T> ax,
               MatrixView<const T> product) const {
    const MatrixView<T> image(images.data() + lane * chunk_rows * 2 * p, ax.rows(), 2 * p);
    const MatrixView<const T> u = product.columns(0, k);
    blas::gemm<T>(Op::none, Op::none, T(1), u, gx, T(0), image);
    blas::gemm<T>(Op::adjoint, Op::none, T(1), u, image.columns(p, p), T(1),
                  MatrixView<T>(defects.data() + lane * k * p, k, p));
    subtract(ax, image.columns(0, p));
    if (sees_rest) {
      const Index n = x.rows();
      subtract(ax, product.columns(k, p));
      blas::gemm<T>(Op::adjoint, Op::none, T(1), a, product.columns(k + p, p), T(1),
                    MatrixView<T>(adjoints.data() + lane * n * p, n, p));
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

  // ||sum - expected|| through the probes, of what the lanes have summed.
  double error_of(std::span<T> sums, MatrixView<const T> expected) const {
    sum_leaves<T>(sums, expected.rows() * p, lanes);
    const MatrixView<T> sum(sums.data(), expected.rows(), p);
    subtract(sum, expected);
    return norm_through_probes<T>(sum, x);
  }

  [[nodiscard]] TallFigures figures() const {
    if (p == 0) {
      return {};
    }
    return {norm_of_columns(squares, p, lanes, p == x.rows()), error_of(defects, x.top_rows(k)),
            sees_rest ? error_of(adjoints, rx) : 0.0};
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
  const FusedAudit<T> audit(execution, probes, k, leaves.chunk, leaves.count, work);
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
      audit.compare(leaf, chunk, product.columns(width, audit.p), product.columns(0, width));
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
                      MatrixView<T> u, const TallProbes<T>& probes) {
  const RowLeaves& leaves = qr.leaves;
  const Index n = qr.a.cols(), k = u.cols(), p = probes.x.cols();
  Workspace own(MemoryPlan::all_of("rows and audit",
                                   {MemoryPlan::block<T>("rows", leaves.count * leaves.chunk, n),
                                    FusedAudit<T>::memory(n, p, k, leaves.chunk, leaves.count)}));
  qr.extra_bytes += own.size();
  const std::span<T> chunks = own.take<T>(leaves.count * leaves.chunk * n);
  const FusedAudit<T> audit(execution, probes, k, leaves.chunk, leaves.count, own);
  tree_apply<T>(
      execution, qr.tree, m, leaves,
      [&](Index leaf, Index first, MatrixView<T> product) {
        const MatrixView<T> chunk(chunks.data() + leaf * leaves.chunk * n, product.rows(), n);
        if (audit.p > 0) {
          qr.a.pack(first, chunk);
          audit.see(leaf, chunk, product);
        }
        copy_columns(product.columns(0, k), u.block(first, 0, product.rows(), k));
      },
      qr.tree_work);
  return audit.figures();
}

// Columns of M beside those of U_R: [rest, X].
Index columns_of_rest(Index n, Index k, Index p) {
  return k < n ? 2 * p : 0;
}

}  // namespace

template <Scalar T>
TallFigures tall_vectors(const Execution& execution, TallQr<T>& qr, MatrixView<const T> u_r,
                         MatrixView<T> u, const TallProbes<T>& probes, Workspace& work) {
  const auto start = std::chrono::steady_clock::now();
  execution.step("vectors", 0);
  const Workspace::Frame frame(work);
  const bool is_tree = qr.method == TallMethod::tree;
  const Index k = u_r.cols(), p = probes.x.cols();
  const Index width = k + (probes.rest.empty() ? 0 : columns_of_rest(qr.a.cols(), k, p));
  const bool with_probes = qr.method == TallMethod::cholesky_once;
  const MatrixView<T> m = take_matrix<T>(work, qr.a.cols(), width + (with_probes ? p : 0));  // 6a.
  copy_columns(u_r, m.columns(0, k));
  if (width > k) {
    copy_columns(probes.rest, m.columns(k, p));
    copy_columns(probes.x, m.columns(k + p, p));
  }
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
MemoryPlan tall_memory(Index m, Index n, Index k, Index p, const TallOptions& options) {
  const RowLeaves leaves(m, n, options.chunk, options.most_leaves);
  const Index width = k + columns_of_rest(n, k, p) + p;  // [M, X]
  const MemoryPlan vectors = MemoryPlan::all_of(
      "vectors", {MemoryPlan::block<T>("M", n, width),
                  MemoryPlan::block<T>("chunks", leaves.count * leaves.chunk, n),
                  MemoryPlan::block<T>("products", leaves.count * leaves.chunk, width),
                  FusedAudit<T>::memory(n, p, k, leaves.chunk, leaves.count)});
  return MemoryPlan::all_of(
      "tall QR",
      {MemoryPlan::block<T>("R2", n, n),
       MemoryPlan::any_of("factor and vectors", {tall_factor_memory<T>(n, k == 0 ? p : 0, leaves),
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
    report.residual = larger(figures.residual, figures.adjoint) / (double{s.front()} * unit);
    report.orthogonality_u = figures.orthogonality / unit;
    report.orthogonality_v = gram_defect<T>(execution, right, x, work);
    report.fooled = probability_of_being_fooled<T>(n, x.cols());
  }
  judge<T>(report, m, options);
  return report;
}

#define ECKART_INSTANTIATE(T)                                                                 \
  template TallFigures tall_vectors<T>(const Execution&, TallQr<T>&, MatrixView<const T>,     \
                                       MatrixView<T>, const TallProbes<T>&, Workspace&);      \
  template MemoryPlan tall_memory<T>(Index, Index, Index, Index, const TallOptions&);         \
  template AuditReport tall_report<T>(const Execution&, const TallQr<T>&, const TallFigures&, \
                                      MatrixView<const T>, std::span<const Real<T>>,          \
                                      MatrixView<const T>, const AuditOptions&, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::dense
