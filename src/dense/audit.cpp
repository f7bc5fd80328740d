#include "dense/audit.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include <eckart/random.hpp>

#include "blas/gemm.hpp"
#include "dense/scale.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

// Streams of random numbers under the audit's seed.
constexpr std::uint64_t probe_stream = 0, basis_stream = 1;

// An error this many times the accepted one is what the stated probability of being fooled speaks of.
constexpr double hidden_factor = 8;

template <Scalar T>
MatrixView<T> take_matrix(Workspace& work, Index rows, Index cols) {
  return {work.take<T>(rows * cols).data(), rows, cols};
}

// min(n, probes) probes of length n: unit vectors when they span everything, standard normal ones otherwise.
template <Scalar T>
void fill_probes(MatrixView<T> x, std::uint64_t seed, std::uint64_t stream) {
  if (x.cols() < x.rows()) {
    fill_normal(x, Random(seed, stream));
    return;
  }
  for (Index j = 0; j < x.cols(); ++j) {
    std::fill_n(x.col(j), x.rows(), T{});
    x(j, j) = T{1};
  }
}

Index probe_count(Index n, const AuditOptions& options) {
  return std::min<Index>(n, std::max(1, options.probes));
}

// The norm of E seen through R = E X: the largest column norm for random probes X; ||E||_F itself when X is the identity.
template <Scalar T>
double norm_through_probes(MatrixView<const T> r, MatrixView<const T> x) {
  const bool is_identity = x.cols() == x.rows();
  double largest = 0, total = 0;
  for (Index j = 0; j < r.cols(); ++j) {
    double sum = 0;
    for (Index i = 0; i < r.rows(); ++i) {
      sum += static_cast<double>(std::norm(r(i, j)));
    }
    if (std::isnan(sum)) {
      return sum;
    }
    total += sum;
    largest = std::max(largest, sum);
  }
  return std::sqrt(is_identity ? total : largest);
}

template <Scalar T>
void copy(MatrixView<const T> from, MatrixView<T> to) {
  for (Index j = 0; j < from.cols(); ++j) {
    std::copy_n(from.col(j), from.rows(), to.col(j));
  }
}

template <Scalar T>
void scale_rows(MatrixView<T> g, std::span<const Real<T>> s, int power) {
  for (Index j = 0; j < g.cols(); ++j) {
    for (Index i = 0; i < g.rows(); ++i) {
      const Real<T> value = s[static_cast<std::size_t>(i)];
      g(i, j) *= power == 2 ? value * value : value;
    }
  }
}

// ||(Q^H Q - I) x|| over (rows eps), the largest of the columns x of `probes`; with op = adjoint, of Q^H instead of Q.
template <Scalar T>
double gram_defect(const Execution& execution, Op op, MatrixView<const T> q,
                   MatrixView<const T> probes, Workspace& work) {
  const Workspace::Frame frame(work);
  const Index rows = op == Op::none ? q.rows() : q.cols();
  const MatrixView<T> image = take_matrix<T>(work, rows, probes.cols());
  const MatrixView<T> defect = take_matrix<T>(work, probes.rows(), probes.cols());
  copy<T>(probes, defect);
  blas::gemm<T>(execution, op, Op::none, T(1), q, probes, T(0), image);
  blas::gemm<T>(execution, op == Op::none ? Op::adjoint : Op::none, Op::none, T(1), q, image, T(-1),
                defect);
  return norm_through_probes<T>(defect, probes) / (static_cast<double>(rows) * double{epsilon<T>});
}

template <RealScalar R>
bool is_sorted_and_finite(std::span<const R> s) {
  return std::all_of(s.begin(), s.end(), [](R x) { return x >= 0 && std::isfinite(x); }) &&
         std::is_sorted(s.rbegin(), s.rend());
}

template <Scalar T>
double probability_of_being_fooled(Index n, Index probes) {
  if (probes >= n) {
    return 0;
  }
  const double one = ComplexScalar<T> ? 1 / (hidden_factor * hidden_factor)
                                      : std::sqrt(2 / std::numbers::pi) / hidden_factor;
  return std::pow(one, static_cast<double>(probes));
}

}  // namespace

template <Scalar T>
MemoryPlan witness_memory(Index m, Index n, bool want_u, bool want_v, const SvdOptions& options) {
  const Index p = want_u || want_v ? probe_count(n, options.audit) : 0;
  return MemoryPlan::all_of("witness of A",
                            {MemoryPlan::block<T>("X", n * p), MemoryPlan::block<T>("A X", m * p),
                             MemoryPlan::block<T>("A^H A X", want_u ? 0 : n * p)});
}

template <Scalar T>
Witness<T> make_witness(const Execution& execution, MatrixView<const T> a, bool want_u, bool want_v,
                        const SvdOptions& options, Workspace& work) {
  Witness<T> witness;
  witness.norm = frobenius_norm<T>(execution, a);
  if (!want_u && !want_v) {
    return witness;
  }
  const Index p = probe_count(a.cols(), options.audit);
  witness.x = take_matrix<T>(work, a.cols(), p);
  witness.w = take_matrix<T>(work, a.rows(), p);
  fill_probes<T>(witness.x, options.seed, probe_stream);
  blas::gemm<T>(execution, Op::none, Op::none, T(1), a, witness.x, T(0), witness.w);
  if (!want_u) {
    witness.z = take_matrix<T>(work, a.cols(), p);
    blas::gemm<T>(execution, Op::adjoint, Op::none, T(1), a, witness.w, T(0), witness.z);
  }
  return witness;
}

