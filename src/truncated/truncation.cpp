#include <algorithm>
#include <cmath>
#include <string>

#include <eckart/error.hpp>
#include <eckart/truncation.hpp>

namespace eckart {
namespace {

double require_share(double x, const char* what) {
  if (!(x >= 0 && x <= 1)) {
    throw InvalidArgument(std::string(what) + " lies between 0 and 1, not at " + std::to_string(x));
  }
  return x;
}

double require_size(double x, const char* what) {
  if (!(x >= 0)) {
    throw InvalidArgument(std::string(what) + " is not negative, but " + std::to_string(x));
  }
  return x;
}

template <class X, class Choose>
std::optional<X> both(const std::optional<X>& a, const std::optional<X>& b, Choose choose) {
  return a && b ? std::optional<X>(choose(*a, *b)) : a ? a : b;
}

}  // namespace

Truncation rank(Index k) {
  if (k < 0) {
    throw InvalidArgument("rank(" + std::to_string(k) + "): a rank is not negative");
  }
  Truncation rule;
  rule.rank = k;
  return rule;
}

Truncation energy(double share) {
  Truncation rule;
  rule.energy = require_share(share, "a share of the energy");
  return rule;
}

Truncation relative_error(double x, Norm norm) {
  Truncation rule;
  (norm == Norm::frobenius ? rule.relative_frobenius : rule.relative_spectral) =
      require_share(x, "a relative error");
  return rule;
}

Truncation absolute_error(double x, Norm norm) {
  Truncation rule;
  (norm == Norm::frobenius ? rule.absolute_frobenius : rule.absolute_spectral) =
      require_size(x, "an absolute error");
  return rule;
}

Truncation above(double x) {
  return absolute_error(x, Norm::spectral);
}

Truncation hard_threshold(double noise) {
  if (!(noise >= 0) || !std::isfinite(noise)) {
    throw InvalidArgument("the noise is " + std::to_string(noise) +
                          "; it is a standard deviation, finite and at least 0");
  }
  Truncation rule;
  rule.noise = noise;
  return rule;
}

Truncation hard_threshold() {
  Truncation rule;
  rule.unknown_noise = true;
  return rule;
}

Truncation operator&(const Truncation& a, const Truncation& b) {
  const auto smaller = [](auto x, auto y) { return std::min(x, y); };
  const auto larger = [](auto x, auto y) { return std::max(x, y); };
  return {.rank = both(a.rank, b.rank, smaller),
          .energy = both(a.energy, b.energy, smaller),
          .relative_frobenius = both(a.relative_frobenius, b.relative_frobenius, larger),
          .relative_spectral = both(a.relative_spectral, b.relative_spectral, larger),
          .absolute_frobenius = both(a.absolute_frobenius, b.absolute_frobenius, larger),
          .absolute_spectral = both(a.absolute_spectral, b.absolute_spectral, larger),
          .noise = both(a.noise, b.noise, larger),
          .unknown_noise = a.unknown_noise || b.unknown_noise};
}

}  // namespace eckart
