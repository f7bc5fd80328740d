#include "streams/test_vectors.hpp"

#include <algorithm>
#include <numbers>

#include <eckart/random.hpp>

namespace eckart::streams {

SparseSigns sparse_signs(std::uint64_t seed, TestMatrix matrix, Index index, Index size) noexcept {
  constexpr std::size_t words = 4;  // of a call of the generator
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto at = static_cast<std::uint64_t>(index), key = key_of(seed);
  SparseSigns signs{};
  std::array<std::uint32_t, words> block{};
  for (std::size_t z = 0; z < signs.size(); ++z) {
    if (z % words == 0) {
      block = philox({low(at), low(at >> 32U), static_cast<std::uint32_t>(z / words),
                      static_cast<std::uint32_t>(matrix)},
                     {low(key), low(key >> 32U)});
    }
    // Floyd: one of the first `last` + 1 places, or, where that is taken, place `last`.
    const std::uint32_t word = block[z % words];
    const auto last = static_cast<std::uint64_t>(size - sparsity) + z;
    const std::uint64_t drawn = (std::uint64_t{word >> 2U} * (last + 1)) >> 30U;
    const bool taken = std::any_of(signs.begin(), signs.begin() + static_cast<std::ptrdiff_t>(z),
                                   [drawn](SignedPlace p) { return place_of(p) == drawn; });
    signs[z] = low((taken ? last : drawn) << 2U) | (word & 3U);
  }
  return signs;
}

template <Scalar W>
void put_normal(std::uint64_t seed, Index index, std::span<W> to) noexcept {
  const Random random(key_of(seed), static_cast<std::uint64_t>(TestMatrix::probes));
  constexpr bool is_complex = ComplexScalar<W>;
  const std::size_t pairs = is_complex ? to.size() : (to.size() + 1) / 2;
  for (std::size_t p = 0; p < pairs; ++p) {
    const auto [x, y] = random.normal_pair(static_cast<std::uint64_t>(index) * pairs + p);
    if constexpr (is_complex) {
      to[p] = W(x, y) * (std::numbers::sqrt2 / 2);
    } else {
      to[2 * p] = x;
      if (2 * p + 1 < to.size()) {
        to[2 * p + 1] = y;
      }
    }
  }
}

template void put_normal<double>(std::uint64_t, Index, std::span<double>) noexcept;
template void put_normal<std::complex<double>>(std::uint64_t, Index,
                                               std::span<std::complex<double>>) noexcept;

}  // namespace eckart::streams
