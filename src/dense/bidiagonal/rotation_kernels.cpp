#include "dense/bidiagonal/rotation_kernels.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace eckart::dense {
namespace {

// body(0), ..., body(count - 1) with each argument a constant, so that arrays of packs become registers.
template <class Body, int... i>
[[gnu::always_inline]] inline void unrolled(std::integer_sequence<int, i...>,
                                            const Body& body) noexcept {
  (body(std::integral_constant<int, i>{}), ...);
}
template <int count, class Body>
[[gnu::always_inline]] inline void unrolled(const Body& body) noexcept {
  unrolled(std::make_integer_sequence<int, count>{}, body);
}

// Calls strip<bytes>(first row) for whole vectors, then for halves, quarters ... of one, down to a single entry.
template <class Strip, class R, int bytes>
[[gnu::always_inline]] inline void remaining_rows(const Strip& strip, Index row,
                                                  Index rows) noexcept {
  if (row + lanes<R, bytes> <= rows) {
    strip.template run<bytes>(row);
    row += lanes<R, bytes>;
  }
  if constexpr (bytes > static_cast<int>(sizeof(R))) {
    remaining_rows<Strip, R, bytes / 2>(strip, row, rows);
  }
}

template <class R>
struct Rotate {
  template <int bytes>
  [[gnu::always_inline]] static void run(R* x, R* y, Index rows, R c, R s) noexcept {
    Index i = 0;
    for (; i + lanes<R, bytes> <= rows; i += lanes<R, bytes>) {
      const Pack<R, bytes> xi = load<bytes>(x + i), yi = load<bytes>(y + i);
      store(x + i, c * xi + s * yi);
      store(y + i, c * yi - s * xi);
    }
    for (; i < rows; ++i) {
      const R xi = x[i], yi = y[i];
      x[i] = c * xi + s * yi;
      y[i] = c * yi - s * xi;
    }
  }
};

template <class R>
struct Wave {
  static constexpr int fused = static_cast<int>(fused_sequences);

  template <int bytes>
  [[gnu::always_inline]] static void run(const RotationWave<R>& w) noexcept {
    // Five columns of `tall` vectors fill the registers: 32 of AVX-512, 16 elsewhere.
    constexpr int tall = bytes == 64 ? 4 : 2;
    Index row = 0;
    for (; row + tall * lanes<R, bytes> <= w.rows; row += tall * lanes<R, bytes>) {
      strip<bytes, tall>(w, row);
    }
    for (; row + lanes<R, bytes> <= w.rows; row += lanes<R, bytes>) {
      strip<bytes, 1>(w, row);
    }
    if constexpr (bytes > static_cast<int>(sizeof(R))) {
      remaining_rows<Strip, R, bytes / 2>(Strip{w}, row, w.rows);
    }
  }

 private:
  struct Strip {
    const RotationWave<R>& w;
    template <int bytes>
    [[gnu::always_inline]] void run(Index row) const noexcept {
      strip<bytes, 1>(w, row);
    }
  };

  // All rotations on the rows row .. row + tall lanes - 1. Before step t, x[i] holds column t - fused + 1 + i.
  template <int bytes, int tall>
  [[gnu::always_inline]] static void strip(const RotationWave<R>& w, Index row) noexcept {
    using P = Pack<R, bytes>;
    R* const base = w.columns + row;
    P x[std::size_t{fused + 1}][std::size_t{tall}];
    unrolled<fused + 1>([&](auto i) __attribute__((always_inline)) {
      unrolled<tall>([&](auto r) __attribute__((always_inline)) { x[i][r] = P{}; });
    });
    unrolled<tall>([&](auto r) __attribute__((always_inline)) {
      x[fused - 1][r] = load<bytes>(base + w.first * w.stride + r * lanes<R, bytes>);
    });

    // Sequence q rotates columns t - q and t - q + 1; at both ends of the wave some sequences have nothing to do.
    const auto step = [&](Index t, auto at_an_end) __attribute__((always_inline)) {
      if (!at_an_end || t < w.last) {
        unrolled<tall>([&](auto r) __attribute__((always_inline)) {
          x[fused][r] = load<bytes>(base + (t + 1) * w.stride + r * lanes<R, bytes>);
        });
      }
      unrolled<fused>([&](auto q) __attribute__((always_inline)) {
        const Index at = t - q;
        if (!at_an_end || (at >= w.first && at < w.last)) {
          const R s = w.sine[q][at * w.step], tau = w.tangent[q][at * w.step];
          unrolled<tall>([&](auto r) __attribute__((always_inline)) {
            const P a = x[fused - 1 - q][r], b = x[fused - q][r];
            x[fused - 1 - q][r] = a + s * (b - tau * a);
            x[fused - q][r] = b - s * (a + tau * b);
          });
        }
      });
      const Index done = t - fused + 1;
      if (!at_an_end || (done >= w.first && done <= w.last)) {
        unrolled<tall>([&](auto r) __attribute__((always_inline)) {
          store(base + done * w.stride + r * lanes<R, bytes>, x[0][r]);
        });
      }
      unrolled<fused>([&](auto i) __attribute__((always_inline)) {
        unrolled<tall>([&](auto r) __attribute__((always_inline)) { x[i][r] = x[i + 1][r]; });
      });
    };
    Index t = w.first;
    for (; t < std::min(w.first + fused - 1, w.last + fused); ++t) {
      step(t, std::true_type{});
    }
    for (; t < w.last; ++t) {
      step(t, std::false_type{});
    }
    for (; t < w.last + fused; ++t) {
      step(t, std::true_type{});
    }
  }
};

}  // namespace

template <RealScalar R>
RotationKernels<R> rotation_kernels(Processor processor) noexcept {
  return {compiled<Rotate<R>, void(R*, R*, Index, R, R)>(processor),
          compiled<Wave<R>, void(const RotationWave<R>&)>(processor)};
}

template RotationKernels<float> rotation_kernels(Processor) noexcept;
template RotationKernels<double> rotation_kernels(Processor) noexcept;

}  // namespace eckart::dense
