#include <algorithm>
#include <cmath>
#include <numbers>

#include <eckart/random.hpp>

#include "core/simd.hpp"

namespace eckart {
namespace {

constexpr std::uint64_t multiplier0 = 0xD2511F53, multiplier1 = 0xCD9E8D57;
constexpr std::uint32_t weyl0 = 0x9E3779B9, weyl1 = 0xBB67AE85;
constexpr int rounds = 10;

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) noexcept {
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t p0 = multiplier0 * counter[0];
    const std::uint64_t p1 = multiplier1 * counter[2];
    counter = {
        static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(p1),
        static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(p0)};
    key[0] += weyl0;
    key[1] += weyl1;
  }
  return counter;
}

namespace {

// The 128-bit block `index` of a stream, as two 64-bit words.
std::array<std::uint64_t, 2> words(std::uint64_t seed, std::uint64_t stream,
                                   std::uint64_t index) noexcept {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  const auto b =
      philox({low(index), high(index), low(stream), high(stream)}, {low(seed), high(seed)});
  return {b[0] | std::uint64_t{b[1]} << 32, b[2] | std::uint64_t{b[3]} << 32};
}

// Uniform in (0, 1): 52 bits and a half, so that neither end is hit.
double unit_interval(std::uint64_t word) noexcept {
  return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52;
}

// A point of the plane whose coordinates are standard normal.
struct Polar {
  double radius, angle;
};
Polar normal_point(const std::array<std::uint64_t, 2>& w) noexcept {
  return {std::sqrt(-2 * std::log(unit_interval(w[0]))),
          2 * std::numbers::pi * unit_interval(w[1])};
}

// Random::uniform_pair(first + i) - 1/2 for 0 <= i < pairs_together, a block in each lane: the same numbers bit for bit, as
// every step is exact.
constexpr Index pairs_together = 8;

struct CentredPairs {
  template <int bytes>
  [[gnu::always_inline]] static void run(std::uint64_t seed, std::uint64_t stream,
                                         std::uint64_t first, double* x, double* y) noexcept {
    using Words = Pack<std::uint64_t, bytes>;
    using Reals = Pack<double, bytes>;
    constexpr Index width = lanes<double, bytes>;
    constexpr std::uint64_t low = 0xFFFFFFFF;
    for (Index done = 0; done < pairs_together; done += width) {
      Words block{};
      for (Index l = 0; l < width; ++l) {
        block[static_cast<std::size_t>(l)] = first + static_cast<std::uint64_t>(done + l);
      }
      Words c0 = block & low, c1 = block >> 32, c2 = Words{} + (stream & low),
            c3 = Words{} + (stream >> 32);
      auto key0 = static_cast<std::uint32_t>(seed), key1 = static_cast<std::uint32_t>(seed >> 32);
      for (int round = 0; round < rounds; ++round) {
        const Words p0 = c0 * multiplier0, p1 = c2 * multiplier1;
        c0 = (p1 >> 32) ^ c1 ^ std::uint64_t{key0};
        c2 = (p0 >> 32) ^ c3 ^ std::uint64_t{key1};
        c1 = p1 & low;
        c3 = p0 & low;
        key0 += weyl0;
        key1 += weyl1;
      }
      // 52 bits as the fraction of a number in [1, 2), and half a bit more.
      constexpr std::uint64_t exponent_of_1 = std::uint64_t{0x3FF} << 52;
      const auto put = [](double* to, const Words& word) __attribute__((always_inline)) {
        const Words bits = (word >> 12) | exponent_of_1;
        store(to, reinterpret_cast<const Reals&>(bits) - 1.5 + 0x1p-53);
      };
      put(x + done, c0 | c1 << 32);
      put(y + done, c2 | c3 << 32);
    }
  }
};

}  // namespace

double Random::uniform(std::uint64_t i) const noexcept {
  return unit_interval(words(seed_, stream_, i / 2)[i % 2]);
}

std::array<double, 2> Random::uniform_pair(std::uint64_t i) const noexcept {
  const auto w = words(seed_, stream_, i);
  return {unit_interval(w[0]), unit_interval(w[1])};
}

double Random::normal(std::uint64_t i) const noexcept {
  const auto [radius, angle] = normal_point(words(seed_, stream_, i / 2));
  return i % 2 == 0 ? radius * std::cos(angle) : radius * std::sin(angle);
}

std::array<double, 2> Random::normal_pair(std::uint64_t i) const noexcept {
  const auto [radius, angle] = normal_point(words(seed_, stream_, i));
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

std::uint64_t Random::below(std::uint64_t i, std::uint64_t bound) const noexcept {
  // Multiply and shift (Lemire 2019): the high word of word * bound.
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(Wide{words(seed_, stream_, i / 2)[i % 2]} * bound >> 64);
}

template <Scalar T>
void fill_normal(MatrixView<T> a, const Random& random) noexcept {
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      const auto at = static_cast<std::uint64_t>(i + j * a.rows());
      if constexpr (ComplexScalar<T>) {
        a(i, j) = T(static_cast<Real<T>>(random.normal(2 * at) * std::numbers::sqrt2 / 2),
                    static_cast<Real<T>>(random.normal(2 * at + 1) * std::numbers::sqrt2 / 2));
      } else {
        a(i, j) = static_cast<T>(random.normal(at));
      }
    }
  }
}

template <Scalar T>
void fill_uniform(MatrixView<T> a, const Random& random) noexcept {
  using R = Real<T>;
  constexpr double width = std::numbers::sqrt3 * (ComplexScalar<T> ? std::numbers::sqrt2 : 2);
  const auto pairs =
      compiled<CentredPairs, void(std::uint64_t, std::uint64_t, std::uint64_t, double*, double*)>();
  // Two numbers a block: two entries of a column, or the parts of a complex one.
  const Index pairs_of_column = ComplexScalar<T> ? a.rows() : (a.rows() + 1) / 2;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index done = 0; done < pairs_of_column; done += pairs_together) {
      std::array<double, pairs_together> x, y;
      pairs(random.seed(), random.stream(), static_cast<std::uint64_t>(j * pairs_of_column + done),
            x.data(), y.data());
      const Index count = std::min(pairs_together, pairs_of_column - done);
      for (Index q = 0; q < count; ++q) {
        const auto at = static_cast<std::size_t>(q);
        const R first = static_cast<R>(width * x[at]), second = static_cast<R>(width * y[at]);
        if constexpr (ComplexScalar<T>) {
          a(done + q, j) = T(first, second);
        } else {
          const Index i = 2 * (done + q);
          a(i, j) = first;
          if (i + 1 < a.rows()) {
            a(i + 1, j) = second;
          }
        }
      }
    }
  }
}

template void fill_normal(MatrixView<float>, const Random&) noexcept;
template void fill_normal(MatrixView<double>, const Random&) noexcept;
template void fill_normal(MatrixView<std::complex<float>>, const Random&) noexcept;
template void fill_normal(MatrixView<std::complex<double>>, const Random&) noexcept;
template void fill_uniform(MatrixView<float>, const Random&) noexcept;
template void fill_uniform(MatrixView<double>, const Random&) noexcept;
template void fill_uniform(MatrixView<std::complex<float>>, const Random&) noexcept;
template void fill_uniform(MatrixView<std::complex<double>>, const Random&) noexcept;

}  // namespace eckart
