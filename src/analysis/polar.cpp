#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <eckart/error.hpp>
#include <eckart/low_rank.hpp>
#include <eckart/norms.hpp>
#include <eckart/polar.hpp>
#include <eckart/rank.hpp>

#include "analysis/factors.hpp"
#include "analysis/sums.hpp"

namespace eckart {
namespace {

PolarSide resolve(PolarSide side, const Spectrum& s) {
  if (side == PolarSide::automatic) {
    return s.rows() >= s.cols() ? PolarSide::right : PolarSide::left;
  }
  if ((side == PolarSide::right && s.rows() < s.cols()) ||
      (side == PolarSide::left && s.rows() > s.cols())) {
    throw InvalidArgument("a matrix of " + analysis::size_text(s.rows(), s.cols()) + " has no " +
                          (side == PolarSide::right
                               ? "right polar form A = W H (it needs m >= n); take the left one"
                               : "left polar form A = H W (it needs m <= n); take the right one"));
  }
  return side;
}

// kappa_W of the head comment of polar.hpp.
template <Scalar T>
double sensitivity_of_w(const Spectrum& s) {
  if (s.count() == 0) {
    return 0;
  }
  if (s.smallest() == 0) {
    return std::numeric_limits<double>::infinity();
  }
  if (RealScalar<T> && s.rows() == s.cols()) {
    // A real number has its sign as W, which no small change moves.
    return s.count() == 1 ? 0.0 : 1 / (s[s.count() - 1] / 2 + s[s.count() - 2] / 2);
  }
  return 1 / s.smallest();
}

// X diag(s) X^H for k columns X, exactly Hermitian: the mean of the product and its adjoint.
template <Scalar T>
Matrix<T> hermitian_product(MatrixView<const T> x, std::span<const Real<T>> s,
                            const Execution& run) {
  Matrix<T> h = analysis::product<T>(run, blas::Op::none, analysis::scaled_columns<T>(x, s),
                                     blas::Op::adjoint, x);
  for (Index j = 0; j < h.cols(); ++j) {
    h(j, j) = T{real_part(h(j, j))};
    for (Index i = 0; i < j; ++i) {
      h(i, j) = h(i, j) / Real<T>{2} + conjugate(h(j, i)) / Real<T>{2};
      h(j, i) = conjugate(h(i, j));
    }
  }
  return h;
}

}  // namespace

template <Scalar T>
Matrix<T> nearest_orthonormal(const Svd<T>& d, const Execution& run) {
  const auto k = static_cast<Index>(d.s.size());
  return analysis::product<T>(run, analysis::left_vectors(d, k), analysis::right_vectors(d, k));
}

template <Scalar T>
Polar<T> polar_decomposition(const Svd<T>& d, PolarSide side, const Execution& run) {
  const Spectrum s(d);
  const Index k = s.count();
  Polar<T> result;
  result.side = resolve(side, s);
  const bool right = result.side == PolarSide::right;
  result.unique = numerical_rank(s).rank == k;
  result.smallest_eigenvalue = s.smallest();
  result.condition_w = sensitivity_of_w<T>(s);
  analysis::SumOfSquares distance;
  for (const double sigma : s.values()) {
    distance.add(sigma - 1);
  }
  result.distance_to_orthonormal = distance.norm();

  // 1. W = U V^H, H = V S V^H or U S U^H.
  result.W = nearest_orthonormal(d, run);
  const Matrix<T> vectors = right ? analysis::adjoint<T>(run, analysis::right_vectors(d, k))
                                  : Matrix<T>(analysis::left_vectors(d, k));
  result.H = hermitian_product<T>(vectors, d.s, run);
  run.check_stop();

  // 2. The figures: || W H - U S Vh ||_F and || I - W^H W ||_F, the smaller Gram matrix of the two.
  const double unit = analysis::rounding_unit(s);
  if (s.largest() > 0) {
    Matrix<T> difference = low_rank_matrix(d, k, run);
    blas::gemm<T>(run, blas::Op::none, blas::Op::none, T{-1}, right ? result.W : result.H,
                  right ? result.H : result.W, T{1}, difference);
    result.residual = frobenius_norm(difference) / frobenius_norm(s) / unit;
  }
  if (k > 0) {
    result.orthogonality = analysis::orthonormality_defect<T>(run, result.W) / unit;
  }
  return result;
}

#define ECKART_INSTANTIATE(T)                                                           \
  template Polar<T> polar_decomposition<T>(const Svd<T>&, PolarSide, const Execution&); \
  template Matrix<T> nearest_orthonormal<T>(const Svd<T>&, const Execution&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
