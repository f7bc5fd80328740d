#include "dense/reduction/panel_qr.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "core/pack_sums.hpp"
#include "dense/reduction/block_reflector.hpp"
#include "dense/reduction/reflector.hpp"

namespace eckart::dense {
namespace {

// The loops of step 2. A complex column is read as reals, real and imaginary parts in turn:  Re x^H y  is the inner product of the
// reals, Im x^H y that with the parts of y swapped and every second product negated.
template <class R, int bytes>
[[gnu::always_inline]] inline R alternating_sum_of_lanes(const Pack<R, bytes>& v) noexcept {
  R part[lanes<R, bytes>];
  store(part, v);
  R even = 0, odd = 0;
  for (Index l = 0; l < lanes<R, bytes>; l += 2) {
    even += part[l];
    odd += part[l + 1];
  }
  return even - odd;
}

template <class R>
inline constexpr R plus_minus[] = {1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1};

// y_c <- y_c - (factor v^H y_c) v for `count` columns at a distance of `stride`.
template <Scalar T, int bytes, std::size_t count>
[[gnu::always_inline]] inline void reflect(const T* v_entries, T factor, T* y_entries, Index stride,
                                           Index length) noexcept {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  constexpr Index step = lanes<R, bytes>;
  const auto* const v = reinterpret_cast<const R*>(v_entries);
  auto* const y = reinterpret_cast<R*>(y_entries);
  constexpr Index reals = ComplexScalar<T> ? 2 : 1;
  const Index end = reals * length, distance = reals * stride;
  P re[count] = {};
  [[maybe_unused]] P im[count] = {};
  for (Index i = 0; i < end; i += step) {
    const P vi = load<bytes>(v + i);
    if constexpr (ComplexScalar<T>) {
      const P turned = swapped<R, bytes>(vi);
      for (std::size_t c = 0; c < count; ++c) {
        const P yi = load<bytes>(y + static_cast<Index>(c) * distance + i);
        re[c] += vi * yi;
        im[c] += turned * yi;
      }
    } else {
      for (std::size_t c = 0; c < count; ++c) {
        re[c] += vi * load<bytes>(y + static_cast<Index>(c) * distance + i);
      }
    }
  }
  if constexpr (ComplexScalar<T>) {
    P along[count] = {}, across[count] = {};
    for (std::size_t c = 0; c < count; ++c) {
      // turned y = (v_im y_re, v_re y_im, ...): their difference in pairs is -Im v^H y.
      const T inner(sum_of_lanes<R, bytes>(re[c]), -alternating_sum_of_lanes<R, bytes>(im[c]));
      const T h = times(factor, inner);
      along[c] = P{} - h.real();
      across[c] = load<bytes>(plus_minus<R>) * h.imag();
    }
    for (Index i = 0; i < end; i += step) {
      const P vi = load<bytes>(v + i), turned = swapped<R, bytes>(vi);
      for (std::size_t c = 0; c < count; ++c) {
        R* const at = y + static_cast<Index>(c) * distance + i;
        store(at, P(load<bytes>(at) + along[c] * vi + across[c] * turned));
      }
    }
  } else {
    R h[count];
    for (std::size_t c = 0; c < count; ++c) {
      h[c] = factor * sum_of_lanes<R, bytes>(re[c]);
    }
    for (Index i = 0; i < end; i += step) {
      const P vi = load<bytes>(v + i);
      for (std::size_t c = 0; c < count; ++c) {
        R* const at = y + static_cast<Index>(c) * distance + i;
        store(at, P(load<bytes>(at) - h[c] * vi));
      }
    }
  }
}

// All columns of y: four at a time, the rest one by one.
template <Scalar T>
struct Reflect {
  template <int bytes>
  [[gnu::always_inline]] static void run(const T* v, T factor, T* y, Index stride, Index length,
                                         Index cols) noexcept {
    Index c = 0;
    for (; c + 3 < cols; c += 4) {
      reflect<T, bytes, 4>(v, factor, y + c * stride, stride, length);
    }
    for (; c < cols; ++c) {
      reflect<T, bytes, 1>(v, factor, y + c * stride, stride, length);
    }
  }
};

// ||x||^2
template <class R>
struct SquareOf {
  template <int bytes>
  [[gnu::always_inline]] static R run(const R* x, Index count) noexcept {
    using P = Pack<R, bytes>;
    constexpr Index step = lanes<R, bytes>;
    P sum0{}, sum1{};
    Index i = 0;
    for (; i + step < count; i += 2 * step) {
      const P x0 = load<bytes>(x + i), x1 = load<bytes>(x + i + step);
      sum0 += x0 * x0;
      sum1 += x1 * x1;
    }
    if (i < count) {
      const P x0 = load<bytes>(x + i);
      sum0 += x0 * x0;
    }
    return sum_of_lanes<R, bytes>(P(sum0 + sum1));
  }
};

template <Scalar T>
struct Kernels {
  void (*reflect)(const T*, T, T*, Index, Index, Index) noexcept;
  Real<T> (*square)(const Real<T>*, Index) noexcept;
};

template <Scalar T>
Kernels<T> kernels_for(Processor processor) noexcept {
  return {compiled<Reflect<T>, void(const T*, T, T*, Index, Index, Index)>(processor),
          compiled<SquareOf<Real<T>>, Real<T>(const Real<T>*, Index)>(processor)};
}

// x (count entries, aligned and padded with zeros to `length`) becomes v below its one.
template <Scalar T>
Reflector<T> reflector_of(const Kernels<T>& kernels, T alpha, T* x, Index count, const T* aligned,
                          Index length) noexcept {
  using R = Real<T>;
  constexpr Index reals = ComplexScalar<T> ? 2 : 1;
  R square = kernels.square(reinterpret_cast<const R*>(aligned), reals * length);
  const std::span<R> tail(reinterpret_cast<R*>(x), static_cast<std::size_t>(reals * count));
  const R scale = make_safe<T, 1>(alpha, square, {tail});
  Reflector<T> h = make_reflector<T>(alpha, square);
  for (Index i = 0; i < count; ++i) {
    x[i] = times(x[i], h.scale);
  }
  h.beta /= scale;
  return h;
}

// Step 2 on the columns `block` from row `first` on: R above, v below the diagonal. `block` begins at row 0 of the panel, where
// columns are aligned; v: panel_length(m) entries.
template <Scalar T>
void reduce_block(const Kernels<T>& kernels, MatrixView<T> block, Index first, Index reflectors,
                  std::span<T> tau, std::span<T> v) {
  const Index m = block.rows(), padded = panel_length(m);
  for (Index j = 0; j < reflectors; ++j) {
    const Index row = first + j, start = row / panel_rows_multiple * panel_rows_multiple;
    T* const column = block.col(j);
    T* const x = v.data() + row + 1;
    std::fill(v.data() + start, x, T{});
    std::copy(column + row + 1, column + m, x);
    std::fill(v.data() + m, v.data() + padded, T{});
    const Reflector<T> h =
        reflector_of(kernels, column[row], x, m - row - 1, v.data() + start, padded - start);
    column[row] = h.beta;
    tau[static_cast<std::size_t>(j)] = h.tau;
    std::copy(x, x + (m - row - 1), column + row + 1);
    v[static_cast<std::size_t>(row)] = T{1};
    if (h.tau != T{0}) {
      kernels.reflect(v.data() + start, conjugate(h.tau), block.col(j + 1) + start,
                      block.col_stride(), padded - start, block.cols() - j - 1);
    }
  }
}

}  // namespace

template <Scalar T>
MatrixView<T> panel_storage(Index rows, Index cols, Workspace& work) {
  const Index stride = panel_stride(rows);
  const MatrixView<T> panel(work.take<T>(stride * cols).data(), rows, cols, 1, stride);
  for (Index j = 0; j < cols; ++j) {
    std::fill(panel.col(j) + rows, panel.col(j) + stride, T{});
  }
  return panel;
}

template <Scalar T>
MemoryPlan panel_storage_memory(std::string_view name, Index rows, Index cols) {
  return MemoryPlan::block<T>(name, panel_stride(rows), cols);
}

template <Scalar T>
MemoryPlan panel_qr_memory(Index m, Index b, const PanelOptions& options) {
  const Index inner = std::min(options.inner, b);
  return MemoryPlan::all_of(
      "panel",
      {MemoryPlan::block<T>("a reflector", panel_length(m)), MemoryPlan::block<T>("tau", inner),
       MemoryPlan::block<T>("V^H A", b, inner), MemoryPlan::block<T>("T^H V^H A", b, inner)});
}

template <Scalar T>
void panel_qr(MatrixView<T> a, MatrixView<T> r, MatrixView<T> t, const PanelOptions& options,
              Workspace& work) {
  const Index m = a.rows(), b = a.cols(), k = std::min(m, b), inner = std::min(options.inner, b);
  const Kernels<T> kernels = kernels_for<T>(options.processor);
  const Workspace::Frame frame(work);
  const std::span<T> v = work.take<T>(panel_length(m)), tau = work.take<T>(inner);
  const std::span<T> products = work.take<T>(b * inner), scaled = work.take<T>(b * inner);

  for (Index first = 0; first < b; first += inner) {
    const Index count = std::min(inner, b - first), before = std::min(first, k);
    const MatrixView<T> block = a.columns(first, count);
    // 1.
    if (before > 0) {
      const MatrixView<T> w(products.data(), before, count), tw(scaled.data(), before, count);
      const MatrixView<T> done = a.columns(0, before);
      blas::gemm<T>(blas::Op::adjoint, blas::Op::none, T{1}, done, block, T{0}, w);
      blas::gemm<T>(blas::Op::adjoint, blas::Op::none, T{1}, t.block(0, 0, before, before), w, T{0},
                    tw);
      blas::gemm<T>(blas::Op::none, blas::Op::none, T{-1}, done, tw, T{1}, block);
    }
    // 2.
    const Index reflectors = std::clamp<Index>(k - first, 0, count);
    reduce_block<T>(kernels, block, first, reflectors, tau, v);
    // 3.
    for (Index j = 0; j < count; ++j) {
      const Index height = std::min(first + j + 1, k);
      std::copy_n(block.col(j), height, r.col(first + j));
      std::fill(r.col(first + j) + height, r.col(first + j) + k, T{});
      if (j < reflectors) {
        std::fill_n(block.col(j), first + j, T{});
        block(first + j, j) = T{1};
      }
    }
    // 4.
    if (reflectors > 0) {
      const Index known = first + reflectors;
      const MatrixView<T> below = a.block(first, 0, m - first, known);
      blas::gemm<T>(blas::Op::adjoint, blas::Op::none, T{1}, below,
                    below.columns(first, reflectors), T{0}, t.block(0, first, known, reflectors));
      for (Index j = 0; j < reflectors; ++j) {
        t(first + j, first + j) = tau[static_cast<std::size_t>(j)];
      }
      extend_triangular_factor<T>(t.block(0, 0, k, k), first, reflectors, products);
    }
  }
}

#define ECKART_INSTANTIATE(T)                                                                 \
  template MatrixView<T> panel_storage<T>(Index, Index, Workspace&);                          \
  template MemoryPlan panel_storage_memory<T>(std::string_view, Index, Index);                \
  template MemoryPlan panel_qr_memory<T>(Index, Index, const PanelOptions&);                  \
  template void panel_qr<T>(MatrixView<T>, MatrixView<T>, MatrixView<T>, const PanelOptions&, \
                            Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
