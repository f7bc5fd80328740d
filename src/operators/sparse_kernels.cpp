#include "operators/sparse_kernels.hpp"

#include <algorithm>

namespace eckart {
namespace {

// How many entries before its use a row of X is fetched.
constexpr Index ahead = 24;

// Row i of S X: `fetch` is given where the row of X begins that will be needed some entries later.
template <int bytes, Scalar T, class I, std::size_t units, class Fetch>
[[gnu::always_inline]] inline void row_of_product(const SparseRows<T, I>& s, Index i,
                                                  const Real<T>* x, Real<T>* y,
                                                  const Fetch& fetch) noexcept {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  constexpr std::size_t packs = units * (64 / static_cast<std::size_t>(bytes));
  constexpr Index step = lanes<R, bytes>, width = static_cast<Index>(units) * unit_lanes<T>;
  const Index last_entry = s.pointers[s.last] - 1;
  P re[packs] = {}, im[packs] = {};
  for (Index k = s.pointers[i]; k < s.pointers[i + 1]; ++k) {
    fetch(static_cast<Index>(s.columns[std::min(k + ahead, last_entry)]) * width);
    const R* const from = x + static_cast<Index>(s.columns[k]) * width;
    const T value = s.values[k];
    for (std::size_t p = 0; p < packs; ++p) {
      const P row = load<bytes>(from + static_cast<Index>(p) * step);
      re[p] += row * real_part(value);
      if constexpr (ComplexScalar<T>) {
        im[p] += row * value.imag();
      }
    }
  }
  for (std::size_t p = 0; p < packs; ++p) {
    store(y + static_cast<Index>(p) * step, re[p]);
  }
  if constexpr (ComplexScalar<T>) {
    R q[static_cast<std::size_t>(width)];
    for (std::size_t p = 0; p < packs; ++p) {
      store(q + static_cast<Index>(p) * step, im[p]);
    }
    for (Index l = 0; l < width; l += 2) {
      y[l] -= q[l + 1];
      y[l + 1] += q[l];
    }
  }
}

template <Scalar T, class I, std::size_t units>
struct RowsOfProduct {
  template <int bytes>
  [[gnu::always_inline]] static void run(const SparseRows<T, I>& s, const Real<T>* x,
                                         Real<T>* y) noexcept {
    constexpr Index width = static_cast<Index>(units) * unit_lanes<T>;
    for (Index i = s.first; i < s.last; ++i, y += width) {
      row_of_product<bytes, T, I, units>(s, i, x, y, [x](Index at) __attribute__((always_inline)) {
        for (std::size_t u = 0; u < units; ++u) {
          __builtin_prefetch(x + at + static_cast<Index>(u) * unit_lanes<T>);
        }
      });
    }
  }
};

// Row i of S^H, times `back`, added to the rows of Z that its entries point at.
template <int bytes, Scalar T, class I, std::size_t units, class Fetch>
[[gnu::always_inline]] inline void add_row_back(const SparseRows<T, I>& s, Index i,
                                                const Real<T>* back, Real<T>* z,
                                                const Fetch& fetch) noexcept {
  using R = Real<T>;
  using P = Pack<R, bytes>;
  constexpr std::size_t packs = units * (64 / static_cast<std::size_t>(bytes));
  constexpr Index step = lanes<R, bytes>, width = static_cast<Index>(units) * unit_lanes<T>;
  P row[packs], turned[packs];  // what goes back, and -i times it
  for (std::size_t p = 0; p < packs; ++p) {
    row[p] = load<bytes>(back + static_cast<Index>(p) * step);
  }
  if constexpr (ComplexScalar<T>) {
    R swapped[static_cast<std::size_t>(width)];
    for (Index l = 0; l < width; l += 2) {
      swapped[l] = back[l + 1];
      swapped[l + 1] = -back[l];
    }
    for (std::size_t p = 0; p < packs; ++p) {
      turned[p] = load<bytes>(swapped + static_cast<Index>(p) * step);
    }
  }
  for (Index k = s.pointers[i]; k < s.pointers[i + 1]; ++k) {
    fetch(k);
    R* const to = z + static_cast<Index>(s.columns[k]) * width;
    const T value = s.values[k];
    for (std::size_t p = 0; p < packs; ++p) {
      P sum = load<bytes>(to + static_cast<Index>(p) * step) + row[p] * real_part(value);
      if constexpr (ComplexScalar<T>) {
        sum += turned[p] * value.imag();
      }
      store(to + static_cast<Index>(p) * step, sum);
    }
  }
}

template <Scalar T, class I, std::size_t units>
struct RowsBack {
  template <int bytes>
  [[gnu::always_inline]] static void run(const SparseRows<T, I>& s, const Real<T>* w,
                                         Real<T>* z) noexcept {
    constexpr Index width = static_cast<Index>(units) * unit_lanes<T>;
    const Index last_entry = s.pointers[s.last] - 1;
    const auto fetch = [&s, z, last_entry](Index k) __attribute__((always_inline)) {
      const Index at = static_cast<Index>(s.columns[std::min(k + ahead, last_entry)]) * width;
      for (std::size_t u = 0; u < units; ++u) {
        __builtin_prefetch(z + at + static_cast<Index>(u) * unit_lanes<T>, 1);
      }
    };
    for (Index i = s.first; i < s.last; ++i, w += width) {
      add_row_back<bytes, T, I, units>(s, i, w, z, fetch);
    }
  }
};

template <Scalar T, class I, std::size_t units>
struct RowsThereAndBack {
  template <int bytes>
  [[gnu::always_inline]] static void run(const SparseRows<T, I>& s, Real<T> factor,
                                         const Real<T>* x, Real<T>* y, const Real<T>* w,
                                         Real<T>* z) noexcept {
    constexpr std::size_t packs = units * (64 / static_cast<std::size_t>(bytes));
    constexpr Index step = lanes<Real<T>, bytes>, width = static_cast<Index>(units) * unit_lanes<T>;
    const auto fetch = [x, z](Index at) __attribute__((always_inline)) {
      for (std::size_t u = 0; u < units; ++u) {
        __builtin_prefetch(x + at + static_cast<Index>(u) * unit_lanes<T>);
        __builtin_prefetch(z + at + static_cast<Index>(u) * unit_lanes<T>, 1);
      }
    };
    for (Index i = s.first; i < s.last; ++i, y += width) {
      row_of_product<bytes, T, I, units>(s, i, x, y, fetch);
      for (std::size_t p = 0; p < packs; ++p) {
        store(y + static_cast<Index>(p) * step,
              load<bytes>(y + static_cast<Index>(p) * step) * factor);
      }
      add_row_back<bytes, T, I, units>(s, i, w != nullptr ? w + (i - s.first) * width : y, z,
                                       [](Index) __attribute__((always_inline)) {});
    }
  }
};

}  // namespace

template <Scalar T, class I>
SparseKernel<T, I> sparse_kernel(Index units, Processor processor) noexcept {
  using Signature = void(const SparseRows<T, I>&, const Real<T>*, Real<T>*);
  return units == 1 ? compiled<RowsOfProduct<T, I, 1>, Signature>(processor)
                    : compiled<RowsOfProduct<T, I, most_units>, Signature>(processor);
}

template <Scalar T, class I>
ThereAndBackKernel<T, I> there_and_back_kernel(Index units, Processor processor) noexcept {
  using Signature =
      void(const SparseRows<T, I>&, Real<T>, const Real<T>*, Real<T>*, const Real<T>*, Real<T>*);
  return units == 1 ? compiled<RowsThereAndBack<T, I, 1>, Signature>(processor)
                    : compiled<RowsThereAndBack<T, I, most_units>, Signature>(processor);
}

template <Scalar T, class I>
BackKernel<T, I> back_kernel(Index units, Processor processor) noexcept {
  using Signature = void(const SparseRows<T, I>&, const Real<T>*, Real<T>*);
  return units == 1 ? compiled<RowsBack<T, I, 1>, Signature>(processor)
                    : compiled<RowsBack<T, I, most_units>, Signature>(processor);
}

#define ECKART_INSTANTIATE_INDEX(T, I)                                        \
  template BackKernel<T, I> back_kernel<T, I>(Index, Processor) noexcept;     \
  template SparseKernel<T, I> sparse_kernel<T, I>(Index, Processor) noexcept; \
  template ThereAndBackKernel<T, I> there_and_back_kernel<T, I>(Index, Processor) noexcept;
#define ECKART_INSTANTIATE(T)               \
  ECKART_INSTANTIATE_INDEX(T, std::int32_t) \
  ECKART_INSTANTIATE_INDEX(T, std::int64_t)
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
