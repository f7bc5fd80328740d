#include "truncated/shift_invert.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include <eckart/error.hpp>

#include "dense/columns.hpp"
#include "dense/scale.hpp"
#include "truncated/deflated.hpp"
#include "truncated/inverse_choice.hpp"
#include "truncated/orthogonalize.hpp"
#include "truncated/plan.hpp"
#include "truncated/refinement.hpp"
#include "truncated/residuals.hpp"

namespace eckart::truncated {
namespace {

// sigma_1 to a digit, for the scale and what rounding is.
constexpr double tolerance_of_scale = 0.1;
// What is taken for a target above that many times sigma_1.
constexpr double beyond_all = 2;
// Searches for values that a count missed.
constexpr int most_searches = 3;
constexpr const char* value_is_missing = "a value is missing that a count shows";
// sigma_k^2 / t of the folded operator as it is taken to be at first.
constexpr double first_share = 1.0 / 32;

template <Scalar T>
class ShiftInvert {
  using R = Real<T>;

 public:
  ShiftInvert(const Search<T>& search, bool by_products, Index& products)
      : search_(search),
        execution_(search.execution),
        options_(search.options),
        by_products_(by_products),
        products_(products),
        is_adjoint_(search.a.rows() < search.a.cols()),
        a_(is_adjoint_ ? eckart::adjoint(search.a) : search.a),
        m_(a_.rows()),
        n_(a_.cols()),
        k_(search.iteration.target),
        tolerance_(in_hand * search.iteration.tolerance),
        tall_{.a = a_, .is_adjoint = is_adjoint_} {}

  Found<T> run() {
    find_scale();
    if (!(found_.largest_value > 0)) {
      return nothing_but_zeros();
    }
    while ((inverse_ = choice_->next())) {  // 1
      found_.found_by = inverse_->description();
      note_memory(0);
      trial_left_ = choice_->restarts();
      try {
        find();  // 2 - 6
      } catch (const Error& error) {
        // A factor that is singular to rounding. What an earlier inverse gave has been overwritten.
        if (error.kind() != ErrorKind::non_finite || choice_->is_last()) {
          throw;
        }
        has_result_ = false;
        continue;
      }
      has_result_ = true;
      if (choice_->is_last() || is_accurate()) {
        break;
      }
    }
    if (!has_result_) {
      choice_->refuse();
    }
    if (!inverse_) {
      count_what_is_kept();
    }
    finish();
    return std::move(found_);
  }

 private:
  [[nodiscard]] double scaled(double x) const { return std::ldexp(x, exponent_); }

  void find_scale() {
    const TruncatedSvd<T> top = search_.timed("scale", [&] {
      return truncated_svd<T>(a_, rank(1),
                              {.tolerance = tolerance_of_scale,
                               .restarts = 2,
                               .max_memory = options_.max_memory,
                               .threads = options_.threads,
                               .stop = options_.stop,
                               .seed = options_.seed});
    });
    products_ += top.report.products;
    found_.largest_value = double{top.s[0]};
    exponent_ = dense::scale_exponent<R>(top.s[0]);
    const double bound = 1.05 * scaled(found_.largest_value) * (1 + tolerance_of_scale);
    x_ = options_.which == Which::nearest ? scaled(options_.target) : 0;
    // A target as small as the shift is zero. Above all values, whatever the target, the largest are the nearest, and from far away they
    // could not be told apart.
    x_ = x_ <= least_shift<T> ? 0 : std::min(x_, beyond_all * bound);
    tall_.exponent = exponent_;
    tall_.x = x_;
    tall_.norm_bound = bound;
    choice_.emplace(search_, tall_, by_products_, products_);
    refined_.emplace(search_, tall_, k_, found_.largest_value, products_);
  }

  Found<T> nothing_but_zeros() {
    found_.s.assign(static_cast<std::size_t>(k_), R{});
    found_.u = Matrix<T>::identity(search_.a.rows(), k_);
    found_.v = Matrix<T>::identity(search_.a.cols(), k_);
    found_.bound_by = bound_by();
    found_.found_by = "A is zero";
    found_.certificate = {
        .certified = true, .from = 0, .to = 0, .is_missing = false, .text = "A is zero"};
    return std::move(found_);
  }

  [[nodiscard]] Index count() const { return static_cast<Index>(refined_->wanted().size()); }

