#pragma once

// The one checker of decompositions: is U diag(s) Vh a singular value decomposition of A (m x n)?
//
//   residual       both factors:  ||A - U S Vh||_F / unit
//                  U alone:       the larger of ||A - U U^H A||_F / unit and
//                                 ||U^H A A^H U - S^2||_F / (2 N(A) unit), since squares move
//                                 twice as far; V alone alike, on A^H
//                  values alone:  | ||A||_F - ||s||_2 | / unit, which is necessary, not sufficient
//   orthogonality  ||I - U^H U||_F / (m eps),   ||I - Vh Vh^H||_F / (n eps)
//   shape          of U, s and Vh as the options say
//   order          s finite, non-negative, non-increasing
//   sign           in each row of Vh, and in each column of U without a partner there, the first
//                  entry of largest modulus is real and positive
//
//   N(A) = ||A x|| / ||x|| for the x of a few power steps from the longest row of A
//   unit = max(m, n) max(eps N(A), denorm_min)
//
// LAPACK's tests (dbdt01, dort01) have 1-norms in both places. Here an error is measured by the
// Frobenius norm, which is at least its 2-norm, and A by N(A), which is at most ||A||_2 for every x
// and close to it: with both factors a figure is never smaller than the one in 2-norms, so what
// passes here passes there. The values under test have no part in the unit.
// Threshold: 10; LAPACK's is 50. denorm_min lets in the rounding of s to a denormal number.
//
// The check adds no error of its own: A and s are scaled by a power of two, and sums run in double
// for float and in long double for double. Cost: m n k multiplications for the residual, m^2 k and
// n^2 k for orthogonality, not vectorised; meant for sizes up to a few hundred.

#include <gtest/gtest.h>

#include <eckart/svd.hpp>

namespace eckart::testing {

inline constexpr double check_threshold = 10;

/// The figures of one check. Absent factors have 0.
struct SvdCheck {
  double residual = 0, orthogonality_u = 0, orthogonality_v = 0;
  std::string
      fault;  // the first structural fault: a shape, an order, a sign; empty when there is none

  [[nodiscard]] bool passed() const {
    // Comparisons that NaN fails.
    return fault.empty() && residual <= check_threshold && orthogonality_u <= check_threshold &&
           orthogonality_v <= check_threshold;
  }
  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    out << "residual " << residual << ", orthogonality of U " << orthogonality_u << ", of V "
        << orthogonality_v << (fault.empty() ? "" : "; ") << fault;
    return out.str();
  }
};

namespace detail {

template <Scalar T>
using WideReal = std::conditional_t<std::same_as<Real<T>, float>, double, long double>;
template <Scalar T>
using Wide = std::conditional_t<ComplexScalar<T>, std::complex<WideReal<T>>, WideReal<T>>;

template <class W>
W conjugated(const W& x) {
  if constexpr (std::is_floating_point_v<W>) {
    return x;
  } else {
    return std::conj(x);
  }
}

/// A column-major matrix of wide numbers.
template <class W>
struct WideMatrix {
  WideMatrix(Index m, Index n) : rows(m), cols(n), entries(static_cast<std::size_t>(m * n)) {}
  W* col(Index j) { return entries.data() + j * rows; }
  const W* col(Index j) const { return entries.data() + j * rows; }
  Index rows, cols;
  std::vector<W> entries;
};

/// a * 2^exponent, and its conjugate transpose.
template <Scalar T>
WideMatrix<Wide<T>> widened(MatrixView<const T> a, int exponent) {
  WideMatrix<Wide<T>> w(a.rows(), a.cols());
  const WideReal<T> factor = std::ldexp(WideReal<T>{1}, exponent);
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      w.col(j)[i] = Wide<T>(a(i, j)) * factor;
    }
  }
  return w;
}
template <class W>
WideMatrix<W> adjoint(const WideMatrix<W>& a) {
  WideMatrix<W> b(a.cols, a.rows);
  for (Index j = 0; j < a.cols; ++j) {
    for (Index i = 0; i < a.rows; ++i) {
      b.col(i)[j] = conjugated(a.col(j)[i]);
    }
  }
  return b;
}

