#include "dense/steps.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <eckart/error.hpp>

#include "blas/gemm.hpp"
#include "dense/audit/audit.hpp"
#include "dense/columns.hpp"
#include "dense/ladder.hpp"
#include "dense/problem.hpp"
#include "dense/reduction/qr.hpp"
#include "dense/scale.hpp"
#include "dense/sign_rule.hpp"
#include "dense/stage_clock.hpp"
#include "dense/svd_plan.hpp"
#include "dense/tall/tall_qr.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

template <Scalar T>
class Steps {
  using R = Real<T>;

 public:
  Steps(const Request<T>& of, Workspace& work, const SvdOptions& options, SvdReport report)
      : a_(of.a),
        overwritable_(of.overwritable),
        s_(of.s),
        u_(of.u),
        vh_(of.vh),
        work_(work),
        options_(options),
        execution_{.threads = options.threads, .stop = options.stop, .progress = options.progress},
        problem_(of.a.rows(), of.a.cols(), options),
        report_(std::move(report)),
        timed_(execution_, report_.stages) {}

  SvdReport run() {
    const auto start = std::chrono::steady_clock::now();
    report_.rows = a_.rows();
    report_.cols = a_.cols();
    report_.transposed = problem_.transposed;
    report_.threads = execution_.threads = execution_.thread_count();  // asked once
    execution_.keep_threads();
    report_.values_alone = !problem_.want_right;
    const Workspace::Frame frame(work_);
    const std::uint64_t used_before = work_.used();
    work_.reset_peak();

    const R largest = timed_("scale", [&] { return max_modulus<T>(execution_, a_); });  // 1
    if (largest == 0) {
      answer_zero();
    } else {
      report_.scale_exponent = scale_exponent(largest);
      take_places();
      if (goes_through_qr(problem_, options_)) {
        climb_through_qr();  // 4
      } else {
        prepare();  // 2, 3
        climb(options_, work_);
      }
      complete();  // 5
      timed_("sign", [&] { fix_signs(); });
      deliver();  // 6
      scale_values<R>(s_, -report_.scale_exponent);
    }
    report_.workspace_bytes += work_.peak() - used_before;
    report_.seconds = seconds_since(start);
    return std::move(report_);
  }

 private:
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

  // A view for a result: the caller's own memory where its layout serves, otherwise `spare`.
  MatrixView<T> place_for(MatrixView<T> wanted, Matrix<T>& spare) {
    if (wanted.is_column_major()) {
      return wanted;
    }
    spare = Matrix<T>::uninitialized(wanted.rows(), wanted.cols());
    report_.workspace_bytes +=
        sizeof(T) * static_cast<std::uint64_t>(wanted.rows() * wanted.cols());
    return spare.view();
  }

  MatrixView<T> take(Index rows, Index cols) { return take_matrix<T>(work_, rows, cols); }

  void copy_scaled() {
    dense::copy_scaled<T>(execution_, problem_.transposed ? a_.transposed() : a_, copy_,
                          report_.scale_exponent, problem_.transposed);
  }

  // Where L and R will stand.
  void take_places() {
    if (problem_.want_left) {
      left_ = place_for(problem_.transposed ? vh_.transposed() : u_, spare_left_);
    }
    if (problem_.want_right) {
      right_ = problem_.keeps_right
                   ? place_for(problem_.transposed ? u_ : vh_.transposed(), spare_right_)
                   : take(problem_.n, problem_.vectors);
    }
  }

  // 2, 3.
  void prepare() {
    overwrites_ = can_overwrite(problem_, overwritable_);
    copy_ = !overwrites_          ? take(problem_.m, problem_.n)
            : problem_.transposed ? overwritable_.transposed()
                                  : overwritable_;
    timed_("scale", [&] { copy_scaled(); });
    witness_ = timed_("probe", [&] { return make_witness<T>(execution_, copy_, options_, work_); });
  }

  // The columns of L that are singular vectors; a full basis has more.
  MatrixView<T> thin_left() const {
    return left_.data() == nullptr ? left_ : left_.columns(0, problem_.vectors);
  }

  // 4.
  void climb(const SvdOptions& options, Workspace& work) {
    dense::climb<T>(execution_, timed_,
                    {.a = copy_,
                     .witness = witness_,
                     .s = s_,
                     .left = thin_left(),
                     .right = right_,
                     .restore = overwrites_ ? std::function<void()>() : [this] { copy_scaled(); }},
                    options, work, report_);
  }

