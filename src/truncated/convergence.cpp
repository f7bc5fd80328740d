#include "truncated/convergence.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <type_traits>

#include "truncated/rounding.hpp"

namespace eckart::truncated {
namespace {

// Values this near to one another may be copies of one value: at the least, and in squares of the tolerance, by which copies differ
// that have just been found.
template <Scalar T>
constexpr double copies_at_least = std::is_same_v<Real<T>, float> ? 1e-4 : 1e-6;
constexpr double copies_in_squares = 1;

// Of what rounding leaves of a residual at the most, what it is likely to leave: measured were 1/250 to 1/5. Twice that is within the
// tolerance that was asked for, half of which is in hand; where it is more, the residuals of what came out say so.
constexpr double likely = 1.0 / 8;

// A value whose residual is this share of it grows little any more.
constexpr double nearly_known = 0.25;

}  // namespace

template <Scalar T>
double Convergence<T>::value(Index i) const {
  return double{space_.values()[static_cast<std::size_t>(i)]};
}

template <Scalar T>
double Convergence<T>::rounding() const {
  return reached_by_iteration<T>(value(0));
}

template <Scalar T>
double Convergence<T>::noise() const {
  return rounding() * std::sqrt(static_cast<double>(space_.size().m + space_.size().n));
}

template <Scalar T>
double Convergence<T>::accepted(Index i) const {
  return std::max(tolerance_ * value(i), rounding());
}

template <Scalar T>
Index Convergence<T>::count(Index wanted) const {
  const Index most = known(wanted);
  Index found = 0;
  while (found < most &&
         double{space_.residuals()[static_cast<std::size_t>(found)]} <= accepted(found)) {
    ++found;
  }
  return found;
}

template <Scalar T>
Index Convergence<T>::known(Index wanted) const {
  return std::min({wanted, space_.dimension(), static_cast<Index>(space_.residuals().size())});
}

template <Scalar T>
double Convergence<T>::excess(Index wanted) const {
  double largest = 0;
  for (Index i = 0; i < known(wanted); ++i) {
    const double residual = double{space_.residuals()[static_cast<std::size_t>(i)]};
    largest = std::max(largest, residual / std::max(accepted(i), 1e-300));
  }
  return largest;
}

template <Scalar T>
bool Convergence<T>::is_lost_in_rounding(Index wanted, bool may_grow) const {
  for (Index i = 0; i < known(wanted); ++i) {
    const double residual = double{space_.residuals()[static_cast<std::size_t>(i)]};
    if ((!may_grow || residual <= nearly_known * value(i)) &&
        likely * space_.rounding(i) > accepted(i)) {
      return true;
    }
  }
  return false;
}

template <Scalar T>
bool Convergence<T>::is_at_most(Index i, double x) const {
  const double residual = double{space_.residuals()[static_cast<std::size_t>(i)]};
  return value(i) + residual <= x ||
         (value(i) <= x && residual <= std::max(rounding(), space_.rounding(i)));
}

template <Scalar T>
double Convergence<T>::copies() const {
  return std::max(copies_at_least<T>, copies_in_squares * tolerance_ * tolerance_);
}

template <Scalar T>
bool Convergence<T>::may_hide_copies(Index wanted) const {
  if (wanted == 0) {
    return false;
  }
  if (norm_) {
    double left = *norm_ * *norm_ * (1 + 64 * double{epsilon<T>});
    for (Index i = 0; i < wanted; ++i) {
      left -= value(i) * value(i);
    }
    if (left < value(wanted - 1) * value(wanted - 1) * (1 - copies())) {
      return false;
    }
  }
  // Values at the level of rounding are copies of zero, all equally good.
  const Index b = space_.size().block;
  for (Index i = 0; i + b <= wanted; ++i) {
    if (value(i) > noise() && value(i) - value(i + b - 1) <= copies() * value(i)) {
      return true;
    }
  }
  return false;
}

template <Scalar T>
bool Convergence<T>::are_unchanged(std::span<const Real<T>> before, Index wanted) const {
  if (static_cast<Index>(before.size()) < wanted) {
    return false;
  }
  for (Index i = 0; i < wanted; ++i) {
    const double was = double{before[static_cast<std::size_t>(i)]};
    if (std::abs(value(i) - was) > std::max(tolerance_ * was, noise())) {
      return false;
    }
  }
  return true;
}

template <Scalar T>
void Convergence<T>::tell(const Execution& execution, Index wanted) const {
  const Index found = count(wanted);
  const double share = wanted > 0 ? static_cast<double>(found) / static_cast<double>(wanted) : 1;
  if (!execution.progress || found >= space_.dimension() ||
      found >= static_cast<Index>(space_.residuals().size())) {
    execution.step("iterate", share);
    return;
  }
  const double residual = double{space_.residuals()[static_cast<std::size_t>(found)]};
  std::array<char, 120> text;
  std::snprintf(text.data(), text.size(), "iterate: %lld of %lld found, residual of the next %.1e",
                static_cast<long long>(found), static_cast<long long>(wanted),
                value(found) > 0 ? residual / value(found) : 0.0);
  execution.step(text.data(), share);
}

template class Convergence<float>;
template class Convergence<double>;
template class Convergence<std::complex<float>>;
template class Convergence<std::complex<double>>;

}  // namespace eckart::truncated
