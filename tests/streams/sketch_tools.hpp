#pragma once

// What the tests of single-pass sketches share: a matrix in pieces, and everything that a result states against the whole matrix.

#include <eckart/random.hpp>
#include <eckart/single_pass_sketch.hpp>

#include "streams/stream_tools.hpp"

namespace eckart::testing {

/// m x n of rank r, entries near 1.
template <Scalar T>
Matrix<T> low_rank(Index m, Index n, Index r, std::uint64_t seed) {
  Matrix<T> x(m, r), y(r, n), a(m, n);
  fill_normal<T>(x.view(), Random(seed, 1));
  fill_normal<T>(y.view(), Random(seed, 2));
  blas::gemm<T>(blas::Op::none, blas::Op::none, T(1), x.view(), y.view(), T(0), a.view());
  return a;
}

/// Rows in pieces, in order.
template <Scalar T>
SinglePassSketch<T> sketch_of(const Matrix<T>& a, const SketchOptions& options) {
  SinglePassSketch<T> sketch(0, a.cols(), options);
  for (Index i = 0, count = 1; i < a.rows(); i += count, count = count * 3 % 37 + 1) {
    count = std::min(count, a.rows() - i);
    sketch.append_rows(a.view().block(i, 0, count, a.cols()));
  }
  return sketch;
}

template <Scalar T>
Matrix<T> transposed(const Matrix<T>& a) {
  return Matrix<T>(a.view().transposed());
}

/// ||I - A^H A||_F
template <Scalar T>
double orthogonality_loss(MatrixView<const T> a) {
  using W = WideEntry<T>;
  const Matrix<W> z = wide<T>(a);
  Matrix<W> gram = Matrix<W>::identity(a.cols(), a.cols());
  blas::gemm<W>(blas::Op::adjoint, blas::Op::none, W(-1), z.view(), z.view(), W(1), gram.view());
  return frobenius<W>(gram.view());
}

/// ||A||_F of entries whose squares leave the range.
template <class W>
double norm_of(const Matrix<W>& a) {
  double largest = 0;
  for (Index p = 0; p < a.rows() * a.cols(); ++p) {
    largest =
        std::max({largest, std::abs(std::real(a.data()[p])), std::abs(std::imag(a.data()[p]))});
  }
  double sum = 0;
  for (Index p = 0; largest > 0 && p < a.rows() * a.cols(); ++p) {
    const double re = std::real(a.data()[p]) / largest, im = std::imag(a.data()[p]) / largest;
    sum += re * re + im * im;
  }
  return largest * std::sqrt(sum);
}

/// A - U diag(s) Vh
template <Scalar T>
Matrix<WideEntry<T>> rest_of(const Matrix<WideEntry<T>>& whole, const SketchedSvd<T>& d,
                             const std::vector<double>& s) {
  using W = WideEntry<T>;
  Matrix<W> rest = whole, u = wide<T>(d.U.view());
  for (Index j = 0; j < u.cols(); ++j) {
    for (Index i = 0; i < u.rows(); ++i) {
      u(i, j) *= s[static_cast<std::size_t>(j)];
    }
  }
  const Matrix<W> vh = wide<T>(d.Vh.view());
  if (u.cols() > 0) {
    blas::gemm<W>(blas::Op::none, blas::Op::none, W(-1), u.view(), vh.view(), W(1), rest.view());
  }
  return rest;
}

template <Scalar T>
double error_of(const Matrix<WideEntry<T>>& whole, const SketchedSvd<T>& d) {
  return norm_of(rest_of<T>(whole, d, {d.s.begin(), d.s.end()}));
}

/// Every statement of a result, which is wrong with a probability of 1e-6 each time.
template <Scalar T>
void expect_statements(const Matrix<T>& a, const SketchedSvd<T>& d, const std::string& what) {
  using W = WideEntry<T>;
  // 2^e of everything, so that this test has its digits at the ends of the range.
  const double largest = norm_of(wide<T>(a.view()));
  const int e = largest > 0 ? -std::ilogb(largest) : 0;
  const auto up = [e](double x) { return std::ldexp(x, e); };
  Matrix<W> whole = wide<T>(a.view());
  for (Index p = 0; p < a.rows() * a.cols(); ++p) {
    W& x = whole.data()[p];
    if constexpr (ComplexScalar<W>) {
      x = W(up(x.real()), up(x.imag()));
    } else {
      x = up(x);
    }
  }
  std::vector<double> s;
  for (const auto value : d.s) {
    s.push_back(up(double{value}));
  }
  const std::vector<double> sigma = singular_values(whole, {.threads = 1});
  const double norm = norm_of(whole);
  const Matrix<W> rest = rest_of<T>(whole, d, s);
  const double left_out = norm_of(rest), spectral = singular_values(rest, {.threads = 1})[0];
  const double slack = 1e-14 * norm;  // what this test itself rounds
  EXPECT_EQ(d.rows, a.rows());
  EXPECT_EQ(d.cols, a.cols());
  EXPECT_LE(left_out, up(d.left_out_at_most) + slack) << what;
  EXPECT_GE(left_out, up(d.left_out_at_least) - slack) << what;
  EXPECT_LE(spectral, up(d.spectral_at_most) + slack) << what;
  EXPECT_LE(d.spectral_at_most, d.left_out_at_most * (1 + 1e-12)) << what;
  EXPECT_LE(norm, up(d.norm_at_most) + slack) << what;
  EXPECT_GE(norm, up(d.norm_at_least) - slack) << what;
  for (std::size_t i = 0; i < s.size(); ++i) {
    EXPECT_LE(up(d.at_least[i]), sigma[i] + slack) << what << ", value " << i;
    EXPECT_GE(up(d.at_most[i]), sigma[i] - slack) << what << ", value " << i;
  }
  std::vector<double> tails(sigma.size() + 1, 0.0);
  for (std::size_t j = sigma.size(); j-- > 0;) {
    tails[j] = std::hypot(tails[j + 1], sigma[j]);
  }
  ASSERT_EQ(d.errors.size(), d.tail_at_least.size());
  for (std::size_t j = 0; j < d.errors.size(); ++j) {
    EXPECT_LE(up(d.tail_at_least[j]), tails[j] + slack) << what << ", tail " << j;
    EXPECT_GE(up(d.tail_at_most[j]), tails[j] - slack) << what << ", tail " << j;
  }
}

}  // namespace eckart::testing
