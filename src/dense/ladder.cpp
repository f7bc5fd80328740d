#include "dense/ladder.hpp"

#include <algorithm>
#include <utility>

#include <eckart/error.hpp>

#include "dense/audit/chain_audit.hpp"
#include "dense/bidiagonal/bidiagonal_svd.hpp"
#include "dense/columns.hpp"
#include "dense/jacobi/jacobi.hpp"
#include "dense/problem.hpp"
#include "dense/reduction/reduction.hpp"

namespace eckart::dense {
namespace {

// Whether not all of L is formed, so that the audit goes along the chain.
bool follows_chain(const LadderShape& shape) {
  return !shape.left || shape.k < shape.n;
}

// Whether L_B and R_B, real and n x n, can be computed where L and R will stand.
template <Scalar T>
bool computes_in_place(const LadderShape& shape) {
  return RealScalar<T> && shape.k == shape.n;
}

template <Scalar T>
MemoryPlan jacobi_plan(const LadderShape& shape, const AuditOptions& audit) {
  const Index m = shape.m, n = shape.n;
  const bool all = shape.k == n;
  return MemoryPlan::all_of(
      "Jacobi rung",
      {shape.left && all ? MemoryPlan() : MemoryPlan::block<T>("L", m, n),
       all ? MemoryPlan() : MemoryPlan::block<T>("R", n, n),
       MemoryPlan::any_of("Jacobi and its audit",
                          {jacobi_memory<T>(m, n, true, true), audit_memory<T>(m, n, audit)})});
}

template <Scalar T>
MemoryPlan bidiagonal_plan(const LadderShape& shape, const SvdOptions& options) {
  using R = Real<T>;
  const Index m = shape.m, n = shape.n, k = shape.k, p = probe_count(n, options.audit);
  const ReductionPlan reduction = plan_reduction<T>(m, n, k, options);
  const bool vectors = k > 0, chain = follows_chain(shape);
  const MemoryPlan nothing;
  return MemoryPlan::all_of(
      "bidiagonal rungs",
      {Reduction<T>::memory(reduction), MemoryPlan::block<R>("e, consumed by a rung", n),
       vectors && !(computes_in_place<T>(shape) && shape.left) ? MemoryPlan::block<R>("L_B", n, n)
                                                               : nothing,
       vectors && !computes_in_place<T>(shape) ? MemoryPlan::block<R>("R_B", n, n) : nothing,
       chain ? chain_memory<T>(m, n, k, p) : nothing,
       MemoryPlan::any_of(
           "steps 1 to 4",
           {Reduction<T>::scratch(reduction, std::max(k, p)),
            bidiagonal_svd_memory<R>(n, vectors, options.driver),
            chain && vectors ? check_bidiagonal_memory<T>(n, k, p, shape.left) : nothing,
            audit_memory<T>(m, n, options.audit)})});
}

template <Scalar T>
class Ladder {
  using R = Real<T>;

 public:
  Ladder(const Execution& execution, const StageClock& timed, const LadderTask<T>& task,
         const SvdOptions& options, Workspace& work, SvdReport& report)
      : execution_(execution),
        timed_(timed),
        task_(task),
        options_(options),
        work_(work),
        report_(report),
        shape_{.m = task.a.rows(),
               .n = task.a.cols(),
               .k = task.right.cols(),
               .left = task.left.cols() > 0} {}

  void climb() {
    const Workspace::Frame frame(work_);
    for (const Driver rung : rungs(options_.driver, shape_.n, shape_.k > 0)) {
      Attempt attempt;
      attempt.driver = rung;
      try {
        attempt.converged = rung == Driver::jacobi ? run_jacobi(attempt.audit)
                                                   : run_bidiagonal(rung, attempt.audit);
      } catch (const SizeLimit& limit) {  // of this rung; the next one may need smaller integers
        attempt.converged = false;
        reduction_refused_ = rung != Driver::jacobi && !reduction_.done();
        attempt.failure = limit.what();
      }
      const bool rejected = static_cast<int>(report_.attempts.size()) < options_.audit.rejected;
      const bool passed = attempt.converged && attempt.audit.passed && !rejected;
      if (attempt.converged && !passed) {
        attempt.failure = explain_failure(attempt.audit, options_.audit);
      } else if (!passed && attempt.failure.empty()) {
        attempt.failure = "did not converge";
      }
      report_.attempts.push_back(std::move(attempt));
      if (passed) {
        report_.driver = rung;
        report_.audit = report_.attempts.back().audit;
        return;
      }
    }
    throw NumericalError("no rung of the ladder gave a decomposition that passes its audit: " +
                         report_.path());
  }

