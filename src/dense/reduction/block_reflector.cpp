#include "dense/reduction/block_reflector.hpp"

#include <algorithm>

namespace eckart::dense {
namespace {

// Columns of T that are formed one by one between matrix products.
constexpr Index inner_width = 16;

// The rows of V below its triangle, as they stand in `v`.
template <Scalar T>
MatrixView<const T> below_triangle(Stored stored, MatrixView<const T> v, Index k) {
  return stored == Stored::columns ? v.block(k, 0, v.rows() - k, k)
                                   : v.block(0, k, k, v.cols() - k);
}

// What has to be done with a stored block to have V, and to have V^H.
constexpr blas::Op plain(Stored stored) noexcept {
  return stored == Stored::columns ? blas::Op::none : blas::Op::adjoint;
}
constexpr blas::Op adjoint(Stored stored) noexcept {
  return stored == Stored::columns ? blas::Op::adjoint : blas::Op::none;
}

// The first k columns (rows) of V with their ones and zeros, so that no product needs a triangular routine.
template <Scalar T>
void copy_triangle(Stored stored, blas::ConstView<T> v, MatrixView<T> triangle) {
  const Index k = triangle.cols();
  for (Index j = 0; j < k; ++j) {
    T* const to = triangle.col(j);
    const T* const from = v.col(j);
    std::fill_n(to, k, T{});
    to[j] = T{1};
    if (stored == Stored::columns) {
      std::copy(from + j + 1, from + k, to + j + 1);
    } else {
      std::copy(from, from + j, to);
    }
  }
}

}  // namespace

template <Scalar T>
void extend_triangular_factor(MatrixView<T> t, Index first, Index count, std::span<T> scratch) {
  const MatrixView<T> own = t.block(first, first, count, count);
  for (Index j = 0; j < count; ++j) {
    T* const column = own.col(j);
    const T tau = column[j];
    for (Index i = 0; i < j; ++i) {
      T sum{};
      for (Index l = i; l < j; ++l) {
        sum += own(i, l) * column[l];
      }
      column[i] = -tau * sum;
    }
    std::fill(column + j + 1, t.col(first + j) + t.rows(), T{});
  }
  if (first > 0) {
    const MatrixView<T> above = t.block(0, first, first, count);
    const MatrixView<T> product(scratch.data(), first, count);
    blas::gemm<T>(blas::Op::none, blas::Op::none, T{-1}, above, own, T{0}, product);
    blas::gemm<T>(blas::Op::none, blas::Op::none, T{1}, t.block(0, 0, first, first), product, T{0},
                  above);
  }
}

template <Scalar T>
void form_triangular_factor(Stored stored, blas::ConstView<T> v, std::span<const T> tau,
                            MatrixView<T> t, std::span<T> scratch) {
  const auto k = static_cast<Index>(tau.size());
  const MatrixView<T> triangle(scratch.data(), k, k);
  const std::span<T> columns = scratch.subspan(static_cast<std::size_t>(k * k));
  const MatrixView<const T> rest = below_triangle<T>(stored, v, k);
  copy_triangle<T>(stored, v, triangle);
  blas::gemm<T>(adjoint(stored), plain(stored), T{1}, triangle, triangle, T{0}, t);
  if (!rest.empty()) {
    blas::gemm<T>(adjoint(stored), plain(stored), T{1}, rest, rest, T{1}, t);
  }
  for (Index j = 0; j < k; ++j) {
    t(j, j) = tau[static_cast<std::size_t>(j)];
  }
  const Index width = std::min(k, inner_width);
  for (Index first = 0; first < k; first += width) {
    extend_triangular_factor<T>(t, first, std::min(width, k - first), columns);
  }
}

#define ECKART_INSTANTIATE(T)                                                             \
  template void extend_triangular_factor<T>(MatrixView<T>, Index, Index, std::span<T>);   \
  template void form_triangular_factor<T>(Stored, blas::ConstView<T>, std::span<const T>, \
                                          MatrixView<T>, std::span<T>);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
