#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <eckart/svd_batch.hpp>

#include "dense/small/small_svd.hpp"
#include "dense/stage_clock.hpp"
#include "dense/svd_arguments.hpp"

namespace eckart {
namespace {

using dense::Problem;
using dense::SmallTask;

// A matrix of more work than this, some milliseconds, is worth all threads; a smaller one is worth one.
constexpr double flops_for_all_threads = 3e7;
// Below it, a quarter of a millisecond, no second thread pays, and to ask how many processors there are would be seen in the time.
constexpr double flops_worth_a_thread = 1e6;
// Pieces for each thread, so that a thread that was held up leaves the others little to wait for.
constexpr Index pieces_a_thread = 8;

void take_worse(AuditReport& worst, const AuditReport& other) {
  worst.residual = std::max(worst.residual, other.residual);
  worst.orthogonality_u = std::max(worst.orthogonality_u, other.orthogonality_u);
  worst.orthogonality_v = std::max(worst.orthogonality_v, other.orthogonality_v);
  worst.norm = std::max(worst.norm, other.norm);
  worst.fooled = std::max(worst.fooled, other.fooled);
  worst.sorted = worst.sorted && other.sorted;
  worst.counts_agree = worst.counts_agree && other.counts_agree;
  worst.passed = worst.passed && other.passed;
}

// One matrix more, decomposed by `driver`.
void count(BatchReport& report, Driver driver, const AuditReport& audit) {
  if (report.matrices == 0) {
    report.audit = audit;
  } else {
    take_worse(report.audit, audit);
  }
  ++report.matrices;
  ++report.by_driver[static_cast<std::size_t>(driver)];
}

// Matrices [first, last) of a stack.
template <Scalar T>
class Range {
 public:
  Range(const std::function<SvdPlace<T>(Index)>& place, const SvdOptions& options)
      : place_(place), options_(options) {}

  BatchReport decompose(Index first, Index last) {
    last_ = last;
    const auto start = std::chrono::steady_clock::now();
    const MatrixView<const T> shape = place_(first).a;
    const Problem problem(shape.rows(), shape.cols(), options_);
    const Index group = dense::is_small(problem, options_) ? dense::small_group() : 1;
    for (Index i = first; i < last; i += group) {
      if (options_.stop.stop_requested()) {
        throw Cancelled();
      }
      if (group == 1) {
        one(i, place_(i));
      } else {
        several(i, std::min(i + group, last), problem, shape);
      }
    }
    report_.seconds = dense::seconds_since(start);
    return std::move(report_);
  }

 private:
  void one(Index i, const SvdPlace<T>& x) {
    if (!work_) {
      work_.emplace(svd_memory<T>(x.a.rows(), x.a.cols(), options_));
    }
    try {
      report_.add(svd_into<T>(x.a, x.s, x.u, x.vh, *work_, options_));
    } catch (const NonFinite& error) {
      throw NonFiniteInBatch(error, i);
    }
  }

  // As many as there are lanes; what these leave goes the long way.
  void several(Index first, Index last, const Problem& problem, MatrixView<const T> shape) {
    tasks_.resize(static_cast<std::size_t>(last - first));
    for (Index i = first; i < last; ++i) {
      const SvdPlace<T> x = place_(i);
      dense::check_shapes<T>(problem, x.a, x.s, x.u, x.vh, options_);
      if (x.a.rows() != shape.rows() || x.a.cols() != shape.cols()) {
        throw InvalidArgument("svd_batch: the matrices of a stack have one shape");
      }
      tasks_[static_cast<std::size_t>(i - first)] = {
          .a = x.a, .s = x.s, .u = x.u, .vh = x.vh, .audit = {}};
    }
    dense::small_svd<T>(tasks_, problem, options_);
    for (Index i = first; i < last; ++i) {
      const SmallTask<T>& task = tasks_[static_cast<std::size_t>(i - first)];
      if (!task.audit.passed) {
        one(i, place_(i));
      } else {
        count(report_, Driver::jacobi, task.audit);
        if (i + 1 == last_) {
          report_.last = {};
          dense::describe<T>(task, problem, options_, report_.last);
        }
      }
    }
  }

