#include <algorithm>
#include <cmath>
#include <string>

#include <eckart/error.hpp>
#include <eckart/thresholds.hpp>

#include "analysis/sums.hpp"

namespace eckart {
namespace {

using analysis::CompensatedSum;
using analysis::SumOfSquares;

// sum (sigma_i / sigma_1)^power from the small end; sigma_1 > 0.
double relative_power_sum(const Spectrum& s, int power) {
  CompensatedSum sum;
  for (Index i = s.count(); i-- > 0;) {
    sum.add(std::pow(s[i] / s.largest(), power));
  }
  return sum.value();
}

// A soft count is at most the number of values that are not 0; rounding must not lift it above.
double at_most_positive_count(const Spectrum& s, double count) {
  const auto positive = std::ranges::count_if(s.values(), [](double x) { return x > 0; });
  return std::min(count, static_cast<double>(positive));
}

double longer_side(const Spectrum& s) {
  return static_cast<double>(std::max(s.rows(), s.cols()));
}

double aspect_of(const Spectrum& s) {
  return static_cast<double>(s.count()) / longer_side(s);
}

double noise_of(const Spectrum& s, std::optional<double> noise) {
  if (noise && (!(*noise >= 0) || !std::isfinite(*noise))) {
    throw InvalidArgument("the noise is " + std::to_string(*noise) +
                          "; it is a standard deviation, finite and at least 0");
  }
  if (noise || s.count() == 0) {
    return noise.value_or(0);
  }
  return noise_from_median(s.rows(), s.cols(), s.values());
}

}  // namespace

double stable_rank(const Spectrum& s) {
  return s.largest() > 0 ? relative_power_sum(s, 2) : 0.0;
}

double participation_ratio(const Spectrum& s) {
  if (s.largest() == 0) {
    return 0;
  }
  const double squares = relative_power_sum(s, 2);
  return at_most_positive_count(s, squares * squares / relative_power_sum(s, 4));
}

double effective_rank(const Spectrum& s) {
  if (s.largest() == 0) {
    return 0;
  }
  const double total = relative_power_sum(s, 1);
  CompensatedSum entropy;
  for (Index i = s.count(); i-- > 0;) {
    const double p = s[i] / s.largest() / total;
    entropy.add(p > 0 ? -p * std::log(p) : 0.0);
  }
  return at_most_positive_count(s, std::exp(entropy.value()));
}

Index energy_rank(const Spectrum& s, double fraction) {
  if (!(fraction >= 0) || fraction > 1) {
    throw InvalidArgument("the share of the energy is " + std::to_string(fraction) +
                          "; it is in [0, 1]");
  }
  // A share such as 0.9 was itself rounded: the next number below it is let pass. 1 means all.
  const double allowed = fraction < 1 ? 1 - std::nextafter(fraction, 0.0) : 0.0;
  const std::vector<SumOfSquares> tails = analysis::energy_tails(s.values());
  Index k = 0;
  while (tails[static_cast<std::size_t>(k)].share_of(tails[0]) > allowed) {
    ++k;
  }
  // No number of values holds a positive share but one at least; the tails round a tiny share away.
  const bool wants_some = fraction > 0 && !s.values().empty() && s.values().front() > 0;
  return wants_some ? std::max<Index>(k, 1) : k;
}

std::vector<double> cumulative_energy(const Spectrum& s) {
  const std::vector<SumOfSquares> tails = analysis::energy_tails(s.values());
  std::vector<double> energy;
  energy.reserve(s.values().size());
  for (std::size_t k = 1; k < tails.size(); ++k) {
    energy.push_back(1 - tails[k].share_of(tails[0]));
  }
  return energy;
}

HardThreshold optimal_hard_threshold(const Spectrum& s, std::optional<double> noise) {
  HardThreshold result;
  result.noise = noise_of(s, noise);
  result.noise_known = noise.has_value();
  if (s.count() == 0) {
    return result;
  }
  result.beta = aspect_of(s);
  result.coefficient = noise ? gavish_donoho_lambda(result.beta) : gavish_donoho_omega(result.beta);
  result.threshold = gavish_donoho_threshold(s.rows(), s.cols(), result.noise);
  result.rank = std::ranges::count_if(s.values(), [&](double x) { return x > result.threshold; });
  return result;
}

std::vector<double> optimal_shrinkage(const Spectrum& s, std::optional<double> noise) {
  std::vector<double> shrunk = s.values();
  const double sd = noise_of(s, noise);
  if (shrunk.empty() || sd == 0) {
    return shrunk;
  }
  // sqrt((y^2 - beta - 1)^2 - 4 beta) / y = y sqrt((1 - (p / y)^2) (1 - (q / y)^2)), where p and q
  // are 1 +- sqrt(beta), the edges of the noise. This form neither cancels nor overflows.
  const double unit = std::sqrt(longer_side(s)) * sd;
  const double root = std::sqrt(aspect_of(s));
  for (double& x : shrunk) {
    const double p = (1 + root) * unit / x;
    const double q = (1 - root) * unit / x;
    x = p < 1 ? x * std::sqrt((1 - p * p) * (1 - q * q)) : 0.0;
  }
  return shrunk;
}

}  // namespace eckart
