// The driver: which method, and the last look at what is returned.
//
//   1. method: block Golub-Kahan, or the dense decomposition of A written out where the wanted triplets are a good part of all
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
#include "truncated/residuals.hpp"

namespace eckart {
namespace {

using truncated::Decision;

// Triplets looked for first when the rules do not name their number.
constexpr Index first_target = 16;
// Vectors at a time where the caller does not say; at the most, where a reading of A is waited for.
constexpr Index usual_block = 8, largest_block = 32;
// Iteration stops with this in hand, since what it found is measured again.
constexpr double in_hand = 0.5;
// Unit vectors that a matrix is written out from at a time.
constexpr Index strip = 64;

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
    plan();
    report_.method = choose_method();  // 1
    if (plan_.most == 0) {
      take_none();
    } else if (report_.method == TruncatedMethod::dense || !iterate()) {  // 2
      report_.method = TruncatedMethod::dense;
      solve_dense();
    }
    finish();
    if (report_.one_sided && !is_sound()) {
      plan_.two_sided = true;
      if (iterate()) {
        finish();
      }
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
    if (options_.block < 0 || options_.basis < 0 || options_.restarts < 0) {
      throw InvalidArgument("truncated_svd: block, basis and restarts are not negative");
    }
    if (!(options_.tolerance >= 0 && options_.tolerance < 1)) {
      throw InvalidArgument("truncated_svd: the tolerance is relative to a value, so below 1");
    }
    report_.rows = a_.rows();
    report_.cols = a_.cols();
    report_.operator_description = a_.description();
    report_.threads = execution_.thread_count();
    report_.tolerance = options_.tolerance > 0 ? options_.tolerance : std::sqrt(double{epsilon<T>});
    const std::optional<R> norm = timed_("norm", [&] { return a_.frobenius_norm(execution_); });
    if (norm) {
      report_.frobenius_norm = double{*norm};
    }
    truncated::require_decidable(rule_, norm.has_value(), double{epsilon<T>});
  }

  void plan() {
    const Index most = std::min(n_, rule_.rank.value_or(n_));
    const bool is_rank_alone = !rule_.energy && !rule_.relative_frobenius &&
                               !rule_.relative_spectral && !rule_.absolute_frobenius &&
                               !rule_.absolute_spectral;
    plan_ = {
        .target = is_rank_alone ? most : std::min(most, first_target),
        .most = most,
        .block = options_.block > 0 ? options_.block : std::clamp<Index>(n_ / 16, 1, most_block()),
        .basis = options_.basis,
        .tolerance = in_hand * report_.tolerance,
        .restarts = options_.restarts,
        .seed = options_.seed,
        .frobenius_norm = report_.frobenius_norm};
  }

  // As many vectors as are multiplied both ways while A is read: more of them make fewer steps.
  [[nodiscard]] Index most_block() const {
    const OperatorCost cost = a_.cost();
    const double meanwhile = cost.flops > 0 ? cost.reading / (2 * cost.flops) : 0;
    return static_cast<Index>(std::clamp(meanwhile, double{usual_block}, double{largest_block}));
  }

  // 1.
  [[nodiscard]] TruncatedMethod choose_method() const {
    const bool fits = plan_.target > 0 && truncated::fits<T>(plan_.target, a_, plan_);
    if (options_.method == TruncatedMethod::automatic) {
      return fits ? TruncatedMethod::golub_kahan : TruncatedMethod::dense;
    }
    if (options_.method == TruncatedMethod::golub_kahan && !fits && plan_.most > 0) {
      throw InvalidArgument("truncated_svd: " + std::to_string(plan_.target) +
                            " triplets with blocks of " + std::to_string(plan_.block) +
                            " vectors need more vectors than min(m, n) = " + std::to_string(n_) +
                            "; use the dense method");
    }
    return options_.method;
  }

  // rank(0), or an empty matrix.
  void take_none() {
    report_.bound_by = rule_.rank ? "rank" : "all";
    u_ = Matrix<T>(a_.rows(), 0);
    v_ = Matrix<T>(a_.cols(), 0);
  }

  // 2, Golub-Kahan. False: the rules ask for more triplets than it can look for.
  bool iterate() {
    truncated::Iteration<T> iteration(execution_, timed_, a_, rule_, plan_);
    const std::optional<Decision> decision = iteration.run();
    truncated::KrylovSpace<T>& space = iteration.space();
    report_.one_sided = !iteration.is_two_sided();
    report_.restarts += iteration.restarts();
    report_.workspace_bytes = std::max(report_.workspace_bytes, space.memory());
    report_.block = space.size().block;
    report_.basis = space.size().basis;
    if (!decision && iteration.converged() && options_.method == TruncatedMethod::automatic) {
      report_.products += iteration.products();
      report_.one_sided = false;
      return false;
    }
    report_.converged = decision.has_value();
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
      for (Index first = 0; first < a_.cols(); first += strip) {
        execution_.check_stop();
        const Index count = std::min(strip, a_.cols() - first);
        Matrix<T> unit(a_.cols(), count);
        for (Index j = 0; j < count; ++j) {
          unit(first + j, j) = T{1};
        }
        a_.apply(execution_, unit.view(), a.view().columns(first, count));
      }
    });
    report_.products += a_.cols();
    Svd<T> d = timed_("dense", [&] {
      return svd_overwrite<T>(a.view(), {.threads = options_.threads,
                                         .stop = options_.stop,
                                         .progress = options_.progress,
                                         .seed = options_.seed});
    });
    report_.workspace_bytes = std::max(
        report_.workspace_bytes,
        d.report.workspace_bytes + sizeof(T) * static_cast<std::uint64_t>(a.rows() * a.cols()));
    const std::vector<double> values(d.s.begin(), d.s.end());
    const Decision decision = *truncated::decide(
        rule_, {.values = values, .all = true, .frobenius_norm = report_.frobenius_norm});
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
    for (std::size_t i = 0; i < s_.size(); ++i) {
      const double accepted = std::max(report_.tolerance * double{s_[i]}, 8 * rounding);
      report_.converged = report_.converged && report_.residuals[i] <= accepted;
    }
  }

  // ||A||_F^2 - sum s_i^2, in units of ||A||_F^2, and how much of it may be rounding or wrong in the s_i.
  void state_what_is_left(double norm) {
    double left = 1, doubt = static_cast<double>(16 + a_.rows() + a_.cols()) * double{epsilon<T>};
    for (std::size_t i = 0; i < s_.size() && norm > 0; ++i) {
      const double ratio = double{s_[i]} / norm;
      left -= ratio * ratio;
      doubt += 2 * ratio * report_.residuals[i] / norm;
    }
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
  Matrix<T> u_, v_;
  std::vector<R> s_;
};

}  // namespace

const char* to_string(TruncatedMethod method) noexcept {
  switch (method) {
    case TruncatedMethod::golub_kahan:
      return "block Golub-Kahan";
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
