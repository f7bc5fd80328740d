#include "operators/sparse_kernels.hpp"

#include <algorithm>

namespace eckart {
namespace {

// How many entries before its use a row of X is fetched.
constexpr Index ahead = 24;

template <Scalar T, class I, std::size_t units>
struct RowsOfProduct {
  template <int bytes>
  [[gnu::always_inline]] static void run(const SparseRows<T, I>& s, const Real<T>* x,
                                         Real<T>* y) noexcept {
    using R = Real<T>;
    using P = Pack<R, bytes>;
    constexpr std::size_t packs = units * (64 / static_cast<std::size_t>(bytes));
    constexpr Index step = lanes<R, bytes>, width = static_cast<Index>(units) * unit_lanes<T>;
    const Index last_entry = s.pointers[s.last] - 1;
    for (Index i = s.first; i < s.last; ++i, y += width) {
      P re[packs] = {}, im[packs] = {};
      for (Index k = s.pointers[i]; k < s.pointers[i + 1]; ++k) {
        const R* const next =
            x + static_cast<Index>(s.columns[std::min(k + ahead, last_entry)]) * width;
        for (std::size_t u = 0; u < units; ++u) {
          __builtin_prefetch(next + static_cast<Index>(u) * unit_lanes<T>);
        }
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
  }
};

}  // namespace

template <Scalar T, class I>
SparseKernel<T, I> sparse_kernel(Index units, Processor processor) noexcept {
  using Signature = void(const SparseRows<T, I>&, const Real<T>*, Real<T>*);
  return units == 1 ? compiled<RowsOfProduct<T, I, 1>, Signature>(processor)
                    : compiled<RowsOfProduct<T, I, most_units>, Signature>(processor);
}

#define ECKART_INSTANTIATE(T)                                                                \
  template SparseKernel<T, std::int32_t> sparse_kernel<T, std::int32_t>(Index,               \
                                                                        Processor) noexcept; \
  template SparseKernel<T, std::int64_t> sparse_kernel<T, std::int64_t>(Index, Processor) noexcept;
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
