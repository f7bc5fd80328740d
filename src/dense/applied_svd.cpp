#include "dense/applied_svd.hpp"

#include <algorithm>

#include <eckart/error.hpp>

#include "blas/gemm.hpp"
#include "dense/bidiagonal/bidiagonal_svd.hpp"
#include "dense/columns.hpp"
#include "dense/scale.hpp"
#include "dense/small/small_svd.hpp"
#include "dense/stage_clock.hpp"
#include "dense/svd_arguments.hpp"
#include "dense/tall/tall_qr.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

// op(q) y for a real q: the real and imaginary parts of a complex y side by side.
template <Scalar T>
Matrix<T> product_with_real(const Execution& execution, Op op, MatrixView<const Real<T>> q,
                            MatrixView<const T> y) {
  using R = Real<T>;
  const Index rows = op == Op::none ? q.rows() : q.cols(), p = y.cols();
  Matrix<T> result = Matrix<T>::uninitialized(rows, p);
  if constexpr (RealScalar<T>) {
    blas::gemm<T>(execution, op, Op::none, T(1), q, y, T(0), result);
  } else {
    Matrix<R> parts = Matrix<R>::uninitialized(y.rows(), 2 * p),
              products = Matrix<R>::uninitialized(rows, 2 * p);
    for (Index j = 0; j < p; ++j) {
      for (Index i = 0; i < y.rows(); ++i) {
        parts(i, j) = y(i, j).real();
        parts(i, p + j) = y(i, j).imag();
      }
    }
    blas::gemm<R>(execution, op, Op::none, R{1}, q, parts, R{0}, products);
    for (Index j = 0; j < p; ++j) {
      for (Index i = 0; i < rows; ++i) {
        result(i, j) = T(products(i, j), products(i, p + j));
      }
    }
  }
  return result;
}

}  // namespace

template <Scalar T>
AppliedSvd<T>::AppliedSvd(const Problem& problem, const SvdOptions& options)
    : options_(options),
      problem_(problem),
      execution_{.threads = options.threads, .stop = options.stop, .progress = options.progress},
      through_qr_(goes_through_qr(problem, options)),
      rows_(through_qr_ ? problem.n : problem.m),
      probes_(probe_count(problem.n, options.audit)) {
  execution_.threads = execution_.thread_count();
  execution_.keep_threads();
}

template <Scalar T>
bool AppliedSvd<T>::serves(Index rows, Index cols, const SvdOptions& options) {
  const Problem problem(rows, cols, options);
  return problem.n > 0 && !is_small(problem, options) && options.leading == 0 &&
         options.audit.rejected == 0 && options.driver != Driver::jacobi &&
         options.driver != Driver::lapack &&
         !(problem.transposed && goes_through_qr(problem, options));
}

template <Scalar T>
std::unique_ptr<AppliedSvd<T>> AppliedSvd<T>::of(MatrixView<const T> a, MatrixView<const T> b,
                                                 const SvdOptions& options) {
  const Problem problem(a.rows(), a.cols(), options);
  check_arguments(problem, options);
  if (!serves(a.rows(), a.cols(), options)) {
    return nullptr;
  }
  std::unique_ptr<AppliedSvd> made(new AppliedSvd(problem, options));
  const R largest = max_modulus<T>(made->execution_, a);
  try {
    return largest > 0 && made->decompose(a, b, scale_exponent(largest)) ? std::move(made)
                                                                         : nullptr;
  } catch (const SizeLimit&) {  // of these methods; another may need smaller integers
    return nullptr;
  }
}

// 1 and 2.
template <Scalar T>
bool AppliedSvd<T>::decompose(MatrixView<const T> a, MatrixView<const T> b, int exponent) {
  const bool wide = problem_.transposed;
  const MatrixView<const T> tall = wide ? a.transposed() : a;
  work_ = Workspace(plan(b.cols()));
  a_ = Matrix<T>::uninitialized(rows_, problem_.n);
  if (through_qr_) {
    carried_ = Matrix<T>::uninitialized(problem_.n, b.cols());
    if (!factor_tall({.given = tall, .exponent = exponent}, b)) {
      return false;
    }
  } else {
    carried_ = Matrix<T>(b);
    copy_scaled<T>(execution_, tall, a_.view(), exponent, wide);
    witness_ = make_witness<T>(execution_, a_, options_, work_);
    norm_ = witness_.norm;
  }
  if (!climb()) {
    return false;
  }
  if (wide) {
    reduction_.right(execution_, Op::adjoint, carried_.view(), work_);
  } else {
    reduction_.left(execution_, Op::adjoint, carried_.view(), work_);
  }
  c_ = product_with_real<T>(execution_, Op::adjoint, wide ? right_b_ : left_b_,
                            carried_.view().top_rows(problem_.n));
  scale_values<R>(s_, -exponent);
  return true;
}

