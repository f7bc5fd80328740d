#include "truncated/iteration.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "truncated/golub_kahan.hpp"
#include "truncated/normal_lanczos.hpp"

namespace eckart::truncated {
namespace {

// What the search for the projected values may cost beside the steps since the last one, where nothing is known of how residuals fall;
// where it is, being late by so many times its cost is no worse than one more.
constexpr double share_of_looking = 0.3, looks_of_lateness = 2;
// Flops of the SVD of a p x p matrix with some vectors are about this times p^3.
constexpr double looking = 10;
// Residuals fall faster and faster, by now up to so many times as fast as they did. But what a search foretells, it foretells no
// further than this share of the vectors that it had.
constexpr double faster = 4, as_far = 0.5;

// Rules about single values believe the first one left out as soon as its residual is this share of it. Measured on five values above
// noise: half of the products that waiting for its convergence takes. Where a residual is larger, values that are still to come may be
// larger than it.
constexpr double seen_well = 1e-3;

// A basis of more than this share of min(m, n) is taken only where fewer vectors would not do: the dense method is near.
constexpr double share_of_basis = 4;

// A V is kept where a product takes more than this times what a combination of its columns takes; by Lanczos of a matrix in memory alone,
// and as at most this part of its entries.
constexpr double dear = 1.5;
constexpr Index share_of_image = 3;

constexpr Index rounded_up(Index x, Index multiple) {
  return (x + multiple - 1) / multiple * multiple;
}

}  // namespace

// One side alone: the short one, but for the little that the way with one reading a step may cost. Both, and where readings are
// waited for: the way with one reading; otherwise residuals, and the spare block, stand on the shorter side.
template <Scalar T>
bool is_adjoint_better(const Operator<T>& a, bool two_sided) {
  constexpr Index much = 4;
  const bool forwards = a.goes_back_in_one_pass(false), backwards = a.goes_back_in_one_pass(true);
  const Index shorter = std::min(a.rows(), a.cols()), longer = std::max(a.rows(), a.cols());
  const bool by_shape =
      forwards == backwards || (!two_sided && a.cost().reading == 0 && longer / much >= shorter);
  return by_shape ? a.rows() < a.cols() : backwards;
}

template <Scalar T>
bool is_image_cheaper(const Operator<T>& a, Index rows, Index vectors) {
  const OperatorCost cost = a.cost();
  const double combination =
      (ComplexScalar<T> ? 8.0 : 2.0) * static_cast<double>(rows) * static_cast<double>(vectors);
  return cost.reading == 0 && cost.flops > dear * combination;
}

template <Scalar T>
KrylovSize size_with(Index basis, const Operator<T>& a, const IterationOptions& options) {
  const bool adjoint = is_adjoint_better(a, options.two_sided);
  const Index m = adjoint ? a.cols() : a.rows(), n = adjoint ? a.rows() : a.cols();
  return {.m = m,
          .n = n,
          .basis = basis,
          .block = options.block,
          .two_sided = options.two_sided,
          .one_pass = !options.two_sided && a.goes_back_in_one_pass(adjoint),
          .keeps_image = options.keeps_image && !options.two_sided &&
                         a.storage() == Storage::dense && basis <= n / share_of_image &&
                         is_image_cheaper<T>(a, m, basis)};
}

template <Scalar T>
Index basis_for(Index target, const Operator<T>& a, const IterationOptions& options) {
  // A block or basis beyond the matrix, however large, counts as one just beyond it.
  const Index shorter = std::min(a.rows(), a.cols()), b = std::min(options.block, shorter + 1);
  if (options.basis > 0) {
    const Index most = std::max<Index>(shorter / b - 1, 0) * b;
    return rounded_up(std::max(std::min(options.basis, most), target + 3 * b), b);
  }
  const OperatorCost cost = a.cost();
  const Index one = is_adjoint_better(a, options.two_sided) ? a.rows() : a.cols(),
              length = options.two_sided ? a.rows() + a.cols() : one;
  // Who multiplies with a file has no memory to spare, large blocks, and no dense method near.
  const bool is_file = cost.reading > 0;
  const double balance = std::min((cost.flops + cost.reading) / static_cast<double>(length),
                                  static_cast<double>(shorter) / (is_file ? 1 : share_of_basis));
  const Index least = 2 * target + 4 * b, largest = 4 * target + (is_file ? 4 : 16) * b;
  return rounded_up(static_cast<Index>(std::clamp(balance, static_cast<double>(least),
                                                  static_cast<double>(largest))),
                    b);
}

template <Scalar T>
KrylovSize size_for(Index target, const Operator<T>& a, const IterationOptions& options) {
  return size_with<T>(basis_for<T>(target, a, options), a, options);
}

template <Scalar T>
Iteration<T>::Iteration(const Execution& execution, const dense::StageClock& timed,
                        const Operator<T>& a, const Truncation& rule,
                        const IterationOptions& options, const Checkpoints<T>& checkpoints,
                        Index products_before)
    : execution_(execution),
      timed_(timed),
      a_(a),
      rule_(rule),
      options_(options),
      checkpoints_(checkpoints),
      target_(options.target),
      products_before_(products_before) {
  if (checkpoints.from != nullptr) {
    resume(*checkpoints.from);
  } else {
    begin();
  }
}

template <Scalar T>
std::unique_ptr<KrylovSpace<T>> make_space(const Execution& execution, const Operator<T>& a,
                                           bool is_adjoint, const KrylovSize& size,
                                           const IterationOptions& options) {
  std::unique_ptr<KrylovSpace<T>> space;
  if (options.two_sided) {
    space = std::make_unique<GolubKahan<T>>(execution, a, is_adjoint, size, options.seed);
  } else {
    space = std::make_unique<NormalLanczos<T>>(execution, a, is_adjoint, size, options.seed);
  }
  if (options.frobenius_norm) {
    space->set_norm(*options.frobenius_norm);
  }
  return space;
}

// 0.
template <Scalar T>
void Iteration<T>::begin() {
  timed_("expand", [&] {
    is_adjoint_ = is_adjoint_better(a_, options_.two_sided);
    products_ += space_ ? space_->products() : 0;
    space_.reset();  // its memory first
    space_ =
        make_space<T>(execution_, a_, is_adjoint_, size_for<T>(target_, a_, options_), options_);
    space_->start();
    looked_at_ = next_look_ = 0;
    work_ = 0;
  });
}

template <Scalar T>
std::optional<Decision> Iteration<T>::run() {
  try {
    const std::optional<Decision> decision = iterate();
    hand_out();
    return decision;
  } catch (const std::bad_alloc&) {  // a copy would not find memory either
    throw;
  } catch (...) {
    hand_out();
    throw;
  }
}

template <Scalar T>
std::optional<Decision> Iteration<T>::iterate() {
  for (;;) {
    if (std::chrono::steady_clock::now() - handed_out_ >= checkpoints_.every) {
      hand_out();
    }
    if (is_to_renew_) {  // 5
      timed_("expand", [&] { space_->renew(); });
      is_to_renew_ = false;
    }
    if (!is_to_look_ && !space_->is_full()) {
      timed_("expand", [&] { space_->expand(); });  // 1
      const KrylovSize& size = space_->size();
      const auto length = static_cast<double>(size.two_sided ? size.m + size.n : size.n);
      work_ += static_cast<double>(options_.block) *
                   (2 * a_.cost().flops + 4 * length * static_cast<double>(space_->dimension())) +
               a_.cost().reading;
    }
    is_to_look_ = is_to_look_ || space_->is_full() || time_to_look();
    if (!is_to_look_) {
      continue;
    }
    timed_("solve", [&] { look(); });
    const Convergence<T> now = convergence();
    found_ = now.count(target_);
    now.tell(execution_, target_);
    const Index wanted = wanted_now();
    const bool was_verifying = verifying_,
               is_verified = verifying_ && now.are_unchanged(verified_, wanted);
    converged_ = found_ >= wanted;
    const bool may_restart = restarts_ < options_.restarts;
    if (!options_.two_sided &&
        now.is_lost_in_rounding(wanted, !converged_ && !space_->is_full())) {  // 0
      options_.two_sided = true;
      begin();
      go_on();
    } else if (converged_ && !is_verified && now.may_hide_copies(wanted)) {  // 3
      if (!may_restart) {
        hides_copies_ = true;
        return std::nullopt;
      }
      restart(wanted, true);
      verified_.assign(space_->values().begin(), space_->values().begin() + wanted);
      go_on();
      verifying_ = true;
    } else if (converged_) {  // 4
      const std::optional<Decision> decision = decide_from(wanted);
      const Index more = std::min(options_.most, 2 * target_);
      if (decision || more == target_ || more > options_.largest) {
        return decision;
      }
      const Index basis = basis_for<T>(more, a_, options_);
      if (basis > space_->size().basis) {
        timed_("restart", [&] { space_->grow(basis); });
      } else if (space_->is_full()) {
        restart(kept(more));
      }
      target_ = more;
      go_on();
    } else if (space_->is_full() && !may_restart) {
      return std::nullopt;
    } else if (space_->is_full() && is_blocked()) {  // 5
      restart(target_);
      go_on();
      is_to_renew_ = true;
      verifying_ = was_verifying;
    } else {
      if (space_->is_full()) {  // 2
        restart(kept(target_));
      }
      go_on();
    }
  }
}

// What was looked at has been dealt with: the next step comes. Said last, so that who is stopped before looks again.
template <Scalar T>
void Iteration<T>::go_on() {
  is_to_look_ = verifying_ = false;
}

// 4. As many of the target as a decision takes, where those that have converged allow one.
template <Scalar T>
Index Iteration<T>::wanted_now() const {
  const std::optional<Decision> decision = decide_from(std::min(found_, target_));
  return !decision ? target_ : decide_from(decision->k) ? decision->k : found_;
}

template <Scalar T>
Convergence<T> Iteration<T>::convergence() const {
  const std::optional<double> norm =
      options_.frobenius_norm
          ? std::optional<double>(std::ldexp(*options_.frobenius_norm, space_->exponent()))
          : std::nullopt;
  return {*space_, options_.tolerance, norm};
}

template <Scalar T>
void Iteration<T>::restart(Index keep, bool afresh) {
  const auto solved = static_cast<Index>(space_->residuals().size());
  timed_("restart", [&] {
    space_->restart(std::min(keep, solved));
    if (afresh) {
      space_->refresh();
    }
  });
  ++restarts_;
  looked_at_ = next_look_ = 0;
}

// Every wanted residual would do but for what was given up in verification.
template <Scalar T>
bool Iteration<T>::is_blocked() const {
  const std::span<const Real<T>> in_hand = space_->residuals_in_hand();
  for (Index i = 0; i < target_; ++i) {
    if (i == static_cast<Index>(in_hand.size()) ||
        !(double{in_hand[static_cast<std::size_t>(i)]} <= convergence().accepted(i))) {
      return false;
    }
  }
  return true;
}

// What a restart keeps: the wanted triplets and some that come next.
template <Scalar T>
Index Iteration<T>::kept(Index wanted) const {
  const Index basis = space_->size().basis, b = options_.block;
  return std::min(wanted + std::max(b, (basis - wanted) / 3), basis - 2 * b);
}

template <Scalar T>
bool Iteration<T>::time_to_look() const {
  const auto p = static_cast<double>(space_->dimension());
  return !verifying_ && space_->dimension() >= std::max(target_, next_look_) &&
         (looked_at_ > 0 || looking * p * p * p < share_of_looking * work_);
}

template <Scalar T>
void Iteration<T>::look() {
  space_->solve(space_->is_full() ? kept(target_) : target_);  // a restart keeps some more
  const double work = std::exchange(work_, 0.0);
  const Index p = space_->dimension();
  if (p < target_ || p == looked_at_) {
    return;
  }
  const double excess = std::log(std::max(convergence().excess(target_), 1e-300));
  const auto all = static_cast<double>(p), since = static_cast<double>(p - looked_at_);
  // In vectors: what a look takes the time of; and how many are left until all is found.
  const double cost = looking * all * all * all * since / std::max(work, 1.0),
               fell = excess_ - excess, left = excess / fell * since;
  const bool is_foretold = looked_at_ > 0 && fell > 0 && excess > 0;
  const double wait = is_foretold
                          ? std::max(left / faster, std::min(left, looks_of_lateness * cost))
                          : cost / share_of_looking;
  next_look_ = p + static_cast<Index>(std::min(wait, as_far * all));
  looked_at_ = p;
  excess_ = excess;
}

// What the rules say of the first values, which are found, and of the next one, where it is seen well, as large as its residual allows.
template <Scalar T>
std::optional<Decision> Iteration<T>::decide_from(Index found) const {
  std::vector<double> values;
  for (Index i = 0; i < found; ++i) {
    values.push_back(std::ldexp(convergence().value(i), -space_->exponent()));
  }
  if (found < std::min(space_->dimension(), static_cast<Index>(space_->residuals().size()))) {
    const double value = convergence().value(found),
                 residual = double{space_->residuals()[static_cast<std::size_t>(found)]};
    if (residual <= std::max(seen_well * value, convergence().accepted(found))) {
      values.push_back(std::ldexp(value + residual, -space_->exponent()));
    }
  }
  const std::optional<Decision> decision = decide(rule_, {.rows = a_.rows(),
                                                          .cols = a_.cols(),
                                                          .values = values,
                                                          .all = false,
                                                          .frobenius_norm = options_.frobenius_norm,
                                                          .eps = epsilon<T>});
  return decision && decision->k <= found ? decision : std::nullopt;
}

#define ECKART_INSTANTIATE(T)                                                           \
  template class Iteration<T>;                                                          \
  template Index basis_for<T>(Index, const Operator<T>&, const IterationOptions&);      \
  template KrylovSize size_for<T>(Index, const Operator<T>&, const IterationOptions&);  \
  template KrylovSize size_with<T>(Index, const Operator<T>&, const IterationOptions&); \
  template bool is_adjoint_better<T>(const Operator<T>&, bool);                         \
  template bool is_image_cheaper<T>(const Operator<T>&, Index, Index);                  \
  template std::unique_ptr<KrylovSpace<T>> make_space<T>(                               \
      const Execution&, const Operator<T>&, bool, const KrylovSize&, const IterationOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
