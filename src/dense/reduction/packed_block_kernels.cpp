#include "dense/reduction/packed_block_kernels.hpp"

#include <algorithm>

namespace eckart::dense {
namespace {

// Rows of a result in registers (a group) and packs of a full row: as many sums as leave registers for a row of C and a number of V,
// of 32 with AVX-512, of 16 otherwise.
template <Scalar T, int bytes>
struct Registers {
  static constexpr Index parts = ComplexScalar<T> ? 2 : 1;
  static constexpr Index group = bytes == 64 && parts == 1 ? 8 : bytes == 64 || parts == 1 ? 4 : 2;
  static constexpr Index full = parts == 1 ? 3 : bytes == 64 ? 3 : 2;
};

// Rows of C whose products are summed before they are added to W.
constexpr Index depth = 256;

template <Scalar T, int bytes, Index packs>
[[gnu::always_inline]] inline void apply(const PackedBlock<T>& d) noexcept {
  constexpr Index group = Registers<T, bytes>::group;
  using Sums = RowSums<T, bytes, group, packs>;
  constexpr Index row = Sums::row;
  Real<T>* const c = d.tile;
  Real<T>* const w = d.scratch;

  // 1. Group by group; column i of V begins at row i.
  for (Index i = 0; i < d.count; i += group) {
    const T* const v = d.vectors + i * d.rows;
    for (Index first = i; first < d.rows; first += depth) {
      const Index end = std::min(first + depth, d.rows);
      Sums sums;
      sums.clear();
      for (Index r = first; r < end; ++r) {
        sums.template add<true, false>(v + r * group, 1, c + r * row);
      }
      if (first == i) {
        sums.write(w + i * row);
      } else {
        sums.add_to(w + i * row);
      }
    }
  }
  // 2. Rows of S W need those of W from i on, rows of S^H W those up to i.
  if (d.adjoint) {
    for (Index i = d.count - group; i >= 0; i -= group) {
      Sums sums;
      sums.clear();
      for (Index k = 0; k < i + group; ++k) {
        sums.template add<true, false>(d.triangle + i * d.leading + k, d.leading, w + k * row);
      }
      sums.write(w + i * row);
    }
  } else {
    for (Index i = 0; i < d.count; i += group) {
      Sums sums;
      sums.clear();
      for (Index k = i; k < d.count; ++k) {
        sums.template add<false, false>(d.triangle + k * d.leading + i, 1, w + k * row);
      }
      sums.write(w + i * row);
    }
  }
  // 3.
  for (Index r = 0; r < d.rows; r += group) {
    const Index end = std::min(d.count, r + group);
    Sums sums;
    sums.read(c + r * row);
    for (Index i = 0; i < end; i += group) {
      const T* const square = d.vectors + i * d.rows + r * group;
#pragma GCC unroll 8
      for (Index k = 0; k < group; ++k) {
        sums.template add<false, true>(square + k, group, w + (i + k) * row);
      }
    }
    sums.write(c + r * row);
  }
}

template <Scalar T>
struct ApplyPackedBlock {
  template <int bytes>
  [[gnu::always_inline]] static void run(const PackedBlock<T>& block) noexcept {
    constexpr Index full = Registers<T, bytes>::full;
    if (block.packs == full) {
      apply<T, bytes, full>(block);
    } else {
      apply<T, bytes, 1>(block);
    }
  }
};

template <Scalar T, int bytes>
PackedBlockKernels<T> kernels(Processor processor) noexcept {
  using Shape = Registers<T, bytes>;
  return {{lanes<Real<T>, bytes>, Shape::full},
          Shape::group,
          compiled<ApplyPackedBlock<T>, void(const PackedBlock<T>&)>(processor)};
}

}  // namespace

template <Scalar T>
PackedBlockKernels<T> packed_block_kernels(Processor processor) noexcept {
  return processor == Processor::avx512 ? kernels<T, 64>(processor)
         : processor == Processor::fma  ? kernels<T, 32>(processor)
                                        : kernels<T, 16>(processor);
}

template PackedBlockKernels<float> packed_block_kernels(Processor) noexcept;
template PackedBlockKernels<double> packed_block_kernels(Processor) noexcept;
template PackedBlockKernels<std::complex<float>> packed_block_kernels(Processor) noexcept;
template PackedBlockKernels<std::complex<double>> packed_block_kernels(Processor) noexcept;

}  // namespace eckart::dense
