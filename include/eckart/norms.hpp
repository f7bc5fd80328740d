#pragma once

// Norms that depend on the singular values alone (the unitarily invariant ones), and the condition
// number.
//
//   spectral    ||A||_2   = sigma_1                    how far A stretches a unit vector
//   Frobenius   ||A||_F   = sqrt(sum sigma_i^2)        also sqrt(sum |a_ij|^2)
//   nuclear     ||A||_*   = sum sigma_i                the convex stand-in for the rank
//   Schatten-p  ||A||_Sp  = (sum sigma_i^p)^(1/p)      p = 1 nuclear, 2 Frobenius, inf spectral
//   Ky Fan k    ||A||_(k) = sigma_1 + ... + sigma_k    k = 1 spectral, min(m, n) nuclear
//   condition   kappa_2   = sigma_1 / sigma_min        1 if orthogonal, infinite if singular
//
// Each sum is taken relative to sigma_1, from the small end, so nothing overflows or vanishes on
// the way and the error is a few eps. By the triangle inequality an error E of A changes each of
// these norms by at most ||E|| in the same norm. An empty matrix has norm 0. A norm that exceeds
// the largest double throws OutOfRange. (Horn and Johnson, Matrix Analysis, 2nd ed., section 7.4.)

#include <eckart/spectrum.hpp>

namespace eckart {

[[nodiscard]] double spectral_norm(const Spectrum& s);
[[nodiscard]] double nuclear_norm(const Spectrum& s);
[[nodiscard]] double frobenius_norm(const Spectrum& s);

/// p in [1, infinity]; throws InvalidArgument otherwise.
[[nodiscard]] double schatten_norm(const Spectrum& s, double p);

/// k in 1 .. min(m, n) (0 too for an empty matrix); throws InvalidArgument otherwise.
[[nodiscard]] double ky_fan_norm(const Spectrum& s, Index k);

/// kappa_2 = sigma_1 / sigma_min, min(m, n) values; infinite when sigma_min is 0, 0 for an empty
/// matrix. Relative errors of data are magnified by up to this factor in x = A^+ b; 1 / kappa_2 is
/// the relative distance to the nearest matrix of lower rank.
[[nodiscard]] double condition_number(const Spectrum& s);

/// ||A||_F from the entries, without an SVD: one pass over A (a second one where squares would
/// overflow or vanish), in double. Throws NonFinite for NaN or infinity in A.
template <Scalar T>
[[nodiscard]] double frobenius_norm(MatrixView<const T> a);

template <MatrixLike A>
[[nodiscard]] double frobenius_norm(const A& a) {
  return frobenius_norm<ScalarOf<A>>(as_view(a));
}
template <MatrixLike A>
[[nodiscard]] double spectral_norm(const A& a, const SvdOptions& options = {}) {
  return spectral_norm(spectrum(a, options));
}
template <MatrixLike A>
[[nodiscard]] double nuclear_norm(const A& a, const SvdOptions& options = {}) {
  return nuclear_norm(spectrum(a, options));
}
template <MatrixLike A>
[[nodiscard]] double schatten_norm(const A& a, double p, const SvdOptions& options = {}) {
  return schatten_norm(spectrum(a, options), p);
}
template <MatrixLike A>
[[nodiscard]] double ky_fan_norm(const A& a, Index k, const SvdOptions& options = {}) {
  return ky_fan_norm(spectrum(a, options), k);
}
template <MatrixLike A>
[[nodiscard]] double condition_number(const A& a, const SvdOptions& options = {}) {
  return condition_number(spectrum(a, options));
}

}  // namespace eckart
