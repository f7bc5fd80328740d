#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <eckart/error.hpp>
#include <eckart/norms.hpp>
#include <eckart/polar.hpp>
#include <eckart/procrustes.hpp>

#include "analysis/factors.hpp"
#include "blas/lapack.hpp"
#include "dense/scale.hpp"

namespace eckart {
namespace {

// A cloud of points, 2^exponent * (matrix + its mean). The largest part of matrix + mean is in
// [1/2, 1); the mean is 0 unless the cloud was centred.
template <Scalar T>
struct Cloud {
  Cloud(const Execution& run, MatrixView<const T> points, bool centre)
      : matrix(points), mean(1, points.cols()) {
    const int shift = dense::scale_exponent(dense::max_modulus<T>(run, points));
    exponent = -shift;
    dense::scale_by_power<T>(matrix, shift);
    if (centre && points.rows() > 0) {
      take_off_means();
    }
    norm = frobenius_norm(matrix);
    // Entries below eps are what rounding left of points that all lie in one place.
    const auto count = static_cast<double>(points.rows()) * static_cast<double>(points.cols());
    if (centre && norm <= static_cast<double>(epsilon<T>) * std::sqrt(count)) {
      matrix = Matrix<T>(points.rows(), points.cols());
      norm = 0;
    }
  }

  // The mean of each column, and a second time what rounding left of it.
  void take_off_means() {
    for (int pass = 0; pass < 2; ++pass) {
      for (Index j = 0; j < matrix.cols(); ++j) {
        T sum{};
        for (Index i = 0; i < matrix.rows(); ++i) {
          sum += matrix(i, j);
        }
        const T average = sum / static_cast<Real<T>>(matrix.rows());
        mean(0, j) += average;
        for (Index i = 0; i < matrix.rows(); ++i) {
          matrix(i, j) -= average;
        }
      }
    }
  }

  Matrix<T> matrix;
  Matrix<T> mean;
  int exponent = 0;
  double norm = 0;
};

// det Q < 0 for a real orthogonal Q: Q = H_1 ... H_k R, each reflector that is not the identity has
// the determinant -1.
template <RealScalar T>
bool is_reflection(const Matrix<T>& q) {
  const Index n = q.rows();
  Matrix<T> r = q;
  std::vector<T> tau(static_cast<std::size_t>(n));
  std::vector<T> work(static_cast<std::size_t>(blas::geqrf_work<T>(n, n)));
  blas::geqrf<T>(r, tau, work);
  bool negative = false;
  for (Index i = 0; i < n; ++i) {
    const bool reflects = tau[static_cast<std::size_t>(i)] != 0;
    negative ^= reflects != (r(i, i) < 0);
  }
  return negative;
}

template <Scalar T>
void require_clouds(MatrixView<const T> a, MatrixView<const T> b,
                    const ProcrustesOptions& options) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) {
    throw InvalidArgument("the two clouds are " + analysis::size_text(a.rows(), a.cols()) +
                          " and " + analysis::size_text(b.rows(), b.cols()) +
                          "; they need the same shape, a point a row");
  }
  if (options.rotation_only && ComplexScalar<T>) {
    throw InvalidArgument(
        "rotation_only asks for det Q = +1, which is defined here for real matrices only");
  }
}

}  // namespace

template <Scalar T>
Procrustes<T> procrustes(MatrixView<const T> a, MatrixView<const T> b,
                         const ProcrustesOptions& options, SvdOptions svd_options) {
  require_clouds(a, b, options);
  svd_options.u = Vectors::thin;
  svd_options.v = Vectors::thin;
  const Execution run = execution_of(svd_options);
  const Index n = a.cols();
  Procrustes<T> result;

  // 1. Both clouds scaled and centred; C = A^H B = U S V^H.
  const Cloud<T> from(run, a, options.centre);
  Cloud<T> to(run, b, options.centre);
  Svd<T> d =
      svd<T>(analysis::product<T>(run, blas::Op::adjoint, from.matrix, blas::Op::none, to.matrix),
             svd_options);

  // 2. Q = U V^H; for a rotation the direction of the smallest value may have to be turned round.
  result.Q = nearest_orthonormal(d, run);
  double last_sign = 1;
  if constexpr (RealScalar<T>) {
    result.reflected = is_reflection(result.Q);
    if (result.reflected && options.rotation_only) {
      last_sign = -1;
      for (Index i = 0; i < n; ++i) {
        d.U(i, n - 1) = -d.U(i, n - 1);
      }
      result.Q = nearest_orthonormal(d, run);
    }
  }

  // 3. Values and uniqueness, relative to ||A|| ||B||: C is exact to max(m, n) eps of that.
  const double unit = from.norm * to.norm;
  for (const Real<T> value : d.s) {
    result.values.push_back(unit > 0 ? static_cast<double>(value) / unit : 0.0);
  }
  const double noise = static_cast<double>(std::max(a.rows(), n)) * static_cast<double>(epsilon<T>);
  if (n > 0) {
    const double last = result.values.back();
    // The only rotation of a line is the identity: nothing can be ambiguous there.
    const double before = n > 1 ? result.values[static_cast<std::size_t>(n - 2)]
                                : std::numeric_limits<double>::infinity();
    result.unique = options.rotation_only ? before + last_sign * last > noise : last > noise;
  }

  // 4. c = sum(+-s) / ||A||^2, at least 0.
  double sum = 0;
  for (std::size_t i = 0; i < result.values.size(); ++i) {
    sum += (i + 1 == result.values.size() ? last_sign : 1.0) * result.values[i];
  }
  // c = 2^shift * scaled, the latter in the units of the scaled clouds.
  const bool free_scale = options.scale && from.norm > 0;
  const double scaled = free_scale ? std::max(sum, 0.0) * (to.norm / from.norm) : 1.0;
  const int shift = free_scale ? to.exponent - from.exponent : 0;
  result.scale = analysis::require_in_range(std::ldexp(scaled, shift), "the Procrustes scale");

  // 5. c A Q + t - B = 2^common (weight A' Q - keep B'), A' and B' the scaled and centred clouds.
  const int from_exponent = from.exponent + shift;
  const int common = std::max(from_exponent, to.exponent);
  const auto weight = static_cast<Real<T>>(std::ldexp(scaled, from_exponent - common));
  const auto keep = std::ldexp(Real<T>{1}, to.exponent - common);
  blas::gemm<T>(run, blas::Op::none, blas::Op::none, T{-weight}, from.matrix, result.Q, T{keep},
                to.matrix);
  const double difference = frobenius_norm(to.matrix);
  result.residual =
      analysis::require_in_range(std::ldexp(difference, common), "the Procrustes residual");
  result.relative_residual =
      to.norm > 0 ? std::ldexp(difference / to.norm, common - to.exponent) : 0.0;
  if (to.norm == 0 && difference > 0) {
    result.relative_residual = std::numeric_limits<double>::infinity();
  }

  // 6. t = mean(B) - c mean(A) Q.
  result.translation = to.mean;
  blas::gemm<T>(run, blas::Op::none, blas::Op::none, T{-weight}, from.mean, result.Q, T{keep},
                result.translation);
  dense::scale_by_power<T>(result.translation, common);
  analysis::require_in_range<T>(result.translation, "the Procrustes translation");
  return result;
}

#define ECKART_INSTANTIATE(T)                                                    \
  template Procrustes<T> procrustes<T>(MatrixView<const T>, MatrixView<const T>, \
                                       const ProcrustesOptions&, SvdOptions);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
