#include "truncated/probes.hpp"

#include <algorithm>
#include <cmath>

namespace eckart::truncated {

double smallest_share(double exponent, double failure) {
  // log x + 1 - x rises from -infinity to 0. By halving the interval of log x, whose ends are beyond the solution.
  const double wanted = std::log(failure) / exponent;
  double low = wanted - 1, high = 0;
  constexpr int halvings = 60;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    (middle + 1 - std::exp(middle) < wanted ? low : high) = middle;
  }
  return std::exp(low);
}

ProbeBound bound_from_probes(const ProbeSums& sums, Index count, bool complex, double failure) {
  const auto q = static_cast<double>(count);
  const double beta = complex ? 2 : 1, each = failure / 3;
  const double least = q * smallest_share(beta * q / 2, each);                                // 1
  const double fourth = sums.second / least;                                                  // G
  const double near = sums.first / q + 2 * std::sqrt(fourth * -std::log(each) / (beta * q));  // 2
  const double frobenius = std::min(sums.first / least, near);
  return {frobenius, std::min(frobenius, std::sqrt(fourth))};  // 3
}

}  // namespace eckart::truncated
