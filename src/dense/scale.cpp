#include "dense/scale.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <eckart/error.hpp>

#include "core/simd.hpp"

namespace eckart::dense {
namespace {

// Columns (or rows, whichever lie closer in memory) that one task handles.
constexpr Index strip = 64;

Index strip_count(Index length) {
  return (length + strip - 1) / strip;
}

template <Scalar T>
[[noreturn]] void throw_first_non_finite(MatrixView<const T> a) {
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      const T x = a(i, j);
      if (!is_finite(x)) {
        throw NonFinite(i, j, name_of_non_finite(x));
      }
    }
  }
  throw NumericalError("the matrix changed while it was read; copy it first");
}

// The bits of a modulus, as an integer, are in the order of the moduli, with infinity and then every NaN above all numbers.
template <RealScalar R>
using Bits = std::conditional_t<sizeof(R) == 4, std::int32_t, std::int64_t>;

template <RealScalar R>
Bits<R> bits_of(R x) noexcept {
  return std::bit_cast<Bits<R>>(std::abs(x));
}

// The largest bits of n numbers side by side.
template <RealScalar R>
struct LargestBits {
  template <int bytes>
  [[gnu::always_inline]] static Bits<R> run(const R* x, Index n, Bits<R> largest) noexcept {
    using P = Pack<Bits<R>, bytes>;
    constexpr Index step = lanes<R, bytes>;
    constexpr Bits<R> no_sign = std::numeric_limits<Bits<R>>::max();
    P most[4] = {};
    const auto take = [&](P& to, const R* from) {
      const P modulus = *reinterpret_cast<const LoosePack<Bits<R>, bytes>*>(from) & no_sign;
      to = modulus > to ? modulus : to;
    };
    Index i = 0;
    for (; i + 4 * step <= n; i += 4 * step) {
      for (Index p = 0; p < 4; ++p) {
        take(most[p], x + i + p * step);
      }
    }
    for (; i + step <= n; i += step) {
      take(most[0], x + i);
    }
    for (const P& pack : most) {
      for (Index l = 0; l < step; ++l) {
        largest = std::max(largest, pack[l]);
      }
    }
    for (; i < n; ++i) {
      largest = std::max(largest, bits_of(x[i]));
    }
    return largest;
  }
};

template <class T>
MatrixView<T> with_short_inner_stride(MatrixView<T> a) noexcept {
  return std::abs(a.row_stride()) <= std::abs(a.col_stride()) ? a : a.transposed();
}

}  // namespace

template <Scalar T>
Real<T> max_modulus(const Execution& execution, MatrixView<const T> a) {
  using R = Real<T>;
  static const auto scan = compiled<LargestBits<R>, Bits<R>(const R*, Index, Bits<R>)>();
  constexpr Index parts = ComplexScalar<T> ? 2 : 1;
  const auto lines = with_short_inner_stride(a);
  const Index strips = strip_count(lines.cols());
  std::vector<Bits<R>> largest(static_cast<std::size_t>(strips), 0);
  parallel_for(execution, strips, [&](Index task) {
    Bits<R> most = 0;
    for (Index j = task * strip; j < std::min(lines.cols(), (task + 1) * strip); ++j) {
      const T* const line = lines.data() + j * lines.col_stride();
      if (lines.row_stride() == 1) {
        most = scan(reinterpret_cast<const R*>(line), parts * lines.rows(), most);
        continue;
      }
      for (Index i = 0; i < lines.rows(); ++i) {
        const R* const entry = reinterpret_cast<const R*>(line + i * lines.row_stride());
        most = std::max({most, bits_of(entry[0]), bits_of(entry[parts - 1])});
      }
    }
    largest[static_cast<std::size_t>(task)] = most;
  });
  const Bits<R> most = largest.empty() ? 0 : *std::max_element(largest.begin(), largest.end());
  if (most > bits_of(std::numeric_limits<R>::max())) {
    throw_first_non_finite(a);
  }
  return std::bit_cast<R>(most);
}

