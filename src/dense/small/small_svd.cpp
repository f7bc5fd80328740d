#include "dense/small/small_svd.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "dense/audit/audit.hpp"
#include "dense/scale.hpp"
#include "dense/sign_rule.hpp"
#include "dense/stage_clock.hpp"

namespace eckart::dense {
namespace {

// Columns of a scaled matrix with nothing as large as this are left to the ladder: products of four such numbers must not underflow.
constexpr double smallest_column = 0x1p-200;
// The same for values: a column shrinks by no more than rounding unless it vanishes.
constexpr double smallest_value = 0x1p-250;

// Memory for a group of `width` matrices.
template <bool complex, std::size_t width>
struct Buffers {
  static constexpr std::size_t rows = small_rows, cols = small_cols;
  static constexpr std::size_t column = small_column<complex>(small_rows, small_cols);
  alignas(64) double a[(complex ? 2 : 1) * rows * cols * width];
  alignas(64) double columns[cols * column * width];
  alignas(64) double values[cols * width];
  alignas(64) double figures[5][width];
};

template <class T>
struct Loaded {
  double largest = 0;
  bool finite = true;

  void see(Real<T> x) noexcept {
    const double modulus = std::abs(double{x});
    finite &= modulus <= std::numeric_limits<double>::max();
    largest = modulus > largest ? modulus : largest;
  }
};

template <Scalar T>
Loaded<T> scan(MatrixView<const T> a) noexcept {
  Loaded<T> seen;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      const T x = a(i, j);
      seen.see(real_part(x));
      if constexpr (ComplexScalar<T>) {
        seen.see(x.imag());
      }
    }
  }
  return seen;
}

template <Scalar T, Index width>
class Group {
  using R = Real<T>;
  static constexpr bool complex = ComplexScalar<T>;
  static constexpr Index planes = complex ? 2 : 1;

 public:
  Group(std::span<SmallTask<T>> tasks, const Problem& problem, const SvdOptions& options) noexcept
      : tasks_(tasks), problem_(problem), options_(options), m_(problem.m), n_(problem.n) {}

  // `copies` lanes hold the matrix of a task.
  void run(void (*kernel)(SmallFrame*) noexcept, Index copies) {
    const Index used = static_cast<Index>(tasks_.size()) * copies;
    if (used < width) {  // lanes without a matrix hold the first one, whose arithmetic is ordinary
      for (Index l = used; l < width; ++l) {
        load(tasks_.front(), l);
      }
    }
    bool any = false;
    for (Index l = used - 1; l >= 0; --l) {
      SmallTask<T>& task = tasks_[static_cast<std::size_t>(l / copies)];
      accepted_[l / copies] = load(task, l);
      any |= accepted_[l / copies];
    }
    if (!any) {
      return;
    }
    const double tie = 1 - double{tie_tolerance<T>};
    const double tolerance =
        std::max(2.0, std::sqrt(static_cast<double>(m_)) / 2) * double{epsilon<double>};
    SmallFrame frame{.m = m_,
                     .n = n_,
                     .sign_from_left = problem_.transposed,
                     .rounds = std::same_as<R, float>,
                     .tie = tie * tie,
                     .tolerance_squared = tolerance * tolerance,
                     .a = memory_.a,
                     .columns = memory_.columns,
                     .values = memory_.values,
                     .residual = memory_.figures[0],
                     .defect_left = memory_.figures[1],
                     .defect_right = memory_.figures[2],
                     .norm = memory_.figures[3],
                     .converged = memory_.figures[4]};
    kernel(&frame);
    for (Index t = 0; t < static_cast<Index>(tasks_.size()); ++t) {
      if (accepted_[t]) {
        deliver(frame, t * copies, tasks_[static_cast<std::size_t>(t)]);
      }
    }
  }

