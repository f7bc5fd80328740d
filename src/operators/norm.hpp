#pragma once

// ||A||_F without overflow: a plain sum of squares in double, and where that leaves the range in which it is exact to rounding, one
// of entries times a power of two.
//
// One pass over A in pieces of the shape's choosing, whose sums are added in order: the number of threads changes nothing. A second
// pass for entries near the ends of the range. Error: 300 eps at the worst and hardly ever more than 2, for any size: runs of 1024 entries
// are summed in four parts or more, and the runs' sums with compensation. NaN gives NaN, infinity infinity.
//
// norm_times() is ||A||_F times a number, as what is made of operators has it.

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

#include "core/simd.hpp"
#include "core/sums.hpp"

namespace eckart {

/// The sum of (factor x_i)^2 over `count` real numbers, four vectors of doubles at a time.
template <class R>
struct SquaresOf {
  template <int bytes>
  [[gnu::always_inline]] static double run(const R* x, Index count, double factor) noexcept {
    using V = Pack<double, bytes>;
    constexpr Index width = lanes<double, bytes>;
    using Some = Pack<R, static_cast<int>(width * static_cast<Index>(sizeof(R)))>;
    constexpr int some_bytes = static_cast<int>(sizeof(Some));
    V sum[4] = {};
    Index i = 0;
    for (; i + 4 * width <= count; i += 4 * width) {
      for (int part = 0; part < 4; ++part) {
        const Some loaded = load<some_bytes>(x + i + part * width);
        const V value = __builtin_convertvector(loaded, V) * factor;
        sum[part] += value * value;
      }
    }
    double total = sum_of_lanes<double, bytes>((sum[0] + sum[1]) + (sum[2] + sum[3]));
    for (; i < count; ++i) {
      const double value = static_cast<double>(x[i]) * factor;
      total += value * value;
    }
    return total;
  }
};

/// The same of entries that stand `stride` apart.
template <Scalar T>
[[nodiscard]] double sum_of_squares_apart(const T* x, Index count, Index stride,
                                          double factor) noexcept {
  double part[4] = {};
  for (Index i = 0; i < count; ++i) {
    const T value = x[i * stride];
    const double re = static_cast<double>(real_part(value)) * factor;
    double square = re * re;
    if constexpr (ComplexScalar<T>) {
      const double im = static_cast<double>(value.imag()) * factor;
      square += im * im;
    }
    part[i % 4] += square;
  }
  return (part[0] + part[1]) + (part[2] + part[3]);
}

template <Scalar T>
[[nodiscard]] double largest_part(MatrixView<const T> a) noexcept {
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
  return largest;
}

template <Scalar T>
[[nodiscard]] Real<T> frobenius_norm_of(const Execution& execution, MatrixView<const T> a) {
  using R = Real<T>;
  if (a.row_stride() != 1 && a.col_stride() == 1) {
    return frobenius_norm_of<T>(execution, a.transposed());
  }
  if (a.empty()) {
    return 0;
  }
  if (a.row_stride() == 1 && a.col_stride() == a.rows()) {
    a = MatrixView<const T>(a.data(), a.rows() * a.cols(), 1);
  }
  constexpr Index piece = 65536, run = 1024;  // entries: a piece takes 10 us
  constexpr Index parts = ComplexScalar<T> ? 2 : 1;
  const Index height = std::min(piece, a.rows()), width = piece / height;
  const Index down = (a.rows() + height - 1) / height, across = (a.cols() + width - 1) / width;
  const auto squares = compiled<SquaresOf<R>, double(const R*, Index, double)>();
  std::vector<double> sums(static_cast<std::size_t>(down * across));
  const auto value_of = [](const core::CompensatedSum& sum) {  // infinity has no compensation
    return std::isfinite(sum.sum()) ? sum.value() : sum.sum();
  };
  const auto total = [&](double factor) {
    parallel_for(execution, down * across, [&](Index k) {
      const Index begin = k % down * height, end = std::min(a.rows(), begin + height);
      core::CompensatedSum sum;
      for (Index j = k / down * width; j < std::min(a.cols(), (k / down + 1) * width); ++j) {
        for (Index i = begin; i < end; i += run) {
          const T* const x = a.col(j) + i * a.row_stride();
          const Index count = std::min(run, end - i);
          sum.add(a.row_stride() == 1
                      ? squares(reinterpret_cast<const R*>(x), parts * count, factor)
                      : sum_of_squares_apart<T>(x, count, a.row_stride(), factor));
        }
      }
      sums[static_cast<std::size_t>(k)] = value_of(sum);
    });
    core::CompensatedSum sum;
    for (const double s : sums) {
      sum.add(s);
    }
    return value_of(sum);
  };
  const double plain = total(1);
  if ((plain > 1e-250 && plain < 1e300) || std::isnan(plain)) {
    return static_cast<R>(std::sqrt(plain));
  }
  const double largest = largest_part<T>(a);
  if (largest == 0 || std::isinf(largest)) {
    return static_cast<R>(largest);
  }
  const int exponent = std::clamp(std::ilogb(largest), -1000, 1000);
  return static_cast<R>(std::ldexp(std::sqrt(total(std::ldexp(1.0, -exponent))), exponent));
}

/// Whether a rounded number is right to eps: 0, which norms of nothing but zeros are, or a finite one that is not subnormal.
template <RealScalar R>
[[nodiscard]] bool is_rounded_well(R x) noexcept {
  return x == 0 || std::isnormal(x);
}

/// ||A||_F as an operator states it: none where it, unlike every entry, is too large or too small for a number of all digits. NaN
/// and infinity of entries are passed on.
template <Scalar T>
[[nodiscard]] std::optional<Real<T>> stated_norm_of(const Execution& execution,
                                                    MatrixView<const T> a) {
  const Real<T> norm = frobenius_norm_of<T>(execution, a);
  if (is_rounded_well(norm) || std::isnan(norm) || std::isinf(largest_part<T>(a))) {
    return norm;
  }
  return std::nullopt;
}

/// ||alpha A||_F from ||A||_F and an exact alpha. None where ||A||_F is unknown, infinite or subnormal, and where the result would not
/// be a normal number, though every entry of alpha A may be one.
template <Scalar T>
[[nodiscard]] std::optional<Real<T>> norm_times(std::optional<Real<T>> norm, T alpha) noexcept {
  using R = Real<T>;
  if (!norm || !is_rounded_well(*norm) || !is_finite(alpha)) {
    return std::nullopt;
  }
  const double re = static_cast<double>(real_part(alpha));
  double im = 0;
  if constexpr (ComplexScalar<T>) {
    im = static_cast<double>(alpha.imag());
  }
  const double largest = std::max(std::abs(re), std::abs(im));
  if (*norm == 0 || largest == 0) {
    return R{0};
  }
  // |alpha| and ||A||_F between 1 and 3, and their exponents.
  const int of_alpha = std::ilogb(largest), of_norm = std::ilogb(*norm);
  const double product = std::hypot(std::scalbn(re, -of_alpha), std::scalbn(im, -of_alpha)) *
                         std::scalbn(static_cast<double>(*norm), -of_norm);
  const double result = std::scalbn(product, of_alpha + of_norm);
  if (result < double{std::numeric_limits<R>::min()} ||
      result > double{std::numeric_limits<R>::max()}) {
    return std::nullopt;
  }
  return static_cast<R>(result);
}

}  // namespace eckart