  const std::function<SvdPlace<T>(Index)>& place_;
  const SvdOptions& options_;
  std::optional<Workspace> work_;
  std::vector<SmallTask<T>> tasks_;
  Index last_ = 0;
  BatchReport report_;
};

}  // namespace

void BatchReport::add(SvdReport&& report) {
  count(*this, report.driver, report.audit);
  climbed += report.attempts.size() > 1 ? 1 : 0;
  seconds += report.seconds;
  last = std::move(report);
}

void BatchReport::add(const BatchReport& later) {
  if (matrices == 0) {
    *this = later;
    return;
  }
  if (later.matrices == 0) {
    return;
  }
  take_worse(audit, later.audit);
  matrices += later.matrices;
  climbed += later.climbed;
  seconds += later.seconds;
  std::transform(by_driver.begin(), by_driver.end(), later.by_driver.begin(), by_driver.begin(),
                 std::plus<>());
  last = later.last;
}

void share_stack(const Execution& execution, Index count, double flops,
                 const std::function<void(Index, Index, int)>& body) {
  if (count == 0) {
    return;
  }
  const bool in_turn = flops > flops_for_all_threads;
  const bool cheap = flops * static_cast<double>(count) < flops_worth_a_thread;
  const int threads = execution.threads == 0 && cheap ? 1 : execution.thread_count();
  if (in_turn || threads == 1) {
    body(0, count, in_turn ? threads : 1);
    return;
  }
  const Index pieces = std::min(count, threads * pieces_a_thread);
  std::vector<std::exception_ptr> thrown(static_cast<std::size_t>(pieces));
  Execution sharing = execution;
  sharing.threads = threads;
  parallel_for(sharing, pieces, [&](Index p) {
    try {
      body(count * p / pieces, count * (p + 1) / pieces, 1);
    } catch (...) {
      thrown[static_cast<std::size_t>(p)] = std::current_exception();
    }
  });
  for (const std::exception_ptr& one : thrown) {
    if (one) {
      std::rethrow_exception(one);
    }
  }
}

template <Scalar T>
BatchReport svd_batch_into(Index count, const std::function<SvdPlace<T>(Index)>& place,
                           const SvdOptions& options) {
  if (count == 0) {
    return {};
  }
  const MatrixView<const T> shape = place(0).a;
  SvdOptions each = options;
  each.progress = {};
  std::mutex mutex;
  std::map<Index, BatchReport> reports;  // by the first matrix
  share_stack({.threads = options.threads, .stop = options.stop, .progress = {}}, count,
              svd_flops<T>(shape.rows(), shape.cols(), options),
              [&](Index first, Index last, int threads) {
                SvdOptions own = each;
                own.threads = threads;
                BatchReport report = Range<T>(place, own).decompose(first, last);
                const std::lock_guard lock(mutex);
                reports.emplace(first, std::move(report));
              });
  BatchReport report;
  for (const auto& [first, part] : reports) {
    report.add(part);
  }
  return report;
}

template <Scalar T>
SvdBatch<T> svd_batch(const MatrixStack<T>& stack, const SvdOptions& options) {
  const Index m = stack.rows, n = stack.cols, l = stack.matrices;
  const Problem problem(m, n, options);
  dense::check_arguments(problem, options);
  const bool wants_u = options.u != Vectors::none, wants_v = options.v != Vectors::none;
  const Index u_cols = options.u == Vectors::full ? m : problem.vectors,
              vh_rows = options.v == Vectors::full ? n : problem.vectors;
  SvdBatch<T> result;
  result.matrices = l;
  result.all_s = Matrix<Real<T>>::uninitialized(problem.n, l);
  if (wants_u) {
    result.all_u = Matrix<T>::uninitialized(m, u_cols * l);
  }
  if (wants_v) {
    result.all_vh = Matrix<T>::uninitialized(vh_rows * l, n, Layout::row_major);
  }
  const MatrixView<T> u = result.all_u.view(), vh = result.all_vh.view();
  Real<T>* const s = result.all_s.data();
  result.report = svd_batch_into<T>(
      l,
      [&](Index i) -> SvdPlace<T> {
        return {stack[i],
                {s + i * problem.n, static_cast<std::size_t>(problem.n)},
                wants_u ? u.columns(i * u_cols, u_cols) : u,
                wants_v ? vh.block(i * vh_rows, 0, vh_rows, n) : vh};
      },
      options);
  return result;
}

#define ECKART_INSTANTIATE(T)                                                             \
  template BatchReport svd_batch_into<T>(Index, const std::function<SvdPlace<T>(Index)>&, \
                                         const SvdOptions&);                              \
  template SvdBatch<T> svd_batch<T>(const MatrixStack<T>&, const SvdOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
