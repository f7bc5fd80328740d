// The dense driver: A = U diag(s) Vh for any finite matrix.
//
// A wide matrix is decomposed through its conjugate transpose, so from step 3 on the matrix is tall: m x n, m >= n, with left
// vectors L (m x n) and right vectors R^H (n x n);  L, R are U, V for a tall A and V, U for a wide one.
//
//   1. norm pass: max |a_ij|; NaN and infinity are named; a zero or empty matrix is answered at once
//   2. scaled copy: max |a_ij| in [1/2, 1)                                                    scale.hpp
//   3. witness: A X for random probes X, taken before A is overwritten                        audit.hpp
//   4. the ladder: a rung computes, the audit judges, the next rung climbs on
//        4a. A = Q T when m >= qr_first * n, and T stands for A from here                     qr.hpp
//        4b. A = Q B P^H, B bidiagonal; done once for both bidiagonal rungs                   bidiagonalize.hpp
//        4c. B = U_B diag(s) V_B^H by divide and conquer, or by QR iteration                  bidiagonal_svd.hpp
//        4d. L = Q U_B,  R^H = V_B^H P^H
//        or, last, one-sided Jacobi on a fresh copy of A                                      jacobi.hpp
//   5. results go to their places: transposed, conjugated, completed to a full basis
//   6. the sign rule                                                                          sign_rule.hpp
//   7. s is scaled back
//
// The choice between U and V wanted or not: L needs R^H beside it for the audit and the sign rule, and R^H is the small one,
// so it is computed too when only L is asked for; R^H alone never forms L.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>

#include <eckart/error.hpp>
#include <eckart/svd.hpp>

#include "blas/gemm.hpp"
#include "dense/audit.hpp"
#include "dense/bidiagonal_svd.hpp"
#include "dense/bidiagonalize.hpp"
#include "dense/jacobi.hpp"
#include "dense/qr.hpp"
#include "dense/scale.hpp"
#include "dense/sign_rule.hpp"

namespace eckart {
namespace {

using blas::Op;

// The shape of a problem, after transposition, and what has to be computed.
struct Shape {
  Index m = 0, n = 0;       // m >= n
  bool transposed = false;  // the matrix given was wide
  bool want_left = false, want_right = false;
  Index left_columns = 0;    // n, or m for a full basis
  bool keeps_right = false;  // the caller asked for R^H itself
  bool qr_first = false;

