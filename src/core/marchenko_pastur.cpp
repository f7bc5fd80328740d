#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include <eckart/error.hpp>
#include <eckart/marchenko_pastur.hpp>

#include "core/sums.hpp"

namespace eckart {
namespace {

using core::CompensatedSum;

void require_aspect(double beta) {
  if (!(beta > 0) || beta > 1) {
    throw InvalidArgument("beta is " + std::to_string(beta) +
                          "; it is min(m, n) / max(m, n), in (0, 1]");
  }
}

double longer(Index rows, Index cols) {
  return static_cast<double>(std::max(rows, cols));
}

double aspect(Index rows, Index cols) {
  return static_cast<double>(std::min(rows, cols)) / longer(rows, cols);
}

// Density of the Marchenko-Pastur law in the angle phi, with the eigenvalue
// t = 1 + beta + 2 sqrt(beta) cos(phi). In t the density has square roots at both ends of the
// support; in phi it is smooth.
double eigenvalue_at(double beta, double phi) {
  return 1 + beta + 2 * std::sqrt(beta) * std::cos(phi);
}

double angular_density(double beta, double phi) {
  const double sine = std::sin(phi);
  return 2 * sine * sine / (std::numbers::pi * eigenvalue_at(beta, phi));
}

// Probability of an angle below phi (an eigenvalue above t(phi)), by Simpson's rule. With this many
// intervals the error is of the order of eps for phi up to 2.4, and no median lies above that.
constexpr int simpson_intervals = 4096;

double angular_distribution(double beta, double phi) {
  const double h = phi / simpson_intervals;
  CompensatedSum sum;
  for (int i = 1; i < simpson_intervals; ++i) {
    sum.add((i % 2 == 1 ? 4 : 2) * angular_density(beta, i * h));
  }
  sum.add(angular_density(beta, phi));
  return sum.value() * h / 3;
}

// Newton's method converges quadratically from the middle; the cap only guards against a defect.
constexpr int newton_cap = 50;
constexpr double newton_tolerance = 1e-15;

}  // namespace

double marchenko_pastur_median(double beta) {
  require_aspect(beta);
  double phi = std::numbers::pi / 2;
  for (int step = 0; step < newton_cap; ++step) {
    const double change = (angular_distribution(beta, phi) - 0.5) / angular_density(beta, phi);
    phi -= change;
    if (std::abs(change) <= newton_tolerance * phi) {
      break;
    }
  }
  return eigenvalue_at(beta, phi);
}

double gavish_donoho_lambda(double beta) {
  require_aspect(beta);
  const double root = std::sqrt(beta * beta + 14 * beta + 1);
  return std::sqrt(2 * (beta + 1) + 8 * beta / (beta + 1 + root));
}

double gavish_donoho_omega(double beta) {
  return gavish_donoho_lambda(beta) / std::sqrt(marchenko_pastur_median(beta));
}

double gavish_donoho_threshold(Index rows, Index cols, double noise) {
  return gavish_donoho_lambda(aspect(rows, cols)) * std::sqrt(longer(rows, cols)) * noise;
}

double noise_from_median(Index rows, Index cols, std::span<const double> values) {
  const std::size_t count = values.size();
  const double median = values[(count - 1) / 2] / 2 + values[count / 2] / 2;
  return median / std::sqrt(longer(rows, cols) * marchenko_pastur_median(aspect(rows, cols)));
}

}  // namespace eckart
