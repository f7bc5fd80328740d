#pragma once

// How large is what nobody multiplied with? Upper bounds on an operator E, m x n, from its products with a few random vectors, each
// wrong with a probability that is chosen beforehand.
//
//   w_1 ... w_q     standard normal (E|w|^2 = 1), drawn after E was fixed and independent of it
//   S1 = sum_j ||E w_j||^2          of mean q F,  F = ||E||_F^2   = sum sigma_i^2
//   S2 = sum_j ||E^H E w_j||^2      of mean q G,  G = ||E^H E||_F^2 = sum sigma_i^4
//
// 1. Never far too small. For any weights, P(S1 <= x q F) <= (x e^(1 - x))^(beta q / 2), x < 1, beta = 1 for real and 2 for complex
//    entries: S1 is a sum of independent chi-squares, prod (1 + 2 t w_i) >= 1 + 2 t sum w_i, and Chernoff does the rest. So
//    F <= S1 / (q x) but with probability d, where x solves (x e^(1 - x))^(beta q / 2) = d; and G <= S2 / (q x) likewise.
// 2. Near where no value sticks out. From log(1 + y) >= y - y^2 / 2:  F <= S1 / q + 2 sqrt(G log(1 / d) / (beta q)) but with
//    probability d, which needs G; it comes from 1.
// 3. The largest value: sigma_1^4 <= G, and sigma_1^2 <= F.
//
// Each of the three is allowed a third of the probability. With 16 real vectors and 1e-6 in all, 1 is a factor of 4.1 in norm; where a
// thousand equal values are left, 2 bounds ||E||_F to 12 %, and 3 bounds sigma_1 by 11 sigma_1 where ||E||_F is 32 sigma_1. Compare
// Halko, Martinsson, Tropp, SIAM Review 53, 2011, section 4.3, which bounds sigma_1 by the longest of the E w_j: never better than a
// bound on ||E||_F.

#include <eckart/types.hpp>

namespace eckart::truncated {

/// S1 and S2.
struct ProbeSums {
  double first = 0, second = 0;
};

/// Squares: ||E||_F^2 and ||E||_2^2 are no larger, but with the probability asked for.
struct ProbeBound {
  double frobenius = 0, spectral = 0;
};

/// `count` vectors; `failure` in (0, 1).
[[nodiscard]] ProbeBound bound_from_probes(const ProbeSums& sums, Index count, bool complex,
                                           double failure);

/// x in (0, 1) with (x e^(1 - x))^exponent = failure.
[[nodiscard]] double smallest_share(double exponent, double failure);

}  // namespace eckart::truncated
