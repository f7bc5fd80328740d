#include "truncated/stopping.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include <eckart/error.hpp>
#include <eckart/marchenko_pastur.hpp>

namespace eckart::truncated {
namespace {

// The fewest values for which what is left of ||A||_F^2 is at most `share` of it. Ratios, so that nothing overflows.
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

// The same of all values, from the smallest one on: no digit of a small share is lost in a difference.
Index first_within_all(std::span<const double> values, double share) {
  const double largest = values.empty() ? 0 : values.front();
  if (largest == 0) {
    return 0;
  }
  const auto square = [&](double value) { return (value / largest) * (value / largest); };
  double whole = 0, left = 0;
  for (const double value : values) {
    whole += square(value);
  }
  auto k = static_cast<Index>(values.size());
  for (; k > 0; --k) {
    left += square(values[static_cast<std::size_t>(k) - 1]);
    if (left > share * whole) {
      break;
    }
  }
  return k;
}

std::optional<Index> within(const Known& known, double share) {
  return known.all ? first_within_all(known.values, share) : first_within(known, share);
}

std::string two_digits(double x) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), x, std::chars_format::general, 2);
  return {text.data(), end.ptr};
}

// Two digits, not below x.
std::string at_least(double x) {
  constexpr double rounding = 1.06;
  return two_digits(x * rounding);
}

// The number of values above x, once one is known that is not.
std::optional<Index> count_above(const Known& known, double x) {
  const auto first = std::ranges::find_if(known.values, [&](double value) { return value <= x; });
  if (first == known.values.end()) {
    return std::nullopt;
  }
  return first - known.values.begin();
}

NoiseCut cut_for(const Known& known, double noise) {
  return {noise, gavish_donoho_threshold(known.rows, known.cols, noise)};
}

std::optional<Decision> above_noise(const Known& known, const NoiseCut& cut) {
  const std::optional<Index> k = count_above(known, cut.threshold);
  return k ? std::optional(Decision{*k, "hard threshold", cut}) : std::nullopt;
}

// The first value that does not stand out of the noise which would explain it and all that follow, by their share of ||A||_F^2: that
// share is at least what rounding hides, so that noise is never taken for less than can be told.
std::optional<Decision> above_what_is_left(const Known& known) {
  constexpr double hidden = 32;
  const double norm = known.likely_norm.value_or(known.frobenius_norm.value_or(0));
  double left = 1;
  for (Index k = 0; k < static_cast<Index>(known.values.size()); ++k) {
    const double value = known.values[static_cast<std::size_t>(k)],
                 freedom =
                     static_cast<double>(known.rows - k) * static_cast<double>(known.cols - k);
    const NoiseCut cut =
        cut_for(known, norm * std::sqrt(std::max(left, hidden * known.eps) / freedom));
    if (value <= cut.threshold) {
      return Decision{k, "hard threshold", cut};
    }
    left -= (value / norm) * (value / norm);
  }
  return std::nullopt;
}

}  // namespace

bool needs_norm(const Truncation& rule) noexcept {
  return rule.energy || rule.relative_frobenius || rule.absolute_frobenius || rule.unknown_noise;
}

void require_rule(const Truncation& rule) {
  if (!needs_norm(rule) && !rule.rank && !rule.relative_spectral && !rule.absolute_spectral &&
      !rule.noise) {
    throw InvalidArgument("truncated_svd: how many triplets? say rank(50), energy(0.9), ...");
  }
}

std::string lost_in_rounding(const Truncation& rule, double eps) {
  // ||A||_F^2 and the sum of squares are each rounded; below this share their difference is noise.
  const double noise = 32 * eps;
  const auto square = [](std::optional<double> error) { return error ? *error * *error : 1.0; };
  double share = std::min(rule.energy ? 1 - *rule.energy : 1.0, square(rule.relative_frobenius));
  if (rule.absolute_frobenius && *rule.absolute_frobenius == 0) {
    share = 0;
  }
  if (share < noise) {
    return "an error of " + two_digits(std::sqrt(share)) +
           " ||A||_F is lost in the rounding of ||A||_F^2 - sum sigma^2; ask for " +
           at_least(std::sqrt(noise)) + " at least, or for a spectral error";
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
    offer(within(known, 1 - *rule.energy), "energy");
  }
  if (rule.relative_frobenius) {
    offer(within(known, *rule.relative_frobenius * *rule.relative_frobenius), "relative error");
  }
  if (rule.absolute_frobenius) {
    const double norm = known.frobenius_norm.value_or(0);
    const double ratio = norm > 0 ? *rule.absolute_frobenius / norm : 1;
    offer(within(known, ratio * ratio), "absolute error");
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
  const auto offer_cut = [&](const std::optional<Decision>& cut) {
    if (cut && (!best || cut->k < best->k)) {
      best = cut;
    }
  };
  if (rule.noise) {
    offer_cut(known.all && count == 0 ? std::nullopt
                                      : above_noise(known, cut_for(known, *rule.noise)));
  }
  if (rule.unknown_noise) {
    offer_cut(!known.all ? above_what_is_left(known)
              : count == 0
                  ? std::nullopt
                  : above_noise(known, cut_for(known, noise_from_median(known.rows, known.cols,
                                                                        known.values))));
  }
  if (!best && known.all) {
    best = Decision{count, "all"};
  }
  return best;
}

Truncation scaled(Truncation rule, int exponent) noexcept {
  for (std::optional<double>* const error :
       {&rule.absolute_frobenius, &rule.absolute_spectral, &rule.noise}) {
    if (*error) {
      **error = std::ldexp(**error, exponent);
    }
  }
  return rule;
}

std::optional<Decision> scaled(std::optional<Decision> decision, int exponent) noexcept {
  if (decision && decision->cut) {
    decision->cut->noise = std::ldexp(decision->cut->noise, exponent);
    decision->cut->threshold = std::ldexp(decision->cut->threshold, exponent);
  }
  return decision;
}

std::optional<Decision> decide_from_all(const Truncation& rule, Index rows, Index cols,
                                        std::vector<double> values) {
  const double largest = values.empty() ? 0 : values.front();
  const int exponent = largest > 0 ? -std::ilogb(largest) : 0;
  double squares = 0;
  for (double& value : values) {
    value = std::ldexp(value, exponent);
    squares += value * value;
  }
  return scaled(decide(scaled(rule, exponent), {.rows = rows,
                                                .cols = cols,
                                                .values = values,
                                                .all = true,
                                                .frobenius_norm = std::sqrt(squares)}),
                -exponent);
}

}  // namespace eckart::truncated
