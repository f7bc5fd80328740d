#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include <eckart/error.hpp>
#include <eckart/norms.hpp>

#include "analysis/factors.hpp"
#include "analysis/sums.hpp"
#include "dense/scale.hpp"

namespace eckart {
namespace {

using analysis::CompensatedSum;
using analysis::SumOfSquares;

// sigma_1 + ... + sigma_k from the small end. The scale by a power of two keeps a sum of huge
// values in range until the end.
double sum_of_largest(const Spectrum& s, Index k, const char* what) {
  const int shift = dense::scale_exponent(s.largest());
  CompensatedSum sum;
  for (Index i = k; i-- > 0;) {
    sum.add(std::ldexp(s[i], shift));
  }
  return analysis::require_in_range(std::ldexp(sum.value(), -shift), what);
}

// Squares are summed in short runs, in lanes that the compiler can keep in vector registers; the
// compensated sum takes the runs.
constexpr Index run_length = 256;
constexpr Index lanes = 8;
// A plain sum of squares above this lost nothing to underflow: what 2^60 entries lose at most is
// below an eps of it. One that is finite did not overflow on the way.
constexpr double safe_sum = 0x1p-900;

template <RealScalar R>
double square(R x) noexcept {
  return static_cast<double>(x) * static_cast<double>(x);
}
template <RealScalar R>
double square(const std::complex<R>& x) noexcept {
  return square(x.real()) + square(x.imag());
}

// sum |a_ij|^2, unscaled, along the shorter stride; infinite or NaN where an entry or a square is.
template <Scalar T>
double plain_sum_of_squares(MatrixView<const T> a) noexcept {
  const bool by_rows = std::abs(a.col_stride()) < std::abs(a.row_stride());
  const MatrixView<const T> inner = by_rows ? a.transposed() : a;
  CompensatedSum total;
  for (Index j = 0; j < inner.cols(); ++j) {
    for (Index first = 0; first < inner.rows(); first += run_length) {
      const Index last = std::min(first + run_length, inner.rows());
      std::array<double, lanes> sums{};
      Index i = first;
      for (; i + lanes <= last; i += lanes) {
        for (Index lane = 0; lane < lanes; ++lane) {
          sums[static_cast<std::size_t>(lane)] += square(inner(i + lane, j));
        }
      }
      for (; i < last; ++i) {
        sums[0] += square(inner(i, j));
      }
      total.add(std::accumulate(sums.begin(), sums.end(), 0.0));
    }
  }
  return total.value();
}

}  // namespace

double spectral_norm(const Spectrum& s) {
  return s.largest();
}

double nuclear_norm(const Spectrum& s) {
  return sum_of_largest(s, s.count(), "the nuclear norm");
}

double frobenius_norm(const Spectrum& s) {
  SumOfSquares sum;
  for (Index i = s.count(); i-- > 0;) {
    sum.add(s[i]);
  }
  return analysis::require_in_range(sum.norm(), "the Frobenius norm");
}

double schatten_norm(const Spectrum& s, double p) {
  if (!(p >= 1)) {
    throw InvalidArgument("Schatten-p with p = " + std::to_string(p) +
                          " is not a norm; p is at least 1, infinity included");
  }
  if (s.largest() == 0 || std::isinf(p)) {
    return s.largest();
  }
  CompensatedSum sum;
  for (Index i = s.count(); i-- > 0;) {
    sum.add(std::pow(s[i] / s.largest(), p));
  }
  return analysis::require_in_range(s.largest() * std::pow(sum.value(), 1 / p),
                                    "the Schatten norm");
}

double ky_fan_norm(const Spectrum& s, Index k) {
  const Index least = s.count() == 0 ? 0 : 1;
  if (k < least || k > s.count()) {
    throw InvalidArgument("the Ky Fan norm of " + std::to_string(k) + " values of a matrix of " +
                          analysis::size_text(s.rows(), s.cols()) + ": k is in " +
                          std::to_string(least) + " .. " + std::to_string(s.count()));
  }
  return sum_of_largest(s, k, "the Ky Fan norm");
}

double condition_number(const Spectrum& s) {
  if (s.count() == 0) {
    return 0;
  }
  return s.smallest() > 0 ? s.largest() / s.smallest() : std::numeric_limits<double>::infinity();
}

template <Scalar T>
double frobenius_norm(MatrixView<const T> a) {
  const double plain = plain_sum_of_squares(a);
  if (plain >= safe_sum && std::isfinite(plain)) {
    return std::sqrt(plain);
  }
  // Tiny, huge or not finite: name a bad entry, or sum again with scaling.
  if (dense::max_modulus<T>(Execution{.threads = 1, .stop = {}, .progress = {}}, a) == 0) {
    return 0;
  }
  SumOfSquares sum;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      if constexpr (ComplexScalar<T>) {
        sum.add(a(i, j).real());
        sum.add(a(i, j).imag());
      } else {
        sum.add(a(i, j));
      }
    }
  }
  return analysis::require_in_range(sum.norm(), "the Frobenius norm");
}

template double frobenius_norm(MatrixView<const float>);
template double frobenius_norm(MatrixView<const double>);
template double frobenius_norm(MatrixView<const std::complex<float>>);
template double frobenius_norm(MatrixView<const std::complex<double>>);

}  // namespace eckart
