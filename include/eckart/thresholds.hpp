#pragma once

// How many values matter? Answers that need no rounding level: soft counts, and the best cut under
// noise.
//
//   stable rank           ||A||_F^2 / ||A||_2^2             moves little when A does
//   participation ratio   (sum sigma^2)^2 / sum sigma^4     directions that share the energy
//   effective rank        exp(-sum p_i ln p_i)              p_i = sigma_i / (sum of all)
//   energy rank           the smallest k whose values hold a given share of sum sigma^2
//
// Each lies between 1 and the rank r, is r when all r values are equal (the energy rank for a share
// of 1), and is 0 for a zero or empty matrix. The effective rank is that of Roy and Vetterli
// (EUSIPCO 2007).
//
// Noise. Y = X + noise is m x n; the entries of the noise are independent with mean 0 and standard
// deviation sd (complex: E|z|^2 = sd^2); L = max(m, n) and beta = min(m, n) / L. Gavish and Donoho
// (IEEE Trans. Inf. Theory 60, 2014, pp. 5040-5053) show for large matrices of low rank that to
// keep the values above
//
//   tau = lambda(beta) sqrt(L) sd         noise known
//   tau = omega(beta) median(sigma)       noise unknown
//
// costs the least mean squared error of all hard thresholds:
//
// with lambda and omega of <eckart/marchenko_pastur.hpp>. The median asks that fewer than half of the values carry signal.

#include <optional>
#include <vector>

#include <eckart/marchenko_pastur.hpp>
#include <eckart/spectrum.hpp>

namespace eckart {

[[nodiscard]] double stable_rank(const Spectrum& s);
[[nodiscard]] double participation_ratio(const Spectrum& s);
[[nodiscard]] double effective_rank(const Spectrum& s);

/// The smallest k with sigma_1^2 + ... + sigma_k^2 >= fraction * (sum of all); fraction in [0, 1],
/// InvalidArgument otherwise.
[[nodiscard]] Index energy_rank(const Spectrum& s, double fraction);

/// Entry k - 1 is the share of the energy in the first k values, k = 1 .. min(m, n); the last one
/// is 1. All 1 for A = 0.
[[nodiscard]] std::vector<double> cumulative_energy(const Spectrum& s);

/// Where to cut, and what is left.
struct HardThreshold {
  double threshold = 0;    // tau, in units of A; values above it are kept
  Index rank = 0;          // how many are kept
  double beta = 0;         // min(m, n) / max(m, n)
  double coefficient = 0;  // lambda(beta) or omega(beta)
  double noise = 0;        // sd: as given, or estimated as median(sigma) / sqrt(L mu_beta)
  bool noise_known = false;
};

/// The optimal hard threshold. `noise` is sd when it is known (finite and >= 0, InvalidArgument
/// otherwise). An empty matrix keeps nothing. An estimated noise of 0 (half of the values are 0)
/// keeps every positive value.
[[nodiscard]] HardThreshold optimal_hard_threshold(const Spectrum& s,
                                                   std::optional<double> noise = {});

/// Optimal shrinkage under Frobenius loss (Gavish and Donoho, IEEE Trans. Inf. Theory 63, 2017,
/// pp. 2137-2152): each value y, in units of sqrt(L) sd, becomes sqrt((y^2 - beta - 1)^2 -
/// 4 beta) / y above 1 + sqrt(beta) and 0 below. It never costs more than the hard threshold.
/// `noise` as above; noise 0 changes nothing. Returns min(m, n) descending values.
[[nodiscard]] std::vector<double> optimal_shrinkage(const Spectrum& s,
                                                    std::optional<double> noise = {});

// From a matrix: the values are computed first.

template <MatrixLike A>
[[nodiscard]] double stable_rank(const A& a, const SvdOptions& options = {}) {
  return stable_rank(spectrum(a, options));
}
template <MatrixLike A>
[[nodiscard]] double participation_ratio(const A& a, const SvdOptions& options = {}) {
  return participation_ratio(spectrum(a, options));
}
template <MatrixLike A>
[[nodiscard]] double effective_rank(const A& a, const SvdOptions& options = {}) {
  return effective_rank(spectrum(a, options));
}
template <MatrixLike A>
[[nodiscard]] Index energy_rank(const A& a, double fraction, const SvdOptions& options = {}) {
  return energy_rank(spectrum(a, options), fraction);
}
template <MatrixLike A>
[[nodiscard]] HardThreshold optimal_hard_threshold(const A& a, std::optional<double> noise = {},
                                                   const SvdOptions& options = {}) {
  return optimal_hard_threshold(spectrum(a, options), noise);
}

}  // namespace eckart
