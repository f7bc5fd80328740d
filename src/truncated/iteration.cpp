#include "truncated/iteration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <type_traits>

namespace eckart::truncated {
namespace {

// Values this near to one another may be copies of one value.
template <Scalar T>
constexpr double copies = std::is_same_v<Real<T>, float> ? 1e-4 : 1e-6;
// What the search for the projected values may cost beside the steps since the last one.
constexpr double share_of_looking = 0.3;
// Flops of the SVD of a p x p matrix with some vectors are about this times p^3.
constexpr double looking = 10;

constexpr Index rounded_up(Index x, Index multiple) {
  return (x + multiple - 1) / multiple * multiple;
}

// A is gone through the way that takes one reading a step; otherwise residuals, and the spare block, stand on the shorter side.
template <Scalar T>
bool is_adjoint_better(const Operator<T>& a) {
  const bool forwards = a.goes_back_in_one_pass(false), backwards = a.goes_back_in_one_pass(true);
  return forwards == backwards ? a.rows() < a.cols() : backwards;
}

}  // namespace

template <Scalar T>
Index basis_for(Index target, const Operator<T>& a, const IterationOptions& options) {
  const Index b = options.block;
  if (options.basis > 0) {
    return rounded_up(std::max(options.basis, target + 3 * b), b);
  }
  const double balance = a.cost().flops / (4.0 * static_cast<double>(a.rows() + a.cols()));
  const Index least = 2 * target + 4 * b, largest = 4 * target + 16 * b;
  return rounded_up(static_cast<Index>(std::clamp(balance, static_cast<double>(least),
                                                  static_cast<double>(largest))),
                    b);
}

template <Scalar T>
GolubKahanSize size_for(Index target, const Operator<T>& a, const IterationOptions& options) {
  return {.m = is_adjoint_better(a) ? a.cols() : a.rows(),
          .n = is_adjoint_better(a) ? a.rows() : a.cols(),
          .basis = basis_for<T>(target, a, options),
          .block = options.block};
}

template <Scalar T>
bool fits(Index target, const Operator<T>& a, const IterationOptions& options) {
  return basis_for<T>(target, a, options) + options.block <= std::min(a.rows(), a.cols());
}

template <Scalar T>
Iteration<T>::Iteration(const Execution& execution, const dense::StageClock& timed,
                        const Operator<T>& a, const Truncation& rule,
                        const IterationOptions& options)
    : execution_(execution),
      timed_(timed),
      a_(a),
      rule_(rule),
      options_(options),
      is_adjoint_(is_adjoint_better(a)),
      space_(execution, a, is_adjoint_, size_for<T>(options.target, a, options), options.tolerance,
             options.seed),
      target_(options.target) {}

template <Scalar T>
std::optional<Decision> Iteration<T>::run() {
  timed_("expand", [&] { space_.start(); });
  for (;;) {
    timed_("expand", [&] { space_.expand(); });  // 1
    const auto m_and_n = static_cast<double>(a_.rows() + a_.cols());
    work_ += static_cast<double>(options_.block) *
             (2 * a_.cost().flops + 8 * m_and_n * static_cast<double>(space_.dimension()));
    if (!space_.is_full() && !time_to_look()) {
      continue;
    }
    timed_("solve", [&] { look(); });
    tell();
    const bool is_verified = verifying_ && are_unchanged();
    verifying_ = false;
    converged_ = count_converged() >= target_;
    const bool may_restart = restarts_ < options_.restarts;
    if (converged_ && !is_verified && may_restart && may_hide_copies()) {  // 3
      verified_.assign(space_.values().begin(), space_.values().begin() + target_);
      restart(target_);
      timed_("expand", [&] { space_.refresh(); });
      verifying_ = true;
    } else if (converged_) {  // 4
      const std::optional<Decision> decision = decide_now();
      const Index more = std::min(options_.most, 2 * target_);
      if (decision || more == target_ || more > options_.largest) {
        return decision;
      }
      target_ = more;
      const Index basis = basis_for<T>(more, a_, options_);
      if (basis > space_.size().basis) {
        timed_("restart", [&] { space_.grow(basis); });
      } else if (space_.is_full()) {
        restart(kept());
      }
    } else if (space_.is_full() && !may_restart) {
      return std::nullopt;
    } else if (space_.is_full()) {  // 2
      restart(kept());
    }
  }
}

template <Scalar T>
void Iteration<T>::restart(Index keep) {
  ++restarts_;
  looked_at_ = next_look_ = 0;
  const auto solved = static_cast<Index>(space_.residuals().size());
  timed_("restart", [&] { space_.restart(std::min(keep, solved)); });
}

// What a restart keeps: the wanted triplets and some that come next.
template <Scalar T>
Index Iteration<T>::kept() const {
  const Index basis = space_.size().basis, b = options_.block;
  return std::min(target_ + std::max(b, (basis - target_) / 3), basis - 2 * b);
}

template <Scalar T>
bool Iteration<T>::time_to_look() const {
  const auto p = static_cast<double>(space_.dimension());
  return !verifying_ && space_.dimension() >= std::max(target_, next_look_) &&
         looking * p * p * p < share_of_looking * work_;
}

template <Scalar T>
void Iteration<T>::look() {
  space_.solve(kept());
  work_ = 0;
  const Index p = space_.dimension();
  if (p < target_) {
    return;
  }
  const double excess =
      std::log(std::max(double{space_.residuals()[static_cast<std::size_t>(target_ - 1)]}, 1e-300) /
               std::max(options_.tolerance * value(target_ - 1), 1e-300));
  const double fell = excess_ - excess;
  next_look_ = p;
  if (p > looked_at_ && looked_at_ > 0 && fell > 0 && excess > 0) {
    const double quarter = 0.25 * excess / fell * static_cast<double>(p - looked_at_);
    next_look_ += static_cast<Index>(std::min(quarter, static_cast<double>(space_.size().basis)));
  }
  looked_at_ = p;
  excess_ = excess;
}

// The stage for whoever watches, and behind a colon how far it is.
template <Scalar T>
void Iteration<T>::tell() const {
  const Index found = count_converged();
  const double share = static_cast<double>(found) / static_cast<double>(target_);
  if (!execution_.progress || found >= space_.dimension() ||
      found >= static_cast<Index>(space_.residuals().size())) {
    execution_.step("iterate", share);
    return;
  }
  const double residual = double{space_.residuals()[static_cast<std::size_t>(found)]};
  std::array<char, 120> text;
  std::snprintf(text.data(), text.size(), "iterate: %lld of %lld found, residual of the next %.1e",
                static_cast<long long>(found), static_cast<long long>(target_),
                value(found) > 0 ? residual / value(found) : 0.0);
  execution_.step(text.data(), share);
}

template <Scalar T>
double Iteration<T>::value(Index i) const {
  return double{space_.values()[static_cast<std::size_t>(i)]};
}

template <Scalar T>
double Iteration<T>::rounding() const {
  return 8 * double{epsilon<T>} * value(0);
}

template <Scalar T>
bool Iteration<T>::within_tolerance(Index i) const {
  return double{space_.residuals()[static_cast<std::size_t>(i)]} <=
         std::max(options_.tolerance * value(i), rounding());
}

template <Scalar T>
Index Iteration<T>::count_converged() const {
  const Index most = std::min<Index>(target_, space_.dimension());
  Index count = 0;
  while (count < most && within_tolerance(count)) {
    ++count;
  }
  return count;
}

// As many near copies as a block has vectors, and room in ||A||_F for one more value as large as the last.
template <Scalar T>
bool Iteration<T>::may_hide_copies() const {
  if (options_.frobenius_norm) {
    const double norm = std::ldexp(*options_.frobenius_norm, space_.exponent());
    double left = norm * norm * (1 + 64 * double{epsilon<T>});
    for (Index i = 0; i < target_; ++i) {
      left -= value(i) * value(i);
    }
    if (left < value(target_ - 1) * value(target_ - 1) * (1 - copies<T>)) {
      return false;
    }
  }
  // Values at the level of rounding are copies of zero, all equally good.
  const double noise = rounding() * std::sqrt(static_cast<double>(a_.rows() + a_.cols()));
  const Index b = options_.block;
  for (Index i = 0; i + b <= target_; ++i) {
    if (value(i) > noise && value(i) - value(i + b - 1) <= copies<T> * value(i)) {
      return true;
    }
  }
  return false;
}

template <Scalar T>
bool Iteration<T>::are_unchanged() const {
  const double noise = rounding() * std::sqrt(static_cast<double>(a_.rows() + a_.cols()));
  for (Index i = 0; i < std::min(target_, static_cast<Index>(verified_.size())); ++i) {
    const double was = double{verified_[static_cast<std::size_t>(i)]};
    if (std::abs(value(i) - was) > std::max(options_.tolerance * was, noise)) {
      return false;
    }
  }
  return true;
}

template <Scalar T>
std::optional<Decision> Iteration<T>::decide_now() const {
  std::vector<double> values(static_cast<std::size_t>(target_));
  for (Index i = 0; i < target_; ++i) {
    values[static_cast<std::size_t>(i)] = std::ldexp(value(i), -space_.exponent());
  }
  return decide(rule_, {.values = values, .all = false, .frobenius_norm = options_.frobenius_norm});
}

#define ECKART_INSTANTIATE(T)                                                              \
  template class Iteration<T>;                                                             \
  template Index basis_for<T>(Index, const Operator<T>&, const IterationOptions&);         \
  template GolubKahanSize size_for<T>(Index, const Operator<T>&, const IterationOptions&); \
  template bool fits<T>(Index, const Operator<T>&, const IterationOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