template <Scalar T>
bool AppliedSvd<T>::factor_tall(const TallRows<T>& a, MatrixView<const T> b) {
  const TallOptions tall = {.seed = options_.seed};
  Workspace work(tall_memory<T>(problem_.m, problem_.n, 0, probes_, tall, b.cols()));
  witness_.x = take_matrix<T>(work_, problem_.n, probes_);
  witness_.w = take_matrix<T>(work_, problem_.n, probes_);
  fill_probes<T>(witness_.x, options_.seed);
  const TallQr<T> qr = tall_factor<T>(execution_, a, {}, a_.view(), witness_.x, tall, work,
                                      {.b = b, .c = carried_.view()});
  blas::gemm<T>(execution_, Op::none, Op::none, T(1), a_, witness_.x, T(0), witness_.w);
  witness_.norm = frobenius_norm<T>(execution_, a_);
  norm_ = qr.norm;
  link_ = qr.link;
  return qr.method != TallMethod::tree;
}

// 3 and 4.
template <Scalar T>
bool AppliedSvd<T>::climb() {
  const Index n = problem_.n;
  chain_ = make_chain<T>(rows_, n, 0, probes_, work_);
  reduction_ = Reduction<T>(plan_reduction<T>(rows_, n, 0, options_), work_);
  const std::span<R> e = work_.take<R>(n).first(static_cast<std::size_t>(n - 1));
  left_b_ = take_matrix<R>(work_, n, n);
  right_b_ = take_matrix<R>(work_, n, n);
  reduction_.reduce(execution_, StageClock(execution_, stages_), a_.view(), work_);
  check_reduction<T>(execution_, witness_, reduction_, chain_, work_);
  for (const Driver rung : rungs(options_.driver, n, true)) {
    if (rung == Driver::jacobi || !reduction_.is_finite()) {
      return false;
    }
    s_.assign(reduction_.d().begin(), reduction_.d().end());
    std::copy(reduction_.e().begin(), reduction_.e().end(), e.begin());
    if (bidiagonal_svd<R>(execution_, rung, std::span<R>(s_), e, left_b_, right_b_, n, work_) &&
        passes()) {
      return true;
    }
  }
  return false;
}

template <Scalar T>
bool AppliedSvd<T>::passes() {
  const std::span<const R> s(s_);
  check_bidiagonal<T>(execution_, witness_, reduction_,
                      {.left_b = left_b_, .right_b = right_b_, .left = {}, .right = {}}, s,
                      options_.seed, chain_, work_);
  AuditReport report = audit_unformed<T>(witness_, chain_, s, options_.audit);
  if (report.passed &&
      through_qr_) {  // T's residual in units of A's, and the distance of A from Q T
    const auto m = static_cast<double>(problem_.m), n = static_cast<double>(problem_.n);
    report.norm = audit_of_values<T>(s, norm_, problem_.m).norm;
    report.residual = larger(report.residual * n / m,
                             link_ / (static_cast<double>(s_.front()) * m * double{epsilon<T>}));
    judge<T>(report, problem_.m, problem_.n, options_.audit);
  }
  return report.passed;
}

template <Scalar T>
Matrix<T> AppliedSvd<T>::right(MatrixView<const T> y) {
  const bool wide = problem_.transposed;
  Matrix<T> z = product_with_real<T>(execution_, Op::none,
                                     (wide ? left_b_ : right_b_).columns(0, y.rows()), y);
  if (!wide) {
    reduction_.right(execution_, Op::none, z.view(), work_);
    return z;
  }
  Matrix<T> x(problem_.m, y.cols());
  copy_columns(z.view(), x.view().top_rows(problem_.n));
  reduction_.left(execution_, Op::none, x.view(), work_);
  return x;
}

template <Scalar T>
MemoryPlan AppliedSvd<T>::plan(Index columns) const {
  const Index n = problem_.n;
  const ReductionPlan reduction = plan_reduction<T>(rows_, n, 0, options_);
  return MemoryPlan::all_of(
      "applied svd",
      {witness_memory<T>(rows_, n, options_), chain_memory<T>(rows_, n, 0, probes_),
       Reduction<T>::memory(reduction), MemoryPlan::block<R>("e, consumed by a rung", n),
       MemoryPlan::block<R>("L_B", n, n), MemoryPlan::block<R>("R_B", n, n),
       MemoryPlan::any_of("reduce, decompose, check, apply",
                          {Reduction<T>::scratch(reduction, std::max(probes_, columns)),
                           bidiagonal_svd_memory<R>(n, true, options_.driver),
                           check_bidiagonal_memory<T>(n, n, probes_, false)})});
}

template class AppliedSvd<float>;
template class AppliedSvd<double>;
template class AppliedSvd<std::complex<float>>;
template class AppliedSvd<std::complex<double>>;

}  // namespace eckart::dense
