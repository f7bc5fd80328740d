#pragma once

// The columns of a sketch's test matrices, each a function of the seed and its number alone, so that a matrix may come in any order.
//
// Sparse signs: `sparsity` places of d, every set of them as likely as every other (Floyd's sampling: Bentley, Floyd, Comm. ACM 30(9),
// 1987), and at each of them +1 or -1; for complex entries +1, i, -1 or -i, so that E x^2 = 0 as for complex normal numbers. Two calls of
// the generator for eight places. Gaussian: E|x|^2 = 1.
//
// They are drawn under a key of their own: a matrix that was made from the same seed, as by `eckart gen --seed 7`, has nothing in common
// with them, least of all with the test sketch, on whose independence every bound rests.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <eckart/matrix.hpp>

namespace eckart::streams {

/// Nonzero entries of a column; the d of a sketch is no less. Eight are what the literature settles on: Tropp et al.
/// 2019, section 3.9.
inline constexpr Index sparsity = 8;

/// What random numbers of a sketch are drawn with.
[[nodiscard]] constexpr std::uint64_t key_of(std::uint64_t seed) noexcept {
  return seed ^ 0x736b'6574'6368'6573;
}

/// A place of d < 2^24, times four, and the power of i there.
using SignedPlace = std::uint32_t;
using SparseSigns = std::array<SignedPlace, sparsity>;

[[nodiscard]] constexpr std::size_t place_of(SignedPlace p) noexcept {
  return p >> 2U;
}
[[nodiscard]] constexpr std::size_t turn_of(SignedPlace p) noexcept {
  return p & 3U;
}

/// The four that x can become.
template <Scalar W>
[[nodiscard]] inline std::array<W, 4> turned(W x) noexcept {
  if constexpr (ComplexScalar<W>) {
    const W ix(-x.imag(), x.real());
    return {x, ix, -x, -ix};
  } else {
    return {x, -x, x, -x};
  }
}

/// to[p] += sign_p x
template <Scalar W>
inline void add_signed(W* to, const SparseSigns& signs, W x) noexcept {
  const std::array<W, 4> values = turned(x);
  for (const SignedPlace p : signs) {
    to[place_of(p)] += values[turn_of(p)];
  }
}

/// to += factor x, for `count` numbers.
template <Scalar W>
inline void add_multiple(W factor, const W* x, W* to, Index count) noexcept {
  if constexpr (ComplexScalar<W>) {
    const double re = factor.real(), im = factor.imag();
    const auto* from = reinterpret_cast<const double*>(x);
    auto* sums = reinterpret_cast<double*>(to);
    for (Index p = 0; p < 2 * count; p += 2) {
      sums[p] += re * from[p] - im * from[p + 1];
      sums[p + 1] += re * from[p + 1] + im * from[p];
    }
  } else {
    for (Index p = 0; p < count; ++p) {
      to[p] += factor * x[p];
    }
  }
}

enum class TestMatrix : std::uint32_t {
  co_range = 0,
  range = 1,
  core_rows = 2,
  core_cols = 3,
  probes = 4
};

/// The test matrices of the rows of A, or of its columns.
struct SideMatrices {
  TestMatrix range, core;
};
inline constexpr SideMatrices row_side{TestMatrix::co_range, TestMatrix::core_rows};
inline constexpr SideMatrices col_side{TestMatrix::range, TestMatrix::core_cols};

/// Column `index` of a sparse sign matrix of `size` rows.
[[nodiscard]] SparseSigns sparse_signs(std::uint64_t seed, TestMatrix matrix, Index index,
                                       Index size) noexcept;

/// Column `index` of Theta, q x 1.
template <Scalar W>
void put_normal(std::uint64_t seed, Index index, std::span<W> to) noexcept;

/// The columns of the two sparse matrices of one side of A, made once for a side that is swept again and again.
struct SignTable {
  std::vector<SparseSigns> range, core;
};

}  // namespace eckart::streams
