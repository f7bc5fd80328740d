#pragma once

// Toeplitz, Hankel and circulant matrices as operators: m + n - 1 numbers stand for m x n entries, and products go by FFT.
//
//   truncated_svd(hankel(series, series.size() / 2), rank(10));    // singular spectrum analysis of a time series
//
// The matrix is the corner of a circulant C of a size N >= m + n - 1 that is fast to transform, and C = F^-1 diag(F v) F with its
// first column v (Golub and Van Loan, Matrix Computations, 4th ed., section 4.8): y is the beginning of F^-1 (F v .* F x), x filled up
// with zeros; A^H takes conj(F v). C's spectrum is made once.
//
// Cost: two transforms of N for a complex vector and for two real ones, which share one as its real and imaginary parts: 10 N log2 N
// flops. Memory: 2 N complex numbers for the operator, 2 N for each thread at work, kept from product to product. Vectors are shared out
// over threads; one by itself takes one thread, and the result is the same for any number of them.
//
// Accuracy: the error of a product is a few eps log2(N) ||v|| ||x||, in every column of a block for itself: each is scaled by a power
// of two before it shares a transform. So entries below eps times the largest of A are lost, as they would not be in a product with A
// written out. Numbers near the ends of the range, subnormal ones included, neither overflow nor vanish on the way. NaN or infinity in a
// vector makes its product NaN.
//
// Each throws NonFinite for NaN or infinity, with the row and the column of A where it stands, and OutOfMemory. ||A||_F is known to
// rounding, from the number of entries on each diagonal; where a Real<T> cannot hold it, it is absent.

#include <ranges>
#include <span>

#include <eckart/operator.hpp>

namespace eckart {

/// Constant along diagonals: a_ij = c_(i-j) for i >= j, r_(j-i) above; c the first column (m), r the first row (n). r_0 is not used.
template <Scalar T>
[[nodiscard]] Operator<T> toeplitz(std::span<const T> c, std::span<const T> r);

/// Constant along antidiagonals: a_ij = c_(i+j) for i + j < m, then r_(i+j-m+1); c the first column (m), r the last row (n). r_0 is not
/// used.
template <Scalar T>
[[nodiscard]] Operator<T> hankel(std::span<const T> c, std::span<const T> r);

/// a_ij = s_(i+j), `rows` x (size of s - rows + 1): the trajectory matrix of a series, whose columns are its windows. Throws
/// InvalidArgument for rows < 1 or more rows than the series has numbers.
template <Scalar T>
[[nodiscard]] Operator<T> hankel(std::span<const T> series, Index rows);

/// a_ij = c_((i-j) mod n), n x n; c the first column.
template <Scalar T>
[[nodiscard]] Operator<T> circulant(std::span<const T> c);

/// A vector, an array or another run of numbers.
template <class C>
concept ScalarRange = std::ranges::contiguous_range<C> && Scalar<std::ranges::range_value_t<C>>;

template <ScalarRange C>
[[nodiscard]] auto toeplitz(const C& c, const C& r) {
  using T = std::ranges::range_value_t<C>;
  return toeplitz<T>(std::span<const T>(c), std::span<const T>(r));
}
template <ScalarRange C>
[[nodiscard]] auto hankel(const C& c, const C& r) {
  using T = std::ranges::range_value_t<C>;
  return hankel<T>(std::span<const T>(c), std::span<const T>(r));
}
template <ScalarRange C>
[[nodiscard]] auto hankel(const C& series, std::integral auto rows) {
  using T = std::ranges::range_value_t<C>;
  return hankel<T>(std::span<const T>(series), static_cast<Index>(rows));
}
template <ScalarRange C>
[[nodiscard]] auto circulant(const C& c) {
  using T = std::ranges::range_value_t<C>;
  return circulant<T>(std::span<const T>(c));
}

}  // namespace eckart
