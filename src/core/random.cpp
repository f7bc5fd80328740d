#include <cmath>
#include <numbers>

#include <eckart/random.hpp>

namespace eckart {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) noexcept {
  constexpr std::uint64_t multiplier0 = 0xD2511F53, multiplier1 = 0xCD9E8D57;
  constexpr std::uint32_t weyl0 = 0x9E3779B9, weyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
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

}  // namespace

double Random::uniform(std::uint64_t i) const noexcept {
  return unit_interval(words(seed_, stream_, i / 2)[i % 2]);
}

std::array<double, 2> Random::uniform_pair(std::uint64_t i) const noexcept {
  const auto w = words(seed_, stream_, i);
  return {unit_interval(w[0]), unit_interval(w[1])};
}

double Random::normal(std::uint64_t i) const noexcept {
  const auto w = words(seed_, stream_, i / 2);
  const double radius = std::sqrt(-2 * std::log(unit_interval(w[0])));
  const double angle = 2 * std::numbers::pi * unit_interval(w[1]);
  return i % 2 == 0 ? radius * std::cos(angle) : radius * std::sin(angle);
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
  const auto entry = [](double unit) { return static_cast<R>(width * (unit - 0.5)); };
  // Two numbers a block: two entries of a column, or the parts of a complex one.
  for (Index j = 0; j < a.cols(); ++j) {
    const Index pairs_before = j * (ComplexScalar<T> ? a.rows() : (a.rows() + 1) / 2);
    for (Index i = 0; i < a.rows(); i += ComplexScalar<T> ? 1 : 2) {
      const auto pair = static_cast<std::uint64_t>(pairs_before + (ComplexScalar<T> ? i : i / 2));
      const auto [first, second] = random.uniform_pair(pair);
      if constexpr (ComplexScalar<T>) {
        a(i, j) = T(entry(first), entry(second));
      } else {
        a(i, j) = entry(first);
        if (i + 1 < a.rows()) {
          a(i + 1, j) = entry(second);
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
