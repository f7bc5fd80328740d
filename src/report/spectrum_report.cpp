// What follows from the singular values alone. All sums are of (s_i / s_1)^2, which lie in [0, 1].

#include "report/spectrum_report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace eckart::report {

namespace {

/// (s_i / s_1)^2; all 0 for a zero matrix. Values that are not positive numbers count as 0. The
/// division comes last but the quotient of two denormals is still exact enough: it is rounded once.
double relative_square(double value, double largest) {
  const double ratio = value > 0 && largest > 0 ? value / largest : 0;
  return ratio * ratio;
}

double largest_of(std::span<const double> values) {
  return values.empty() ? 0 : values.front();
}

}  // namespace

std::vector<double> cumulative_energy(std::span<const double> values) {
  const double largest = largest_of(values);
  std::vector<double> energy(values.size());
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += relative_square(values[i], largest);
    energy[i] = sum;
  }
  for (double& share : energy) {
    share = sum > 0 ? share / sum : 1;
  }
  return energy;
}

Index energy_rank(std::span<const double> values, double share) {
  const std::vector<double> energy = cumulative_energy(values);
  const auto reached =
      std::find_if(energy.begin(), energy.end(), [&](double e) { return e >= share; });
  const auto found = reached - energy.begin();
  return std::min(found + 1, static_cast<std::ptrdiff_t>(values.size()));
}

double relative_error(std::span<const double> values, Index k) {
  const double largest = largest_of(values);
  const auto first_lost =
      static_cast<std::size_t>(std::clamp<Index>(k, 0, static_cast<Index>(values.size())));
  // The lost part is summed on its own, smallest first: 1 - energy would lose every error below
  // 1e-8.
  double lost = 0, kept = 0;
  for (std::size_t i = values.size(); i-- > first_lost;) {
    lost += relative_square(values[i], largest);
  }
  for (std::size_t i = first_lost; i-- > 0;) {
    kept += relative_square(values[i], largest);
  }
  return lost > 0 ? std::sqrt(lost / (lost + kept)) : 0;
}

double storage_ratio(Index rows, Index cols, Index k) {
  const double m = static_cast<double>(rows), n = static_cast<double>(cols);
  return m * n > 0 ? static_cast<double>(k) * (m + n + 1) / (m * n) : 0;
}

std::optional<double> log10_condition(std::span<const double> values) {
  if (!(largest_of(values) > 0)) {
    return std::nullopt;
  }
  if (!(values.back() > 0)) {
    return std::numeric_limits<double>::infinity();
  }
  return std::log10(values.front()) - std::log10(values.back());
}

}  // namespace eckart::report
