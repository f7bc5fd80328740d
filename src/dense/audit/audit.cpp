#include "dense/audit/audit.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <eckart/random.hpp>

#include "dense/columns.hpp"
#include "dense/scale.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

// An error this many times the accepted one is what the stated probability of being fooled speaks of.
constexpr double hidden_factor = 8;

// No relative error above this is ever accepted: for float and a million rows the unit of rounding alone exceeds it.
constexpr double largest_accepted_error = 0x1p-7;

}  // namespace

template <Scalar T>
void fill_probes(MatrixView<T> x, std::uint64_t seed) {
  if (x.cols() < x.rows()) {
    fill_uniform(x, Random(seed));
  } else {
    set_identity(x);
  }
}

Index probe_count(Index n, const AuditOptions& options) {
  return std::min<Index>(n, std::max(1, options.probes));
}

template <Scalar T>
double probability_of_being_fooled(Index n, Index probes) {
  if (probes >= n) {
    return 0;
  }
  // Bounds of the density of <v, x> at 0, over all unit vectors v: AuditReport has the theorem.
  const double one = ComplexScalar<T> ? std::numbers::pi / 3 / (hidden_factor * hidden_factor)
                                      : std::sqrt(2.0 / 3) / hidden_factor;
  return std::pow(one, static_cast<double>(probes));
}

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
double gram_defect(const Execution& execution, MatrixView<const T> q, MatrixView<const T> x,
                   Workspace& work) {
  const Workspace::Frame frame(work);
  const MatrixView<const T> probes = x.top_rows(q.cols());
  const MatrixView<T> image = take_matrix<T>(work, q.rows(), x.cols());
  const MatrixView<T> defect = take_matrix<T>(work, q.cols(), x.cols());
  copy_columns(probes, defect);
  blas::gemm<T>(execution, Op::none, Op::none, T(1), q, probes, T(0), image);
  blas::gemm<T>(execution, Op::adjoint, Op::none, T(1), q, image, T(-1), defect);
  return norm_through_probes<T>(defect, x) / (static_cast<double>(q.rows()) * double{epsilon<T>});
}

template <Scalar T>
MemoryPlan gram_memory(Index rows, Index cols, Index p) {
  return MemoryPlan::all_of("orthogonality", {MemoryPlan::block<T>("Q X", rows, p),
                                              MemoryPlan::block<T>("Q^H Q X - X", cols, p)});
}

template <Scalar T>
void scale_rows(MatrixView<T> g, std::span<const Real<T>> s) {
  for (Index j = 0; j < g.cols(); ++j) {
    for (Index i = 0; i < g.rows(); ++i) {
      g(i, j) *= s[static_cast<std::size_t>(i)];
    }
  }
}

template <Scalar T>
AuditReport audit_of_values(std::span<const Real<T>> s, double norm, Index m) {
  AuditReport report;
  report.sorted =
      std::all_of(s.begin(), s.end(), [](Real<T> x) { return x >= 0 && std::isfinite(x); }) &&
      std::is_sorted(s.rbegin(), s.rend()) && s.front() > 0;
  double sum = 0;
  for (auto value = s.rbegin(); value != s.rend(); ++value) {
    sum += double{*value} * double{*value};
  }
  report.norm =
      std::abs(norm - std::sqrt(sum)) / (norm * static_cast<double>(m) * double{epsilon<T>});
  return report;
}

template <Scalar T>
void judge(AuditReport& report, Index m, Index n, const AuditOptions& options) {
  const auto bound_for = [&](Index length) {
    const double unit = static_cast<double>(length) * double{epsilon<T>};
    return std::min(options.threshold, largest_accepted_error / unit);
  };
  const double bound = bound_for(m);
  // A comparison with NaN is false, so a NaN anywhere fails.
  report.passed = report.sorted && report.counts_agree && report.norm <= bound &&
                  report.residual <= bound && report.orthogonality_u <= bound &&
                  report.orthogonality_v <= bound_for(n);
}

template <Scalar T>
MemoryPlan witness_memory(Index m, Index n, const SvdOptions& options) {
  const Index p = probe_count(n, options.audit);
  return MemoryPlan::all_of("witness of A",
                            {MemoryPlan::block<T>("X", n, p), MemoryPlan::block<T>("A X", m, p)});
}

template <Scalar T>
Witness<T> make_witness(const Execution& execution, MatrixView<const T> a,
                        const SvdOptions& options, Workspace& work) {
  const Index p = probe_count(a.cols(), options.audit);
  Witness<T> witness;
  witness.norm = frobenius_norm<T>(execution, a);
  witness.x = take_matrix<T>(work, a.cols(), p);
  witness.w = take_matrix<T>(work, a.rows(), p);
  fill_probes<T>(witness.x, options.seed);
  blas::gemm<T>(execution, Op::none, Op::none, T(1), a, witness.x, T(0), witness.w);
  return witness;
}

