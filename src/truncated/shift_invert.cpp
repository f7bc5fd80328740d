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
#include "truncated/projection.hpp"
#include "truncated/residuals.hpp"
#include "truncated/wanted.hpp"

namespace eckart::truncated {
namespace {

// sigma_1 to a digit, for the scale and what rounding is.
constexpr double tolerance_of_scale = 0.1;
// Steps of inverse iteration, searches for values that a count missed.
constexpr int most_steps = 4, most_searches = 3;
// Rounding of A^H A in units of eps sigma_1^2.
constexpr double normal_rounding = 8;

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
        tolerance_(in_hand * search.iteration.tolerance) {}

  Found<T> run() {
    find_scale();
    if (!(found_.largest_value > 0)) {
      return nothing_but_zeros();
    }
    while ((inverse_ = choice_->next())) {  // 1
      found_.found_by = inverse_->description();
      found_.workspace_bytes = std::max(found_.workspace_bytes, inverse_->bytes());
      try {
        find();  // 2 - 6
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::non_finite || choice_->is_last()) {
          throw;
        }
        continue;  // a factor that is singular to rounding
      }
      has_result_ = true;
      if (choice_->is_last() || is_accurate()) {
        break;
      }
    }
    if (!has_result_) {
      choice_->refuse();
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
    x_ = options_.which == Which::nearest ? scaled(options_.target) : 0;
    // A target as small as the shift is zero.
    if (x_ <= least_shift<T>) {
      x_ = 0;
    }
    const double bound = 1.05 * scaled(found_.largest_value) * (1 + tolerance_of_scale);
    choice_.emplace(search_,
                    TallView<T>{.a = a_,
                                .is_adjoint = is_adjoint_,
                                .exponent = exponent_,
                                .x = x_,
                                .norm_bound = bound},
                    by_products_, products_);
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
        refine();
        if (is_small_enough(1 / in_hand) && count_of_wanted_ == k_) {
          found_.shortfall.clear();  // what counts is what was measured
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
    }
    found_.shortfall = "a value is missing that a count shows";
  }

