#include "truncated/stopping.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <eckart/error.hpp>

namespace eckart::truncated {
namespace {

// The fewest values for which ||A||_F^2 - their squares is at most `share` of ||A||_F^2. Ratios, so that nothing overflows.
std::optional<Index> first_within(const Known& known, double share) {
  const double norm = known.frobenius_norm.value_or(0);
  double left = 1;
  for (Index k = 0;; ++k) {
    if (left <= share || norm == 0) {
      return k;
    }
    if (k == static_cast<Index>(known.values.size())) {
      return std::nullopt;
    }
    const double ratio = known.values[static_cast<std::size_t>(k)] / norm;
    left -= ratio * ratio;
  }
}

// The number of values above x, once one is known that is not.
std::optional<Index> count_above(const Known& known, double x) {
  const auto first = std::ranges::find_if(known.values, [&](double value) { return value <= x; });
  if (first == known.values.end()) {
    return std::nullopt;
  }
  return first - known.values.begin();
}

}  // namespace

bool needs_norm(const Truncation& rule) noexcept {
  return rule.energy || rule.relative_frobenius || rule.absolute_frobenius;
}

void require_rule(const Truncation& rule) {
  if (!needs_norm(rule) && !rule.rank && !rule.relative_spectral && !rule.absolute_spectral) {
    throw InvalidArgument("truncated_svd: how many triplets? say rank(50), energy(0.9), ...");
  }
}

std::string lost_in_rounding(const Truncation& rule, double eps) {
  // ||A||_F^2 and the sum of squares are each rounded; below this share their difference is noise.
  const double noise = 32 * eps;
  const double share =
      std::min(rule.energy ? 1 - *rule.energy : 1.0,
               rule.relative_frobenius ? *rule.relative_frobenius * *rule.relative_frobenius : 1.0);
  if (share > 0 && share < noise) {
    return "an error of " + std::to_string(std::sqrt(share)) +
           " ||A||_F is lost in the rounding of ||A||_F^2 - sum sigma^2; ask for " +
           std::to_string(std::sqrt(noise)) + " at least, or for a spectral error";
  }
  return "";
}

std::optional<Decision> decide(const Truncation& rule, const Known& known) {
  std::optional<Decision> best;
  const auto offer = [&](std::optional<Index> k, const char* name) {
    if (k && (!best || *k < best->k)) {
      best = Decision{*k, name};
    }
  };
  const auto count = static_cast<Index>(known.values.size());
  if (rule.rank && *rule.rank <= count) {
    offer(rule.rank, "rank");
  }
  if (rule.energy) {
    offer(first_within(known, 1 - *rule.energy), "energy");
  }
  if (rule.relative_frobenius) {
    offer(first_within(known, *rule.relative_frobenius * *rule.relative_frobenius),
          "relative error");
  }
  if (rule.absolute_frobenius) {
    const double norm = known.frobenius_norm.value_or(0);
    const double ratio = norm > 0 ? *rule.absolute_frobenius / norm : 1;
    offer(first_within(known, ratio * ratio), "absolute error");
  }
  if (rule.relative_spectral) {
    const double first = known.values.empty() ? 0 : known.values.front();
    offer(known.values.empty() && !known.all ? std::nullopt
                                             : count_above(known, *rule.relative_spectral * first),
          "relative error");
  }
  if (rule.absolute_spectral) {
    offer(count_above(known, *rule.absolute_spectral), "absolute error");
  }
  if (!best && known.all) {
    best = Decision{count, "all"};
  }
  return best;
}

}  // namespace eckart::truncated
