#include "truncated/range_finder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace eckart::truncated {
namespace {

// A basis of more than this many times the triplets, and blocks beside, is not where these should need it.
constexpr Index most_times = 8, most_blocks = 32;
// Looks in a row at which a wanted value stood below rounding: one may be too early.
constexpr int looks_until_sure = 2;
// The next look stands at this part of the way to where the residual should be small enough: it falls faster and faster.
constexpr double part_of_way = 0.7;
// Flops of a look at p vectors, over p^3; what looks may cost beside the steps between them; and what is so little beside a single
// step that there is one after each.
constexpr double flops_of_look = 10, share_of_looks = 0.6, cheap = 0.1;

constexpr Index rounded_up(Index x, Index multiple) {
  return (x + multiple - 1) / multiple * multiple;
}

// More triplets than one part in so many of those that are expected, and one: too many to be kept because a bound is not sharp.
constexpr Index share_of_excess = 8;

bool has_spectral_rule(const Truncation& rule) noexcept {
  return rule.relative_spectral || rule.absolute_spectral || rule.noise || rule.unknown_noise;
}

}  // namespace

// Measured: where the residuals of the values i^-0.8 come to a tenth.
Index first_basis(Index target, Index block) {
  return rounded_up(target + 3 * (target / 5) + 3 * block, block);
}

Index largest_basis(Index shorter, const IterationOptions& options, bool all) {
  const Index b = options.block;
  if (b >= shorter) {
    return 0;
  }
  const Index fits = (all ? shorter - b : std::min(shorter / 2, shorter - b)) / b * b;
  if (options.basis > 0) {
    return options.basis < fits ? rounded_up(options.basis, b) : fits;
  }
  return options.target == options.most
             ? std::min(fits, rounded_up(most_times * options.target + most_blocks * b, b))
             : fits;
}

Index room_for(Index vectors, Index block, Index largest) {
  const Index room = rounded_up(vectors, block);
  return 3 * room > 2 * largest ? largest : room;
}

template <Scalar T>
KrylovSize range_size(Index basis, const Operator<T>& a, const IterationOptions& options) {
  KrylovSize size = size_with<T>(basis, a, options);
  // Of the first look, so that it stays the same as the space grows.
  size.keeps_image =
      !size.two_sided && is_image_cheaper<T>(a, size.m, first_basis(options.target, options.block));
  return size;
}

template <Scalar T>
RangeFinder<T>::RangeFinder(const Execution& execution, const dense::StageClock& timed,
                            const Operator<T>& a, const Truncation& rule,
                            const IterationOptions& options, Index largest, double failure)
    : execution_(execution),
      timed_(timed),
      a_(a),
      rule_(rule),
      options_(options),
      largest_(largest),
      failure_(failure) {
  look_at(first_basis(options.target, options.block));
  begin();
}

// 0.
template <Scalar T>
void RangeFinder<T>::begin() {
  is_adjoint_ = is_adjoint_better(a_, options_.two_sided);
  const KrylovSize size =
      range_size<T>(room_for(next_look_, options_.block, largest_), a_, options_);
  products_ += space_ ? space_->products() : 0;
  space_.reset();  // its memory first
  space_ = make_space<T>(execution_, a_, is_adjoint_, size, options_);
  norm_ = std::numeric_limits<double>::infinity();
  measured_at_ = -1;
  looked_at_ = 0;
  lost_ = 0;
  verifying_ = false;
  kept_ = 0;
  timed_("expand", [&] { space_->start(); });
}

template <Scalar T>
std::optional<Decision> RangeFinder<T>::run() {
  for (;;) {
    timed_("expand", [&] { grow(); });  // 1
    timed_("solve", [&] { look(); });   // 2
    if (options_.frobenius_norm || needs_norm(rule_)) {
      measure();  // 3
      while (hangs_on_bound()) {
        probe(3 * probed_);
      }
    }
    decision_ = decide_now();  // 4
    const Index p = space_->dimension();
    if (!decision_) {
      if (!may_grow()) {
        return give_up("holds too little of the matrix to decide one of the rules");
      }
      look_at(p + std::max(4 * options_.block, p / 2));
      continue;
    }
    // The first value left out decides, too, where the rule is about single values.
    const Index needed = std::min(p, decision_->k + (has_spectral_rule(rule_) ? 1 : 0));
    const Convergence<T> now = convergence();
    now.tell(execution_, needed);
    const bool is_found = now.count(needed) >= needed;
    lost_ = !options_.two_sided && now.is_lost_in_rounding(needed) ? lost_ + 1 : 0;
    if (lost_ >= looks_until_sure || (lost_ > 0 && (is_found || !may_grow()))) {  // 0
      options_.two_sided = true;
      begin();
    } else if (!is_found || !is_left_out()) {  // 5
      if (!may_grow()) {
        return give_up(is_found ? "left open whether one more value is larger than the rule says"
                                : "left residuals above the tolerance");
      }
      look_at(look_after(needed));
    } else if (now.may_hide_copies(needed) &&
               !(verifying_ && now.are_unchanged(verified_, needed))) {  // 6
      if (!may_verify(needed)) {
        return give_up("has reached its limit: copies of a repeated value may be missing");
      }
      timed_("expand", [&] { verify(needed); });
    } else {
      measure();  // 7
      return decision_;
    }
  }
}

