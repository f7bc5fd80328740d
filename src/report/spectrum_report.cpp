// What follows from the singular values alone. All sums are of (s_i / s_1)^2, which lie in [0, 1].

#include "report/spectrum_report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace eckart::report {

namespace {

/// (s_i / s_1)^2; all 0 for a zero matrix. Values that are not positive numbers count as 0.
double relative_square(double value, double largest) {
  const double ratio = value > 0 && largest > 0 ? value / largest : 0;
  return ratio * ratio;
}

double largest_of(std::span<const double> values) {
  return values.empty() ? 0 : values.front();
}

/// s_{k+1}^2 + s_{k+2}^2 + ... over s_1^2, for k = 0 ... values.size(). Summed smallest first and on its own: 1 - energy
/// would lose every error below 1e-8.
std::vector<double> lost_squares(std::span<const double> values) {
  std::vector<double> lost(values.size() + 1, 0);
  for (std::size_t k = values.size(); k-- > 0;) {
    lost[k] = lost[k + 1] + relative_square(values[k], largest_of(values));
  }
  return lost;
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
  // A share such as 0.9 was itself rounded: the next number below it is let pass. 1 means all energy.
  const double allowed = share < 1 ? 1 - std::nextafter(share, 0.0) : 0.0;
  const std::vector<double> lost = lost_squares(values);
  Index k = 0;
  while (lost[static_cast<std::size_t>(k)] > allowed * lost.front()) {
    ++k;
  }
  return k;
}

std::vector<double> relative_errors(std::span<const double> values) {
  std::vector<double> errors = lost_squares(values);
  const double whole = errors.front();
  for (double& error : errors) {
    error = whole > 0 ? std::sqrt(error / whole) : 0;
  }
  return errors;
}

double relative_error(std::span<const double> values, Index k) {
  return relative_errors(
      values)[static_cast<std::size_t>(std::clamp<Index>(k, 0, static_cast<Index>(values.size())))];
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
