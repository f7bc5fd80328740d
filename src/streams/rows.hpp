#pragma once

// How rows come into a stream: looked at for NaN, widened to double, their lengths measured.

#include <complex>
#include <span>
#include <type_traits>

#include <eckart/matrix.hpp>

namespace eckart::streams {

/// What streams compute in: sums over millions of rows need the digits, and memory does not grow with them.
template <Scalar T>
using Wide = std::conditional_t<ComplexScalar<T>, std::complex<double>, double>;

/// Throws NonFinite naming the first bad entry, row by row; row 0 of `rows` is row `first` of the stream.
template <Scalar T>
void require_finite_rows(MatrixView<const T> rows, Index first);

/// The same column by column; column 0 of `columns` is column `first`.
template <Scalar T>
void require_finite_columns(MatrixView<const T> columns, Index first);

/// to <- from; `to` has the same shape and is row-major.
template <Scalar T>
void widen_rows(MatrixView<const T> from, MatrixView<Wide<T>> to);

/// sqrt(sum |x_i|^2) without overflow or underflow, to (size / 8 + 8) eps.
template <class W>
[[nodiscard]] double length_of(std::span<const W> x);

/// to <- from in T. Throws OutOfRange when a finite entry becomes infinite.
template <Scalar T>
[[nodiscard]] Matrix<T> narrowed(MatrixView<const Wide<T>> from, Layout layout);
template <RealScalar R>
[[nodiscard]] R narrowed(double x);

}  // namespace eckart::streams
