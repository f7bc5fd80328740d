// The driver: which method, and the last look at what is returned.
//
//   1. method: plan.hpp chooses
//   2. triplets: methods.hpp finds them
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
#include "truncated/methods.hpp"
#include "truncated/plan.hpp"
#include "truncated/residuals.hpp"
#include "truncated/rounding.hpp"
#include "truncated/shift_invert.hpp"

namespace eckart {
namespace {

using truncated::Bounds;
using truncated::Found;

// A bound beyond the largest number says nothing.
std::optional<double> finite(double bound) {
  return std::isfinite(bound) ? std::optional(bound) : std::nullopt;
}

template <Scalar T>
class Truncated {
  using R = Real<T>;

 public:
  Truncated(const Operator<T>& a, const Truncation& rule, const TruncatedOptions& options,
            const Checkpoints<T>& checkpoints)
      : a_(a),
        rule_(rule),
        options_(options),
        checkpoints_(checkpoints),
        execution_{.threads = options.threads, .stop = options.stop, .progress = options.progress},
        timed_(execution_, report_.stages) {}

  TruncatedSvd<T> run() {
    const auto start = std::chrono::steady_clock::now();
    begin();
    choose_method();  // 1
    for (;;) {
      find();  // 2
      finish();
      if (options_.which != Which::largest || !report_.one_sided || is_sound()) {
        break;
      }
      iteration_.two_sided = true;
      checkpoints_.from = nullptr;
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
    iteration_ = truncated::iteration_options<T>(a_, rule_, options_);
    report_.rows = a_.rows();
    report_.cols = a_.cols();
    report_.operator_description = a_.description();
    report_.threads = execution_.threads = execution_.thread_count();
    execution_.keep_threads();
    report_.tolerance = truncated::tolerance_of<T>(options_);
    report_.which = options_.which;
    report_.target = options_.which == Which::nearest ? options_.target : 0;
    truncated::require_rule(rule_);
    const std::optional<R> norm = timed_("norm", [&] { return a_.frobenius_norm(execution_); });
    if (norm) {
      report_.frobenius_norm = double{*norm};
    }
    iteration_.frobenius_norm = report_.frobenius_norm;
  }

  // 1.
  void choose_method() {
    TruncatedOptions options = options_;
    if (checkpoints_.from != nullptr) {
      if (options.which != Which::largest) {
        throw InvalidArgument(
            "truncated_svd: a state is one of the largest triplets; leave out `which`");
      }
      if (options.method != TruncatedMethod::automatic &&
          options.method != TruncatedMethod::lanczos) {
        throw InvalidArgument(std::string("truncated_svd: a state is gone on from by ") +
                              to_string(TruncatedMethod::lanczos) + ", not by the method " +
                              to_string(options.method));
      }
      options.method = TruncatedMethod::lanczos;
    }
    const TruncatedPlan plan =
        truncated::plan_for<T>(a_, rule_, options, report_.frobenius_norm.has_value());
    report_.method = plan.method;
    report_.reason = checkpoints_.from != nullptr ? "it goes on from a state" : plan.reason;
    if (iteration_.most == 0) {
      return;
    }
    const MethodEstimate* const chosen = plan.estimate(plan.method);
    if (chosen != nullptr && chosen->obstacle != Obstacle::none) {
      const std::string text = std::string("truncated_svd: ") + to_string(plan.method) + ": " +
                               chosen->obstacle_text + "; " + plan.reason;
      if (chosen->obstacle == Obstacle::memory) {
        throw Error(ErrorKind::out_of_memory, text);
      }
      throw InvalidArgument(text);
    }
    if (options_.which != Which::largest) {
      return;
    }
    const MethodEstimate* const dense = plan.estimate(TruncatedMethod::dense);
    may_be_dense_ = options_.method != TruncatedMethod::lanczos && dense != nullptr &&
                    dense->obstacle == Obstacle::none;
    iteration_.largest = truncated::largest_target<T>(a_, rule_, options_, iteration_);
  }

  // 2.
  void find() {
    if (iteration_.most == 0) {
      take_none();
      return;
    }
    const truncated::Search<T> search{
        execution_,
        timed_,
        a_,
        rule_,
        options_,
        iteration_,
        options_.which == Which::largest
            ? truncated::largest_range<T>(a_, options_, iteration_, may_be_dense_)
            : 0,
        checkpoints_};
    std::optional<Found<T>> found;
    if (options_.which != Which::largest) {
      if (report_.method != TruncatedMethod::dense) {
        found = truncated::find_by_inverse<T>(search, report_.method == TruncatedMethod::lanczos,
                                              report_.products);
      }
    } else if (report_.method == TruncatedMethod::lanczos) {
      found = truncated::find_by_lanczos<T>(search, may_be_dense_, report_.products);
    } else if (report_.method == TruncatedMethod::randomized) {
      found = truncated::find_in_range<T>(search, may_be_dense_, report_.products);
    }
    if (!found) {
      if (options_.which == Which::largest && report_.method == TruncatedMethod::randomized) {
        report_.reason =
            "a random basis of " + std::to_string(search.largest_basis) + " vectors was not enough";
      }
      report_.method = TruncatedMethod::dense;
      found = truncated::find_in_whole<T>(search, report_.products);
    }
    adopt(std::move(*found));
  }

  // rank(0), or an empty matrix.
  void take_none() {
    report_.bound_by = rule_.rank ? "rank" : "all";
    u_ = Matrix<T>(a_.rows(), 0);
    v_ = Matrix<T>(a_.cols(), 0);
  }

  void adopt(Found<T>&& found) {
    u_ = std::move(found.u);
    s_ = std::move(found.s);
    v_ = std::move(found.v);
    bounds_ = found.bounds;
    known_residuals_ = std::move(found.known_residuals);
    report_.bound_by = found.bound_by;
    if (found.cut) {
      report_.noise = found.cut->noise;
      report_.threshold = found.cut->threshold;
    }
    report_.shortfall = found.shortfall;
    report_.products_before = checkpoints_.from != nullptr ? checkpoints_.from->products : 0;
    report_.converged = found.shortfall.empty();
    report_.next_value = found.next_value;
    report_.found_by = found.found_by;
    if (!found.by_products_because.empty()) {
      report_.method = TruncatedMethod::lanczos;
      report_.reason = found.by_products_because;
    }
    report_.certified = found.certificate.certified;
    report_.certified_from = found.certificate.from;
    report_.certified_to = found.certificate.to;
    report_.certainty = found.certificate.text;
    report_.largest_value = found.largest_value;
    report_.solves = found.solves;
    report_.one_sided = found.one_sided;
    report_.block = found.block;
    report_.basis = found.basis;
    report_.restarts += found.restarts;
    report_.workspace_bytes = std::max(report_.workspace_bytes, found.workspace_bytes);
    if (found.frobenius_norm) {
      report_.frobenius_norm = found.frobenius_norm;
    }
  }

  // 3, 4.
  void finish() {
    dense::apply_phases<T>(u_.view(), dense::fix_signs<T>(v_.view()));
    timed_("residuals", [&] {
      truncated::Residuals measured = truncated::residuals<T>(
          execution_, a_, u_.view(), std::span<const R>(s_), v_.view(), known_residuals_);
      report_.residuals = std::move(measured.both);
      smaller_residuals_ = std::move(measured.smaller);
      report_.products +=
          (known_residuals_.lengths.empty() ? 2 : 1) * static_cast<Index>(s_.size());
      report_.orthogonality_u = truncated::orthogonality<T>(execution_, u_.view());
      report_.orthogonality_v = truncated::orthogonality<T>(execution_, v_.view());
    });
    judge();
    state_what_is_left();
  }

  // What one side alone gave, measured: as good as it said it was.
  [[nodiscard]] bool is_sound() const {
    constexpr double orthogonal = 100;
    return report_.orthogonality_u <= orthogonal && report_.orthogonality_v <= orthogonal &&
           (report_.converged || report_.bound_by.empty());
  }

  // Residuals within the tolerance, of which rounding of sigma_1 is always granted.
  void judge() {
    const double granted =
        s_.empty()
            ? 0
            : truncated::granted_to_residual<T>(std::max(report_.largest_value, double{s_[0]}));
    report_.within_tolerance = 0;
    for (std::size_t i = 0; i < s_.size(); ++i) {
      const double accepted = std::max(report_.tolerance * double{s_[i]}, granted);
      report_.within_tolerance += report_.residuals[i] <= accepted ? 1 : 0;
    }
    const auto count = static_cast<Index>(s_.size());
    if (report_.shortfall.empty() && report_.within_tolerance < count) {
      report_.shortfall = std::to_string(count - report_.within_tolerance) + " of " +
                          std::to_string(count) + " residuals, measured, are above the tolerance";
    }
    report_.converged = report_.converged && report_.within_tolerance == count;
  }

  // From ||A||_F, or what it is at most: ||A||_F^2 - sum s_i^2, in units of ||A||_F^2, and how much of it may be rounding or wrong in
  // the s_i: u^H A v differs from s by no more than ||A v - s u||, and by no more than ||A^H u - s v||.
  void state_what_is_left() {
    if (bounds_) {
      report_.failure_probability = bounds_->failure;
      report_.next_at_most = finite(bounds_->next);
    }
    if (options_.which != Which::largest) {
      return;  // all of ||A||_F is left out, as good as
    }
    if (!report_.frobenius_norm && !(bounds_ && finite(bounds_->norm))) {
      return;
    }
    const double norm = report_.frobenius_norm.value_or(bounds_ ? bounds_->norm : 0);
    double left = 1, doubt = static_cast<double>(16 + a_.rows() + a_.cols()) * double{epsilon<T>};
    for (std::size_t i = 0; i < s_.size() && norm > 0; ++i) {
      const double ratio = double{s_[i]} / norm;
      left -= ratio * ratio;
      doubt += 2 * ratio * smaller_residuals_[i] / norm;
    }
    // What U and V lack of being orthonormal.
    doubt += (report_.orthogonality_u * static_cast<double>(a_.rows()) +
              report_.orthogonality_v * static_cast<double>(a_.cols())) *
             double{epsilon<T>};
    const double at_most = norm * std::sqrt(std::max(left, 0.0) + doubt);
    report_.norm_at_most = norm;
    report_.left_out_at_most = at_most;
    report_.next_at_most = at_most;
    if (report_.frobenius_norm) {
      report_.left_out = norm * std::sqrt(std::max(left, 0.0));
    }
    if (bounds_) {
      report_.next_at_most = std::min(at_most, bounds_->next);
    }
  }

  const Operator<T>& a_;
  const Truncation& rule_;
  const TruncatedOptions& options_;
  Checkpoints<T> checkpoints_;
  Execution execution_;
  TruncatedReport report_;
  dense::StageClock timed_;
  truncated::IterationOptions iteration_{};
  bool may_be_dense_ = false;  // where another method gives up
  std::optional<Bounds> bounds_;
  truncated::KnownResiduals known_residuals_;
  std::vector<double> smaller_residuals_;  // of A v - s u and A^H u - s v
  Matrix<T> u_, v_;
  std::vector<R> s_;
};

}  // namespace

const char* to_string(TruncatedMethod method) noexcept {
  switch (method) {
    case TruncatedMethod::lanczos:
      return "block Lanczos";
    case TruncatedMethod::randomized:
      return "randomized";
    case TruncatedMethod::dense:
      return "dense";
    case TruncatedMethod::shift_invert:
      return "shift and invert";
    case TruncatedMethod::automatic:
      break;
  }
  return "automatic";
}

const char* to_string(Which which) noexcept {
  return which == Which::smallest ? "smallest" : which == Which::nearest ? "nearest" : "largest";
}

template <Scalar T>
TruncatedSvd<T> truncated_svd(const Operator<T>& a, const Truncation& rule,
                              const TruncatedOptions& options, const Checkpoints<T>& checkpoints) {
  return Truncated<T>(a, rule, options, checkpoints).run();
}

#define ECKART_INSTANTIATE(T)                                                      \
  template TruncatedSvd<T> truncated_svd<T>(const Operator<T>&, const Truncation&, \
                                            const TruncatedOptions&, const Checkpoints<T>&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
