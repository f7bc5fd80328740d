// The driver: which method, and the last look at what is returned.
//
//   1. method: block Lanczos, or the dense decomposition of A written out where the wanted triplets are a good part of all
//   2. triplets: iteration.hpp, or svd()
//   3. the sign rule
//   4. residuals from products formed anew, orthogonality, and what is left out

#include <algorithm>
#include <chrono>
#include <cmath>

#include <eckart/error.hpp>
#include <eckart/truncated_svd.hpp>

#include "dense/scale.hpp"
#include "dense/sign_rule.hpp"
#include "dense/stage_clock.hpp"
#include "truncated/iteration.hpp"
#include "truncated/plan.hpp"
#include "truncated/residuals.hpp"

namespace eckart {
namespace {

using truncated::Decision;

template <Scalar T>
class Truncated {
  using R = Real<T>;

 public:
  Truncated(const Operator<T>& a, const Truncation& rule, const TruncatedOptions& options)
      : a_(a),
        rule_(rule),
        options_(options),
        execution_{.threads = options.threads, .stop = options.stop, .progress = options.progress},
        timed_(execution_, report_.stages),
        n_(std::min(a.rows(), a.cols())) {}

  TruncatedSvd<T> run() {
    const auto start = std::chrono::steady_clock::now();
    begin();
    choose_method();  // 1
    for (;;) {
      find();  // 2
      finish();
      if (!report_.one_sided || is_sound()) {
        break;
      }
      plan_.two_sided = true;
    }
    report_.seconds = dense::seconds_since(start);
    Matrix<T> vh = Matrix<T>::uninitialized(v_.cols(), v_.rows(), Layout::row_major);
    put_adjoint(v_.view(), vh.view());
    return {std::move(u_), std::move(s_), std::move(vh), std::move(report_)};
  }

 private:
  void put_adjoint(MatrixView<const T> from, MatrixView<T> to) const {
    dense::copy_scaled<T>(execution_, from.transposed(), to, 0, true);
  }

  void begin() {
    plan_ = truncated::iteration_options<T>(a_, rule_, options_);
    report_.rows = a_.rows();
    report_.cols = a_.cols();
    report_.operator_description = a_.description();
    report_.threads = execution_.threads = execution_.thread_count();
    execution_.keep_threads();
    report_.tolerance = options_.tolerance > 0 ? options_.tolerance : std::sqrt(double{epsilon<T>});
    const std::optional<R> norm = timed_("norm", [&] { return a_.frobenius_norm(execution_); });
    if (norm) {
      report_.frobenius_norm = double{*norm};
    }
    truncated::require_decidable(rule_, norm.has_value(), double{epsilon<T>});
  }

  // 1.
  void choose_method() {
    const TruncatedPlan plan = plan_truncated_svd<T>(a_, rule_, options_);
    report_.method = plan.method;
    report_.reason = plan.reason;
    if (plan_.most == 0) {
      return;
    }
    const MethodEstimate* const chosen = plan.estimate(plan.method);
    if (chosen != nullptr && !chosen->obstacle.empty()) {
      const std::string text = std::string("truncated_svd: ") + to_string(plan.method) + ": " +
                               chosen->obstacle + "; " + plan.reason;
      if (chosen->memory.bytes() > 0) {
        throw Error(ErrorKind::out_of_memory, text);
      }
      throw InvalidArgument(text);
    }
    const MethodEstimate* const dense = plan.estimate(TruncatedMethod::dense);
    may_be_dense_ = options_.method == TruncatedMethod::automatic && dense != nullptr &&
                    dense->obstacle.empty();
    plan_.largest = truncated::largest_target<T>(a_, rule_, options_, plan_);
    plan_.frobenius_norm = report_.frobenius_norm;
  }

  // 2.
  void find() {
    if (plan_.most == 0) {
      take_none();
    } else if (report_.method == TruncatedMethod::dense || !iterate()) {
      report_.method = TruncatedMethod::dense;
      solve_dense();
    }
  }