template <Scalar T>
MemoryPlan audit_memory(Index m, Index n, const AuditOptions& options) {
  const Index p = probe_count(n, options);
  return MemoryPlan::all_of("audit", {MemoryPlan::block<T>("R^H X or an image", m, p),
                                      MemoryPlan::block<T>("defect", m, p)});
}

template <Scalar T>
AuditReport audit(const Execution& execution, const Witness<T>& witness, MatrixView<const T> left,
                  std::span<const Real<T>> s, MatrixView<const T> right,
                  const AuditOptions& options, Workspace& work) {
  const Index m = left.rows(), n = right.rows(), p = witness.x.cols();
  AuditReport report = audit_of_values<T>(s, witness.norm, m);
  if (report.sorted) {
    {
      const Workspace::Frame frame(work);
      const MatrixView<T> g = take_matrix<T>(work, n, p);
      const MatrixView<T> r = take_matrix<T>(work, m, p);
      blas::gemm<T>(execution, Op::adjoint, Op::none, T(1), right, witness.x, T(0), g);
      scale_rows<T>(g, s);
      copy_columns(witness.w, r);
      blas::gemm<T>(execution, Op::none, Op::none, T(-1), left, g, T(1), r);
      report.residual = norm_through_probes<T>(r, witness.x) /
                        (double{s.front()} * static_cast<double>(m) * double{epsilon<T>});
    }
    report.orthogonality_u = gram_defect<T>(execution, left, witness.x, work);
    report.orthogonality_v = gram_defect<T>(execution, right, witness.x, work);
    report.fooled = probability_of_being_fooled<T>(n, p);
  }
  judge<T>(report, m, n, options);
  return report;
}

template <Scalar T>
MemoryPlan orthogonality_memory(Index rows, Index cols, const AuditOptions& options) {
  const Index p = probe_count(cols, options);
  return MemoryPlan::all_of("audit of a completed basis",
                            {MemoryPlan::block<T>("X", cols, p), gram_memory<T>(rows, cols, p)});
}

template <Scalar T>
double orthogonality(const Execution& execution, MatrixView<const T> q, const SvdOptions& options,
                     Workspace& work) {
  const Workspace::Frame frame(work);
  const MatrixView<T> x = take_matrix<T>(work, q.cols(), probe_count(q.cols(), options.audit));
  fill_probes<T>(x, options.seed);
  return gram_defect<T>(execution, q, x, work);
}

std::string explain_failure(const AuditReport& report, const AuditOptions& options) {
  const auto failed = [&](double figure) { return !(figure <= options.threshold); };
  const auto above = [&](const char* name, double figure) {
    return std::string(name) + " " + std::to_string(figure) + " > " +
           std::to_string(options.threshold);
  };
  if (report.passed) {
    return "rejected by AuditOptions::rejected";
  }
  if (!report.sorted) {
    return "the values are not finite, non-negative and descending";
  }
  if (failed(report.norm)) {
    return above("norm", report.norm);
  }
  if (failed(report.residual)) {
    return above("residual", report.residual);
  }
  if (failed(report.orthogonality_u)) {
    return above("orthogonality of U", report.orthogonality_u);
  }
  if (failed(report.orthogonality_v)) {
    return above("orthogonality of V", report.orthogonality_v);
  }
  return report.counts_agree ? "an error above 2^-7"
                             : "a Sturm count of the bidiagonal matrix contradicts a value";
}

#define ECKART_INSTANTIATE(T)                                                                   \
  template double probability_of_being_fooled<T>(Index, Index);                                 \
  template void fill_probes<T>(MatrixView<T>, std::uint64_t);                                   \
  template MemoryPlan gram_memory<T>(Index, Index, Index);                                      \
  template double norm_through_probes<T>(MatrixView<const T>, MatrixView<const T>);             \
  template double gram_defect<T>(const Execution&, MatrixView<const T>, MatrixView<const T>,    \
                                 Workspace&);                                                   \
  template void scale_rows<T>(MatrixView<T>, std::span<const Real<T>>);                         \
  template AuditReport audit_of_values<T>(std::span<const Real<T>>, double, Index);             \
  template void judge<T>(AuditReport&, Index, Index, const AuditOptions&);                      \
  template MemoryPlan witness_memory<T>(Index, Index, const SvdOptions&);                       \
  template Witness<T> make_witness<T>(const Execution&, MatrixView<const T>, const SvdOptions&, \
                                      Workspace&);                                              \
  template MemoryPlan audit_memory<T>(Index, Index, const AuditOptions&);                       \
  template AuditReport audit<T>(const Execution&, const Witness<T>&, MatrixView<const T>,       \
                                std::span<const Real<T>>, MatrixView<const T>,                  \
                                const AuditOptions&, Workspace&);                               \
  template MemoryPlan orthogonality_memory<T>(Index, Index, const AuditOptions&);               \
  template double orthogonality<T>(const Execution&, MatrixView<const T>, const SvdOptions&,    \
                                   Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
