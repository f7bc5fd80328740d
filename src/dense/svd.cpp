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
// so it is computed too when only L is asked for. R^H alone never forms L: its audit goes along the chain of 4a to 4d
// (chain_audit.hpp). Only Jacobi, whose L costs nothing but memory, always forms both.

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
#include "dense/chain_audit.hpp"
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

// The ladder, lowest rung first. Values alone have one bidiagonal method, dqds.
std::vector<Driver> rungs(Driver driver, bool vectors) {
  switch (driver) {
    case Driver::automatic:
      if (vectors) {
        return {Driver::divide_and_conquer, Driver::qr_iteration, Driver::jacobi};
      }
      [[fallthrough]];
    case Driver::divide_and_conquer:
    case Driver::qr_iteration:
      return {vectors ? driver : Driver::qr_iteration, Driver::jacobi};
    case Driver::jacobi:
      break;
  }
  return {Driver::jacobi};
}

// Columns of A that are shown to the sign rule at a time when V itself is not computed.
constexpr Index sign_strip = 256;

// Whether A's own memory serves as the copy that is overwritten. For R^H alone of a wide matrix the sign rule reads A again.
template <Scalar T>
bool can_overwrite(const Shape& shape, MatrixView<T> a) {
  const bool reads_again = shape.transposed && shape.want_right && !shape.want_left;
  return a.data() != nullptr && !reads_again &&
         (shape.transposed ? a.transposed() : a).is_column_major();
}

template <Scalar T>
MemoryPlan bidiagonal_plan(const Shape& shape, const SvdOptions& options) {
  using R = Real<T>;
  const Index m = shape.m, n = shape.n, reduced = shape.qr_first ? n : m;
  const Index p = dense::probe_count(n, options.audit);
  const MemoryPlan nothing;
  const MemoryPlan audit =
      shape.want_left
          ? dense::audit_memory<T>(m, n, options.audit)
          : MemoryPlan::any_of("audit along the chain",
                               {MemoryPlan::all_of("link 1", {MemoryPlan::block<T>("image", m, p),
                                                              dense::apply_memory<T>(p)}),
                                dense::audit_memory<T>(n, n, options.audit)});
  return MemoryPlan::all_of(
      "bidiagonal rungs",
      {shape.qr_first ? MemoryPlan::block<T>("T of A = Q T", n, n) : nothing,
       shape.qr_first ? MemoryPlan::block<T>("tau of Q, A = Q T", n) : nothing,
       MemoryPlan::block<R>("d", n), MemoryPlan::block<R>("e", n),
       MemoryPlan::block<R>("e, consumed by a rung", n), MemoryPlan::block<T>("tau of Q", n),
       MemoryPlan::block<T>("tau of P", n),
       shape.want_left ? nothing : dense::chain_memory<T>(n, options.audit),
       shape.want_right && !shape.want_left ? MemoryPlan::block<T>("U_B", n, n) : nothing,
       MemoryPlan::any_of("steps 4a to 4d, audit",
                          {shape.qr_first ? dense::qr_memory<T>(m, n, options.panel) : nothing,
                           dense::bidiagonalize_memory<T>(reduced, n, options.panel),
                           dense::bidiagonal_svd_memory<T>(n, shape.want_right),
                           dense::apply_memory<T>(n), audit})});
}

template <Scalar T>
MemoryPlan jacobi_plan(const Shape& shape) {
  const Index m = shape.m, n = shape.n;
  return MemoryPlan::all_of(
      "Jacobi rung", {shape.want_left ? MemoryPlan() : MemoryPlan::block<T>("L", m, n),
                      shape.want_right ? MemoryPlan() : MemoryPlan::block<T>("R^H", n, n),
                      MemoryPlan::block<T>("R", n, n), dense::jacobi_memory<T>(m, n, true, true)});
}