 private:
  // 1. Returns whether it is a matrix for this file. The lane is filled with numbers in any case.
  bool load(SmallTask<T>& task, Index lane) noexcept {
    const Loaded<T> seen = scan(task.a);
    const bool usable = seen.finite && seen.largest > 0;
    int exponent = 0;
    static_cast<void>(std::frexp(seen.largest, &exponent));
    task.scale_exponent = -exponent;
    // 2^-exponent itself may leave the range, so it is applied in two halves.
    const double half = usable ? std::ldexp(1.0, task.scale_exponent / 2) : 0,
                 rest = std::ldexp(1.0, task.scale_exponent - task.scale_exponent / 2);
    const MatrixView<const T> a = problem_.transposed ? task.a.transposed() : task.a;
    const double sign = problem_.transposed ? -1 : 1;
    const Index size = planes * (m_ + n_);
    bool accepted = usable;
    for (Index j = 0; j < n_; ++j) {
      double* const given = memory_.a + j * planes * m_ * width + lane;
      double* const column = memory_.columns + j * size * width + lane;
      double largest = 0;
      for (Index i = 0; i < m_; ++i) {
        const T entry = usable ? a(i, j) : T(i == j ? 1 : 0);
        const double x = usable ? double{real_part(entry)} * half * rest : double{real_part(entry)};
        given[i * width] = column[i * width] = x;
        largest = std::max(largest, std::abs(x));
        if constexpr (complex) {
          const double y = usable ? sign * double{entry.imag()} * half * rest : 0;
          given[(m_ + i) * width] = column[(m_ + n_ + i) * width] = y;
          largest = std::max(largest, std::abs(y));
        }
      }
      for (Index i = 0; i < n_; ++i) {
        column[(m_ + i) * width] = i == j ? 1 : 0;
        if constexpr (complex) {
          column[(m_ + n_ + m_ + i) * width] = 0;
        }
      }
      accepted &= largest >= smallest_column;
    }
    return accepted;
  }

  // 4.
  void deliver(const SmallFrame& frame, Index lane, SmallTask<T>& task) {
    Index order[small_cols];
    for (
        Index k = 0; k < n_;
        ++k) {  // by insertion; of equal values the first column is first, however the sweeps moved them
      Index to = k;
      for (; to > 0 && value(order[to - 1], lane) < value(k, lane); --to) {
        order[to] = order[to - 1];
      }
      order[to] = k;
    }
    if (!(frame.converged[lane] > 0) || !(value(order[n_ - 1], lane) >= smallest_value)) {
      return;
    }
    R sorted[small_cols];
    for (Index k = 0; k < n_; ++k) {
      sorted[k] = static_cast<R>(value(order[k], lane));
    }
    task.tried = true;
    task.audit = judged(frame, lane, {sorted, static_cast<std::size_t>(n_)});
    if (!task.audit.passed) {
      return;
    }
    const R factor = std::ldexp(R{1}, -task.scale_exponent);
    if (!(factor >= smallest_normal<T>) || !std::isfinite(sorted[0] * factor)) {
      if (!std::isfinite(std::ldexp(sorted[0], -task.scale_exponent))) {
        task.tried = task.audit.passed = false;  // the ladder says what is wrong
        return;
      }
      for (Index k = 0; k < n_; ++k) {
        task.s[static_cast<std::size_t>(k)] = std::ldexp(sorted[k], -task.scale_exponent);
      }
    } else {
      for (Index k = 0; k < n_; ++k) {
        task.s[static_cast<std::size_t>(k)] = sorted[k] * factor;
      }
    }
    const bool wide = problem_.transposed;
    if (options_.u != Vectors::none) {
      put(lane, order, wide ? m_ : 0, wide ? n_ : m_, 1, task.u);
    }
    if (options_.v != Vectors::none) {
      put(lane, order, wide ? 0 : m_, wide ? m_ : n_, -1, task.vh.transposed());
    }
  }

  [[nodiscard]] double value(Index k, Index lane) const noexcept {
    return memory_.values[k * width + lane];
  }

  // Rows [first, first + count) of the leading columns, in order, to the columns of `to`; imaginary parts times `sign`.
  void put(Index lane, const Index* order, Index first, Index count, R sign,
           MatrixView<T> to) const noexcept {
    for (Index k = 0; k < problem_.vectors; ++k) {
      const double* const from =
          memory_.columns + (order[k] * planes * (m_ + n_) + first) * width + lane;
      for (Index i = 0; i < count; ++i) {
        const auto x = static_cast<R>(from[i * width]);
        if constexpr (complex) {
          to(i, k) = {x, sign * static_cast<R>(from[(m_ + n_ + i) * width])};
        } else {
          to(i, k) = x;
        }
      }
    }
  }

