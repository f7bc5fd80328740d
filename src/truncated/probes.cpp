#include "truncated/probes.hpp"

#include <algorithm>
#include <cmath>

namespace eckart::truncated {
namespace {

constexpr int halvings = 60;

/// Degrees of freedom, half of them: the exponent of the chi-square of `count` numbers.
double half_freedom(Index count, bool complex) {
  return (complex ? 2 : 1) * static_cast<double>(count) / 2;
}

}  // namespace

double smallest_share(double exponent, double failure) {
  // log x + 1 - x rises from -infinity to 0. By halving the interval of log x, whose ends are beyond the solution.
  const double wanted = std::log(failure) / exponent;
  double low = wanted - 1, high = 0;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    (middle + 1 - std::exp(middle) < wanted ? low : high) = middle;
  }
  return std::exp(low);
}

double largest_share(double exponent, double failure) {
  // log x + 1 - x falls from 0, and is below 1 - x / 2 for x > 4: x = 4 - 2 wanted is beyond the solution.
  const double wanted = std::log(failure) / exponent;
  double low = 1, high = 4 - 2 * wanted;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    (std::log(middle) + 1 - middle > wanted ? low : high) = middle;
  }
  return high;
}

double most_from_probes(double sum, Index count, bool complex, double failure) {
  return sum / (static_cast<double>(count) * smallest_share(half_freedom(count, complex), failure));
}

double least_from_probes(double sum, Index count, bool complex, double failure) {
  return sum / (static_cast<double>(count) * largest_share(half_freedom(count, complex), failure));
}

ProbeBound bound_from_probes(const ProbeSums& sums, Index count, bool complex, double failure) {
  const auto q = static_cast<double>(count);
  const double beta = complex ? 2 : 1, each = failure / 3;
  const double first = most_from_probes(sums.first, count, complex, each);                    // 1
  const double fourth = most_from_probes(sums.second, count, complex, each);                  // G
  const double near = sums.first / q + 2 * std::sqrt(fourth * -std::log(each) / (beta * q));  // 2
  const double frobenius = std::min(first, near);
  return {frobenius, std::min(frobenius, std::sqrt(fourth))};  // 3
}

}  // namespace eckart::truncated
