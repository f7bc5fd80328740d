#pragma once

// The best approximation of rank k (Schmidt 1907; Eckart and Young 1936; Mirsky 1960 for every
// unitarily invariant norm):
//
//   A_k = U_k diag(s_1, ..., s_k) V_k^H
//   ||A - A_k||_2 = sigma_{k+1}        ||A - A_k||_F = sqrt(sum_{i > k} sigma_i^2)
//
// and no matrix of rank k or less comes nearer. So the errors need no subtraction: they are exact
// functions of the values, summed from the small end. A_k is unique when sigma_k > sigma_{k+1}. Its
// storage is k (m + n) numbers instead of m n, which pays below k = m n / (m + n).

#include <vector>

#include <eckart/execution.hpp>
#include <eckart/spectrum.hpp>

namespace eckart {

/// The Eckart-Young errors of rank k.
struct LowRankError {
  Index k = 0;
  double spectral = 0;            // ||A - A_k||_2 = sigma_{k+1}
  double frobenius = 0;           // ||A - A_k||_F
  double relative_spectral = 0;   // divided by ||A||_2; 0 for A = 0
  double relative_frobenius = 0;  // divided by ||A||_F; 0 for A = 0
  double energy = 1;              // ||A_k||_F^2 / ||A||_F^2; 1 for A = 0
  double storage = 0;             // k (m + n) / (m n): numbers kept for each number of A
};

/// k in 0 .. min(m, n); throws InvalidArgument otherwise. Cost: O(min(m, n)).
[[nodiscard]] LowRankError low_rank_error(const Spectrum& s, Index k);

/// The errors of all k = 0 .. min(m, n), in one pass: what a plot of rank against error shows.
[[nodiscard]] std::vector<LowRankError> low_rank_errors(const Spectrum& s);

/// ||A - A_k||_F / ||A||_F for all k = 0 .. min(m, n), in range whatever the size of the values; errors
/// far below rounding of 1 keep their digits. All 0 for A = 0.
[[nodiscard]] std::vector<double> relative_low_rank_errors(const Spectrum& s);

/// k (m + n) / (m n): the numbers that the factors of A_k hold for each number of A; 0 for an empty A.
[[nodiscard]] double low_rank_storage(Index rows, Index cols, Index k);

/// The smallest k with ||A - A_k||_F <= relative_error * ||A||_F; relative_error in [0, 1],
/// InvalidArgument otherwise.
[[nodiscard]] Index rank_for_error(const Spectrum& s, double relative_error);

/// A_k in factors.
template <Scalar T>
struct LowRank {
  Matrix<T> U;             // m x k
  std::vector<Real<T>> s;  // k
  Matrix<T> Vh;            // k x n
  LowRankError error;
  bool unique = true;  // sigma_k > sigma_{k+1}, or k is 0 or min(m, n)
};

/// The first k triplets. Needs U and Vh; throws InvalidArgument when they are missing or k is not
/// in 0 .. min(m, n).
template <Scalar T>
[[nodiscard]] LowRank<T> low_rank(const Svd<T>& d, Index k);

/// A_k as a matrix, m x n: 2 m n k flops.
template <Scalar T>
[[nodiscard]] Matrix<T> low_rank_matrix(const LowRank<T>& a, const Execution& run = {});

/// A_k as a matrix, straight from a decomposition.
template <Scalar T>
[[nodiscard]] Matrix<T> low_rank_matrix(const Svd<T>& d, Index k, const Execution& run = {});

template <MatrixLike A>
[[nodiscard]] LowRank<ScalarOf<A>> low_rank(const A& a, Index k, SvdOptions options = {}) {
  options.u = Vectors::thin;
  options.v = Vectors::thin;
  return low_rank(svd(a, options), k);
}

}  // namespace eckart