  Shape(Index rows, Index cols, const SvdOptions& options)
      : m(std::max(rows, cols)), n(std::min(rows, cols)), transposed(rows < cols) {
    const Vectors left = transposed ? options.v : options.u;
    const Vectors right = transposed ? options.u : options.v;
    want_left = left != Vectors::none;
    keeps_right = right != Vectors::none;
    want_right = want_left || keeps_right;
    left_columns = left == Vectors::full ? m : n;
    qr_first = m > n && static_cast<double>(m) >= options.qr_first * static_cast<double>(n);
  }
};

// The ladder, lowest rung first.
std::vector<Driver> rungs(Driver driver) {
  switch (driver) {
    case Driver::automatic:
      return {Driver::divide_and_conquer, Driver::qr_iteration, Driver::jacobi};
    case Driver::divide_and_conquer:
    case Driver::qr_iteration:
      return {driver, Driver::jacobi};
    case Driver::jacobi:
      break;
  }
  return {Driver::jacobi};
}

// Columns of A that are shown to the sign rule at a time when V itself is not computed.
constexpr Index sign_strip = 256;

template <Scalar T>
MemoryPlan plan(Index rows, Index cols, const SvdOptions& options, bool overwrite) {
  using R = Real<T>;
  const Shape shape(rows, cols, options);
  const Index m = shape.m, n = shape.n, reduced = shape.qr_first ? n : m;
  const bool own_right = shape.want_right && (shape.transposed || !shape.keeps_right);
  const MemoryPlan bidiagonal = MemoryPlan::all_of(
      "bidiagonal rungs",
      {MemoryPlan::block<T>("T of A = Q T", shape.qr_first ? n * n : 0),
       MemoryPlan::block<T>("tau of Q, A = Q T", shape.qr_first ? n : 0),
       MemoryPlan::block<R>("d", n), MemoryPlan::block<R>("e", n),
       MemoryPlan::block<R>("e, consumed by a rung", n), MemoryPlan::block<T>("tau of Q", n),
       MemoryPlan::block<T>("tau of P", n),
       MemoryPlan::block<T>("U_B", shape.want_right && !shape.want_left ? n * n : 0),
       MemoryPlan::any_of(
           "steps 4a to 4d, audit",
           {dense::audit_memory<T>(m, n, options.audit),
            shape.qr_first ? dense::qr_memory<T>(m, n, options.panel) : MemoryPlan(),
            dense::bidiagonalize_memory<T>(reduced, n, options.panel),
            dense::bidiagonal_svd_memory<T>(n, shape.want_right), dense::apply_memory<T>(n)})});
  const MemoryPlan jacobi = MemoryPlan::all_of(
      "Jacobi rung", {MemoryPlan::block<T>("R", shape.want_right ? n * n : 0),
                      dense::jacobi_memory<T>(m, n, shape.want_left, shape.want_right)});
  const Index completed = shape.want_left && shape.left_columns > n ? m : 0;
  return MemoryPlan::all_of(
      "svd",
      {MemoryPlan::block<T>("scaled copy of A", overwrite ? 0 : m * n),
       MemoryPlan::block<T>("R^H", own_right ? n * n : 0),
       dense::witness_memory<T>(m, n, shape.want_left, shape.want_right, options),
       MemoryPlan::any_of(
           "steps 4 to 6",
           {options.driver == Driver::jacobi
                ? MemoryPlan::any_of("Jacobi, audit",
                                     {jacobi, dense::audit_memory<T>(m, n, options.audit)})
                : bidiagonal,
            completed > 0 ? dense::complete_basis_memory<T>(m, m, n, options.panel) : MemoryPlan(),
            completed > 0 ? dense::orthogonality_memory<T>(m, m, options.audit) : MemoryPlan(),
            MemoryPlan::block<T>("strip for the sign rule", shape.transposed && !shape.want_left
                                                                ? 2 * n * std::min(sign_strip, m)
                                                                : 0)})});
}

template <Scalar T>
class DenseSvd {
  using R = Real<T>;

 public:
  DenseSvd(MatrixView<const T> a, MatrixView<T> overwritable, std::span<R> s, MatrixView<T> u,
           MatrixView<T> vh, Workspace& work, const SvdOptions& options)
      : a_(a),
        overwritable_(overwritable),
        s_(s),
        u_(u),
        vh_(vh),
        work_(work),
        options_(options),
        execution_{.threads = options.threads, .stop = options.stop, .progress = options.progress},
        shape_(a.rows(), a.cols(), options) {}

  SvdReport run() {
    const auto start = std::chrono::steady_clock::now();
    check_arguments();
    report_.rows = a_.rows();
    report_.cols = a_.cols();
    report_.transposed = shape_.transposed;
    report_.threads = execution_.thread_count();
    const Workspace::Frame frame(work_);

    const R largest = timed("scale", [&] { return dense::max_modulus<T>(execution_, a_); });  // 1
    if (largest == 0) {
      answer_zero();
    } else {
      report_.scale_exponent = dense::scale_exponent(largest);
      prepare();                                            // 2, 3
      climb();                                              // 4
      deliver();                                            // 5
      timed("sign", [&] { fix_signs(); });                  // 6
      dense::scale_values<R>(s_, -report_.scale_exponent);  // 7
    }
    report_.workspace_bytes = work_.peak();
    report_.seconds = seconds_since(start);
    return std::move(report_);
  }

