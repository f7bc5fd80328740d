#include "streams/sign_kernels.hpp"

#include <array>

#include "core/simd.hpp"

namespace eckart::streams {
namespace {

template <int bytes>
[[gnu::always_inline]] inline void add(double factor, const double* from, double* to,
                                       Index length) noexcept {
  for (Index l = 0; l < length; l += lanes<double, bytes>) {
    store(to + l, load<bytes>(to + l) + factor * load<bytes>(from + l));
  }
}

struct SignedVectors {
  template <int bytes>
  [[gnu::always_inline]] static void run(const SparseSigns* signs, Index count, const double* lines,
                                         double* sums, Index length, Index planes) noexcept {
    // i^t x = (sign_re a, sign_im b), where a and b are the parts of x, exchanged for odd t; the sign of a real one is that of its t's parity.
    constexpr std::array<double, 4> real = {1, -1, 1, -1}, of_re = {1, -1, -1, 1},
                                    of_im = {1, 1, -1, -1};
    for (Index i = 0; i < count; ++i) {
      const double* const line = lines + i * planes * length;
      for (const SignedPlace p : signs[i]) {
        double* const to = sums + static_cast<Index>(place_of(p)) * planes * length;
        const std::size_t turn = turn_of(p);
        if (planes == 1) {
          add<bytes>(real[turn], line, to, length);
          continue;
        }
        const Index exchanged = turn % 2 == 1 ? length : 0;
        add<bytes>(of_re[turn], line + exchanged, to, length);
        add<bytes>(of_im[turn], line + length - exchanged, to + length, length);
      }
    }
  }
};

struct Multiples {
  template <int bytes>
  [[gnu::always_inline]] static void run(const double* factors, Index q, Index count,
                                         const double* lines, double* sums, Index length,
                                         Index planes) noexcept {
    for (Index i = 0; i < count; ++i) {
      const double* const line = lines + i * planes * length;
      const double* const factor = factors + i * planes * q;
      for (Index p = 0; p < q; ++p) {
        double* const to = sums + p * planes * length;
        if (planes == 1) {
          add<bytes>(factor[p], line, to, length);
          continue;
        }
        const double re = factor[2 * p], im = factor[2 * p + 1];
        add<bytes>(re, line, to, length);
        add<bytes>(-im, line + length, to, length);
        add<bytes>(re, line + length, to + length, length);
        add<bytes>(im, line, to + length, length);
      }
    }
  }
};

}  // namespace

AddSignedVectors add_signed_vectors() noexcept {
  return compiled<SignedVectors,
                  void(const SparseSigns*, Index, const double*, double*, Index, Index)>();
}

AddMultiples add_multiples() noexcept {
  return compiled<Multiples,
                  void(const double*, Index, Index, const double*, double*, Index, Index)>();
}

}  // namespace eckart::streams
