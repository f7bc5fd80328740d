#include "dense/reduction/block_reflector.hpp"

#include <algorithm>

#include "blas/tall_product.hpp"

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

}  // namespace

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

template <Scalar T>
MemoryPlan form_block_reflector_memory(Index k) {
  return MemoryPlan::block<T>("columns of T", k, std::min(k, inner_width));
}

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
void join_triangular_factors(Stored stored, blas::ConstView<T> v, blas::ConstView<T> triangle,
                             Index first, MatrixView<T> t, std::span<T> scratch) {
  const Index k = t.cols(), second = k - first;
  const MatrixView<T> corner = t.block(0, first, first, second);
  // The columns of V (rows, where it stands in rows) of either block.
  const auto part = [stored](MatrixView<const T> x, Index from, Index count) {
    return stored == Stored::columns ? x.columns(from, count) : x.block(from, 0, count, x.cols());
  };
  const MatrixView<const T> rest = below_triangle<T>(stored, v, k);
  const blas::Op left = adjoint(stored), right = plain(stored);
  blas::gemm<T>(left, right, T{1}, part(triangle, 0, first), part(triangle, first, second), T{0},
                corner);
  if (!rest.empty()) {
    blas::gemm<T>(left, right, T{1}, part(rest, 0, first), part(rest, first, second), T{1}, corner);
  }
  const MatrixView<T> product(scratch.data(), first, second);
  blas::gemm<T>(blas::Op::none, blas::Op::none, T{-1}, corner,
                t.block(first, first, second, second), T{0}, product);
  blas::gemm<T>(blas::Op::none, blas::Op::none, T{1}, t.block(0, 0, first, first), product, T{0},
                corner);
  for (Index j = 0; j < first; ++j) {
    std::fill_n(t.col(j) + first, second, T{});
  }
}

template <Scalar T>
BlockReflector<T> form_block_reflector(Stored stored, blas::ConstView<T> v, std::span<const T> tau,
                                       MatrixView<T> triangle, MatrixView<T> t, Workspace& work) {
  const auto k = static_cast<Index>(tau.size());
  copy_triangle<T>(stored, v, triangle);
  const MatrixView<const T> rest = below_triangle<T>(stored, v, k);
  blas::gemm<T>(adjoint(stored), plain(stored), T{1}, triangle, triangle, T{0}, t);
  if (!rest.empty()) {
    blas::gemm<T>(adjoint(stored), plain(stored), T{1}, rest, rest, T{1}, t);
  }
  for (Index j = 0; j < k; ++j) {
    t(j, j) = tau[static_cast<std::size_t>(j)];
  }
  const Workspace::Frame frame(work);
  const Index width = std::min(k, inner_width);
  const std::span<T> scratch = work.take<T>(k * width);
  for (Index first = 0; first < k; first += width) {
    extend_triangular_factor<T>(t, first, std::min(width, k - first), scratch);
  }
  return {stored, v, triangle, t};
}

template <Scalar T>
Index apply_block_reflector_scratch(Index length, Index k, Index cols) {
  return 2 * k * cols + blas::tall_product_work<T>(length - k, k);
}

template <Scalar T>
void apply_block_reflector(blas::Op op, const BlockReflector<T>& h, MatrixView<T> c,
                           std::span<T> scratch) {
  const Index k = h.size(), cols = c.cols();
  if (k == 0 || cols == 0) {
    return;
  }
  const MatrixView<T> w(scratch.data(), k, cols), tw(scratch.data() + k * cols, k, cols);
  const std::span<T> packed = scratch.subspan(static_cast<std::size_t>(2 * k * cols));
  const MatrixView<const T> rest = below_triangle<T>(h.stored, h.v, k);
  const MatrixView<T> c_top = c.top_rows(k), c_rest = c.block(k, 0, c.rows() - k, cols);

  blas::gemm<T>(adjoint(h.stored), blas::Op::none, T{1}, h.triangle, c_top, T{0}, w);
  if (!rest.empty()) {
    blas::tall_product<T>(Execution{.threads = 1, .stop = {}, .progress = {}}, adjoint(h.stored),
                          rest, c_rest, T{1}, w, packed);
  }
  blas::gemm<T>(op, blas::Op::none, T{1}, h.t, w, T{0}, tw);
  blas::gemm<T>(plain(h.stored), blas::Op::none, T{-1}, h.triangle, tw, T{1}, c_top);
  if (!rest.empty()) {
    blas::gemm<T>(plain(h.stored), blas::Op::none, T{-1}, rest, tw, T{1}, c_rest);
  }
}

#define ECKART_INSTANTIATE(T)                                                                     \
  template void copy_triangle<T>(Stored, blas::ConstView<T>, MatrixView<T>);                      \
  template MemoryPlan form_block_reflector_memory<T>(Index);                                      \
  template void extend_triangular_factor<T>(MatrixView<T>, Index, Index, std::span<T>);           \
  template BlockReflector<T> form_block_reflector<T>(                                             \
      Stored, blas::ConstView<T>, std::span<const T>, MatrixView<T>, MatrixView<T>, Workspace&);  \
  template void join_triangular_factors<T>(Stored, blas::ConstView<T>, blas::ConstView<T>, Index, \
                                           MatrixView<T>, std::span<T>);                          \
  template Index apply_block_reflector_scratch<T>(Index, Index, Index);                           \
  template void apply_block_reflector<T>(blas::Op, const BlockReflector<T>&, MatrixView<T>,       \
                                         std::span<T>);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
