#include "dense/audit/chain_audit.hpp"

#include <algorithm>
#include <cmath>

#include "dense/audit/sturm.hpp"
#include "dense/columns.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

// to <- B from, B upper bidiagonal.
template <Scalar T>
void multiply(const Reduction<T>& b, MatrixView<const T> from, MatrixView<T> to) {
  const Index n = from.rows();
  for (Index j = 0; j < from.cols(); ++j) {
    const T* const x = from.col(j);
    T* const y = to.col(j);
    for (Index i = 0; i + 1 < n; ++i) {
      const auto at = static_cast<std::size_t>(i);
      y[i] = b.d()[at] * x[i] + b.e()[at] * x[i + 1];
    }
    y[n - 1] = b.d().back() * x[n - 1];
  }
}

// The larger Frobenius norm of  B R_B - L_B S  and  B^T L_B - R_B S.
template <RealScalar R>
double bidiagonal_residual(std::span<const R> d, std::span<const R> e, MatrixView<const R> left,
                           std::span<const R> s, MatrixView<const R> right) {
  const auto n = static_cast<std::size_t>(left.rows());
  double of_right = 0, of_left = 0;
  for (Index j = 0; j < left.cols(); ++j) {
    const R* const l = left.col(j);
    const R* const r = right.col(j);
    const R sigma = s[static_cast<std::size_t>(j)];
    const auto add = [](double& sum, R error) { sum += double{error} * double{error}; };
    for (std::size_t i = 0; i + 1 < n; ++i) {
      add(of_right, d[i] * r[i] + e[i] * r[i + 1] - sigma * l[i]);
      add(of_left, d[i + 1] * l[i + 1] + e[i] * l[i] - sigma * r[i + 1]);
    }
    add(of_right, d[n - 1] * r[n - 1] - sigma * l[n - 1]);
    add(of_left, d[0] * l[0] - sigma * r[0]);
  }
  return std::sqrt(larger(of_right, of_left));
}

}  // namespace

template <Scalar T>
MemoryPlan chain_memory(Index m, Index n, Index k, Index p) {
  return MemoryPlan::all_of(
      "chain", {MemoryPlan::block<T>("P^H X", n, p), MemoryPlan::block<T>("R_B^H P^H X", k, p),
                MemoryPlan::block<T>("image under Q", m, p)});
}

template <Scalar T>
Chain<T> make_chain(Index m, Index n, Index k, Index p, Workspace& work) {
  Chain<T> chain;
  chain.y = take_matrix<T>(work, n, p);
  chain.g = take_matrix<T>(work, k, p);
  chain.image = take_matrix<T>(work, m, p);
  return chain;
}

template <Scalar T>
void check_reduction(const Execution& execution, const Witness<T>& witness,
                     const Reduction<T>& reduction, Chain<T>& chain, Workspace& work) {
  copy_columns(witness.x, chain.y);
  reduction.right(execution, Op::adjoint, chain.y, work);
  multiply<T>(reduction, chain.y, chain.image);
  clear_rows_from(chain.image, chain.y.rows());
  reduction.left(execution, Op::none, chain.image, work);
  subtract_from<T>(witness.w, chain.image);
  chain.reduction = norm_through_probes<T>(chain.image, witness.x);
}

template <Scalar T>
MemoryPlan check_bidiagonal_memory(Index n, Index k, Index p, bool forms_left) {
  using R = Real<T>;
  return forms_left
             ? MemoryPlan()
             : MemoryPlan::all_of("orthogonality of L_B",
                                  {MemoryPlan::block<R>("probes", k, p), gram_memory<R>(n, k, p)});
}

template <Scalar T>
void check_bidiagonal(const Execution& execution, const Witness<T>& witness,
                      const Reduction<T>& reduction, const BidiagonalFactors<T>& factors,
                      std::span<const Real<T>> s, std::uint64_t seed, Chain<T>& chain,
                      Workspace& work) {
  using R = Real<T>;
  const Index k = factors.right_b.cols(), p = chain.y.cols();
  chain.bidiagonal =
      bidiagonal_residual<R>(reduction.d(), reduction.e(), factors.left_b, s, factors.right_b);
  if (!factors.right.empty()) {
    blas::gemm<T>(execution, Op::adjoint, Op::none, T(1), factors.right, chain.y, T(0), chain.g);
  }
  if (!factors.left.empty()) {
    blas::gemm<T>(execution, Op::none, Op::none, T(1), factors.left, witness.x.top_rows(k), T(0),
                  chain.image.top_rows(factors.left.rows()));
    clear_rows_from(chain.image, factors.left.rows());
    reduction.left(execution, Op::none, chain.image, work);
  } else {
    const Workspace::Frame frame(work);
    const MatrixView<R> probes = take_matrix<R>(work, k, p);
    fill_probes<R>(probes, seed);
    chain.orthogonality = gram_defect<R>(execution, factors.left_b, probes, work);
    if (factors.right.empty()) {
      chain.orthogonality =
          larger(chain.orthogonality, gram_defect<R>(execution, factors.right_b, probes, work));
    }
  }
}