template <Scalar T>
std::optional<Decision> RangeFinder<T>::give_up(const char* why) {
  shortfall_ = "a basis of " + std::to_string(space_->dimension()) +
               " vectors, the most there may be, " + why;
  measure();
  return std::nullopt;
}

template <Scalar T>
bool RangeFinder<T>::may_grow() const {
  return space_->dimension() + options_.block <= largest_;
}

template <Scalar T>
void RangeFinder<T>::look_at(Index vectors) {
  next_look_ = std::min(vectors, largest_);
}

// 1.
template <Scalar T>
void RangeFinder<T>::grow() {
  const Index b = options_.block;
  while (space_->dimension() < next_look_ && may_grow()) {
    if (space_->is_full()) {
      const Index basis = space_->size().basis;
      space_->grow(room_for(std::max(next_look_, basis + (basis + 1) / 2), b, largest_));
    }
    space_->expand();
  }
}

// 2.
template <Scalar T>
void RangeFinder<T>::look() {
  const Index p = space_->dimension();
  space_->solve(rule_.rank ? std::min(p, *rule_.rank + options_.block) : p);
}

// 3, 7.
template <Scalar T>
void RangeFinder<T>::measure() {
  const Index p = space_->dimension();
  if (measured_at_ == p) {
    return;
  }
  measured_at_ = p;
  if (options_.frobenius_norm) {
    const double norm = std::ldexp(*options_.frobenius_norm, space_->exponent());
    const double held = captured();
    norm_ = norm * norm;
    left_spectral_ = std::max(norm_ - held, 0.0) + rounding_of(held);
    return;
  }
  sums_ = {};
  probed_ = 0;
  left_spectral_ = std::numeric_limits<double>::infinity();
  probe(probes);
}

// So many more vectors, a few at a time. The bound from all of them together is a measurement of its own.
template <Scalar T>
void RangeFinder<T>::probe(Index count) {
  for (Index done = 0; done < count; done += probes) {
    const ProbeSums more = timed_("probe", [&] { return space_->probe(probes); });
    sums_.first += more.first;
    sums_.second += more.second;
    probed_ += probes;
  }
  ++measurements_;
  const ProbeBound bound =
      bound_from_probes(sums_, probed_, ComplexScalar<T>, std::ldexp(failure_, -measurements_));
  const double held = captured();
  norm_ = std::min(norm_, held + bound.frobenius + rounding_of(held));
  left_spectral_ = std::min(left_spectral_, bound.spectral + rounding_of(held));
}

template <Scalar T>
bool RangeFinder<T>::hangs_on_bound() const {
  if (options_.frobenius_norm || 4 * probed_ > most_probes) {
    return false;
  }
  const std::optional<Decision> expected = decide_with(likely_squared_norm());
  const std::optional<Decision> safe = decide_with(norm_);
  return expected && (!safe || safe->k > expected->k + expected->k / share_of_excess + 1);
}

template <Scalar T>
double RangeFinder<T>::rounding_of(double squares) const {
  return (16 + static_cast<double>(a_.rows()) + static_cast<double>(a_.cols())) *
         double{epsilon<T>} * squares;
}

template <Scalar T>
double RangeFinder<T>::captured() const {
  double sum = 0;
  for (const Real<T> value : space_->values()) {
    sum += double{value} * double{value};
  }
  return sum;
}

template <Scalar T>
double RangeFinder<T>::likely_squared_norm() const {
  return captured() + sums_.first / static_cast<double>(probed_);
}

// 4.
template <Scalar T>
std::optional<Decision> RangeFinder<T>::decide_now() const {
  return decide_with(norm_);
}