/// x y, without the detour of std::complex for infinite parts, which would take most of the time.
template <class W>
W product(const W& x, const W& y) {
  if constexpr (std::is_floating_point_v<W>) {
    return x * y;
  } else {
    return {x.real() * y.real() - x.imag() * y.imag(), x.real() * y.imag() + x.imag() * y.real()};
  }
}

/// x^H y.
template <class W>
W dot(const W* x, const W* y, Index count) {
  W sum{};
  for (Index i = 0; i < count; ++i) {
    sum += product(conjugated(x[i]), y[i]);
  }
  return sum;
}

/// x^H y for the columns of x and y.
template <class W>
WideMatrix<W> inner_products(const WideMatrix<W>& x, const WideMatrix<W>& y) {
  WideMatrix<W> g(x.cols, y.cols);
  for (Index j = 0; j < y.cols; ++j) {
    for (Index i = 0; i < x.cols; ++i) {
      g.col(j)[i] = dot(x.col(i), y.col(j), x.rows);
    }
  }
  return g;
}

/// a <- a - x y, for the first y.rows columns of x.
template <class W>
void subtract_product(WideMatrix<W>& a, const WideMatrix<W>& x, const WideMatrix<W>& y) {
  for (Index j = 0; j < a.cols; ++j) {
    for (Index l = 0; l < y.rows; ++l) {
      const W factor = y.col(j)[l];
      for (Index i = 0; i < a.rows; ++i) {
        a.col(j)[i] -= product(x.col(l)[i], factor);
      }
    }
  }
}

template <class W>
auto frobenius(const WideMatrix<W>& a) {
  decltype(std::norm(W{})) sum{};
  for (const W& x : a.entries) {
    sum += std::norm(x);
  }
  return std::sqrt(sum);
}

/// ||A x|| / ||x|| after power steps: a lower bound of ||A||_2, at least the longest row of A.
/// `adjoint_a` is A^H, whose columns are the conjugated rows.
template <class W>
auto norm_from_below(const WideMatrix<W>& a, const WideMatrix<W>& adjoint_a) {
  constexpr int power_steps = 12;
  using R = decltype(std::norm(W{}));
  const auto length = [](const std::vector<W>& x) {
    return std::sqrt(std::real(dot(x.data(), x.data(), static_cast<Index>(x.size()))));
  };
  // q^H x for the columns q of a matrix.
  const auto apply = [](const WideMatrix<W>& columns, const std::vector<W>& x) {
    std::vector<W> y(static_cast<std::size_t>(columns.cols));
    for (Index j = 0; j < columns.cols; ++j) {
      y[static_cast<std::size_t>(j)] = dot(columns.col(j), x.data(), columns.rows);
    }
    return y;
  };
  std::vector<W> x;
  R longest = 0;
  for (Index i = 0; i < adjoint_a.cols; ++i) {
    std::vector<W> row(adjoint_a.col(i), adjoint_a.col(i) + adjoint_a.rows);
    if (const R norm = length(row); norm > longest) {
      longest = norm;
      x = std::move(row);
    }
  }
  R ratio = 0;
  for (int step = 0; longest > 0 && step < power_steps; ++step) {
    const std::vector<W> y = apply(adjoint_a, x);  // A x
    ratio = length(y) / length(x);
    x = apply(a, y);  // A^H y
  }
  return ratio;
}

/// ||Q^H Q - diag(d)||_F, where d is all 1 when empty.
template <class W, class R>
R distance_from_diagonal(const WideMatrix<W>& q, const std::vector<R>& d) {
  WideMatrix<W> g = inner_products(q, q);
  for (Index j = 0; j < g.cols; ++j) {
    g.col(j)[j] -= d.empty() ? R{1} : d[static_cast<std::size_t>(j)];
  }
  return frobenius(g);
}

/// The larger figure of a factor alone: `q` has orthonormal columns that shall be the singular
/// vectors of `a` on its side.
template <class W, class R>
R one_sided_residual(const WideMatrix<W>& a, const WideMatrix<W>& q, const std::vector<R>& s,
                     R norm, R unit) {
  const Index k = static_cast<Index>(s.size());
  WideMatrix<W> first(q.rows, k);
  std::copy_n(q.entries.begin(), first.entries.size(), first.entries.begin());
  const WideMatrix<W> projected = inner_products(first, a);  // k x n
  WideMatrix<W> rest = a;
  subtract_product(rest, first, projected);
  std::vector<R> squares(s);
  for (R& x : squares) {
    x *= x;
  }
  const R rows = distance_from_diagonal(adjoint(projected), squares);
  return std::max(frobenius(rest) / unit, norm == 0 ? rows / unit : rows / (2 * norm * unit));
}

