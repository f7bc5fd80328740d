#pragma once

// Random numbers by counter: value number i of stream s under a seed is a pure function of (seed,
// s, i), so it does not depend on how many threads draw, nor in which order, and any single value
// can be had without those before it.
//
// Generator: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2,
// 3", SC 2011, section 4.3). One call of philox() costs ten rounds of two 32 x 32 bit products and
// gives four 32-bit words.

#include <array>
#include <cstdint>

#include <eckart/matrix.hpp>
#include <eckart/types.hpp>

namespace eckart {

/// Philox4x32-10: the block of four words that `counter` gives under `key`.
[[nodiscard]] std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key) noexcept;

/// A stream of random numbers, addressed by index. Copying it is free; it has no state.
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed, std::uint64_t stream = 0) noexcept
      : seed_(seed), stream_(stream) {}

  /// Number i, uniform in the open interval (0, 1), with 52 random bits.
  [[nodiscard]] double uniform(std::uint64_t i) const noexcept;

  /// Numbers 2i and 2i + 1 at the price of one.
  [[nodiscard]] std::array<double, 2> uniform_pair(std::uint64_t i) const noexcept;

  /// Number i, standard normal (Box and Muller 1958; both values of a pair are used: 2j and 2j +
  /// 1).
  [[nodiscard]] double normal(std::uint64_t i) const noexcept;

  /// Numbers 2i and 2i + 1 of normal() at the price of one.
  [[nodiscard]] std::array<double, 2> normal_pair(std::uint64_t i) const noexcept;

  /// Number i, uniform in {0, ..., bound - 1}; bound > 0. The bias is below bound / 2^64.
  [[nodiscard]] std::uint64_t below(std::uint64_t i, std::uint64_t bound) const noexcept;

  [[nodiscard]] constexpr std::uint64_t seed() const noexcept { return seed_; }
  [[nodiscard]] constexpr std::uint64_t stream() const noexcept { return stream_; }

  /// Another, independent stream under the same seed.
  [[nodiscard]] constexpr Random stream(std::uint64_t s) const noexcept { return Random(seed_, s); }

 private:
  std::uint64_t seed_, stream_;
};

/// Fills `a` with standard normal entries; a complex entry has independent normal parts scaled to
/// E|x|^2 = 1. Entry (i, j) depends on the stream, on i, j and a.rows() alone.
template <Scalar T>
void fill_normal(MatrixView<T> a, const Random& random) noexcept;

/// Fills `a` with independent uniform entries of mean 0 and E|x|^2 = 1: reals in (-sqrt(3), sqrt(3)), both parts of a complex
/// one in (-sqrt(3/2), sqrt(3/2)). Several times cheaper than normal ones. Entry (i, j) depends on the stream, on i, j and
/// a.rows() alone.
template <Scalar T>
void fill_uniform(MatrixView<T> a, const Random& random) noexcept;

}  // namespace eckart