 private:
  static double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  // Runs a step and adds its time to the report's line of that name.
  template <class Step>
  auto timed(const char* stage, Step step) {
    execution_.step(stage, 0);
    const auto start = std::chrono::steady_clock::now();
    const auto note = [&] {
      const auto known = std::find_if(report_.stages.begin(), report_.stages.end(),
                                      [&](const StageTime& line) { return line.stage == stage; });
      if (known == report_.stages.end()) {
        report_.stages.push_back({stage, seconds_since(start)});
      } else {
        known->seconds += seconds_since(start);
      }
    };
    if constexpr (std::is_void_v<decltype(step())>) {
      step();
      note();
    } else {
      auto result = step();
      note();
      return result;
    }
  }

  void check_arguments() const {
    const Index k = shape_.n;
    const auto require = [](bool holds, const std::string& what) {
      if (!holds) {
        throw InvalidArgument("svd: " + what);
      }
    };
    const auto is_shape = [](MatrixView<T> x, Index rows, Index cols) {
      return x.rows() == rows && x.cols() == cols;
    };
    const auto text = [](Index rows, Index cols) {
      return std::to_string(rows) + " x " + std::to_string(cols);
    };
    require(options_.panel > 0, "panel must be positive");
    require(static_cast<Index>(s_.size()) == k,
            "s must have min(m, n) = " + std::to_string(k) + " entries");
    const Index u_cols = options_.u == Vectors::full ? a_.rows() : k;
    const Index vh_rows = options_.v == Vectors::full ? a_.cols() : k;
    require(options_.u == Vectors::none || is_shape(u_, a_.rows(), u_cols),
            "u must be " + text(a_.rows(), u_cols));
    require(options_.v == Vectors::none || is_shape(vh_, vh_rows, a_.cols()),
            "vh must be " + text(vh_rows, a_.cols()));
  }

  // A zero or empty matrix: s = 0, and any orthonormal vectors serve.
  void answer_zero() {
    std::fill(s_.begin(), s_.end(), R{0});
    const auto set_identity = [](MatrixView<T> x) {
      for (Index j = 0; j < x.cols(); ++j) {
        for (Index i = 0; i < x.rows(); ++i) {
          x(i, j) = i == j ? T{1} : T{0};
        }
      }
    };
    if (options_.u != Vectors::none) {
      set_identity(u_);
    }
    if (options_.v != Vectors::none) {
      set_identity(vh_);
    }
    report_.audit.passed = true;
  }

  // A view of `rows` x `cols` entries for a result: the caller's own memory where its layout serves, otherwise `spare`.
  MatrixView<T> place_for(MatrixView<T> wanted, Matrix<T>& spare) {
    if (wanted.is_column_major()) {
      return wanted;
    }
    spare = Matrix<T>::uninitialized(wanted.rows(), wanted.cols());
    return spare.view();
  }

  MatrixView<T> take(Index rows, Index cols) {
    return {work_.take<T>(rows * cols).data(), rows, cols};
  }

  void copy_scaled() {
    dense::copy_scaled<T>(execution_, shape_.transposed ? a_.transposed() : a_, copy_,
                          report_.scale_exponent, shape_.transposed);
  }

  void prepare() {
    const Index m = shape_.m, n = shape_.n;
    overwritable_ = shape_.transposed ? overwritable_.transposed() : overwritable_;
    overwrites_ = overwritable_.data() != nullptr && overwritable_.is_column_major();
    copy_ = overwrites_ ? overwritable_ : take(m, n);
    if (shape_.want_left) {
      left_ = place_for(shape_.transposed ? vh_.transposed() : u_, spare_left_);
    }
    if (shape_.want_right) {
      const bool own = shape_.transposed || !shape_.keeps_right;
      right_ = own ? take(n, n) : place_for(vh_, spare_right_);
    }
    timed("scale", [&] { copy_scaled(); });
    witness_ = timed("probe", [&] {
      return dense::make_witness<T>(execution_, copy_, shape_.want_left, shape_.want_right,
                                    options_, work_);
    });
  }

