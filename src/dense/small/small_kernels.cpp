#include "dense/small/small_kernels.hpp"

namespace eckart::dense {
namespace {

template <bool complex>
struct Matrices {
  template <int bytes>
  [[gnu::always_inline]] static void run(SmallFrame* frame) noexcept {
    using V = Pack<double, bytes>;
    SmallPlaces places(frame->n);
    const V converged = sweep_matrices<complex, bytes>(
        reinterpret_cast<V*>(frame->columns), frame->m, frame->n, frame->tolerance_squared, places);
    store(frame->converged, converged);
    LaneResults<complex, bytes>(*frame).run();
  }
};

// Of one matrix, whose columns stand in packs of lone_lanes, to pairs in lanes and back.
template <bool complex, int bytes>
[[gnu::always_inline]] inline void sweep_lone(SmallFrame* frame) noexcept {
  using V = Pack<double, bytes>;
  constexpr Index width = lanes<double, bytes>;
  constexpr std::size_t longest = small_column<complex>(small_rows, small_cols);
  const Index m = frame->m, n = frame->n, size = small_column<complex>(m, n);
  V storage[2 * longest];
  V *even = storage, *odd = storage + longest;
  const auto entry = [](V* packs, Index i, Index lane) -> double& {
    return reinterpret_cast<double*>(packs)[i * width + lane];
  };
  for (Index i = 0; i < size; ++i) {
    even[i] = odd[i] = V{};
  }
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < size; ++i) {
      entry(j % 2 == 0 ? even : odd, i, j / 2) = frame->columns[(j * size + i) * lone_lanes];
    }
  }
  SmallPlaces places(n);
  const bool converged =
      sweep_pairs<complex, bytes>(even, odd, m, n, frame->tolerance_squared, places);
  for (Index place = 0; place < places.count; ++place) {
    const Index j = places.column[place];
    for (Index i = 0; j < n && i < size; ++i) {
      double* const to = frame->columns + (j * size + i) * lone_lanes;
      to[0] = to[1] = entry(place % 2 == 0 ? even : odd, i, place / 2);
    }
  }
  frame->converged[0] = frame->converged[1] = converged ? 1 : 0;
}

template <bool complex>
struct Lone {
  template <int bytes>
  [[gnu::always_inline]] static void run(SmallFrame* frame) noexcept {
    if (frame->n <= 4) {
      sweep_lone<complex, 16>(frame);
    } else {
      sweep_lone<complex, 32>(frame);
    }
    LaneResults<complex, 16>(*frame).run();
  }
};

}  // namespace

template <bool complex>
SmallKernels small_kernels(Processor processor) noexcept {
  const Index group = processor == Processor::avx512 ? 8 : processor == Processor::fma ? 4 : 2;
  return {group, compiled<Matrices<complex>, void(SmallFrame*)>(processor),
          compiled<Lone<complex>, void(SmallFrame*)>(processor)};
}

template SmallKernels small_kernels<false>(Processor) noexcept;
template SmallKernels small_kernels<true>(Processor) noexcept;

}  // namespace eckart::dense
