#pragma once

// The singular values of white noise, and where those of a signal stand out of them.
//
// Noise is m x n, its entries independent with mean 0 and standard deviation sd (complex: E|z|^2 = sd^2); L = max(m, n) and
// beta = min(m, n) / L. For large matrices the squares of its singular values, in units of L sd^2, follow the law of Marchenko and
// Pastur, whose support is (1 -+ sqrt(beta))^2. Of a matrix of low rank with noise added, the values above
//
//   tau = lambda(beta) sqrt(L) sd         noise known
//   tau = omega(beta) median(sigma)       noise unknown
//
// are those to keep: no other hard threshold has a smaller mean squared error (Gavish and Donoho, IEEE Trans. Inf. Theory 60, 2014,
// pp. 5040-5053).
//
//   lambda(beta) = sqrt(2 (beta + 1) + 8 beta / (beta + 1 + sqrt(beta^2 + 14 beta + 1)))
//   omega(beta)  = lambda(beta) / sqrt(mu_beta)
//
// so that lambda(1) = 4 / sqrt 3 and omega(1) = 2.858. mu_beta is the median of the law, found here by quadrature and Newton's method
// to about 1e-13; the paper's cubic fit errs by up to 0.02.

#include <span>

#include <eckart/types.hpp>

namespace eckart {

/// lambda(beta), beta in (0, 1]; throws InvalidArgument otherwise, as do the next two.
[[nodiscard]] double gavish_donoho_lambda(double beta);
/// omega(beta).
[[nodiscard]] double gavish_donoho_omega(double beta);
/// mu_beta: the median of the Marchenko-Pastur law.
[[nodiscard]] double marchenko_pastur_median(double beta);

/// tau of rows x cols entries, none of both 0, with noise of this standard deviation.
[[nodiscard]] double gavish_donoho_threshold(Index rows, Index cols, double noise);
/// sd from all min(rows, cols) > 0 values, descending: median(sigma) / sqrt(L mu_beta).
[[nodiscard]] double noise_from_median(Index rows, Index cols, std::span<const double> values);

}  // namespace eckart