 private:
  MatrixView<T> take(Index rows, Index cols) { return take_matrix<T>(work_, rows, cols); }

  // 1. Once, for all bidiagonal rungs. Returns false when B is not finite.
  bool reduce() {
    if (reduction_.done() || reduction_refused_) {
      return !reduction_refused_ && reduction_.is_finite();
    }
    const Index m = shape_.m, n = shape_.n, k = shape_.k;
    const ReductionPlan plan = plan_reduction<T>(m, n, k, options_);
    report_.two_stage = plan.method == ReductionMethod::two_stages;
    reduction_ = Reduction<T>(plan, work_);
    spare_e_ = work_.take<R>(n);
    const bool in_place = computes_in_place<T>(shape_);
    if (k > 0) {
      if constexpr (RealScalar<T>) {
        left_b_ = in_place && shape_.left ? task_.left.top_rows(n) : take(n, n);
        right_b_ = in_place ? task_.right : take(n, n);
      } else {
        left_b_ = take_matrix<R>(work_, n, n);
        right_b_ = take_matrix<R>(work_, n, n);
      }
    }
    reduction_.reduce(execution_, timed_, task_.a, work_);
    if (follows_chain(shape_)) {
      timed_("audit", [&] {
        chain_ = make_chain<T>(m, n, k, task_.witness.x.cols(), work_);
        check_reduction<T>(execution_, task_.witness, reduction_, chain_, work_);
      });
    }
    return reduction_.is_finite();
  }

  // 2 to 4. Returns false when the method reports failure.
  bool run_bidiagonal(Driver rung, AuditReport& report) {
    if (!reduce()) {
      return false;
    }
    std::copy(reduction_.d().begin(), reduction_.d().end(), task_.s.begin());
    std::copy(reduction_.e().begin(), reduction_.e().end(), spare_e_.begin());
    const std::span<R> e = spare_e_.first(reduction_.e().size());
    const bool converged =
        shape_.k == 0
            ? timed_(rung == Driver::divide_and_conquer ? to_string(rung) : "dqds",
                     [&] { return bidiagonal_values<R>(execution_, rung, task_.s, e, work_); })
            : timed_(to_string(rung), [&] {
                return bidiagonal_svd<R>(execution_, rung, task_.s, e, left_b_, right_b_, shape_.k,
                                         work_);
              });
    if (converged) {
      report = transform_back_and_audit();
    }
    return converged;
  }

  // 3, with the audit on either side of it.
  AuditReport transform_back_and_audit() {
    const Index n = shape_.n, k = shape_.k;
    const bool chain = follows_chain(shape_);
    if (k > 0) {
      const MatrixView<T> left_top = shape_.left ? task_.left.top_rows(n) : MatrixView<T>();
      timed_("vectors", [&] { put_bidiagonal_vectors(left_top); });
      if (chain) {
        timed_("audit", [&] {
          check_bidiagonal<T>(execution_, task_.witness, reduction_,
                              {.left_b = left_b_.columns(0, k),
                               .right_b = right_b_.columns(0, k),
                               .left = left_top,
                               .right = task_.right},
                              std::span<const R>(task_.s), options_.seed, chain_, work_);
        });
      }
      timed_("vectors", [&] {
        reduction_.right(execution_, blas::Op::none, task_.right, work_);
        if (shape_.left) {
          clear_rows_from(task_.left, n);
          reduction_.left(execution_, blas::Op::none, task_.left, work_);
        }
      });
    }
    return timed_("audit", [&] {
      return chain ? audit_chain<T>(execution_, task_.witness, reduction_, chain_, task_.left,
                                    std::span<const R>(task_.s), task_.right, options_.audit, work_)
                   : audit<T>(execution_, task_.witness, task_.left, std::span<const R>(task_.s),
                              task_.right, options_.audit, work_);
    });
  }