  // rank(0), or an empty matrix.
  void take_none() {
    report_.bound_by = rule_.rank ? "rank" : "all";
    u_ = Matrix<T>(a_.rows(), 0);
    v_ = Matrix<T>(a_.cols(), 0);
  }

  // 2, Lanczos. False: the rules ask for more triplets than it can look for.
  bool iterate() {
    truncated::Iteration<T> iteration(execution_, timed_, a_, rule_, plan_);
    const std::optional<Decision> decision = iteration.run();
    truncated::KrylovSpace<T>& space = iteration.space();
    report_.one_sided = !iteration.is_two_sided();
    report_.restarts += iteration.restarts();
    report_.workspace_bytes = std::max(report_.workspace_bytes, space.memory());
    report_.block = space.size().block;
    report_.basis = space.size().basis;
    if (!decision && iteration.converged() && may_be_dense_) {
      report_.products += iteration.products();
      report_.one_sided = false;
      return false;
    }
    report_.converged = decision.has_value();
    report_.shortfall.clear();
    if (!decision) {
      report_.shortfall = iteration.converged()
                              ? "the rules ask for more than " +
                                    std::to_string(iteration.target()) +
                                    " triplets, and Lanczos can look for no more here"
                              : std::to_string(iteration.restarts()) +
                                    " restarts were used up before all residuals were small enough";
    }
    const Index k = decision ? decision->k : std::min(iteration.target(), space.dimension());
    report_.bound_by = decision ? decision->bound_by : "";
    if (k < space.dimension()) {
      report_.next_value = std::ldexp(double{space.value_at_least(k)}, -space.exponent());
    }
    truncated::Triplets<T> found = timed_("triplets", [&] { return space.triplets(k); });
    report_.products += iteration.products();
    s_ = std::move(found.s);
    for (R& value : s_) {
      value = std::ldexp(value, -space.exponent());
    }
    u_ = std::move(found.u);
    v_ = std::move(found.v);
    if (iteration.is_adjoint()) {
      u_.swap(v_);
    }
    return true;
  }

  // 2, dense: A from its products with the unit vectors.
  void solve_dense() {
    Matrix<T> a = Matrix<T>::uninitialized(a_.rows(), a_.cols());
    timed_("write out", [&] {
      for (Index first = 0; first < a_.cols(); first += truncated::unit_strip) {
        execution_.check_stop();
        const Index count = std::min(truncated::unit_strip, a_.cols() - first);
        Matrix<T> unit(a_.cols(), count);
        for (Index j = 0; j < count; ++j) {
          unit(first + j, j) = T{1};
        }
        a_.apply(execution_, unit.view(), a.view().columns(first, count));
      }
    });
    report_.products += a_.cols();
    Svd<T> d = timed_("dense", [&] {
      return svd_overwrite<T>(a.view(), truncated::dense_options(rule_, options_));
    });
    report_.workspace_bytes = std::max(
        report_.workspace_bytes,
        d.report.workspace_bytes + sizeof(T) * static_cast<std::uint64_t>(a.rows() * a.cols()));
    const std::vector<double> values(d.s.begin(), d.s.end());
    // With all values there is always a decision.
    const Decision decision =
        truncated::decide(rule_,
                          {.values = values, .all = true, .frobenius_norm = report_.frobenius_norm})
            .value();
    report_.converged = true;
    report_.shortfall.clear();
    const Index k = decision.k;
    report_.bound_by = decision.bound_by;
    report_.next_value = k < n_ ? values[static_cast<std::size_t>(k)] : 0;
    s_.assign(d.s.begin(), d.s.begin() + k);
    u_ = Matrix<T>(MatrixView<const T>(d.U.view()).columns(0, k));
    v_ = Matrix<T>::uninitialized(a_.cols(), k);
    put_adjoint(d.Vh.view().top_rows(k), v_.view());
  }