template <Scalar T>
AuditReport audit_chain(const Execution& execution, const Witness<T>& witness,
                        const Reduction<T>& reduction, const Chain<T>& chain,
                        MatrixView<const T> left, std::span<const Real<T>> s,
                        MatrixView<const T> right, const AuditOptions& options, Workspace& work) {
  const Index m = witness.w.rows(), n = witness.x.rows(), p = witness.x.cols(), k = right.cols();
  const double unit = static_cast<double>(m) * double{epsilon<T>};
  AuditReport report = audit_of_values<T>(s, witness.norm, m);
  if (!report.sorted) {
    return report;
  }
  const double sigma_1 = double{s.front()};
  report.fooled = probability_of_being_fooled<T>(n, p);
  report.residual = larger(chain.reduction, chain.bidiagonal) / (sigma_1 * unit);
  if (k < n) {
    report.counts_agree = values_agree_with_counts<Real<T>>(execution, reduction.d(), reduction.e(),
                                                            s, options.threshold * unit * sigma_1);
  }
  // to <- op(Q) X - to, whose norm belongs to a link of factors of norm 1.
  const auto compare = [&](Op op, MatrixView<const T> q, MatrixView<const T> x, MatrixView<T> to) {
    blas::gemm<T>(execution, op, Op::none, T(1), q, x, T(-1), to);
    report.residual = larger(report.residual, norm_through_probes<T>(to, witness.x) / unit);
  };
  if (k > 0) {
    compare(Op::adjoint, right, witness.x, chain.g);
    report.orthogonality_v = gram_defect<T>(execution, right, witness.x, work);
    if (left.empty()) {
      report.orthogonality_v = larger(report.orthogonality_v, chain.orthogonality);
    } else {
      compare(Op::none, left, witness.x.top_rows(k), chain.image);
      report.orthogonality_u = gram_defect<T>(execution, left, witness.x, work);
    }
  }
  judge<T>(report, m, n, options);
  return report;
}

template <Scalar T>
AuditReport audit_unformed(const Witness<T>& witness, const Chain<T>& chain,
                           std::span<const Real<T>> s, const AuditOptions& options) {
  const Index m = witness.w.rows(), n = witness.x.rows();
  AuditReport report = audit_of_values<T>(s, witness.norm, m);
  if (report.sorted) {
    report.fooled = probability_of_being_fooled<T>(n, witness.x.cols());
    report.residual = larger(chain.reduction, chain.bidiagonal) /
                      (double{s.front()} * static_cast<double>(m) * double{epsilon<T>});
    report.orthogonality_v = chain.orthogonality;
  }
  judge<T>(report, m, n, options);
  return report;
}

#define ECKART_INSTANTIATE(T)                                                                   \
  template MemoryPlan chain_memory<T>(Index, Index, Index, Index);                              \
  template Chain<T> make_chain<T>(Index, Index, Index, Index, Workspace&);                      \
  template void check_reduction<T>(const Execution&, const Witness<T>&, const Reduction<T>&,    \
                                   Chain<T>&, Workspace&);                                      \
  template MemoryPlan check_bidiagonal_memory<T>(Index, Index, Index, bool);                    \
  template void check_bidiagonal<T>(const Execution&, const Witness<T>&, const Reduction<T>&,   \
                                    const BidiagonalFactors<T>&, std::span<const Real<T>>,      \
                                    std::uint64_t, Chain<T>&, Workspace&);                      \
  template AuditReport audit_chain<T>(const Execution&, const Witness<T>&, const Reduction<T>&, \
                                      const Chain<T>&, MatrixView<const T>,                     \
                                      std::span<const Real<T>>, MatrixView<const T>,            \
                                      const AuditOptions&, Workspace&);                         \
  template AuditReport audit_unformed<T>(const Witness<T>&, const Chain<T>&,                    \
                                         std::span<const Real<T>>, const AuditOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
