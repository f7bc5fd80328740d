#include "dense/svd_plan.hpp"

#include "dense/audit/audit.hpp"
#include "dense/ladder.hpp"
#include "dense/reduction/qr.hpp"
#include "dense/reduction/reduction.hpp"
#include "dense/small/small_svd.hpp"
#include "dense/tall/tall_qr.hpp"

namespace eckart {
namespace dense {
namespace {

// Steps 4a to 4c of steps.hpp.
template <Scalar T>
MemoryPlan tall_plan(const Problem& problem, const SvdOptions& options) {
  const Index m = problem.m, n = problem.n, p = probe_count(n, options.audit);
  const Index k = problem.want_right ? problem.vectors : 0;
  const Index left = problem.want_left ? k : 0;
  const bool own_basis = problem.want_left && k < n;
  const MemoryPlan nothing;
  return MemoryPlan::all_of(
      "through A = Q T",
      {MemoryPlan::block<T>("X", n, p), MemoryPlan::block<T>("T", n, n),
       MemoryPlan::block<T>("T, kept", n, n), MemoryPlan::block<T>("T X", n, p),
       MemoryPlan::block<T>("L_T", n, left), MemoryPlan::block<T>("S R^H X", k, p),
       own_basis ? MemoryPlan::block<T>("Q1", m, n) : nothing,
       MemoryPlan::any_of(
           "factor, decompose T, multiply",
           {tall_memory<T>(m, n, left, p, {}),
            MemoryPlan::all_of(
                "T",
                {MemoryPlan::block<T>("R2", n, n),
                 ladder_memory<T>({.m = n, .n = n, .k = k, .left = problem.want_left}, options)}),
            MemoryPlan::all_of("audit",
                               {MemoryPlan::block<T>("R2", n, n), gram_memory<T>(n, k, p)})})});
}

}  // namespace

template <Scalar T>
MemoryPlan steps_plan(const Problem& problem, const SvdOptions& options, bool overwrites) {
  const Index m = problem.m, n = problem.n, k = problem.want_right ? problem.vectors : 0;
  const Index width = std::min(sign_strip, m);
  const MemoryPlan nothing;
  if (n == 0) {
    return MemoryPlan::all_of("svd", {});
  }
  const bool completes = problem.left_columns > n;
  const bool through_qr = goes_through_qr(problem, options);
  return MemoryPlan::all_of(
      "svd",
      {overwrites || through_qr ? nothing : MemoryPlan::block<T>("scaled copy of A", m, n),
       problem.want_right && !problem.keeps_right ? MemoryPlan::block<T>("R", n, k) : nothing,
       through_qr ? nothing : witness_memory<T>(m, n, options),
       MemoryPlan::any_of(
           "steps 4 to 6",
           {through_qr
                ? tall_plan<T>(problem, options)
                : ladder_memory<T>({.m = m, .n = n, .k = k, .left = problem.want_left}, options),
            completes ? complete_basis_memory<T>(m, m, n, options.panel) : nothing,
            completes ? orthogonality_memory<T>(m, m, options.audit) : nothing,
            problem.transposed && problem.want_right && !problem.want_left
                ? MemoryPlan::all_of("sign rule", {MemoryPlan::block<T>("strip of A", n, width),
                                                   MemoryPlan::block<T>("U^H A", k, width)})
                : nothing})});
}

template <Scalar T>
MemoryPlan svd_plan(const Problem& problem, const SvdOptions& options, bool overwrites) {
  return is_small(problem, options) ? MemoryPlan::all_of("svd in lanes", {})
                                    : steps_plan<T>(problem, options, overwrites);
}

}  // namespace dense

template <Scalar T>
MemoryPlan svd_memory(Index m, Index n, const SvdOptions& options) {
  return dense::svd_plan<T>(dense::Problem(m, n, options), options, false);
}

template <Scalar T>
double svd_flops(Index rows, Index cols, const SvdOptions& options) {
  const dense::Problem problem(rows, cols, options);
  const auto m = static_cast<double>(problem.m), n = static_cast<double>(problem.n),
             k = static_cast<double>(problem.vectors);
  const bool through_qr = dense::goes_through_qr(problem, options);
  const double reduced = through_qr ? n : m;
  const Index inner = through_qr ? problem.n : problem.m;
  const bool two_stages =
      problem.n > 0 &&
      dense::plan_reduction<T>(inner, problem.n, problem.want_right ? problem.vectors : 0, options)
              .method == dense::ReductionMethod::two_stages;
  double flops = 4 * reduced * n * n - 4.0 / 3 * n * n * n;
  if (through_qr) {
    flops += 3 * m * n * n;  // two Gram matrices and a triangular solution
  }
  double real_flops = 0;
  if (problem.want_right) {
    flops += 2 * n * n * k * (two_stages ? 2 : 1);
    real_flops = 8.0 / 3 * n * n * n;
  }
  if (problem.want_left) {
    flops += 4 * reduced * n * k - 2 * n * n * k + (two_stages ? 2 * n * n * k : 0) +
             (through_qr ? 2 * m * n * k : 0);
    const auto missing = static_cast<double>(problem.left_columns - problem.n);
    flops += missing > 0 ? 2 * m * n * n + 4 * m * n * missing : 0;
  }
  return (ComplexScalar<T> ? 4 : 1) * flops + real_flops;
}

#define ECKART_INSTANTIATE(T)                                                               \
  template MemoryPlan dense::steps_plan<T>(const dense::Problem&, const SvdOptions&, bool); \
  template MemoryPlan dense::svd_plan<T>(const dense::Problem&, const SvdOptions&, bool);   \
  template MemoryPlan svd_memory<T>(Index, Index, const SvdOptions&);                       \
  template double svd_flops<T>(Index, Index, const SvdOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