  // 4a to 4c.
  void climb_through_qr() {
    const Workspace::Frame frame(work_);
    const Index m = problem_.m, n = problem_.n, k = right_.cols();
    const Index p = probe_count(n, options_.audit);
    const MatrixView<T> x = take(n, p), t = take(n, n), kept_t = take(n, n), tx = take(n, p);
    const MatrixView<T> left = thin_left(), left_t = take(n, left.cols()), g = take(k, p);
    const bool own_basis = problem_.want_left && k < n;
    const MatrixView<T> basis = own_basis ? take(m, n) : left;
    fill_probes<T>(x, options_.seed);

    const TallRows<T> rows = {.given = problem_.transposed ? a_.transposed() : a_,
                              .exponent = report_.scale_exponent,
                              .conjugated = problem_.transposed};
    TallQr<T> qr = timed_("qr", [&] {
      return tall_factor<T>(execution_, rows, basis, t, x, {.seed = options_.seed}, work_);
    });
    report_.qr_first = true;
    report_.qr_method = to_string(qr.method);
    copy_columns(t, kept_t);
    blas::gemm<T>(execution_, Op::none, Op::none, T(1), t, x, T(0), tx);
    dense::climb<T>(execution_, timed_,
                    {.a = t,
                     .witness = {.x = x, .w = tx, .norm = frobenius_norm<T>(execution_, t)},
                     .s = s_,
                     .left = left_t,
                     .right = right_,
                     .restore = [&] { copy_columns(kept_t, t); }},
                    options_, work_, report_);

    AuditReport& report = report_.attempts.back().audit;
    if (problem_.want_left) {
      blas::gemm<T>(execution_, Op::adjoint, Op::none, T(1), right_, x, T(0), g);
      scale_rows<T>(g, std::span<const R>(s_));
      if (own_basis) {  // what the other columns of L_T would add: T X - L_T (S R^H X)
        blas::gemm<T>(execution_, Op::none, Op::none, T(-1), left_t, g, T(1), tx);
      }
      const TallFigures figures = timed_("vectors", [&] {
        return tall_vectors<T>(execution_, qr, left_t, left,
                               {.x = x,
                                .g = g,
                                .rest = own_basis ? tx : MatrixView<T>(),
                                .r = own_basis ? kept_t : MatrixView<T>()},
                               work_);
      });
      const double residual_of_t = report.residual;
      report = timed_("audit", [&] {
        return tall_report<T>(execution_, qr, figures, x, std::span<const R>(s_), right_,
                              options_.audit, work_);
      });
      if (own_basis) {  // the ladder saw the chain to T's vectors, of which the fused audit sees the product alone
        add_links(report, qr.norm, residual_of_t, 0);
      }
    } else {
      add_links(report, qr.norm, report.residual, qr.link);
    }
    report_.workspace_bytes += qr.extra_bytes;
    report_.audit = report;
    if (!report.passed) {
      report_.attempts.back().failure = explain_failure(report, options_.audit);
      climb_with_jacobi();
    }
  }

  // The residual of A from that of T, in units of T's size, and the distance of A from Q T; the norm is held against A's own.
  void add_links(AuditReport& report, double norm_of_a, double residual_of_t, double link) const {
    const auto m = static_cast<double>(problem_.m), n = static_cast<double>(problem_.n);
    report.norm = audit_of_values<T>(std::span<const R>(s_), norm_of_a, problem_.m).norm;
    const double of_link = link / (double{s_.front()} * m * double{epsilon<T>});
    report.residual =
        larger(problem_.want_left ? report.residual : 0.0, larger(residual_of_t * n / m, of_link));
    judge<T>(report, problem_.m, problem_.n, options_.audit);
  }

  // T was decomposed well, yet A was not: Q is at fault. Jacobi on a copy of A does without it.
  void climb_with_jacobi() {
    SvdOptions jacobi = options_;
    jacobi.driver = Driver::jacobi;
    Matrix<T> copy = Matrix<T>::uninitialized(problem_.m, problem_.n);
    Workspace own(MemoryPlan::all_of(
        "Jacobi on A",
        {witness_memory<T>(problem_.m, problem_.n, options_),
         ladder_memory<T>(
             {.m = problem_.m, .n = problem_.n, .k = right_.cols(), .left = problem_.want_left},
             jacobi)}));
    report_.workspace_bytes +=
        own.size() + sizeof(T) * static_cast<std::uint64_t>(problem_.m * problem_.n);
    copy_ = copy.view();
    copy_scaled();
    witness_ = make_witness<T>(execution_, copy_, options_, own);
    climb(jacobi, own);
  }

