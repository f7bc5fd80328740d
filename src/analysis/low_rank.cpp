#include <algorithm>
#include <cmath>
#include <string>

#include <eckart/error.hpp>
#include <eckart/low_rank.hpp>

#include "analysis/factors.hpp"
#include "analysis/sums.hpp"

namespace eckart {
namespace {

using analysis::SumOfSquares;

void require_rank(const Spectrum& s, Index k) {
  if (k < 0 || k > s.count()) {
    throw InvalidArgument("rank k = " + std::to_string(k) + " of a matrix of " +
                          analysis::size_text(s.rows(), s.cols()) + ": k is in 0 .. " +
                          std::to_string(s.count()));
  }
}

LowRankError error_of(const Spectrum& s, Index k, const std::vector<SumOfSquares>& tails) {
  const SumOfSquares& tail = tails[static_cast<std::size_t>(k)];
  LowRankError e;
  e.k = k;
  e.spectral = s[k];
  e.frobenius = analysis::require_in_range(tail.norm(), "the Frobenius norm of the error");
  e.relative_spectral = s.largest() > 0 ? s[k] / s.largest() : 0.0;
  e.relative_frobenius = tail.norm_relative_to(tails[0]);
  e.energy = 1 - tail.share_of(tails[0]);
  e.storage = low_rank_storage(s.rows(), s.cols(), k);
  return e;
}

}  // namespace

LowRankError low_rank_error(const Spectrum& s, Index k) {
  require_rank(s, k);
  return error_of(s, k, analysis::energy_tails(s.values()));
}

std::vector<LowRankError> low_rank_errors(const Spectrum& s) {
  const std::vector<SumOfSquares> tails = analysis::energy_tails(s.values());
  std::vector<LowRankError> errors;
  errors.reserve(tails.size());
  for (Index k = 0; k <= s.count(); ++k) {
    errors.push_back(error_of(s, k, tails));
  }
  return errors;
}

std::vector<double> relative_low_rank_errors(const Spectrum& s) {
  const std::vector<SumOfSquares> tails = analysis::energy_tails(s.values());
  std::vector<double> errors;
  errors.reserve(tails.size());
  for (const SumOfSquares& tail : tails) {
    errors.push_back(tail.norm_relative_to(tails[0]));
  }
  return errors;
}

double low_rank_storage(Index rows, Index cols, Index k) {
  const auto m = static_cast<double>(rows);
  const auto n = static_cast<double>(cols);
  return rows > 0 && cols > 0 ? static_cast<double>(k) * (m + n) / (m * n) : 0.0;
}

Index rank_for_error(const Spectrum& s, double relative_error) {
  if (!(relative_error >= 0) || relative_error > 1) {
    throw InvalidArgument("the relative error is " + std::to_string(relative_error) +
                          "; it is in [0, 1]");
  }
  // A bound such as 0.1 was itself rounded, and so is the error it is compared with: 4 eps of it
  // are let pass.
  const double limit = relative_error * (1 + 4 * epsilon<double>);
  const std::vector<double> errors = relative_low_rank_errors(s);
  const auto first = std::ranges::find_if(errors, [&](double error) { return error <= limit; });
  return std::distance(errors.begin(), first);
}

template <Scalar T>
LowRank<T> low_rank(const Svd<T>& d, Index k) {
  const Spectrum s(d);
  require_rank(s, k);
  LowRank<T> result;
  result.U = Matrix<T>(analysis::left_vectors(d, k));
  result.s.assign(d.s.begin(), d.s.begin() + k);
  result.Vh = Matrix<T>(analysis::right_vectors(d, k));
  result.error = low_rank_error(s, k);
  result.unique = k == 0 || k == s.count() || s[k - 1] > s[k];
  return result;
}

template <Scalar T>
Matrix<T> low_rank_matrix(const LowRank<T>& a, const Execution& run) {
  return analysis::product<T>(run, analysis::scaled_columns<T>(a.U, a.s), a.Vh);
}

template <Scalar T>
Matrix<T> low_rank_matrix(const Svd<T>& d, Index k, const Execution& run) {
  require_rank(d, k);
  const MatrixView<const T> u = analysis::left_vectors(d, k);
  const MatrixView<const T> vh = analysis::right_vectors(d, k);
  const auto s = std::span(d.s).first(static_cast<std::size_t>(k));
  return analysis::product<T>(run, analysis::scaled_columns<T>(u, s), vh);
}

#define ECKART_INSTANTIATE(T)                                                 \
  template LowRank<T> low_rank<T>(const Svd<T>&, Index);                      \
  template Matrix<T> low_rank_matrix<T>(const LowRank<T>&, const Execution&); \
  template Matrix<T> low_rank_matrix<T>(const Svd<T>&, Index, const Execution&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