/// The first entry whose modulus is within 1024 eps of the largest is real and positive. Close to that limit two computations
/// of a modulus may disagree, so each entry near it may be the one.
template <Scalar T>
bool follows_sign_rule(MatrixView<const T> vh, Index row) {
  Real<T> largest = 0;
  for (Index j = 0; j < vh.cols(); ++j) {
    largest = std::max(largest, std::abs(vh(row, j)));
  }
  const Real<T> surely = (1 - 1020 * epsilon<T>)*largest;
  const Real<T> perhaps = (1 - 1028 * epsilon<T>)*largest;
  for (Index j = 0; j < vh.cols(); ++j) {
    const T x = vh(row, j);
    if (std::abs(x) >= perhaps && std::imag(x) == 0 && std::real(x) > 0) {
      return true;
    }
    if (std::abs(x) >= surely) {
      return false;
    }
  }
  return false;
}

inline Index factor_columns(Vectors option, Index side, Index smaller) {
  return option == Vectors::none ? 0 : option == Vectors::thin ? smaller : side;
}

/// Shapes, order and signs; the name of the first fault, or nothing.
template <Scalar T>
std::string structural_fault(MatrixView<const T> a, const Svd<T>& result,
                             const SvdOptions& options) {
  const Index m = a.rows(), n = a.cols(), k = std::min(m, n);
  const auto shape = [](const char* name, Index rows, Index cols, Index want_rows,
                        Index want_cols) {
    return std::string(name) + " is " + std::to_string(rows) + " x " + std::to_string(cols) +
           ", not " + std::to_string(want_rows) + " x " + std::to_string(want_cols);
  };
  if (static_cast<Index>(result.s.size()) != k) {
    return shape("s", static_cast<Index>(result.s.size()), 1, k, 1);
  }
  const Index u_cols = factor_columns(options.u, m, k), vh_rows = factor_columns(options.v, n, k);
  if (options.u == Vectors::none ? !result.U.empty()
                                 : result.U.rows() != m || result.U.cols() != u_cols) {
    return shape("U", result.U.rows(), result.U.cols(), m, u_cols);
  }
  if (options.v == Vectors::none ? !result.Vh.empty()
                                 : result.Vh.rows() != vh_rows || result.Vh.cols() != n) {
    return shape("Vh", result.Vh.rows(), result.Vh.cols(), vh_rows, n);
  }
  for (std::size_t i = 0; i < result.s.size(); ++i) {
    if (!(result.s[i] >= 0) || !std::isfinite(result.s[i]) ||
        (i > 0 && result.s[i] > result.s[i - 1])) {
      return "s[" + std::to_string(i) + "] = " + std::to_string(result.s[i]) + " is out of order";
    }
  }
  for (Index i = 0; i < vh_rows; ++i) {
    if (!follows_sign_rule<T>(result.Vh, i)) {
      return "row " + std::to_string(i) + " of Vh breaks the sign rule";
    }
  }
  // Columns of U that have no partner in V follow the rule themselves.
  for (Index j = k; j < u_cols; ++j) {
    if (!follows_sign_rule<T>(result.U.view().transposed(), j)) {
      return "column " + std::to_string(j) + " of U breaks the sign rule";
    }
  }
  return "";
}

}  // namespace detail

