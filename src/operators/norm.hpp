#pragma once

// ||A||_F without overflow: the sum of squares of columns, divided by the largest entry where the plain sum leaves the range in
// which it is exact to rounding.
//
// Columns are summed by themselves and their sums added in order, so the number of threads changes nothing. One pass over A, a
// second one for entries near the ends of the range. Error: about (m + n) eps relative, less where columns are summed in parts.
// NaN gives NaN, infinity infinity.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

namespace eckart {

/// The sum of |x|^2 / scale^2 over `count` entries that stand `stride` apart, in four parts.
template <Scalar T>
[[nodiscard]] double sum_of_squares(const T* x, Index count, Index stride, double scale) noexcept {
  double part[4] = {};
  for (Index i = 0; i < count; ++i) {
    const T value = x[i * stride];
    const double re = static_cast<double>(real_part(value)) / scale;
    double square = re * re;
    if constexpr (ComplexScalar<T>) {
      const double im = static_cast<double>(value.imag()) / scale;
      square += im * im;
    }
    part[i % 4] += square;
  }
  return (part[0] + part[1]) + (part[2] + part[3]);
}

template <Scalar T>
[[nodiscard]] Real<T> frobenius_norm_of(const Execution& execution, MatrixView<const T> a) {
  constexpr Index columns = 16;  // a piece of work
  const Index pieces = (a.cols() + columns - 1) / columns;
  std::vector<double> sums(static_cast<std::size_t>(pieces));
  const auto total = [&](double scale) {
    parallel_for(execution, pieces, [&](Index piece) {
      double sum = 0;
      for (Index j = piece * columns; j < std::min(a.cols(), (piece + 1) * columns); ++j) {
        sum += sum_of_squares<T>(a.col(j), a.rows(), a.row_stride(), scale);
      }
      sums[static_cast<std::size_t>(piece)] = sum;
    });
    double sum = 0;
    for (const double s : sums) {
      sum += s;
    }
    return sum;
  };
  const double plain = total(1);
  if ((plain > 1e-250 && plain < 1e300) || std::isnan(plain)) {
    return static_cast<Real<T>>(std::sqrt(plain));
  }
  double largest = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      const T value = a(i, j);
      largest = std::max(largest, std::abs(static_cast<double>(real_part(value))));
      if constexpr (ComplexScalar<T>) {
        largest = std::max(largest, std::abs(static_cast<double>(value.imag())));
      }
    }
  }
  if (largest == 0 || std::isinf(largest)) {
    return static_cast<Real<T>>(largest);
  }
  return static_cast<Real<T>>(largest * std::sqrt(total(largest)));
}

}  // namespace eckart