  MatrixView<T> thin_left() const {
    return left_.data() == nullptr ? left_ : left_.columns(0, shape_.n);
  }

  // 4.
  void climb() {
    const Workspace::Frame frame(work_);
    for (const Driver rung : rungs(options_.driver)) {
      Attempt attempt;
      attempt.driver = rung;
      attempt.converged = rung == Driver::jacobi ? run_jacobi() : run_bidiagonal(rung);
      if (attempt.converged) {
        attempt.audit = timed("audit", [&] { return judge(rung); });
        attempt.failure =
            attempt.audit.passed ? "" : dense::explain_failure(attempt.audit, options_.audit);
      } else {
        attempt.failure = "did not converge";
      }
      report_.attempts.push_back(attempt);
      if (attempt.audit.passed) {
        report_.driver = rung;
        report_.audit = attempt.audit;
        return;
      }
    }
    throw NumericalError("no rung of the ladder gave a decomposition that passes its audit: " +
                         report_.path());
  }

  AuditReport judge(Driver rung) {
    AuditReport report = dense::audit<T>(execution_, witness_, thin_left(), std::span<const R>(s_),
                                         right_, shape_.m, shape_.n, options_.audit, work_);
    if (!shape_.want_right && rung != Driver::jacobi && report.passed) {
      const double tolerance = options_.audit.threshold * static_cast<double>(shape_.m) *
                               double{epsilon<T>} * double{s_.front()};
      report.counts_agree =
          dense::values_agree_with_counts<R>(bidiagonal_.d, bidiagonal_.e, s_, tolerance);
      report.passed = report.counts_agree;
    }
    return report;
  }

  // 4a, 4b: once, for both bidiagonal rungs.
  void reduce() {
    const Index n = shape_.n;
    MatrixView<T> to_reduce = copy_;
    if (shape_.qr_first) {
      to_reduce = take(n, n);
    }
    const auto reals = [&](Index count) { return work_.take<R>(count); };
    tau_qr_ = work_.take<T>(shape_.qr_first ? n : 0);
    bidiagonal_ = {to_reduce, reals(n), reals(n - 1), work_.take<T>(n), work_.take<T>(n)};
    if (shape_.qr_first) {
      report_.qr_first = true;
      timed("qr", [&] { dense::qr_factor<T>(execution_, copy_, tau_qr_, options_.panel, work_); });
      for (Index j = 0; j < n; ++j) {
        std::copy_n(copy_.col(j), j + 1, to_reduce.col(j));
        std::fill(to_reduce.col(j) + j + 1, to_reduce.col(j) + n, T{});
      }
    }
    timed("bidiagonalize",
          [&] { dense::bidiagonalize<T>(execution_, bidiagonal_, options_.panel, work_); });
  }

  // 4b to 4d. Returns false when the method reports failure.
  bool run_bidiagonal(Driver rung) {
    const Index n = shape_.n;
    if (bidiagonal_.a.data() == nullptr) {
      reduce();
      spare_e_ = work_.take<R>(n - 1);
      if (shape_.want_right && !shape_.want_left) {
        u_b_ = take(n, n);
      }
    }
    std::copy(bidiagonal_.d.begin(), bidiagonal_.d.end(), s_.begin());
    std::copy(bidiagonal_.e.begin(), bidiagonal_.e.end(), spare_e_.begin());
    const auto is_finite = [](R x) { return std::isfinite(x); };
    if (!std::all_of(s_.begin(), s_.end(), is_finite) ||
        !std::all_of(spare_e_.begin(), spare_e_.end(), is_finite)) {
      return false;
    }
    const MatrixView<T> u_b = shape_.want_left ? left_.block(0, 0, n, n) : u_b_;
    const bool converged = timed(to_string(rung), [&] {
      return dense::bidiagonal_svd<T>(rung, s_, spare_e_, u_b, right_, work_);
    });
    if (converged && shape_.want_right) {
      timed("vectors", [&] { transform_back(); });
    }
    return converged;
  }

