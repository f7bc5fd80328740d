#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <eckart/error.hpp>
#include <eckart/pseudoinverse.hpp>

#include "analysis/factors.hpp"

namespace eckart {
namespace {

// Wedin's mu for the 2-norm.
double wedin_constant(Index rows, Index cols, Index rank) {
  if (rank < std::min(rows, cols)) {
    return std::numbers::phi;
  }
  return rows != cols ? std::numbers::sqrt2 : 1.0;
}

double error_bound(const Spectrum& s, const RankReport& rank, double perturbation) {
  if (rank.rank == 0) {
    return 0;
  }
  const double eta = perturbation / rank.sigma_rank;
  if (!(eta < 1)) {
    return std::numeric_limits<double>::infinity();
  }
  return wedin_constant(s.rows(), s.cols(), rank.rank) * eta / (1 - eta) / rank.sigma_rank;
}

}  // namespace

double pseudoinverse_error_bound(const Spectrum& s, double perturbation, const RankRule& rule) {
  if (!(perturbation >= 0)) {
    throw InvalidArgument("the perturbation is " + std::to_string(perturbation) +
                          "; it is a 2-norm and at least 0");
  }
  return error_bound(s, numerical_rank(s, rule), perturbation);
}

template <Scalar T>
Pseudoinverse<T> pseudoinverse(const Svd<T>& d, const RankRule& rule, const Execution& run) {
  const Spectrum s(d);
  Pseudoinverse<T> result;
  result.rank = numerical_rank(s, rule);
  const Index r = result.rank.rank;
  result.inverse = Matrix<T>(s.cols(), s.rows());
  if (r == 0) {
    return result;
  }
  const auto sigma_r = static_cast<Real<T>>(result.rank.sigma_rank);
  if (!std::isfinite(1 / sigma_r)) {
    throw OutOfRange(
        "the pseudoinverse has the norm 1 / " + std::to_string(result.rank.sigma_rank) +
        ", which exceeds the type; a rank rule with a larger atol leaves such values out");
  }
  result.norm = 1 / result.rank.sigma_rank;
  result.condition = s.largest() / result.rank.sigma_rank;
  result.error_bound = error_bound(s, result.rank, analysis::rounding_unit(s) * s.largest());

  // 1. sigma_r A^+ = V_r diag(sigma_r / sigma_i) U_r^H, whose entries are at most 1.
  std::vector<Real<T>> weights(static_cast<std::size_t>(r));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = sigma_r / d.s[i];
  }
  const Matrix<T> v = analysis::scaled_columns<T>(
      analysis::adjoint<T>(run, analysis::right_vectors(d, r)), weights);
  const analysis::BlasReady<T> u(analysis::left_vectors(d, r));
  result.inverse = analysis::product<T>(run, blas::Op::none, v, blas::Op::adjoint, u.view());

  // 2. Divided by sigma_r at the end: 1 / sigma_r itself may be denormal.
  for (T& x : std::span(result.inverse.data(), static_cast<std::size_t>(s.rows() * s.cols()))) {
    x /= sigma_r;
  }
  return result;
}

#define ECKART_INSTANTIATE(T) \
  template Pseudoinverse<T> pseudoinverse<T>(const Svd<T>&, const RankRule&, const Execution&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