template <Scalar T>
MemoryPlan audit_memory(Index m, Index n, const AuditOptions& options) {
  const Index p = probe_count(n, options);
  return MemoryPlan::all_of("audit", {MemoryPlan::block<T>("Vh X or an image", std::max(m, n) * p),
                                      MemoryPlan::block<T>("R", std::max(m, n) * p)});
}

template <Scalar T>
AuditReport audit(const Execution& execution, const Witness<T>& witness, MatrixView<const T> u,
                  std::span<const Real<T>> s, MatrixView<const T> vh, Index m, Index n,
                  const AuditOptions& options, Workspace& work) {
  AuditReport report;
  report.sorted = is_sorted_and_finite<Real<T>>(s);
  const double unit = static_cast<double>(std::max(m, n)) * double{epsilon<T>};
  const double sigma_1 = double{s.front()};

  double sum = 0;
  for (auto value = s.rbegin(); value != s.rend(); ++value) {
    sum += double{*value} * double{*value};
  }
  report.norm = std::abs(witness.norm - std::sqrt(sum)) / (witness.norm * unit);

  if (!vh.empty() && report.sorted && sigma_1 > 0) {
    const Workspace::Frame frame(work);
    const Index p = witness.x.cols();
    {
      const Workspace::Frame residual_frame(work);
      const MatrixView<T> g = take_matrix<T>(work, n, p);
      const MatrixView<T> r = take_matrix<T>(work, u.empty() ? n : m, p);
      blas::gemm<T>(execution, Op::none, Op::none, T(1), vh, witness.x, T(0), g);
      if (u.empty()) {
        scale_rows<T>(g, s, 2);
        copy<T>(witness.z, r);
        blas::gemm<T>(execution, Op::adjoint, Op::none, T(-1), vh, g, T(1), r);
        report.residual = norm_through_probes<T>(r, witness.x) / (sigma_1 * sigma_1 * unit);
      } else {
        scale_rows<T>(g, s, 1);
        copy<T>(witness.w, r);
        blas::gemm<T>(execution, Op::none, Op::none, T(-1), u, g, T(1), r);
        report.residual = norm_through_probes<T>(r, witness.x) / (sigma_1 * unit);
      }
    }
    if (!u.empty()) {
      report.orthogonality_u = gram_defect<T>(execution, Op::none, u, witness.x, work);
    }
    report.orthogonality_v = gram_defect<T>(execution, Op::adjoint, vh, witness.x, work);
    report.fooled = probability_of_being_fooled<T>(n, p);
  }

  // A comparison with NaN is false, so a NaN anywhere fails.
  const auto within = [&](double figure) { return figure <= options.threshold; };
  report.passed = report.sorted && within(report.norm) && within(report.residual) &&
                  within(report.orthogonality_u) && within(report.orthogonality_v);
  return report;
}

template <Scalar T>
MemoryPlan orthogonality_memory(Index rows, Index cols, const AuditOptions& options) {
  const Index p = probe_count(cols, options);
  return MemoryPlan::all_of(
      "audit of a completed basis",
      {MemoryPlan::block<T>("X", cols * p), MemoryPlan::block<T>("Q X", rows * p),
       MemoryPlan::block<T>("Q^H Q X", cols * p)});
}

template <Scalar T>
double orthogonality(const Execution& execution, MatrixView<const T> q, const SvdOptions& options,
                     Workspace& work) {
  const Workspace::Frame frame(work);
  const MatrixView<T> x = take_matrix<T>(work, q.cols(), probe_count(q.cols(), options.audit));
  fill_probes<T>(x, options.seed, basis_stream);
  return gram_defect<T>(execution, Op::none, q, x, work);
}

std::string explain_failure(const AuditReport& report, const AuditOptions& options) {
  const auto above = [&](const char* name, double figure) {
    return std::string(name) + " " + std::to_string(figure) + " > " +
           std::to_string(options.threshold);
  };
  if (!report.sorted) {
    return "the values are not finite, non-negative and descending";
  }
  if (!(report.norm <= options.threshold)) {
    return above("norm", report.norm);
  }
  if (!(report.residual <= options.threshold)) {
    return above("residual", report.residual);
  }
  if (!(report.orthogonality_u <= options.threshold)) {
    return above("orthogonality of U", report.orthogonality_u);
  }
  if (!(report.orthogonality_v <= options.threshold)) {
    return above("orthogonality of V", report.orthogonality_v);
  }
  return report.counts_agree ? "" : "the Sturm counts of the bidiagonal matrix contradict a value";
}

#define ECKART_INSTANTIATE(T)                                                                \
  template MemoryPlan witness_memory<T>(Index, Index, bool, bool, const SvdOptions&);        \
  template Witness<T> make_witness<T>(const Execution&, MatrixView<const T>, bool, bool,     \
                                      const SvdOptions&, Workspace&);                        \
  template MemoryPlan audit_memory<T>(Index, Index, const AuditOptions&);                    \
  template AuditReport audit<T>(const Execution&, const Witness<T>&, MatrixView<const T>,    \
                                std::span<const Real<T>>, MatrixView<const T>, Index, Index, \
                                const AuditOptions&, Workspace&);                            \
  template MemoryPlan orthogonality_memory<T>(Index, Index, const AuditOptions&);            \
  template double orthogonality<T>(const Execution&, MatrixView<const T>, const SvdOptions&, \
                                   Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
