#pragma once

// Hard upper bidiagonal matrices, and the check of their decompositions: B(d, e) = U diag(s) V^T, all n x n.
//
//   residual       ||B - U S V^T||_F / (n max(eps s_1, denorm_min))
//   orthogonality  the larger of ||I - U^T U||_F and ||I - V^T V||_F, over n eps
//
// The measures of checker.hpp, but with products of the BLAS in double precision, so that n = 1500 takes a second; the checker itself
// judges the small ones in the tests of svd().

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/matrix.hpp>
#include <eckart/random.hpp>

#include "blas/gemm.hpp"

namespace eckart::testing {

template <RealScalar R>
struct Bidiagonal {
  std::vector<R> d, e;

  [[nodiscard]] Index n() const { return static_cast<Index>(d.size()); }
  [[nodiscard]] Matrix<R> matrix() const {
    Matrix<R> b(n(), n());
    for (Index i = 0; i < n(); ++i) {
      b(i, i) = d[static_cast<std::size_t>(i)];
      if (i + 1 < n()) {
        b(i, i + 1) = e[static_cast<std::size_t>(i)];
      }
    }
    return b;
  }
};

/// Names that bidiagonal() takes.
inline constexpr std::string_view bidiagonal_kinds[] = {
    "normal",  // d_i, e_i as the reduction of a random matrix gives them: chi with n - i and n - 1 - i degrees of freedom
    "ones",    // no deflation at all
    "random",  // normal entries of both signs
    "tiny e",  // d = 1, e about eps: every value nearly equal
    "steps of eps",  // d = 1 + i eps, e = eps^2
    "near ones",     // d within 1e4 eps of 1, e about sqrt(eps)
    "log-uniform",   // entries over [eps^2, eps^-2]: LAPACK's type 16
    "descending",    // graded from 1 to eps
    "ascending",
    "diagonal",  // e = 0
    "zero",
    "zeros in d",  // at both ends and in the middle
    "zero d",
    "alternating",  // signs
    "glued Wilkinson",
    "glued",  // blocks of 10 alike, joined by sqrt(eps) eps^(1/4)
    "huge",
    "denormal",
    "rank one",
    "cluster",  // all values within 1e3 eps of 1
    "two clusters",
    "arithmetic",
    "zeros and ones",
    "mixed"};  // each entry 0, 1, normal, eps or 1e-5

template <RealScalar R>
Bidiagonal<R> bidiagonal(std::string_view kind, Index n, std::uint64_t seed = 1) {
  const Random random(seed);
  std::uint64_t drawn = 0;
  const auto normal = [&] { return random.normal(drawn++); };
  const auto uniform = [&] { return random.uniform(drawn++); };
  constexpr double eps = epsilon<R>;
  const double high = sizeof(R) == 8 ? 1e300 : 1e36, low = sizeof(R) == 8 ? 1e-310 : 1e-40;
  // Chi with k degrees of freedom, by its limit for large k.
  const auto chi = [&](Index k) {
    return std::abs(std::sqrt(std::max(static_cast<double>(k) - 0.5, 0.0)) +
                    (k > 0 ? normal() / std::sqrt(2.0) : 0.0));
  };
  const auto choice = [&](double other) {
    const int which = static_cast<int>(uniform() * 5);
    return which == 0   ? 0.0
           : which == 1 ? 1.0
           : which == 2 ? normal()
           : which == 3 ? eps * normal()
                        : other;
  };
  Bidiagonal<R> b;
  for (Index i = 0; i < n; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(n);
    double d = 0, e = 0;
    if (kind == "normal") {
      d = chi(n - i), e = chi(n - 1 - i);
    } else if (kind == "ones") {
      d = e = 1;
    } else if (kind == "random") {
      d = normal(), e = normal();
    } else if (kind == "tiny e") {
      d = 1, e = eps * std::pow(10.0, 2 * uniform() - 1);
    } else if (kind == "steps of eps") {
      d = 1 + static_cast<double>(i) * eps, e = eps * eps;
    } else if (kind == "near ones") {
      d = 1 + 1e4 * eps * normal(), e = std::sqrt(eps) * normal();
    } else if (kind == "log-uniform") {
      d = std::pow(eps, 4 * uniform() - 2), e = std::pow(eps, 4 * uniform() - 2);
    } else if (kind == "descending") {
      d = e = std::pow(eps, share);
    } else if (kind == "ascending") {
      d = e = std::pow(eps, 1 - share);
    } else if (kind == "diagonal") {
      d = normal();
    } else if (kind == "zeros in d") {
      d = i == 0 || i == n - 1 || i == n / 2 || i == n / 3 ? 0 : normal(), e = normal();
    } else if (kind == "zero d") {
      e = normal();
    } else if (kind == "alternating") {
      d = i % 2 == 0 ? 1 : -1, e = i % 3 == 0 ? -0.5 : 0.5;
    } else if (kind == "glued Wilkinson") {
      d = std::abs(static_cast<double>(i % 21) - 10), e = i % 21 == 20 ? std::sqrt(eps) : 1;
    } else if (kind == "glued") {
      d = 1, e = i % 10 == 9 ? std::pow(eps, 0.75) : 0.3;
    } else if (kind == "huge") {
      d = high * normal(), e = high * normal();
    } else if (kind == "denormal") {
      d = low * normal(), e = low * normal();
    } else if (kind == "rank one") {
      d = e = i == 0 ? 1 : 0;
    } else if (kind == "cluster") {
      d = 1 + 100 * eps * uniform(), e = 100 * eps * normal();
    } else if (kind == "two clusters") {
      d = (i % 2 == 0 ? 1e-3 : 1) + 10 * eps * uniform(), e = 1e3 * eps * normal();
    } else if (kind == "arithmetic") {
      d = static_cast<double>(i + 1), e = 0.1 * normal();
    } else if (kind == "zeros and ones") {
      d = uniform() < 0.3 ? 1 : 0, e = uniform() < 0.3 ? 1 : 0;
    } else if (kind == "mixed") {
      d = choice(1e-5), e = choice(1e-9);
    }
    b.d.push_back(static_cast<R>(d));
    if (i + 1 < n) {
      b.e.push_back(static_cast<R>(e));
    }
  }
  return b;
}

/// Whether u, s and v decompose b: values descending, both figures below the threshold.
template <RealScalar R>
::testing::AssertionResult decomposes(const Bidiagonal<R>& b, std::span<const R> s,
                                      MatrixView<const R> u, MatrixView<const R> v,
                                      double threshold = 10) {
  const Index n = b.n();
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (!(s[i] >= 0) || !std::isfinite(s[i]) || (i > 0 && s[i] > s[i - 1])) {
      return ::testing::AssertionFailure() << "s[" << i << "] = " << s[i] << " is out of order";
    }
  }
  if (n == 0) {
    return ::testing::AssertionSuccess();
  }
  const int exponent = s[0] > 0 ? -std::ilogb(s[0]) : 0;
  const auto scaled = [&](R x) { return std::ldexp(static_cast<double>(x), exponent); };
  Matrix<double> us(n, n), wide_u(n, n), wide_v(n, n), rest(n, n);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < n; ++i) {
      wide_u(i, j) = static_cast<double>(u(i, j));
      wide_v(i, j) = static_cast<double>(v(i, j));
      us(i, j) = wide_u(i, j) * scaled(s[static_cast<std::size_t>(j)]);
    }
    rest(j, j) = scaled(b.d[static_cast<std::size_t>(j)]);
    if (j > 0) {
      rest(j - 1, j) = scaled(b.e[static_cast<std::size_t>(j - 1)]);
    }
  }
  const auto norm = [n](const Matrix<double>& a) {
    double sum = 0;
    for (Index i = 0; i < n * n; ++i) {
      sum += a.data()[i] * a.data()[i];
    }
    return std::sqrt(sum);
  };
  constexpr double eps = epsilon<R>;
  const double size = static_cast<double>(n);
  blas::gemm<double>(blas::Op::none, blas::Op::transpose, -1, us, wide_v, 1, rest.view());
  const double residual =
      norm(rest) /
      (size * std::max(eps * scaled(s[0]),
                       std::ldexp(double{std::numeric_limits<R>::denorm_min()}, exponent)));
  double orthogonality = 0;
  for (const Matrix<double>* q : {&wide_u, &wide_v}) {
    Matrix<double> gram = Matrix<double>::identity(n, n);
    blas::gemm<double>(blas::Op::transpose, blas::Op::none, -1, *q, *q, 1, gram.view());
    const double figure = norm(gram) / (size * eps);
    orthogonality = figure <= orthogonality ? orthogonality : figure;  // NaN counts
  }
  if (residual <= threshold && orthogonality <= threshold) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure()
         << "residual " << residual << ", orthogonality " << orthogonality;
}

}  // namespace eckart::testing
