#pragma once

// How many triplets to keep, as rules that combine:
//
//   truncated_svd(A, rank(50) & relative_error(1e-3))
//
// gives the smallest k that satisfies one of them: 50 triplets at the most, fewer when 1e-3 is reached before. The report names
// the rule that bound.
//
// hard_threshold() keeps what stands out of white noise (marchenko_pastur.hpp). Noise that is not known is estimated: from the median
// where all values are known; else from what the values before it leave of ||A||_F^2, sd^2 = (||A||_F^2 - sum_{i <= k} sigma_i^2) /
// ((m - k) (n - k)), k the first for which sigma_{k+1} is not above the threshold that follows from it. That asks for a signal of a
// rank far below min(m, n) / 5, and cannot tell noise that is lost in the rounding of ||A||_F^2.
//
// Frobenius errors and energies follow from ||A - A_k||_F^2 = ||A||_F^2 - sum_{i <= k} sigma_i^2, so the operator must know its
// ||A||_F, and the difference is lost in rounding below about sqrt(eps) ||A||_F. Spectral errors are ||A - A_k||_2 = sigma_{k+1}.

#include <optional>

#include <eckart/types.hpp>

namespace eckart {

enum class Norm { frobenius, spectral };

struct Truncation {
  std::optional<Index> rank;
  std::optional<double> energy;  // sum_{i <= k} sigma_i^2 >= energy ||A||_F^2
  std::optional<double> relative_frobenius, relative_spectral;  // ||A - A_k|| <= x ||A||
  std::optional<double> absolute_frobenius, absolute_spectral;  // ||A - A_k|| <= x
  std::optional<double> noise;  // sigma_k > lambda(beta) sqrt(max(m, n)) noise
  bool unknown_noise = false;   // the same, of noise that is estimated
};

/// k triplets.
[[nodiscard]] Truncation rank(Index k);
/// The fewest triplets with this share of the sum of squared values, in [0, 1].
[[nodiscard]] Truncation energy(double share);
/// The fewest triplets with ||A - A_k|| <= x ||A||.
[[nodiscard]] Truncation relative_error(double x, Norm norm = Norm::frobenius);
/// The fewest triplets with ||A - A_k|| <= x.
[[nodiscard]] Truncation absolute_error(double x, Norm norm = Norm::frobenius);
/// The triplets whose values are above x: absolute_error(x, Norm::spectral).
[[nodiscard]] Truncation above(double x);

/// The triplets whose values stand out of white noise with this standard deviation, finite and not negative: Gavish and Donoho's
/// optimal hard threshold.
[[nodiscard]] Truncation hard_threshold(double noise);
/// The same, of noise that is estimated; where not all values are found that takes ||A||_F.
[[nodiscard]] Truncation hard_threshold();

/// Both rules: the smaller k holds.
[[nodiscard]] Truncation operator&(const Truncation& a, const Truncation& b);

}  // namespace eckart