  // 4d.
  void transform_back() {
    const Index m = shape_.m, n = shape_.n;
    dense::apply_right_vectors<T>(execution_, bidiagonal_, right_, work_);
    if (!shape_.want_left) {
      return;
    }
    const MatrixView<T> left = thin_left();
    for (Index j = 0; j < n; ++j) {
      std::fill(left.col(j) + n, left.col(j) + m, T{});
    }
    if (shape_.qr_first) {
      dense::apply_left_vectors<T>(execution_, bidiagonal_, left.top_rows(n), work_);
      dense::apply_q<T>(execution_, Op::none, copy_, tau_qr_, left, work_);
    } else {
      dense::apply_left_vectors<T>(execution_, bidiagonal_, left, work_);
    }
  }

  // Jacobi on a fresh copy of A; where A was overwritten, on what the reduction has left of it.
  bool run_jacobi() {
    if (overwrites_ && bidiagonal_.a.data() != nullptr) {
      return run_jacobi_on_bidiagonal();
    }
    if (bidiagonal_.a.data() != nullptr) {
      copy_scaled();
    }
    return timed(to_string(Driver::jacobi), [&] { return jacobi(copy_, thin_left()); });
  }

  bool run_jacobi_on_bidiagonal() {
    const Index n = shape_.n;
    Matrix<T> b(n, n);
    for (Index i = 0; i < n; ++i) {
      b(i, i) = T(bidiagonal_.d[static_cast<std::size_t>(i)]);
      if (i + 1 < n) {
        b(i, i + 1) = T(bidiagonal_.e[static_cast<std::size_t>(i)]);
      }
    }
    const MatrixView<T> u_b = shape_.want_left ? left_.block(0, 0, n, n) : MatrixView<T>();
    const bool converged = timed(to_string(Driver::jacobi), [&] { return jacobi(b.view(), u_b); });
    if (converged && shape_.want_right) {
      timed("vectors", [&] { transform_back(); });
    }
    return converged;
  }

  // The last rung has memory of its own when the plan did not foresee it.
  bool jacobi(MatrixView<T> a, MatrixView<T> left) {
    const Index n = shape_.n;
    const MemoryPlan needed =
        dense::jacobi_memory<T>(a.rows(), n, shape_.want_left, shape_.want_right);
    const bool planned = options_.driver == Driver::jacobi;
    Workspace own(planned ? 0 : needed.bytes());
    Matrix<T> own_v;
    MatrixView<T> v;
    const Workspace::Frame frame(work_);
    if (shape_.want_right) {
      if (!planned) {
        own_v = Matrix<T>::uninitialized(n, n);
      }
      v = planned ? take(n, n) : own_v.view();
    }
    const bool converged =
        dense::jacobi_svd<T>(a, s_, left, v, planned ? work_ : own, execution_).converged;
    if (converged && shape_.want_right) {
      dense::copy_scaled<T>(execution_, v.transposed(), right_, 0, true);
    }
    return converged;
  }

  // 5.
  void deliver() {
    if (left_.cols() > shape_.n) {
      timed("complete",
            [&] { dense::complete_basis<T>(execution_, left_, shape_.n, options_.panel, work_); });
      const double figure = dense::orthogonality<T>(execution_, left_, options_, work_);
      (shape_.transposed ? report_.audit.orthogonality_v : report_.audit.orthogonality_u) = figure;
      if (!(figure <= options_.audit.threshold)) {
        throw NumericalError("the completed basis is not orthonormal: " + std::to_string(figure) +
                             " > " + std::to_string(options_.audit.threshold));
      }
    }
    if (shape_.transposed) {
      std::swap(report_.audit.orthogonality_u, report_.audit.orthogonality_v);
    }
    if (shape_.want_left) {
      put(left_, shape_.transposed ? vh_.transposed() : u_);
    }
    if (shape_.keeps_right) {
      put(right_, shape_.transposed ? u_.transposed() : vh_);
    }
  }