  // 2 to 6.
  void find() {
    for (int search = 0; search < most_searches; ++search) {
      left_ = right_ = Matrix<T>(n_, 0);
      found_.shortfall.clear();
      Index wanted = std::min(n_, k_ + 1 + (options_.which == Which::nearest ? 1 + k_ / 4 : 0) +
                                      (search > 0 ? 4 * search : 0));
      for (;;) {
        search_.timed("iterate",
                      [&] { extend(wanted, options_.seed + static_cast<std::uint64_t>(search)); });
        refined_->run(*inverse_, left_, found_.solves);  // 3, 4
        found_.next_value = refined_->next_value();
        stalled_ = !found_.shortfall.empty();
        if (refined_->is_small_enough(1 / in_hand) && count() == k_) {
          found_.shortfall.clear();  // what counts is what was measured
        }
        if (choice_->is_folded() && has_time_left() && expects_more_of_folded()) {
          left_ = right_ = Matrix<T>(n_, 0);
          continue;
        }
        if (wanted == n_ || !found_.shortfall.empty() || are_nearest()) {
          break;
        }
        wanted = std::min(n_, 2 * wanted);  // 5
      }
      certify();
      if (!found_.certificate.is_missing) {
        return;
      }
      if (!has_time_left()) {
        break;
      }
    }
    found_.shortfall = value_is_missing;
  }

  // Another inverse was to come, and none came.
  void count_what_is_kept() {
    certify();
    if (found_.certificate.is_missing) {
      found_.shortfall = value_is_missing;
    }
  }

  // A short run has one budget for all that it begins anew.
  [[nodiscard]] bool is_trial() const { return choice_->restarts() > 0; }
  [[nodiscard]] bool has_time_left() const { return !is_trial() || trial_left_ > 0; }

  // sigma_k^2 / t is smaller than it was taken to be, and therefore residuals are too large.
  [[nodiscard]] bool expects_more_of_folded() {
    const double least = scaled(double{refined_->wanted().back()}) / tall_.norm_bound,
                 share = std::max(least * least / 2, tolerance_);
    if (stalled_ || refined_->is_small_enough() || share > folded_share_ / 2) {
      return false;
    }
    folded_share_ = share;
    return true;
  }

  // Beside the inverse, which may be gone.
  void note_memory(std::uint64_t more) {
    found_.workspace_bytes = std::max(found_.workspace_bytes,
                                      choice_->bytes() + (inverse_ ? inverse_->bytes() : 0) + more);
  }

  // 2. left_ and right_ grow to so many columns.
  void extend(Index wanted, std::uint64_t seed) {
    const double eps = double{epsilon<T>};
    // A residual r of the folded operator, whose values are near 1, is one of r t / sigma.
    const double tolerance = choice_->is_folded() ? std::max(tolerance_ * folded_share_, 8 * eps)
                                                  : std::max(tolerance_, 16 * eps);
    const double share = std::clamp(16 * eps / tolerance, 1e-6, 0.5);
    const Index basis =
        is_trial() && options_.basis == 0 ? std::min(n_ / 2, basis_of_trial(k_)) : options_.basis;
    while (left_.cols() < wanted) {
      execution_.check_stop();
      if (!has_time_left()) {
        found_.shortfall = "a short run of products was not enough";
        return;
      }
      const Deflated<T> rest{*inverse_, left_.view(), right_.view()};
      const TruncatedSvd<T> d = truncated_svd<T>(
          Operator<T>(rest), rank(wanted - left_.cols()),
          {.tolerance = tolerance,
           .block = options_.block,
           .basis = basis,
           .restarts = is_trial() ? std::min(trial_left_, options_.restarts) : options_.restarts,
           .max_memory = options_.max_memory,
           .threads = options_.threads,
           .stop = options_.stop,
           .progress = options_.progress,
           .seed = seed + static_cast<std::uint64_t>(left_.cols())});
      found_.solves += d.report.products;
      found_.restarts += d.report.restarts;
      trial_left_ -= d.report.restarts + 1;  // the beginning takes as long
      found_.block = d.report.block;
      found_.basis = d.report.basis;
      note_memory(d.report.workspace_bytes);
      const Index count = static_cast<Index>(d.s.size());
      Index good = 0;
      while (good < count &&
             double{d.s[static_cast<std::size_t>(good)]} >= share * double{d.s[0]}) {
        ++good;
      }
      good = std::max(good, Index{1});
      const bool stalled = !d.report.converged;
      append(d, stalled ? count : good);
      if (stalled) {
        found_.shortfall = "the iteration did not converge: " + d.report.shortfall;
        return;
      }
      if (left_.cols() < wanted) {
        sharpen();
      }
    }
  }

  // What is taken off B is exact beside what is left: a part of 1e-8 in the wrong direction would come back times the largest value.
  void sharpen() {
    for (const bool adjoint : {true, false}) {
      Matrix<T>& from = adjoint ? left_ : right_;
      Matrix<T>& to = adjoint ? right_ : left_;
      inverse_->apply(execution_, from.view(), to.view(), adjoint);
      found_.solves += from.cols();
      make_orthonormal(to.view());
    }
  }