  // 2. left_ and right_ grow to so many columns.
  void extend(Index wanted, std::uint64_t seed) {
    const double eps = double{epsilon<T>};
    double tolerance = std::max(tolerance_, 16 * eps);
    if (choice_->is_folded()) {
      tolerance = std::max(tolerance * tolerance, 8 * eps);
    }
    const double share = std::clamp(16 * eps / tolerance, 1e-6, 0.5);
    while (left_.cols() < wanted) {
      execution_.check_stop();
      const Deflated<T> rest{*inverse_, left_.view(), right_.view()};
      const TruncatedSvd<T> d =
          truncated_svd<T>(Operator<T>(rest), rank(wanted - left_.cols()),
                           {.tolerance = tolerance,
                            .block = options_.block,
                            .basis = options_.basis,
                            .restarts = options_.restarts,
                            .max_memory = options_.max_memory,
                            .threads = options_.threads,
                            .stop = options_.stop,
                            .progress = options_.progress,
                            .seed = seed + static_cast<std::uint64_t>(left_.cols())});
      found_.solves += d.report.products;
      found_.restarts += d.report.restarts;
      found_.block = d.report.block;
      found_.basis = d.report.basis;
      found_.workspace_bytes =
          std::max(found_.workspace_bytes, inverse_->bytes() + d.report.workspace_bytes);
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

  // 3, 4.
  void refine() {
    const Index p = left_.cols();
    Matrix<T> start(left_);
    for (int step = 0;; ++step) {
      search_.timed("refine", [&] {
        u_ = Matrix<T>::uninitialized(m_, p);
        v_ = Matrix<T>::uninitialized(n_, p);
        inverse_->step(execution_, start.view(), u_.view(), v_.view());
        found_.solves += 2 * p;
        project();
        complete_zeros();
        take_wanted();
      });
      if (step + 1 == most_steps || is_small_enough()) {
        return;
      }
      // The smallest first: their values of B are the largest, and orthogonalisation keeps what comes first.
      for (Index j = 0; j < p; ++j) {
        std::copy_n(v_.view().col(p - 1 - j), n_, start.view().col(j));
      }
    }
  }

  void project() {
    products_ += u_.cols();
    Triplets<T> triplets = projected<T>(execution_, a_, exponent_, std::move(u_), std::move(v_),
                                        Random(options_.seed, 7));
    u_ = std::move(triplets.u);
    s_ = std::move(triplets.s);
    v_ = std::move(triplets.v);
  }

  // Left vectors of values at the level of rounding: random ones that the inverse turns to the zeros, off the others.
  void complete_zeros() {
    Index zeros = 0;
    const auto p = static_cast<Index>(s_.size());
    while (zeros < p && double{s_[static_cast<std::size_t>(p - 1 - zeros)]} <= rounding()) {
      ++zeros;
    }
    if (zeros == 0 || x_ > 0) {
      return;
    }
    Matrix<T> u = Matrix<T>::uninitialized(m_, zeros);
    fill_normal<T>(u.view(), Random(options_.seed, 11));
    for (int turn = 0; turn < 3; ++turn) {
      if (!inverse_->turn_to_left_zeros(execution_, u.view())) {
        return;
      }
      make_orthonormal(u.view());
    }
    dense::copy_columns<const T, T>(u.view(), u_.view().columns(p - zeros, zeros));
    project();
  }

  void make_orthonormal(MatrixView<T> x) {
    truncated::make_orthonormal<T>(execution_, x, Random(options_.seed, 7));
  }

  void take_wanted() {
    const std::vector<double> values(s_.begin(), s_.end());
    const Index k = std::min(k_, static_cast<Index>(values.size()));
    first_ = first_wanted(values, options_, k);
    count_of_wanted_ = k;
    found_.next_value = next_to(values, first_, k, options_);
    measured_ = residuals<T>(execution_, a_, u_.view().columns(first_, k), wanted(),
                             v_.view().columns(first_, k));
    products_ += 2 * k;
  }

  [[nodiscard]] std::span<const R> wanted() const {
    return std::span<const R>(s_).subspan(static_cast<std::size_t>(first_),
                                          static_cast<std::size_t>(count_of_wanted_));
  }

  [[nodiscard]] double rounding() const {
    return 32 * double{epsilon<T>} * std::sqrt(static_cast<double>(n_)) * found_.largest_value;
  }

  // Half of what is accepted at last, unless said otherwise.
  [[nodiscard]] bool is_small_enough(double factor = 1) const {
    for (std::size_t i = 0; i < measured_.both.size(); ++i) {
      if (measured_.both[i] > factor * std::max(search_.iteration.tolerance * double{wanted()[i]},
                                                in_hand * rounding())) {
        return false;
      }
    }
    return true;
  }

  // What came of A^H A is as good as its rounding lets hope.
  [[nodiscard]] bool is_accurate() const {
    if (!choice_->is_normal()) {
      return found_.shortfall.empty() && is_small_enough();
    }
    const double least = scaled(double{wanted().back()}), top = scaled(found_.largest_value);
    return found_.shortfall.empty() && is_small_enough() &&
           normal_rounding * double{epsilon<T>} * top * top <= tolerance_ * least * least;
  }

  // 5. Values that are not there are at least as far from x^2 as those that are.
  [[nodiscard]] bool are_nearest() const {
    if (options_.which != Which::nearest || x_ == 0) {
      return true;
    }
    double reach = 0;
    for (const R s : s_) {
      reach = std::max(reach, std::abs(std::pow(scaled(double{s}), 2) - x_ * x_));
    }
    const double sure = std::sqrt(x_ * x_ + reach) - x_;
    return std::ranges::all_of(
        wanted(), [&](R s) { return std::abs(scaled(double{s}) - x_) <= sure * (1 + 1e-9); });
  }

  // 6.
  void certify() {
    found_.certificate = {};
    found_.certificate.text =
        "not counted; a value is missing only if the start was orthogonal to it, or hidden by "
        "copies";
    NormalCount<T>* const count = choice_->count();
    if (count == nullptr || wanted().empty()) {
      return;
    }
    std::vector<double> values;
    double sum = 0;
    for (std::size_t i = 0; i < wanted().size(); ++i) {
      values.push_back(scaled(double{wanted()[i]}));
      sum += std::pow(scaled(measured_.both[i]), 2);
    }
    const Seen seen{.values = values,
                    .residual = std::sqrt(sum),
                    .next = scaled(found_.next_value),
                    .exponent = exponent_};
    found_.certificate = search_.timed("count", [&] {
      return options_.which == Which::nearest && x_ > 0 ? certify_nearest<T>(*count, seen, x_)
                                                        : certify_smallest<T>(*count, seen);
    });
  }

  void finish() {
    found_.s.assign(wanted().begin(), wanted().end());
    found_.u = Matrix<T>(MatrixView<const T>(u_.view().columns(first_, count_of_wanted_)));
    found_.v = Matrix<T>(MatrixView<const T>(v_.view().columns(first_, count_of_wanted_)));
    if (is_adjoint_) {
      found_.u.swap(found_.v);
    }
    if (count_of_wanted_ < k_ && found_.shortfall.empty()) {
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
  std::optional<InverseChoice<T>> choice_;
  std::unique_ptr<Inverse<T>> inverse_;
  bool has_result_ = false;
  Matrix<T> left_, right_;  // of the inverse
  Matrix<T> u_, v_;
  std::vector<R> s_;
  Index first_ = 0, count_of_wanted_ = 0;
  Residuals measured_;
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