  // 3, 4.
  void finish() {
    dense::apply_phases<T>(u_.view(), dense::fix_signs<T>(v_.view()));
    timed_("residuals", [&] {
      report_.residuals =
          truncated::residuals<T>(execution_, a_, u_.view(), std::span<const R>(s_), v_.view());
      report_.products += 2 * static_cast<Index>(s_.size());
      report_.orthogonality_u = truncated::orthogonality<T>(execution_, u_.view());
      report_.orthogonality_v = truncated::orthogonality<T>(execution_, v_.view());
    });
    judge();
    if (report_.frobenius_norm) {
      state_what_is_left(*report_.frobenius_norm);
    }
  }

  // What one side alone gave, measured: as good as it said it was.
  [[nodiscard]] bool is_sound() const {
    constexpr double orthogonal = 100;
    return report_.orthogonality_u <= orthogonal && report_.orthogonality_v <= orthogonal &&
           (report_.converged || report_.bound_by.empty());
  }

  // Residuals within the tolerance, of which rounding of sigma_1 is always granted.
  void judge() {
    const double rounding =
        s_.empty() ? 0
                   : 4 * double{epsilon<T>} * std::sqrt(static_cast<double>(n_)) * double{s_[0]};
    report_.within_tolerance = 0;
    for (std::size_t i = 0; i < s_.size(); ++i) {
      const double accepted = std::max(report_.tolerance * double{s_[i]}, 8 * rounding);
      report_.within_tolerance += report_.residuals[i] <= accepted ? 1 : 0;
    }
    report_.converged =
        report_.converged && report_.within_tolerance == static_cast<Index>(s_.size());
  }

  // ||A||_F^2 - sum s_i^2, in units of ||A||_F^2, and how much of it may be rounding or wrong in the s_i.
  void state_what_is_left(double norm) {
    double left = 1, doubt = static_cast<double>(16 + a_.rows() + a_.cols()) * double{epsilon<T>};
    for (std::size_t i = 0; i < s_.size() && norm > 0; ++i) {
      const double ratio = double{s_[i]} / norm;
      left -= ratio * ratio;
      doubt += 2 * ratio * report_.residuals[i] / norm;
    }
    // sum s_i^2 exceeds ||A V||_F^2 by no more than V is from orthonormal.
    doubt += report_.orthogonality_v * static_cast<double>(a_.cols()) * double{epsilon<T>};
    report_.left_out = norm * std::sqrt(std::max(left, 0.0));
    report_.next_at_most = norm * std::sqrt(std::max(left, 0.0) + doubt);
  }

  const Operator<T>& a_;
  const Truncation& rule_;
  const TruncatedOptions& options_;
  Execution execution_;
  TruncatedReport report_;
  dense::StageClock timed_;
  Index n_;
  truncated::IterationOptions plan_{};
  bool may_be_dense_ = false;  // where Lanczos gives up
  Matrix<T> u_, v_;
  std::vector<R> s_;
};

}  // namespace

const char* to_string(TruncatedMethod method) noexcept {
  switch (method) {
    case TruncatedMethod::lanczos:
      return "block Lanczos";
    case TruncatedMethod::dense:
      return "dense";
    case TruncatedMethod::automatic:
      break;
  }
  return "automatic";
}

template <Scalar T>
TruncatedSvd<T> truncated_svd(const Operator<T>& a, const Truncation& rule,
                              const TruncatedOptions& options) {
  return Truncated<T>(a, rule, options).run();
}

template TruncatedSvd<float> truncated_svd<float>(const Operator<float>&, const Truncation&,
                                                  const TruncatedOptions&);
template TruncatedSvd<double> truncated_svd<double>(const Operator<double>&, const Truncation&,
                                                    const TruncatedOptions&);
template TruncatedSvd<std::complex<float>> truncated_svd<std::complex<float>>(
    const Operator<std::complex<float>>&, const Truncation&, const TruncatedOptions&);
template TruncatedSvd<std::complex<double>> truncated_svd<std::complex<double>>(
    const Operator<std::complex<double>>&, const Truncation&, const TruncatedOptions&);

}  // namespace eckart