  void append(const TruncatedSvd<T>& d, Index count) {
    const auto joined = [&](const Matrix<T>& before, auto&& fill) {
      Matrix<T> both = Matrix<T>::uninitialized(n_, before.cols() + count);
      dense::copy_columns<const T, T>(before.view(), both.view().columns(0, before.cols()));
      fill(both.view().columns(before.cols(), count));
      return both;
    };
    left_ = joined(left_, [&](MatrixView<T> to) {
      dense::copy_columns<const T, T>(d.U.view().columns(0, count), to);
    });
    right_ = joined(right_, [&](MatrixView<T> to) {
      dense::copy_scaled<T>(execution_, d.Vh.view().top_rows(count).transposed(), to, 0, true);
    });
  }

  void make_orthonormal(MatrixView<T> x) {
    truncated::make_orthonormal<T>(execution_, x, Random(options_.seed, 7));
  }

  [[nodiscard]] bool is_accurate() const {
    return found_.shortfall.empty() && refined_->is_small_enough();
  }

  // 5. Values that are not there are at least as far from x^2 as those that are.
  [[nodiscard]] bool are_nearest() const {
    if (options_.which != Which::nearest || x_ == 0) {
      return true;
    }
    double reach = 0;
    for (const R s : refined_->values()) {
      reach = std::max(reach, std::abs(std::pow(scaled(double{s}), 2) - x_ * x_));
    }
    const double sure = std::sqrt(x_ * x_ + reach) - x_;
    return std::ranges::all_of(refined_->wanted(), [&](R s) {
      return std::abs(scaled(double{s}) - x_) <= sure * (1 + 1e-9);
    });
  }

  // 6.
  void certify() {
    found_.certificate = {};
    found_.certificate.text =
        stalled_
            ? "not counted, and the iteration with the inverse did not converge: others may be "
              "nearer"
            : "not counted; a value is missing only if the start was orthogonal to it, or "
              "hidden by copies";
    const NormalCount<T>* const normal = choice_->count();
    const bool comes_another = !choice_->is_last() && !is_accurate();
    if (normal == nullptr || refined_->wanted().empty() || comes_another) {
      return;
    }
    std::vector<double> values;
    double sum = 0;
    for (const R s : refined_->wanted()) {
      values.push_back(scaled(double{s}));
    }
    for (const double residual : refined_->measured().both) {
      sum += std::pow(scaled(residual), 2);
    }
    // Of both products with every vector, and of the sums of squares.
    const auto k = static_cast<double>(values.size());
    const double rounding = std::sqrt(2 * k) * normal->product_error();
    const auto lacks = [&](MatrixView<const T> x) {
      return orthogonality<T>(execution_, x) * static_cast<double>(x.rows()) * double{epsilon<T>};
    };
    const Seen seen{.values = values,
                    .residual = (1 + 1e-3) * std::sqrt(sum) + rounding,
                    .next = scaled(found_.next_value),
                    .exponent = exponent_,
                    .not_orthonormal = lacks(refined_->u()) + lacks(refined_->v())};
    note_memory(normal->factor_bytes());
    found_.certificate = search_.timed(
        "count", [&] { return truncated::certify<T>(execution_, *normal, seen, x_); });
  }

  void finish() {
    found_.by_products_because = choice_->instead();
    found_.s.assign(refined_->wanted().begin(), refined_->wanted().end());
    found_.u = Matrix<T>(refined_->u());
    found_.v = Matrix<T>(refined_->v());
    if (is_adjoint_) {
      found_.u.swap(found_.v);
    }
    if (count() < k_ && found_.shortfall.empty()) {
      found_.shortfall = "fewer triplets were found than were asked for";
    }
    found_.bound_by = bound_by();
  }

  [[nodiscard]] const char* bound_by() const {
    return static_cast<Index>(found_.s.size()) < k_ ? "" : *search_.rule.rank > n_ ? "all" : "rank";
  }

  const Search<T>& search_;
  const Execution& execution_;
  const TruncatedOptions& options_;
  bool by_products_;
  Index& products_;
  bool is_adjoint_;
  Operator<T> a_;  // tall
  Index m_, n_, k_;
  double tolerance_;
  int exponent_ = 0;  // 2^exponent A has its largest value near 1
  double x_ = 0;      // the target in that scale
  TallView<T> tall_;
  std::optional<InverseChoice<T>> choice_;
  std::optional<Refinement<T>> refined_;
  std::unique_ptr<Inverse<T>> inverse_;
  bool has_result_ = false, stalled_ = false;
  double folded_share_ = first_share;
  int trial_left_ = 0;
  Matrix<T> left_, right_;  // of the inverse
  Found<T> found_;
};

}  // namespace

template <Scalar T>
Found<T> find_by_inverse(const Search<T>& search, bool by_products, Index& products) {
  return ShiftInvert<T>(search, by_products, products).run();
}

#define ECKART_INSTANTIATE(T) template Found<T> find_by_inverse<T>(const Search<T>&, bool, Index&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
