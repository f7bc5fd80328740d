#include "dense/chain_audit.hpp"

#include <algorithm>

#include "dense/bidiagonal_svd.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

template <Scalar T>
MatrixView<T> take_matrix(Workspace& work, Index rows, Index cols) {
  return {work.take<T>(rows * cols).data(), rows, cols};
}

// to <- B from, B upper bidiagonal.
template <Scalar T>
void multiply(const Bidiagonal<T>& b, MatrixView<const T> from, MatrixView<T> to) {
  const Index n = from.rows();
  for (Index j = 0; j < from.cols(); ++j) {
    for (Index i = 0; i < n; ++i) {
      const auto at = static_cast<std::size_t>(i);
      to(i, j) = b.d[at] * from(i, j);
      if (i + 1 < n) {
        to(i, j) += b.e[at] * from(i + 1, j);
      }
    }
  }
}

}  // namespace

template <Scalar T>
MemoryPlan chain_memory(Index n, const AuditOptions& options) {
  const Index p = probe_count(n, options);
  return MemoryPlan::all_of(
      "chain", {MemoryPlan::block<T>("P^H X", n, p), MemoryPlan::block<T>("B P^H X", n, p),
                MemoryPlan::block<T>("V_B^H P^H X", n, p)});
}

template <Scalar T>
Chain<T> make_chain(Index n, Index p, Workspace& work) {
  Chain<T> chain;
  chain.y = take_matrix<T>(work, n, p);
  chain.by = take_matrix<T>(work, n, p);
  chain.g = take_matrix<T>(work, n, p);
  return chain;
}

template <Scalar T>
void start_chain(const Execution& execution, const Witness<T>& witness, const Bidiagonal<T>& b,
                 Chain<T>& chain, MatrixView<T> image, Workspace& work) {
  const Index n = witness.x.rows(), p = witness.x.cols();
  for (Index j = 0; j < p; ++j) {
    std::copy_n(witness.x.col(j), n, chain.y.col(j));
  }
  apply_right_vectors_from_left<T>(execution, b, chain.y, work);
  multiply<T>(b, chain.y, chain.by);
  for (Index j = 0; j < p; ++j) {
    std::copy_n(chain.by.col(j), n, image.col(j));
    std::fill(image.col(j) + n, image.col(j) + image.rows(), T{});
  }
  apply_left_vectors<T>(execution, b, image.top_rows(b.a.rows()), work);
}

template <Scalar T>
void close_reduction(const Witness<T>& witness, Chain<T>& chain, MatrixView<T> image) {
  for (Index j = 0; j < image.cols(); ++j) {
    for (Index i = 0; i < image.rows(); ++i) {
      image(i, j) = witness.w(i, j) - image(i, j);
    }
  }
  chain.reduction = norm_through_probes<T>(image, witness.x);
}

template <Scalar T>
void check_bidiagonal(const Execution& execution, const Witness<T>& witness, Chain<T>& chain,
                      MatrixView<const T> u_b, std::span<const Real<T>> s, MatrixView<const T> vh,
                      Workspace& work) {
  const Index n = vh.rows(), p = chain.y.cols();
  blas::gemm<T>(execution, Op::none, Op::none, T(1), vh, chain.y, T(0), chain.g);
  {
    const Workspace::Frame frame(work);
    const MatrixView<T> scaled = take_matrix<T>(work, n, p), r = take_matrix<T>(work, n, p);
    for (Index j = 0; j < p; ++j) {
      std::copy_n(chain.g.col(j), n, scaled.col(j));
      std::copy_n(chain.by.col(j), n, r.col(j));
    }
    scale_rows<T>(scaled, s);
    blas::gemm<T>(execution, Op::none, Op::none, T(-1), u_b, scaled, T(1), r);
    chain.bidiagonal = norm_through_probes<T>(r, witness.x);
  }
  chain.orthogonality = gram_defect<T>(execution, Op::none, u_b, witness.x, work);
}

template <Scalar T>
AuditReport audit_chain(const Execution& execution, const Witness<T>& witness,
                        const Chain<T>& chain, const Bidiagonal<T>& b, std::span<const Real<T>> s,
                        MatrixView<const T> vh, const AuditOptions& options, Workspace& work) {
  const Index m = witness.w.rows(), n = witness.x.rows(), p = witness.x.cols();
  const double unit = static_cast<double>(m) * double{epsilon<T>};
  AuditReport report = audit_of_values<T>(s, witness.norm, m);
  if (report.sorted) {
    const double sigma_1 = double{s.front()};
    report.residual = std::max(chain.reduction, chain.bidiagonal) / (sigma_1 * unit);
    report.fooled = probability_of_being_fooled<T>(n, p);
    if (vh.empty()) {
      report.counts_agree =
          values_agree_with_counts<Real<T>>(b.d, b.e, s, options.threshold * unit * sigma_1);
    } else {
      {
        const Workspace::Frame frame(work);
        const MatrixView<T> r = take_matrix<T>(work, n, p);
        for (Index j = 0; j < p; ++j) {
          std::copy_n(chain.g.col(j), n, r.col(j));
        }
        blas::gemm<T>(execution, Op::none, Op::none, T(1), vh, witness.x, T(-1), r);
        report.residual = std::max(report.residual, norm_through_probes<T>(r, witness.x) / unit);
      }
      const double of_v = gram_defect<T>(execution, Op::adjoint, vh, witness.x, work);
      report.orthogonality_v = std::max(of_v, chain.orthogonality);
    }
  }
  judge<T>(report, m, options);
  return report;
}

#define ECKART_INSTANTIATE(T)                                                               \
  template MemoryPlan chain_memory<T>(Index, const AuditOptions&);                          \
  template Chain<T> make_chain<T>(Index, Index, Workspace&);                                \
  template void start_chain<T>(const Execution&, const Witness<T>&, const Bidiagonal<T>&,   \
                               Chain<T>&, MatrixView<T>, Workspace&);                       \
  template void close_reduction<T>(const Witness<T>&, Chain<T>&, MatrixView<T>);            \
  template void check_bidiagonal<T>(const Execution&, const Witness<T>&, Chain<T>&,         \
                                    MatrixView<const T>, std::span<const Real<T>>,          \
                                    MatrixView<const T>, Workspace&);                       \
  template AuditReport audit_chain<T>(const Execution&, const Witness<T>&, const Chain<T>&, \
                                      const Bidiagonal<T>&, std::span<const Real<T>>,       \
                                      MatrixView<const T>, const AuditOptions&, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
