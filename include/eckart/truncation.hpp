#pragma once

// How many triplets to keep, as rules that combine:
//
//   truncated_svd(A, rank(50) & relative_error(1e-3))
//
// gives the smallest k that satisfies one of them: 50 triplets at the most, fewer when 1e-3 is reached before. The report names
// the rule that bound.
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

/// Both rules: the smaller k holds.
[[nodiscard]] Truncation operator&(const Truncation& a, const Truncation& b);

}  // namespace eckart