  void put(MatrixView<const T> from, MatrixView<T> to) {
    const bool in_place = from.data() == to.data();
    if (!in_place || (shape_.transposed && ComplexScalar<T>)) {
      dense::copy_scaled<T>(execution_, from, to, 0, shape_.transposed);
    }
  }

  // 6.
  void fix_signs() {
    if (!shape_.want_right) {
      return;
    }
    const Index k = shape_.n;
    dense::LargestEntries<T> largest(k);
    if (options_.v != Vectors::none) {
      largest.see(vh_.top_rows(k));
    } else if (!shape_.transposed) {
      largest.see(right_);
    } else if (shape_.want_left) {
      largest.see(vh_.top_rows(k));
    } else {
      see_rows_of_uh_a(largest);
    }
    if (options_.u != Vectors::none) {
      dense::fix_columns<T>(u_.columns(0, k), largest);
      fix_basis(u_.columns(k, u_.cols() - k).transposed());
    }
    if (options_.v != Vectors::none) {
      dense::fix_rows<T>(vh_.top_rows(k), largest);
      fix_basis(vh_.block(k, 0, vh_.rows() - k, vh_.cols()));
    }
  }

  // Vectors without a partner follow the rule on their own: they are the rows of x, conjugated or not.
  void fix_basis(MatrixView<T> x) {
    if (x.rows() > 0) {
      dense::LargestEntries<T> largest(x.rows());
      largest.see(x);
      dense::fix_rows<T>(x, largest);
    }
  }

  // U alone of a wide matrix: U^H A = diag(s) Vh, a strip of columns at a time, shows the largest entries of Vh.
  void see_rows_of_uh_a(dense::LargestEntries<T>& largest) {
    const Index k = shape_.n, width = std::min(sign_strip, shape_.m);
    const Workspace::Frame frame(work_);
    const MatrixView<T> strip_storage = take(k, width), image_storage = take(k, width);
    for (Index first = 0; first < a_.cols(); first += width) {
      const Index count = std::min(width, a_.cols() - first);
      const MatrixView<T> strip = strip_storage.columns(0, count),
                          image = image_storage.columns(0, count);
      dense::copy_scaled<T>(execution_, a_.columns(first, count), strip, report_.scale_exponent,
                            false);
      blas::gemm<T>(execution_, Op::none, Op::none, T(1), right_, strip, T(0), image);
      largest.see(image);
    }
  }

  MatrixView<const T> a_;
  MatrixView<T> overwritable_;
  std::span<R> s_;
  MatrixView<T> u_, vh_;
  Workspace& work_;
  const SvdOptions& options_;
  Execution execution_;
  Shape shape_;
  SvdReport report_;

