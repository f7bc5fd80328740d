#pragma once

// The figures of checker.hpp for matrices of thousands of rows: the same norms over the same units, with products of the BLAS in
// double precision for every type. That adds an error of its own, in double about the rounding of one product of n x n matrices,
// sqrt(n) eps ||A|| in the Frobenius norm: a fraction of the unit, n eps ||A||. Cost: three products and a few passes.
//
// Values alone are held against those of a decomposition with vectors that has passed: each is within the residual of that one and
// the error allowed to this one.

#include "blas/gemm.hpp"
#include "support/checker.hpp"

namespace eckart::testing {

namespace detail {

template <Scalar T>
using Double = std::conditional_t<ComplexScalar<T>, std::complex<double>, double>;

/// a * 2^exponent, column-major.
template <Scalar T>
Matrix<Double<T>> in_double(MatrixView<const T> a, int exponent = 0) {
  Matrix<Double<T>> wide(a.rows(), a.cols());
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      wide(i, j) = Double<T>(a(i, j)) * std::ldexp(1.0, exponent);
    }
  }
  return wide;
}

template <Scalar W>
double frobenius_norm(const Matrix<W>& a) {
  double squares = 0;
  for (Index i = 0; i < a.rows() * a.cols(); ++i) {
    squares += std::norm(a.data()[i]);
  }
  return std::sqrt(squares);
}

/// ||A x|| / ||x|| after power steps: at most ||A||_2, and close to it.
template <Scalar W>
double norm_from_below(const Matrix<W>& a) {
  constexpr int steps = 12;
  Matrix<W> x(a.cols(), 1), y(a.rows(), 1);
  fill_normal(x.view(), Random(1));
  double ratio = 0;
  for (int step = 0; step < steps; ++step) {
    const double length = frobenius_norm(x);
    if (length == 0) {
      break;
    }
    for (Index i = 0; i < a.cols(); ++i) {
      x(i, 0) /= length;
    }
    blas::gemm<W>(Execution{}, blas::Op::none, blas::Op::none, W(1), a.view(), x.view(), W(0),
                  y.view());
    ratio = std::max(ratio, frobenius_norm(y));
    blas::gemm<W>(Execution{}, blas::Op::adjoint, blas::Op::none, W(1), a.view(), y.view(), W(0),
                  x.view());
  }
  return ratio;
}

/// ||I - Q^H Q||_F
template <Scalar W>
double distance_from_orthonormal(const Matrix<W>& q) {
  Matrix<W> gram = Matrix<W>::identity(q.cols(), q.cols());
  blas::gemm<W>(Execution{}, blas::Op::adjoint, blas::Op::none, W(-1), q.view(), q.view(), W(1),
                gram.view());
  return frobenius_norm(gram);
}

/// The power of two that brings the largest part of an entry to 1/2 to 1.
template <Scalar T>
int exponent_of_largest(MatrixView<const T> a) {
  Real<T> largest = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      largest = std::max({largest, std::abs(std::real(a(i, j))), std::abs(std::imag(a(i, j)))});
    }
  }
  return largest > 0 ? -std::ilogb(largest) - 1 : 0;
}

}  // namespace detail

/// Of a thin decomposition with both factors.
template <Scalar T>
SvdCheck check_large_svd(MatrixView<const T> a, const Svd<T>& result) {
  using W = detail::Double<T>;
  SvdCheck check;
  check.fault = detail::structural_fault<T>(a, result, {});
  if (!check.fault.empty()) {
    return check;
  }
  const double m = static_cast<double>(a.rows()), n = static_cast<double>(a.cols());
  constexpr double eps = epsilon<T>;
  const int exponent = detail::exponent_of_largest<T>(a);
  Matrix<W> rest = detail::in_double<T>(a, exponent);
  const double smallest = std::ldexp(double{std::numeric_limits<Real<T>>::denorm_min()}, exponent);
  const double unit = std::max(m, n) * std::max(eps * detail::norm_from_below(rest), smallest);

  const Matrix<W> u = detail::in_double<T>(result.U.view());
  Matrix<W> vh = detail::in_double<T>(result.Vh.view()), v(vh.cols(), vh.rows());
  for (Index j = 0; j < vh.cols(); ++j) {
    for (Index i = 0; i < vh.rows(); ++i) {
      v(j, i) = conjugate(vh(i, j));
      vh(i, j) *= std::ldexp(static_cast<double>(result.s[static_cast<std::size_t>(i)]), exponent);
    }
  }
  blas::gemm<W>(Execution{}, blas::Op::none, blas::Op::none, W(-1), u.view(), vh.view(), W(1),
                rest.view());
  check.residual = detail::frobenius_norm(rest) / unit;
  check.orthogonality_u = detail::distance_from_orthonormal(u) / (m * eps);
  check.orthogonality_v = detail::distance_from_orthonormal(v) / (n * eps);
  return check;
}

/// The largest |s_i - reference_i| over max(m, n) max(eps s_1, denorm_min).
template <class R>
double largest_difference(const std::vector<R>& s, const std::vector<R>& reference, Index m,
                          Index n) {
  double largest = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double difference =
        std::abs(static_cast<double>(s[i]) - static_cast<double>(reference[i]));
    largest = difference <= largest ? largest : difference;  // NaN counts
  }
  const double first = reference.empty() ? 0 : static_cast<double>(reference[0]);
  return largest / (static_cast<double>(std::max<Index>({m, n, 1})) *
                    std::max(double{epsilon<R>} * first,
                             static_cast<double>(std::numeric_limits<R>::denorm_min())));
}

}  // namespace eckart::testing
