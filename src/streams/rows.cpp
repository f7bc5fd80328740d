#include "streams/rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <eckart/error.hpp>

#include "dense/scale.hpp"

namespace eckart::streams {
namespace {

// Independent sums, so that the processor's vectors can be filled without changing the order of additions.
constexpr std::size_t lanes = 8;

/// The sum of all 0 * x: 0, or NaN where an entry is NaN or infinite.
template <Scalar T>
bool is_finite_row(const T* row, Index count, Index stride) {
  double sum = 0;
  for (Index j = 0; j < count; ++j) {
    const T x = row[j * stride];
    sum += 0 * (double{std::abs(std::real(x))} + double{std::abs(std::imag(x))});
  }
  return sum == 0;
}

/// Calls fail(i, j, entry) for the first bad entry, row by row.
template <Scalar T, class Fail>
void require_finite(MatrixView<const T> rows, const Fail& fail) {
  for (Index i = 0; i < rows.rows(); ++i) {
    // The sum of two parts near the largest double is infinite too: then no entry is found, and all is well.
    if (is_finite_row(rows.data() + i * rows.row_stride(), rows.cols(), rows.col_stride())) {
      continue;
    }
    for (Index j = 0; j < rows.cols(); ++j) {
      if (!is_finite(rows(i, j))) {
        fail(i, j, rows(i, j));
      }
    }
  }
}

}  // namespace

template <Scalar T>
void require_finite_rows(MatrixView<const T> rows, Index first) {
  require_finite<T>(rows, [first](Index i, Index j, const T& x) {
    throw NonFinite(first + i, j, name_of_non_finite(x));
  });
}

template <Scalar T>
void require_finite_columns(MatrixView<const T> columns, Index first) {
  require_finite<T>(columns.transposed(), [first](Index j, Index i, const T& x) {
    throw NonFinite(i, first + j, name_of_non_finite(x));
  });
}

template <Scalar T>
void widen_rows(MatrixView<const T> from, MatrixView<Wide<T>> to) {
  for (Index i = 0; i < from.rows(); ++i) {
    Wide<T>* row = to.data() + i * to.row_stride();
    for (Index j = 0; j < from.cols(); ++j) {
      row[j] = static_cast<Wide<T>>(from(i, j));
    }
  }
}

template <class W>
double length_of(std::span<const W> x) {
  const auto* const parts = reinterpret_cast<const double*>(x.data());
  const std::size_t count = x.size() * (ComplexScalar<W> ? 2 : 1);
  std::array<double, lanes> most{};
  const std::size_t whole = count / lanes * lanes;
  for (std::size_t i = 0; i < whole; i += lanes) {
    for (std::size_t l = 0; l < lanes; ++l) {
      const double modulus = std::abs(parts[i + l]);
      most[l] = modulus > most[l] ? modulus : most[l];
    }
  }
  for (std::size_t i = whole; i < count; ++i) {
    most[0] = std::max(most[0], std::abs(parts[i]));
  }
  const double largest = *std::max_element(most.begin(), most.end());
  if (largest == 0) {
    return 0;
  }
  // A power of two in two halves: of a denormal number it would leave the range.
  const int exponent = dense::scale_exponent(largest);
  const double half = std::ldexp(1.0, exponent / 2),
               rest = std::ldexp(1.0, exponent - exponent / 2);
  std::array<double, lanes> sums{};
  for (std::size_t i = 0; i < whole; i += lanes) {
    for (std::size_t l = 0; l < lanes; ++l) {
      const double scaled = parts[i + l] * half * rest;
      sums[l] += scaled * scaled;
    }
  }
  for (std::size_t i = whole; i < count; ++i) {
    const double scaled = parts[i] * half * rest;
    sums[0] += scaled * scaled;
  }
  double sum = 0;
  for (const double s : sums) {
    sum += s;
  }
  return std::ldexp(std::sqrt(sum), -exponent);
}

template <RealScalar R>
R narrowed(double x) {
  const auto narrow = static_cast<R>(x);
  if (std::isinf(narrow)) {
    throw OutOfRange("a result of the stream exceeds the type of its rows; scale the rows down");
  }
  return narrow;
}

template <Scalar T>
Matrix<T> narrowed(MatrixView<const Wide<T>> from, Layout layout) {
  auto to = Matrix<T>::uninitialized(from.rows(), from.cols(), layout);
  for (Index i = 0; i < from.rows(); ++i) {
    for (Index j = 0; j < from.cols(); ++j) {
      to(i, j) = static_cast<T>(from(i, j));
    }
  }
  return to;
}

#define ECKART_INSTANTIATE(T)                                            \
  template void require_finite_rows<T>(MatrixView<const T>, Index);      \
  template void require_finite_columns<T>(MatrixView<const T>, Index);   \
  template void widen_rows<T>(MatrixView<const T>, MatrixView<Wide<T>>); \
  template Matrix<T> narrowed<T>(MatrixView<const Wide<T>>, Layout);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
template double length_of<double>(std::span<const double>);
template double length_of<std::complex<double>>(std::span<const std::complex<double>>);
template float narrowed<float>(double);
template double narrowed<double>(double);

}  // namespace eckart::streams