  // L_B and R_B to where L and R will stand, unless they were computed there.
  void put_bidiagonal_vectors(MatrixView<T> left_top) {
    if (computes_in_place<T>(shape_)) {
      return;
    }
    copy_columns(right_b_.columns(0, shape_.k), task_.right);
    if (shape_.left) {
      copy_columns(left_b_.columns(0, shape_.k), left_top);
    }
  }

  // 5.
  bool run_jacobi(AuditReport& report) {
    const bool is_first = !reduction_.done() && !reduction_refused_;  // nothing has overwritten A
    if (!is_first && !task_.restore) {
      return run_jacobi_on_bidiagonal(report);
    }
    if (!is_first) {
      task_.restore();
    }
    // The plan foresees this rung when it was asked for; a climb to it takes memory of its own.
    Workspace own(is_first && options_.driver == Driver::jacobi
                      ? 0
                      : jacobi_plan<T>(shape_, options_.audit).bytes());
    report_.workspace_bytes += own.size();
    Workspace& work = own.size() == 0 ? work_ : own;
    const Workspace::Frame frame(work);
    const Index m = shape_.m, n = shape_.n, k = shape_.k;
    const MatrixView<T> left = shape_.left && k == n ? task_.left : take_matrix<T>(work, m, n);
    const MatrixView<T> right = k == n ? task_.right : take_matrix<T>(work, n, n);
    const bool converged = timed_(to_string(Driver::jacobi), [&] {
      return jacobi_svd<T>(task_.a, task_.s, left, right, work, execution_).converged;
    });
    if (converged) {
      report = timed_("audit", [&] {
        return audit<T>(execution_, task_.witness, left, std::span<const R>(task_.s), right,
                        options_.audit, work);
      });
      if (k < n) {
        copy_columns(right.columns(0, k), task_.right);
        copy_columns(left.columns(0, task_.left.cols()), task_.left);
      }
    }
    return converged;
  }

  bool run_jacobi_on_bidiagonal(AuditReport& report) {
    if (reduction_refused_ || !reduction_.is_finite()) {
      return false;
    }
    const Index n = shape_.n;
    Matrix<R> b(n, n), u, v;
    for (Index i = 0; i < n; ++i) {
      b(i, i) = reduction_.d()[static_cast<std::size_t>(i)];
      if (i + 1 < n) {
        b(i, i + 1) = reduction_.e()[static_cast<std::size_t>(i)];
      }
    }
    if (shape_.k == 0) {
      u = v = Matrix<R>(n, n);
    }
    Workspace own(jacobi_memory<R>(n, n, true, true));
    report_.workspace_bytes +=
        own.size() + (shape_.k == 0 ? 3 : 1) * sizeof(R) * static_cast<std::uint64_t>(n * n);
    const bool converged = timed_(to_string(Driver::jacobi), [&] {
      return jacobi_svd<R>(b.view(), task_.s, shape_.k > 0 ? left_b_ : u.view(),
                           shape_.k > 0 ? right_b_ : v.view(), own, execution_)
          .converged;
    });
    if (converged) {
      report = transform_back_and_audit();
    }
    return converged;
  }

  const Execution& execution_;
  const StageClock& timed_;
  const LadderTask<T>& task_;
  const SvdOptions& options_;
  Workspace& work_;
  SvdReport& report_;
  LadderShape shape_;

  Reduction<T> reduction_;
  bool reduction_refused_ = false;  // a size did not fit the BLAS's integers
  Chain<T> chain_;
  MatrixView<R> left_b_, right_b_;
  std::span<R> spare_e_;
};

}  // namespace

template <Scalar T>
void climb(const Execution& execution, const StageClock& timed, const LadderTask<T>& task,
           const SvdOptions& options, Workspace& work, SvdReport& report) {
  Ladder<T>(execution, timed, task, options, work, report).climb();
}

template <Scalar T>
MemoryPlan ladder_memory(const LadderShape& shape, const SvdOptions& options) {
  return options.driver == Driver::jacobi ? jacobi_plan<T>(shape, options.audit)
                                          : bidiagonal_plan<T>(shape, options);
}

#define ECKART_INSTANTIATE(T)                                                    \
  template void climb(const Execution&, const StageClock&, const LadderTask<T>&, \
                      const SvdOptions&, Workspace&, SvdReport&);                \
  template MemoryPlan ladder_memory<T>(const LadderShape&, const SvdOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
