#pragma once

// Principal components: the right singular vectors of the deviations from the means of the columns.
//
//   A - 1 mu^T = U diag(s) Vh        A  m x n, the rows are observations     mu  n     s  k = min(m, n) values     Vh  k x n
//
// The variance along component i is s_i^2 / (m - 1); the coordinates of the observations are (A - 1 mu^T) V. A is read where it stands
// and never copied where it is tall (m >= 3.5 n).
//
// Two ways, both in passes over chunks of rows:
//
//   covariance  G = (A - 1 mu^T)^H (A - 1 mu^T) in one pass, and its decomposition G = V diag(s^2) Vh. Half the flops of a product
//               A^H A. Its rounding error of about n eps s_1^2 leaves s_i a relative error of n eps (s_1 / s_i)^2 / 2: a value below
//               sqrt(n eps) s_1 has no digit. float is computed in double, where that is no loss to float's own digits down to 1e-4 s_1.
//   direct      A - 1 mu^T = Q R by src/dense/tall/tall_qr.hpp, R = U_R diag(s) Vh: an error of n eps s_1 / s_i, as of a full
//               decomposition. Two to five times the time.
//
// Centring loses nothing in either: each chunk is centred by its own mean before it is multiplied (Chan, Golub and LeVeque, The American
// Statistician 37, 1983), not G by m mu mu^T afterwards, which loses all digits of the variance where means are large.
//
// `digits` says, for each value, how many decimal digits the way that was taken leaves; `automatic` takes `covariance` where those
// asked for are there, and begins anew with `direct` where they are not.

#include <cstdint>
#include <limits>
#include <stop_token>
#include <string>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

namespace eckart {

enum class PrincipalMethod { automatic, covariance, direct };

/// "covariance", "direct", "automatic".
[[nodiscard]] const char* to_string(PrincipalMethod method) noexcept;

struct PrincipalOptions {
  PrincipalMethod method = PrincipalMethod::automatic;
  // Decimal digits that `automatic` wants in every value asked for; 0: half of those of the type.
  double digits = 0;
  // Values that those digits are wanted of, from the largest; 0: all. All min(m, n) values are returned, with their digits.
  Index components = 0;
  // Or so many as have this share of the variance, in (0, 1); 0: as `components`.
  double energy = 0;
  bool centre = true;  // false: mu = 0
  int threads = 0;
  std::stop_token stop = {};
  ProgressSink progress = {};
  std::uint64_t seed = 0x45636b617274;
};

template <Scalar T>
struct PrincipalComponents {
  std::vector<T> means;    // n
  std::vector<Real<T>> s;  // k values, descending
  Matrix<T> Vh;            // k x n, row-major, by the sign rule of svd()
  std::vector<double>
      digits;  // k: that s_i has, within those of the type; relative errors are about 10^-digits
  PrincipalMethod method = PrincipalMethod::automatic;
  std::string reason;  // why this method
  double seconds = 0;
};

/// Throws InvalidArgument for no rows, or options that make no sense; NonFinite, OutOfRange, OutOfMemory, Cancelled. Results are the
/// same, bit for bit, for any number of threads.
template <Scalar T>
[[nodiscard]] PrincipalComponents<T> principal_components(MatrixView<const T> a,
                                                          const PrincipalOptions& options = {});

template <MatrixLike A>
[[nodiscard]] PrincipalComponents<ScalarOf<A>> principal_components(
    const A& a, const PrincipalOptions& options = {}) {
  return principal_components<ScalarOf<A>>(as_view(a), options);
}

}  // namespace eckart