  // 5.
  void complete() {
    if (left_.cols() > problem_.n) {
      timed_("complete",
             [&] { complete_basis<T>(execution_, left_, problem_.n, options_.panel, work_); });
      const double figure = orthogonality<T>(execution_, left_, options_, work_);
      report_.audit.orthogonality_u = figure;  // of L; step 6 swaps the two for a wide matrix
      report_.audit.fooled = std::max(
          report_.audit.fooled,
          probability_of_being_fooled<T>(left_.cols(), probe_count(left_.cols(), options_.audit)));
      if (!(figure <= options_.audit.threshold)) {
        throw NumericalError("the completed basis is not orthonormal: " + std::to_string(figure) +
                             " > " + std::to_string(options_.audit.threshold));
      }
    }
  }

  void fix_signs() {
    if (!problem_.want_right) {
      return;
    }
    const MatrixView<T> left = thin_left();
    if (!problem_.transposed) {
      apply_phases<T>(left, dense::fix_signs<T>(right_));
    } else if (problem_.want_left) {
      apply_phases<T>(right_, dense::fix_signs<T>(left));
    } else {
      apply_phases<T>(right_, decisive_entries_of_uh_a());
    }
    if (left_.cols() > problem_.n) {  // without partners, they follow the rule on their own
      dense::fix_signs<T>(left_.columns(problem_.n, left_.cols() - problem_.n));
    }
  }

  // U alone of a wide matrix: U^H A = diag(s) Vh, a strip of columns at a time, shows the decisive entries of Vh.
  std::vector<DecisiveEntry<T>> decisive_entries_of_uh_a() {
    const Workspace::Frame frame(work_);
    const Index n = problem_.n, k = right_.cols(), width = std::min(sign_strip, problem_.m);
    DecisiveEntriesOfStrips<T> decisive(k);
    const MatrixView<T> strip_storage = take(n, width), image_storage = take(k, width);
    for (Index first = 0; first < a_.cols(); first += width) {
      const Index count = std::min(width, a_.cols() - first);
      const MatrixView<T> strip = strip_storage.columns(0, count),
                          image = image_storage.columns(0, count);
      dense::copy_scaled<T>(execution_, a_.columns(first, count), strip, report_.scale_exponent,
                            false);
      blas::gemm<T>(execution_, Op::adjoint, Op::none, T(1), right_, strip, T(0), image);
      decisive.see(image, first);
    }
    return decisive.entries();
  }

  // 6.
  void deliver() {
    if (problem_.transposed) {
      std::swap(report_.audit.orthogonality_u, report_.audit.orthogonality_v);
    }
    if (options_.u != Vectors::none) {
      put(problem_.transposed ? right_ : left_, u_, false);
    }
    if (options_.v != Vectors::none) {
      put(problem_.transposed ? left_ : right_, vh_.transposed(), true);
    }
  }

  void put(MatrixView<const T> from, MatrixView<T> to, bool conjugated) {
    const bool in_place = from.data() == to.data();
    if (!in_place || (conjugated && ComplexScalar<T>)) {
      dense::copy_scaled<T>(execution_, from, to, 0, conjugated);
    }
  }

  MatrixView<const T> a_;
  MatrixView<T> overwritable_;
  std::span<R> s_;
  MatrixView<T> u_, vh_;
  Workspace& work_;
  const SvdOptions& options_;
  Execution execution_;
  Problem problem_;
  SvdReport report_;
  StageClock timed_;

  bool overwrites_ = false;
  MatrixView<T> copy_, left_, right_;
  Matrix<T> spare_left_, spare_right_;
  Witness<T> witness_;
};

}  // namespace

template <Scalar T>
SvdReport take_steps(const Request<T>& of, Workspace& work, const SvdOptions& options,
                     SvdReport report) {
  return Steps<T>(of, work, options, std::move(report)).run();
}

#define ECKART_INSTANTIATE(T) \
  template SvdReport take_steps<T>(const Request<T>&, Workspace&, const SvdOptions&, SvdReport);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
