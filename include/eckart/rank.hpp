#pragma once

// Numerical rank: how many singular values stand clear of the noise.
//
//   rank(A) = number of sigma_i > max(atol, rtol * sigma_1),      rtol = max(m, n) * eps by default
//
// This is the one rank rule of Eckart; range, null space, pseudoinverse and least squares all ask
// it. Its default is that of LAPACK's users, NumPy and MATLAB: the computed values are those of A +
// E with ||E||_2 <= p(m, n) * eps * sigma_1 (p a modest polynomial), so by Weyl's inequality
// |sigma_i(A + E) - sigma_i(A)| <= ||E||_2 a value below the threshold cannot be told from zero. A
// rank is a decision, not a measurement: the report says how close it was. (Golub and Van Loan,
// Matrix Computations, 4th ed., section 5.4.2; Hansen, Rank-Deficient and Discrete Ill-Posed
// Problems, SIAM 1998, chapter 3.)

#include <eckart/spectrum.hpp>

namespace eckart {

/// sigma > max(atol, rtol * sigma_1) counts. When the entries of A carry errors of their own, say
/// so: atol of about the 2-norm of those errors, which is sqrt(max(m, n)) times the size of one for
/// independent errors.
struct RankRule {
  double atol = 0;   // in units of A, >= 0
  double rtol = -1;  // relative to sigma_1; negative: max(m, n) * eps of the matrix's type
};

/// The decision and how close it was.
struct RankReport {
  Index rank = 0;
  double threshold = 0;   // max(atol, rtol * sigma_1); values above it count
  double rtol = 0;        // as used
  double sigma_1 = 0;     // the largest value
  double sigma_rank = 0;  // the smallest value that counts, sigma_r; 0 when rank is 0
  double sigma_next = 0;  // the largest value that does not, sigma_{r+1}; 0 when all of them count
  double gap = 0;         // sigma_r / sigma_{r+1}; infinite when sigma_{r+1} is 0, 0 when rank is 0
  Index near_threshold = 0;  // values in [threshold / 10, 10 * threshold], the doubtful ones; 0
                             // when the threshold is 0
};

/// Throws InvalidArgument when atol is negative or either tolerance is NaN. Cost: O(k).
[[nodiscard]] RankReport numerical_rank(const Spectrum& s, const RankRule& rule = {});

/// From a matrix: computes its singular values first.
template <MatrixLike A>
[[nodiscard]] RankReport numerical_rank(const A& a, const RankRule& rule = {},
                                        const SvdOptions& options = {}) {
  return numerical_rank(spectrum(a, options), rule);
}

}  // namespace eckart
