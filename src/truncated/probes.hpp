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
// 4. From below: P(S1 >= x q F) is bounded by the same expression for x > 1, since prod (1 - 2 t w_i) >= 1 - 2 t sum w_i, so F >= S1 / (q x)
//    but with probability d.
// 5. Where the products themselves are at hand, as M = [E w_1 ... E w_q]: with v the first right singular vector of E, ||M||_2 >= sigma_1
//    ||(v^H w_1 ... v^H w_q)||, whose square is one chi-square: sigma_1^2 <= ||M||_2^2 / (q x), x of 1. Where many values are alike
//    ||M||_2 is far below ||M||_F = sqrt(S1).
//
// In bound_from_probes() each of the first three is allowed a third of the probability. With 16 real vectors and 1e-6 in all, 1 is a factor of 4.1 in norm; where a
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

/// F from S1 by 1, or sigma_1^2 from ||M||_2^2 by 5: no larger than this, but with the probability `failure`.
[[nodiscard]] double most_from_probes(double sum, Index count, bool complex, double failure);

/// F from S1 by 4: no smaller than this, but with the probability `failure`.
[[nodiscard]] double least_from_probes(double sum, Index count, bool complex, double failure);

/// x in (0, 1) with (x e^(1 - x))^exponent = failure, and the x > 1.
[[nodiscard]] double smallest_share(double exponent, double failure);
[[nodiscard]] double largest_share(double exponent, double failure);

}  // namespace eckart::truncated