template <Scalar T>
std::optional<Decision> RangeFinder<T>::decide_with(double squared_norm) const {
  std::vector<double> values;
  for (const Real<T> value : space_->values()) {
    values.push_back(double{value});
  }
  return decide(
      scaled(rule_, space_->exponent()),  // where ||A||_F is a number
      {.rows = a_.rows(),
       .cols = a_.cols(),
       .values = values,
       .all = false,
       .frobenius_norm =
           needs_norm(rule_) ? std::optional<double>(std::sqrt(squared_norm)) : std::nullopt,
       .likely_norm =
           probed_ > 0 ? std::optional<double>(std::sqrt(likely_squared_norm())) : std::nullopt,
       .eps = epsilon<T>});
}

// 4. The first value behind the decision is left out for sure, where a rule about single values took it for no larger than it says.
template <Scalar T>
bool RangeFinder<T>::is_left_out() const {
  const Index k = decision_->k;
  if (!has_spectral_rule(rule_) || k == rule_.rank.value_or(-1) || k >= space_->dimension()) {
    return true;
  }
  const Convergence<T> now = convergence();
  // Of several such rules the largest one leaves out most.
  const double x = std::max(
      {rule_.relative_spectral ? *rule_.relative_spectral * now.value(0) : 0.0,
       rule_.absolute_spectral ? std::ldexp(*rule_.absolute_spectral, space_->exponent()) : 0.0,
       decision_->cut ? decision_->cut->threshold : 0.0});
  return now.value(k) > x || now.is_at_most(k, x);
}

template <Scalar T>
Convergence<T> RangeFinder<T>::convergence() const {
  return {*space_, options_.tolerance,
          options_.frobenius_norm
              ? std::optional<double>(std::ldexp(*options_.frobenius_norm, space_->exponent()))
              : std::nullopt};
}

// Steps that take as long as a look.
template <Scalar T>
double RangeFinder<T>::price_of_a_look() const {
  const KrylovSize& size = space_->size();
  const auto p = static_cast<double>(space_->dimension()),
             length = static_cast<double>(size.two_sided ? size.m + size.n : size.n);
  const double step = static_cast<double>(options_.block) * (2 * a_.cost().flops + 4 * length * p) +
                      a_.cost().reading;
  return flops_of_look * p * p * p / step;
}

// 5.
template <Scalar T>
Index RangeFinder<T>::look_after(Index needed) {
  const Convergence<T> now = convergence();
  const Index p = space_->dimension(), b = options_.block;
  constexpr double least = 1e-300;
  double excess = 0;
  for (Index i = 0; i < needed; ++i) {
    const double residual = double{space_->residuals()[static_cast<std::size_t>(i)]};
    excess =
        std::max(excess, std::log(std::max(residual, least) / std::max(now.accepted(i), least)));
  }
  const double fell = excess_ - excess;
  const double price = price_of_a_look();
  const Index step = b * static_cast<Index>(std::clamp(price / share_of_looks + 1, 1.0, 16.0));
  const auto more = price > cheap && looked_at_ > 0 && p > looked_at_ && fell > 0
                        ? static_cast<Index>(std::min(part_of_way * excess / fell, 1e3) *
                                             static_cast<double>(p - looked_at_))
                        : step;
  looked_at_ = p;
  excess_ = excess;
  return p + std::clamp(more, step, std::max(4 * step, p / 2));
}

// 6.
template <Scalar T>
Index RangeFinder<T>::kept_for(Index needed) const {
  return std::min(static_cast<Index>(space_->residuals().size()), needed + options_.block);
}

template <Scalar T>
bool RangeFinder<T>::may_verify(Index needed) const {
  return kept_for(needed) + (space_->dimension() - kept_) <= largest_;
}

template <Scalar T>
void RangeFinder<T>::verify(Index needed) {
  const Index fresh = space_->dimension() - kept_;
  verified_.assign(space_->values().begin(), space_->values().begin() + needed);
  kept_ = kept_for(needed);
  space_->restart(kept_);
  space_->refresh();
  verifying_ = true;
  measured_at_ = -1;
  looked_at_ = 0;
  look_at(kept_ + fresh);
}

template <Scalar T>
double RangeFinder<T>::norm_at_most() const {
  return std::ldexp(std::sqrt(norm_), -space_->exponent());
}

// 7.
template <Scalar T>
double RangeFinder<T>::next_at_most(Index k) const {
  const auto values = space_->values();
  const double next = k < space_->dimension() ? double{values[static_cast<std::size_t>(k)]} : 0.0;
  return std::ldexp(std::sqrt(next * next + left_spectral_), -space_->exponent());
}

#define ECKART_INSTANTIATE(T)    \
  template class RangeFinder<T>; \
  template KrylovSize range_size<T>(Index, const Operator<T>&, const IterationOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