  bool overwrites_ = false;
  MatrixView<T> copy_, left_, right_, u_b_;
  Matrix<T> spare_left_, spare_right_;
  dense::Witness<T> witness_;
  dense::Bidiagonal<T> bidiagonal_;
  std::span<T> tau_qr_;
  std::span<R> spare_e_;
};

// Allocates the result in the layouts that need no copy, and decomposes into it.
template <Scalar T>
Svd<T> allocate_and_decompose(MatrixView<const T> a, MatrixView<T> overwritable,
                              const SvdOptions& options) {
  const Index m = a.rows(), n = a.cols(), k = std::min(m, n);
  Svd<T> result;
  result.s.resize(static_cast<std::size_t>(k));
  if (options.u != Vectors::none) {
    result.U = Matrix<T>::uninitialized(m, options.u == Vectors::full ? m : k);
  }
  if (options.v != Vectors::none) {
    result.Vh = Matrix<T>::uninitialized(options.v == Vectors::full ? n : k, n,
                                         m < n ? Layout::row_major : Layout::column_major);
  }
  const bool overwrites = (m < n ? overwritable.transposed() : overwritable).is_column_major() &&
                          overwritable.data() != nullptr;
  Workspace work(plan<T>(m, n, options, overwrites));
  result.report =
      DenseSvd<T>(a, overwritable, result.s, result.U.view(), result.Vh.view(), work, options)
          .run();
  return result;
}

}  // namespace

const char* to_string(Driver driver) noexcept {
  switch (driver) {
    case Driver::divide_and_conquer:
      return "divide and conquer";
    case Driver::qr_iteration:
      return "QR iteration";
    case Driver::jacobi:
      return "one-sided Jacobi";
    case Driver::automatic:
      break;
  }
  return "automatic";
}

std::string SvdReport::path() const {
  std::string text = transposed ? "transposed, " : "";
  if (qr_first) {
    text += "QR first, ";
  }
  for (const Attempt& attempt : attempts) {
    text += to_string(attempt.driver);
    text += attempt.failure.empty() ? " (audit passed)" : " (failed: " + attempt.failure + "), ";
  }
  return attempts.empty() ? text + "zero matrix" : text;
}

template <Scalar T>
MemoryPlan svd_memory(Index m, Index n, const SvdOptions& options) {
  return plan<T>(m, n, options, false);
}

template <Scalar T>
double svd_flops(Index rows, Index cols, const SvdOptions& options) {
  const Shape shape(rows, cols, options);
  const auto m = static_cast<double>(shape.m), n = static_cast<double>(shape.n);
  const double reduced = shape.qr_first ? n : m;
  double flops = 4 * reduced * n * n - 4.0 / 3 * n * n * n;
  if (shape.qr_first) {
    flops += 2 * m * n * n - 2.0 / 3 * n * n * n;
  }
  double real_flops = 0;
  if (shape.want_right) {
    flops += 2 * n * n * n;
    real_flops = 8.0 / 3 * n * n * n;
  }
  if (shape.want_left) {
    flops +=
        4 * reduced * n * n - 2 * n * n * n + (shape.qr_first ? 4 * m * n * n - 2 * n * n * n : 0);
    const auto missing = static_cast<double>(shape.left_columns - shape.n);
    flops += missing > 0 ? 2 * m * n * n + 4 * m * n * missing : 0;
  }
  return (ComplexScalar<T> ? 4 : 1) * flops + real_flops;
}

template <Scalar T>
SvdReport svd_into(MatrixView<const T> a, std::span<Real<T>> s, MatrixView<T> u, MatrixView<T> vh,
                   Workspace& work, const SvdOptions& options) {
  return DenseSvd<T>(a, {}, s, u, vh, work, options).run();
}

template <Scalar T>
Svd<T> svd(MatrixView<const T> a, const SvdOptions& options) {
  return allocate_and_decompose<T>(a, {}, options);
}

template <Scalar T>
Svd<T> svd_overwrite(MatrixView<T> a, const SvdOptions& options) {
  return allocate_and_decompose<T>(a, a, options);
}

template <Scalar T>
std::vector<Real<T>> singular_values(MatrixView<const T> a, const SvdOptions& options) {
  SvdOptions values_only = options;
  values_only.u = Vectors::none;
  values_only.v = Vectors::none;
  return svd<T>(a, values_only).s;
}

#define ECKART_INSTANTIATE(T)                                                            \
  template MemoryPlan svd_memory<T>(Index, Index, const SvdOptions&);                    \
  template double svd_flops<T>(Index, Index, const SvdOptions&);                         \
  template SvdReport svd_into<T>(MatrixView<const T>, std::span<Real<T>>, MatrixView<T>, \
                                 MatrixView<T>, Workspace&, const SvdOptions&);          \
  template Svd<T> svd<T>(MatrixView<const T>, const SvdOptions&);                        \
  template Svd<T> svd_overwrite<T>(MatrixView<T>, const SvdOptions&);                    \
  template std::vector<Real<T>> singular_values<T>(MatrixView<const T>, const SvdOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