/// Checks `result` of svd(a, options). `s` alone, without factors, is checked through the norm: see
/// the head of the file.
template <Scalar T>
SvdCheck check_svd(MatrixView<const T> a, const Svd<T>& result, const SvdOptions& options = {}) {
  using R = detail::WideReal<T>;
  using W = detail::Wide<T>;
  SvdCheck check;
  check.fault = detail::structural_fault(a, result, options);
  if (!check.fault.empty()) {
    return check;
  }
  const Index m = a.rows(), n = a.cols();
  const R eps = static_cast<R>(epsilon<T>), longer = static_cast<R>(std::max<Index>({m, n, 1}));

  // The largest part of an entry becomes 1/2 to 1.
  Real<T> largest = 0;
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < m; ++i) {
      largest = std::max({largest, std::abs(std::real(a(i, j))), std::abs(std::imag(a(i, j)))});
    }
  }
  const int exponent = largest > 0 ? -std::ilogb(largest) - 1 : 0;
  const detail::WideMatrix<W> wide_a = detail::widened<T>(a, exponent);
  std::vector<R> s;
  for (const Real<T> value : result.s) {
    s.push_back(std::ldexp(static_cast<R>(value), exponent));
  }
  const R smallest =
      std::ldexp(static_cast<R>(std::numeric_limits<Real<T>>::denorm_min()), exponent);
  const R norm = detail::norm_from_below(wide_a, detail::adjoint(wide_a));
  const R unit = longer * std::max(eps * norm, smallest);

  const bool with_u = options.u != Vectors::none, with_v = options.v != Vectors::none;
  const detail::WideMatrix<W> u = detail::widened<T>(result.U.view(), 0);
  const detail::WideMatrix<W> vh = detail::widened<T>(result.Vh.view(), 0);
  const detail::WideMatrix<W> v = detail::adjoint(vh);
  R residual = 0;
  if (with_u && with_v) {
    detail::WideMatrix<W> rest = wide_a, s_vh(static_cast<Index>(s.size()), n);
    for (Index j = 0; j < n; ++j) {
      for (Index l = 0; l < s_vh.rows; ++l) {
        s_vh.col(j)[l] = s[static_cast<std::size_t>(l)] * vh.col(j)[l];
      }
    }
    detail::subtract_product(rest, u, s_vh);
    residual = detail::frobenius(rest) / unit;
  } else if (with_u) {
    residual = detail::one_sided_residual(wide_a, u, s, norm, unit);
  } else if (with_v) {
    residual = detail::one_sided_residual(detail::adjoint(wide_a), v, s, norm, unit);
  } else {
    R squares = 0;
    for (const R value : s) {
      squares += value * value;
    }
    residual = std::abs(detail::frobenius(wide_a) - std::sqrt(squares)) / unit;
  }
  check.residual = static_cast<double>(residual);
  const std::vector<R> ones;
  if (with_u) {
    check.orthogonality_u = static_cast<double>(detail::distance_from_diagonal(u, ones) /
                                                (static_cast<R>(std::max<Index>(m, 1)) * eps));
  }
  if (with_v) {
    check.orthogonality_v = static_cast<double>(detail::distance_from_diagonal(v, ones) /
                                                (static_cast<R>(std::max<Index>(n, 1)) * eps));
  }
  return check;
}

/// EXPECT_TRUE(is_svd(a, svd(a, options), options)) << ...; the message holds every figure and the
/// path taken.
template <MatrixLike A>
::testing::AssertionResult is_svd(const A& a, const Svd<ScalarOf<A>>& result,
                                  const SvdOptions& options = {}, std::string_view what = {}) {
  const SvdCheck check = check_svd<ScalarOf<A>>(as_view(a), result, options);
  if (check.passed()) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure()
         << what << (what.empty() ? "" : ": ") << check.text() << "; path " << result.report.path();
}

/// Each of `s` is within 10 max(m, n) eps of the reference, relative to the largest (Weyl's bound
/// on a backward error), plus one denormal step: half for the rounding of each.
template <class R>
::testing::AssertionResult values_agree(const std::vector<R>& s,
                                        const std::vector<double>& reference, Index m, Index n,
                                        std::string_view what = {}) {
  if (s.size() != reference.size()) {
    return ::testing::AssertionFailure()
           << what << ": " << s.size() << " values, not " << reference.size();
  }
  const double largest = reference.empty() ? 0 : reference[0];
  const double allowed = check_threshold * static_cast<double>(std::max(m, n)) * largest *
                             static_cast<double>(std::numeric_limits<R>::epsilon()) +
                         static_cast<double>(std::numeric_limits<R>::denorm_min());
  for (std::size_t i = 0; i < s.size(); ++i) {
    const double error = std::abs(static_cast<double>(s[i]) - reference[i]);
    if (!(error <= allowed)) {
      return ::testing::AssertionFailure()
             << what << ": s[" << i << "] = " << s[i] << ", not " << reference[i];
    }
  }
  return ::testing::AssertionSuccess();
}

}  // namespace eckart::testing