  [[nodiscard]] AuditReport judged(const SmallFrame& frame, Index lane,
                                   std::span<const R> sorted) const {
    const auto m = static_cast<double>(m_), n = static_cast<double>(n_);
    const double eps = double{epsilon<T>};
    AuditReport report = audit_of_values<T>(sorted, frame.norm[lane], m_);
    report.residual = frame.residual[lane] / (double{sorted[0]} * m * eps);
    report.orthogonality_u = frame.defect_left[lane] / (m * eps);
    report.orthogonality_v = frame.defect_right[lane] / (n * eps);
    judge<T>(report, m_, n_, options_.audit);
    if (problem_.transposed) {
      std::swap(report.orthogonality_u, report.orthogonality_v);
    }
    return report;
  }

  std::span<SmallTask<T>> tasks_;
  const Problem& problem_;
  const SvdOptions& options_;
  Index m_, n_;
  bool accepted_[std::size_t{width}];
  Buffers<complex, std::size_t{width}> memory_;
};

}  // namespace

bool is_small(const Problem& problem, const SvdOptions& options) noexcept {
  return problem.n > 0 && problem.m <= small_rows && problem.n <= small_cols &&
         options.driver == Driver::automatic && options.stages == Stages::automatic &&
         options.audit.rejected == 0 && options.panel == 0 && options.band == 0 &&
         problem.left_columns == problem.vectors;
}

Index small_group(Processor processor) noexcept {
  return small_kernels<false>(processor).group;
}

template <Scalar T>
void small_svd(std::span<SmallTask<T>> tasks, const Problem& problem, const SvdOptions& options,
               Processor processor) {
  const SmallKernels kernels = small_kernels<ComplexScalar<T>>(processor);
  if (tasks.size() == 1) {
    Group<T, lone_lanes>(tasks, problem, options).run(kernels.lone, lone_lanes);
  } else if (kernels.group == 8) {
    Group<T, 8>(tasks, problem, options).run(kernels.matrices, 1);
  } else if (kernels.group == 4) {
    Group<T, 4>(tasks, problem, options).run(kernels.matrices, 1);
  } else {
    Group<T, 2>(tasks, problem, options).run(kernels.matrices, 1);
  }
}

template <Scalar T>
void describe(const SmallTask<T>& task, const Problem& problem, const SvdOptions& options,
              SvdReport& report) {
  Attempt& attempt = report.attempts.emplace_back();
  attempt.driver = Driver::jacobi;
  attempt.audit = task.audit;
  if (!task.audit.passed) {
    attempt.failure = explain_failure(task.audit, options.audit);
    return;
  }
  report.rows = task.a.rows();
  report.cols = task.a.cols();
  report.driver = Driver::jacobi;
  report.audit = task.audit;
  report.scale_exponent = task.scale_exponent;
  report.transposed = problem.transposed;
  report.values_alone = !problem.want_right;
}

template <Scalar T>
bool small_svd(MatrixView<const T> a, std::span<Real<T>> s, MatrixView<T> u, MatrixView<T> vh,
               const Problem& problem, const SvdOptions& options, SvdReport& report) {
  const auto start = std::chrono::steady_clock::now();
  SmallTask<T> task{.a = a, .s = s, .u = u, .vh = vh, .audit = {}};
  small_svd<T>(std::span(&task, 1), problem, options);
  if (!task.tried) {
    return false;
  }
  describe(task, problem, options, report);
  report.seconds = seconds_since(start);
  if (task.audit.passed) {
    report.stages.push_back({"small Jacobi", report.seconds});
  }
  return task.audit.passed;
}

#define ECKART_INSTANTIATE(T)                                                                    \
  template void small_svd<T>(std::span<SmallTask<T>>, const Problem&, const SvdOptions&,         \
                             Processor);                                                         \
  template void describe<T>(const SmallTask<T>&, const Problem&, const SvdOptions&, SvdReport&); \
  template bool small_svd<T>(MatrixView<const T>, std::span<Real<T>>, MatrixView<T>,             \
                             MatrixView<T>, const Problem&, const SvdOptions&, SvdReport&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
