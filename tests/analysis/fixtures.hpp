#pragma once

// Matrices whose SVD is known by construction.

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/matrix.hpp>
#include <eckart/random.hpp>
#include <eckart/svd.hpp>
#include <eckart/types.hpp>

#include "support/arithmetic.hpp"
#include "support/cases.hpp"

namespace eckart::testing {

/// A unitary matrix: a product of four Householder reflectors of random vectors.
template <Scalar T>
Matrix<T> random_unitary(Index n, std::uint64_t seed) {
  Matrix<T> q = Matrix<T>::identity(n, n);
  for (std::uint64_t pass = 0; pass < 4; ++pass) {
    Matrix<T> v(n, 1);
    fill_normal(v.view(), Random(seed, pass));
    Real<T> squares = 0;
    for (Index i = 0; i < n; ++i) {
      squares += real_part(conjugate(v(i, 0)) * v(i, 0));
    }
    for (Index j = 0; j < n; ++j) {
      T along{};
      for (Index i = 0; i < n; ++i) {
        along += conjugate(v(i, 0)) * q(i, j);
      }
      for (Index i = 0; i < n; ++i) {
        q(i, j) -= v(i, 0) * (Real<T>{2} * along / squares);
      }
    }
  }
  return q;
}

/// The m x n decomposition with these values (min(m, n) of them, descending) and random unitary factors.
template <Scalar T>
Svd<T> known_svd(Index m, Index n, const std::vector<double>& values, Vectors which = Vectors::thin,
                 std::uint64_t seed = 7) {
  const Index k = std::min(m, n);
  const Matrix<T> u = random_unitary<T>(m, seed);
  const Matrix<T> v = random_unitary<T>(n, seed + 1);
  Svd<T> d;
  d.U = Matrix<T>(u.view().columns(0, which == Vectors::full ? m : k));
  d.Vh = Matrix<T>(v.view().top_rows(which == Vectors::full ? n : k));
  for (const double x : values) {
    d.s.push_back(static_cast<Real<T>>(x));
  }
  d.report.rows = m;
  d.report.cols = n;
  return d;
}

/// Descending values 1, r, r^2, ... for min(m, n) entries.
inline std::vector<double> geometric(Index count, double ratio, double first = 1) {
  std::vector<double> values;
  for (double x = first; static_cast<Index>(values.size()) < count; x *= ratio) {
    values.push_back(x);
  }
  return values;
}

/// min(m, n) descending values of which the first `rank` are positive: first, first ratio, ..., 0, 0.
inline std::vector<double> geometric_of_rank(Index count, Index rank, double ratio,
                                             double first = 1) {
  std::vector<double> values = geometric(count, ratio, first);
  std::fill(values.begin() + rank, values.end(), 0.0);
  return values;
}

/// U diag(s) Vh.
template <Scalar T>
Matrix<T> assembled(const Svd<T>& d) {
  Matrix<T> a(d.report.rows, d.report.cols);
  for (Index l = 0; l < static_cast<Index>(d.s.size()); ++l) {
    for (Index j = 0; j < a.cols(); ++j) {
      for (Index i = 0; i < a.rows(); ++i) {
        a(i, j) += d.s[static_cast<std::size_t>(l)] * d.U(i, l) * d.Vh(l, j);
      }
    }
  }
  return a;
}

template <Scalar T>
double eps() {
  return static_cast<double>(epsilon<T>);
}

struct Size {
  Index rows, cols;
};

/// Tall, wide, square, vectors, 1 x 1 and empty.
inline constexpr Size all_shapes[] = {{7, 4}, {4, 7}, {5, 5}, {6, 1}, {1, 6},
                                      {1, 1}, {0, 3}, {3, 0}, {0, 0}};

}  // namespace eckart::testing