template <Scalar T>
MemoryPlan plan(Index rows, Index cols, const SvdOptions& options, bool overwrites) {
  const Shape shape(rows, cols, options);
  const Index m = shape.m, n = shape.n, width = std::min(sign_strip, m);
  const bool own_right = shape.want_right && (shape.transposed || !shape.keeps_right);
  const bool completes = shape.left_columns > n;
  const MemoryPlan nothing;
  const MemoryPlan rung =
      options.driver == Driver::jacobi
          ? MemoryPlan::all_of("Jacobi and its audit",
                               {jacobi_plan<T>(shape), dense::audit_memory<T>(m, n, options.audit)})
          : bidiagonal_plan<T>(shape, options);
  return MemoryPlan::all_of(
      "svd",
      {overwrites ? nothing : MemoryPlan::block<T>("scaled copy of A", m, n),
       own_right ? MemoryPlan::block<T>("R^H", n, n) : nothing,
       dense::witness_memory<T>(m, n, options),
       MemoryPlan::any_of(
           "steps 4 to 6",
           {rung, completes ? dense::complete_basis_memory<T>(m, m, n, options.panel) : nothing,
            completes ? dense::orthogonality_memory<T>(m, m, options.audit) : nothing,
            shape.transposed && shape.want_right && !shape.want_left
                ? MemoryPlan::all_of("sign rule", {MemoryPlan::block<T>("strip of A", n, width),
                                                   MemoryPlan::block<T>("U^H A", n, width)})
                : nothing})});
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
    report_.values_alone = !shape_.want_right;
    const Workspace::Frame frame(work_);
    const std::uint64_t used_before = work_.used();
    work_.reset_peak();

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
    report_.workspace_bytes = work_.peak() - used_before + extra_bytes_;
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
    extra_bytes_ += sizeof(T) * static_cast<std::uint64_t>(wanted.rows() * wanted.cols());
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
    overwrites_ = can_overwrite(shape_, overwritable_);
    const MatrixView<T> own = shape_.transposed ? overwritable_.transposed() : overwritable_;
    copy_ = overwrites_ ? own : take(m, n);
    if (shape_.want_left) {
      left_ = place_for(shape_.transposed ? vh_.transposed() : u_, spare_left_);
    }
    if (shape_.want_right) {
      const bool own_right = shape_.transposed || !shape_.keeps_right;
      right_ = own_right ? take(n, n) : place_for(vh_, spare_right_);
    }
    timed("scale", [&] { copy_scaled(); });
    witness_ =
        timed("probe", [&] { return dense::make_witness<T>(execution_, copy_, options_, work_); });
  }

  MatrixView<T> thin_left() const {
    return left_.data() == nullptr ? left_ : left_.columns(0, shape_.n);
  }

  // 4.
  void climb() {
    const Workspace::Frame frame(work_);
    for (const Driver rung : rungs(options_.driver, shape_.want_right)) {
      Attempt attempt;
      attempt.driver = rung;
      try {
        attempt.converged = rung == Driver::jacobi ? run_jacobi(attempt.audit)
                                                   : run_bidiagonal(rung, attempt.audit);
      } catch (const SizeLimit& limit) {  // of this rung; the next one may need smaller integers
        attempt.converged = false;
        attempt.failure = limit.what();
      }
      const bool rejected = static_cast<int>(report_.attempts.size()) < options_.audit.rejected;
      const bool passed = attempt.converged && attempt.audit.passed && !rejected;
      if (attempt.converged && !passed) {
        attempt.failure = dense::explain_failure(attempt.audit, options_.audit);
      } else if (!passed && attempt.failure.empty()) {
        attempt.failure = "did not converge";
      }
      report_.attempts.push_back(attempt);
      if (passed) {
        report_.driver = rung;
        report_.audit = attempt.audit;
        return;
      }
    }
    throw NumericalError("no rung of the ladder gave a decomposition that passes its audit: " +
                         report_.path());
  }

  // 4a, 4b: once, for both bidiagonal rungs. Returns false when B is not finite.
  bool reduce() {
    if (bidiagonal_.a.data() != nullptr) {
      return is_finite_;
    }
    const Index n = shape_.n;
    const MatrixView<T> to_reduce = shape_.qr_first ? take(n, n) : copy_;
    tau_qr_ = work_.take<T>(shape_.qr_first ? n : 0);
    bidiagonal_ = {to_reduce, work_.take<R>(n), work_.take<R>(n - 1), work_.take<T>(n),
                   work_.take<T>(n)};
    spare_e_ = work_.take<R>(n - 1);
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
    const auto finite = [](R x) { return std::isfinite(x); };
    is_finite_ = std::all_of(bidiagonal_.d.begin(), bidiagonal_.d.end(), finite) &&
                 std::all_of(bidiagonal_.e.begin(), bidiagonal_.e.end(), finite);
    if (!shape_.want_left) {
      timed("audit", [&] { audit_reduction(); });
      u_b_ = shape_.want_right ? take(n, n) : MatrixView<T>();
    }
    return is_finite_;
  }

  // The first link of the chain: W against Q B P^H X.
  void audit_reduction() {
    chain_ = dense::make_chain<T>(shape_.n, witness_.x.cols(), work_);
    const Workspace::Frame frame(work_);
    const MatrixView<T> image = take(shape_.m, witness_.x.cols());
    dense::start_chain<T>(execution_, witness_, bidiagonal_, chain_, image, work_);
    if (shape_.qr_first) {
      dense::apply_q<T>(execution_, Op::none, copy_, tau_qr_, image, work_);
    }
    dense::close_reduction<T>(witness_, chain_, image);
  }

  // 4b to 4d and the audit. Returns false when the method reports failure.
  bool run_bidiagonal(Driver rung, AuditReport& report) {
    if (!reduce()) {
      return false;
    }
    std::copy(bidiagonal_.d.begin(), bidiagonal_.d.end(), s_.begin());
    std::copy(bidiagonal_.e.begin(), bidiagonal_.e.end(), spare_e_.begin());
    const bool converged = timed(stage_name(rung), [&] {
      return dense::bidiagonal_svd<T>(rung, s_, spare_e_, u_of_b(), right_, work_);
    });
    if (converged) {
      report = transform_back_and_audit();
    }
    return converged;
  }

  // Where U_B goes: to the place of L, or to memory of its own when only R^H is wanted.
  MatrixView<T> u_of_b() const {
    return shape_.want_left ? left_.block(0, 0, shape_.n, shape_.n) : u_b_;
  }

  // 4d, with the audit on either side of it.
  AuditReport transform_back_and_audit() {
    const bool follows_chain = !shape_.want_left;
    if (follows_chain && shape_.want_right) {
      timed("audit", [&] {
        dense::check_bidiagonal<T>(execution_, witness_, chain_, u_b_, std::span<const R>(s_),
                                   right_, work_);
      });
    }
    if (shape_.want_right) {
      timed("vectors", [&] { transform_back(); });
    }
    return timed("audit", [&] {
      return follows_chain
                 ? dense::audit_chain<T>(execution_, witness_, chain_, bidiagonal_,
                                         std::span<const R>(s_), right_, options_.audit, work_)
                 : dense::audit<T>(execution_, witness_, thin_left(), std::span<const R>(s_),
                                   right_, options_.audit, work_);
    });
  }

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

  // The last rung: on a fresh copy of A; where A was overwritten, on B, what the reduction has left of it.
  bool run_jacobi(AuditReport& report) {
    const bool is_first = bidiagonal_.a.data() == nullptr;
    if (overwrites_ && !is_first) {
      return run_jacobi_on_bidiagonal(report);
    }
    if (!is_first) {
      copy_scaled();
    }
    // The plan foresees this rung when it was asked for; a climb to it takes memory of its own.
    Workspace own(is_first && options_.driver == Driver::jacobi
                      ? 0
                      : jacobi_plan<T>(shape_).bytes() +
                            dense::audit_memory<T>(shape_.m, shape_.n, options_.audit).bytes());
    extra_bytes_ += own.size();
    Workspace& work = own.size() == 0 ? work_ : own;
    const Workspace::Frame frame(work);
    const auto take_from = [&](Index rows, Index cols) {
      return MatrixView<T>(work.take<T>(rows * cols).data(), rows, cols);
    };
    const MatrixView<T> left = shape_.want_left ? thin_left() : take_from(shape_.m, shape_.n);
    const MatrixView<T> right = shape_.want_right ? right_ : take_from(shape_.n, shape_.n);
    const MatrixView<T> v = take_from(shape_.n, shape_.n);
    const bool converged =
        timed(stage_name(Driver::jacobi), [&] { return jacobi(copy_, left, v, right, work); });
    if (converged) {
      report = timed("audit", [&] {
        return dense::audit<T>(execution_, witness_, left, std::span<const R>(s_), right,
                               options_.audit, work);
      });
    }
    return converged;
  }

  bool run_jacobi_on_bidiagonal(AuditReport& report) {
    if (!is_finite_) {
      return false;
    }
    const Index n = shape_.n;
    Matrix<T> b(n, n), v(n, n), unwanted_u, unwanted_right;
    for (Index i = 0; i < n; ++i) {
      b(i, i) = T(bidiagonal_.d[static_cast<std::size_t>(i)]);
      if (i + 1 < n) {
        b(i, i + 1) = T(bidiagonal_.e[static_cast<std::size_t>(i)]);
      }
    }
    if (!shape_.want_right) {
      unwanted_u = unwanted_right = Matrix<T>(n, n);
    }
    Workspace own(dense::jacobi_memory<T>(n, n, true, true));
    extra_bytes_ += own.size() + 4 * sizeof(T) * static_cast<std::uint64_t>(n * n);
    const MatrixView<T> u_b = shape_.want_right ? u_of_b() : unwanted_u.view();
    const MatrixView<T> right = shape_.want_right ? right_ : unwanted_right.view();
    const bool converged = timed(stage_name(Driver::jacobi),
                                 [&] { return jacobi(b.view(), u_b, v.view(), right, own); });
    if (converged) {
      report = transform_back_and_audit();
    }
    return converged;
  }

  bool jacobi(MatrixView<T> a, MatrixView<T> left, MatrixView<T> v, MatrixView<T> right,
              Workspace& work) {
    const bool converged = dense::jacobi_svd<T>(a, s_, left, v, work, execution_).converged;
    dense::copy_scaled<T>(execution_, v.transposed(), right, 0, true);
    return converged;
  }

  const char* stage_name(Driver rung) const {
    return shape_.want_right || rung == Driver::jacobi ? to_string(rung) : "dqds";
  }

  // 5.
  void deliver() {
    if (left_.cols() > shape_.n) {
      timed("complete",
            [&] { dense::complete_basis<T>(execution_, left_, shape_.n, options_.panel, work_); });
      const double figure = dense::orthogonality<T>(execution_, left_, options_, work_);
      // Still in the tall orientation; step 5 swaps the two at its end.
      report_.audit.orthogonality_u = figure;
      report_.audit.fooled =
          std::max(report_.audit.fooled,
                   dense::probability_of_being_fooled<T>(
                       left_.cols(), dense::probe_count(left_.cols(), options_.audit)));
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
    dense::DecisiveEntries<T> decisive(k);
    if (options_.v != Vectors::none) {
      decisive.see(vh_.top_rows(k), 0);
    } else if (!shape_.transposed) {
      decisive.see(right_, 0);
    } else {
      see_rows_of_uh_a(decisive);
    }
    if (options_.u != Vectors::none) {
      dense::fix_columns<T>(u_.columns(0, k), decisive);
      fix_basis(u_.columns(k, u_.cols() - k).transposed());
    }
    if (options_.v != Vectors::none) {
      dense::fix_rows<T>(vh_.top_rows(k), decisive);
      fix_basis(vh_.block(k, 0, vh_.rows() - k, vh_.cols()));
    }
  }

  // Vectors without a partner follow the rule on their own: they are the rows of x, conjugated or not.
  void fix_basis(MatrixView<T> x) {
    if (x.rows() > 0) {
      dense::DecisiveEntries<T> decisive(x.rows());
      decisive.see(x, 0);
      dense::fix_rows<T>(x, decisive);
    }
  }

  // U alone of a wide matrix: U^H A = diag(s) Vh, a strip of columns at a time, shows the decisive entries of Vh.
  void see_rows_of_uh_a(dense::DecisiveEntries<T>& decisive) {
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
      decisive.see(image, first);
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

  bool overwrites_ = false, is_finite_ = true;
  std::uint64_t extra_bytes_ = 0;  // allocated beside the workspace
  MatrixView<T> copy_, left_, right_, u_b_;
  Matrix<T> spare_left_, spare_right_;
  dense::Witness<T> witness_;
  dense::Bidiagonal<T> bidiagonal_;
  dense::Chain<T> chain_;
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
  const bool overwrites = can_overwrite(Shape(m, n, options), overwritable);
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
    text += values_alone && attempt.driver != Driver::jacobi ? "dqds" : to_string(attempt.driver);
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