template <RealScalar R>
int scale_exponent(R largest) noexcept {
  int exponent = 0;
  static_cast<void>(std::frexp(largest, &exponent));
  return -exponent;
}

template <Scalar T>
void copy_scaled(const Execution& execution, MatrixView<const T> from, MatrixView<T> to,
                 int exponent, bool conjugated) {
  // 2^exponent itself may leave the range, so it is applied in two halves.
  const Real<T> half = std::ldexp(Real<T>{1}, exponent / 2);
  const Real<T> rest = std::ldexp(Real<T>{1}, exponent - exponent / 2);
  const Index row_strips = strip_count(to.rows()), col_strips = strip_count(to.cols());
  parallel_for(execution, col_strips, [&](Index task) {
    const Index last_col = std::min(to.cols(), (task + 1) * strip);
    // Square tiles keep both sides in cache when one is row-major and the other column-major.
    for (Index tile = 0; tile < row_strips; ++tile) {
      const Index last_row = std::min(to.rows(), (tile + 1) * strip);
      for (Index j = task * strip; j < last_col; ++j) {
        for (Index i = tile * strip; i < last_row; ++i) {
          const T x = from(i, j) * half * rest;
          to(i, j) = conjugated ? conjugate(x) : x;
        }
      }
    }
  });
}

template <Scalar T>
void scale_by_power(MatrixView<T> a, int exponent) noexcept {
  // A power of two beyond the type's range is applied in steps that are within it.
  constexpr int widest_step = std::numeric_limits<Real<T>>::max_exponent - 2;
  while (exponent != 0) {
    const int step = std::clamp(exponent, -widest_step, widest_step);
    const auto factor = std::ldexp(Real<T>{1}, step);
    for (Index j = 0; j < a.cols(); ++j) {
      for (Index i = 0; i < a.rows(); ++i) {
        a(i, j) *= factor;
      }
    }
    exponent -= step;
  }
}

template <RealScalar R>
void scale_values(std::span<R> s, int exponent) {
  if (s.empty() || exponent == 0) {
    return;
  }
  if (!std::isfinite(std::ldexp(s.front(), exponent))) {
    throw OutOfRange("the largest singular value is " + std::to_string(s.front()) + " * 2^" +
                     std::to_string(exponent) + ", beyond the largest " +
                     (std::same_as<R, float> ? "float" : "double") +
                     "; multiply the matrix by 0.5^k first and the values by 2^k afterwards");
  }
  for (R& value : s) {
    value = std::ldexp(value, exponent);
  }
}

template <Scalar T>
double frobenius_norm(const Execution& execution, MatrixView<const T> a) {
  std::vector<double> sums(static_cast<std::size_t>(strip_count(a.cols())), 0.0);
  parallel_for(execution, strip_count(a.cols()), [&](Index task) {
    double total = 0;
    for (Index j = task * strip; j < std::min(a.cols(), (task + 1) * strip); ++j) {
      double column = 0;
      for (Index i = 0; i < a.rows(); ++i) {
        const T x = a(i, j);
        if constexpr (ComplexScalar<T>) {
          column += double{x.real()} * double{x.real()} + double{x.imag()} * double{x.imag()};
        } else {
          column += double{x} * double{x};
        }
      }
      total += column;
    }
    sums[static_cast<std::size_t>(task)] = total;
  });
  double total = 0;
  for (const double sum : sums) {
    total += sum;
  }
  return std::sqrt(total);
}

template int scale_exponent(float) noexcept;
template int scale_exponent(double) noexcept;
template void scale_values(std::span<float>, int);
template void scale_values(std::span<double>, int);

#define ECKART_INSTANTIATE(T)                                                                    \
  template Real<T> max_modulus<T>(const Execution&, MatrixView<const T>);                        \
  template void copy_scaled<T>(const Execution&, MatrixView<const T>, MatrixView<T>, int, bool); \
  template double frobenius_norm<T>(const Execution&, MatrixView<const T>);                      \
  template void scale_by_power<T>(MatrixView<T>, int);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
