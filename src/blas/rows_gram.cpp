#include "blas/rows_gram.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "blas/lapack.hpp"

namespace eckart::blas {
namespace {

// From here on the library's update is as fast.
constexpr Index most_rows = 256;

// Bytes of the columns that all tiles go over before the next ones are fetched: they stay in the second cache.
constexpr Index cached = 256 * 1024;

// Columns of a tile, and packs of its rows at the most: as many sums as leave registers for what is multiplied.
template <int bytes>
constexpr std::size_t width = bytes == 64 ? 8 : 4;
constexpr std::size_t height = 3;

// Bytes of a line of the cache.
constexpr Index line = 64;

// Entries beyond the last row that a tile may read.
template <class R>
constexpr Index beyond = static_cast<Index>(height * 64 / sizeof(R));

// c(i ..., j ...) += sum over k of  a(i ..., k) a(j ..., k), where i <= j, both below n.
template <class R, int bytes, std::size_t packs, std::size_t columns>
[[gnu::always_inline]] inline void tile(const R* a, Index lda, Index depth, Index i, Index j, R* c,
                                        Index ldc, Index n, Ahead& ahead) noexcept {
  constexpr Index lane_count = lanes<R, bytes>;
  Pack<R, bytes> sum[columns][packs] = {};
  const Index fetched = ahead.at < ahead.end ? line : 0;
  for (Index k = 0; k < depth; ++k) {
    __builtin_prefetch(ahead.at, 0, 2);
    ahead.at += fetched;
    const R *const rows = a + k * lda + i, *const across = a + k * lda + j;
    Pack<R, bytes> x[packs];
#pragma GCC unroll 4
    for (std::size_t p = 0; p < packs; ++p) {
      x[p] = load<bytes>(rows + static_cast<Index>(p) * lane_count);
    }
#pragma GCC unroll 8
    for (std::size_t l = 0; l < columns; ++l) {
      const R y = across[l];
#pragma GCC unroll 4
      for (std::size_t p = 0; p < packs; ++p) {
        sum[l][p] += x[p] * y;
      }
    }
  }
#pragma GCC unroll 8
  for (std::size_t l = 0; l < columns; ++l) {
    const Index at = j + static_cast<Index>(l);
#pragma GCC unroll 4
    for (std::size_t p = 0; p < packs; ++p) {
      const Index first = i + static_cast<Index>(p) * lane_count;
      R* const to = c + at * ldc + first;
      if (first + lane_count <= at + 1 && at < n) {
        store(to, load<bytes>(to) + sum[l][p]);
      } else if (at < n) {  // on the diagonal
        R part[static_cast<std::size_t>(lane_count)];
        store(part, sum[l][p]);
        for (Index r = 0; first + r <= at; ++r) {
          to[r] += part[r];
        }
      }
    }
  }
}

// The tiles of columns j, j + 1, ... down to the diagonal.
template <class R, int bytes, std::size_t columns>
[[gnu::always_inline]] inline void strip(const R* a, Index lda, Index depth, Index j, R* c,
                                         Index ldc, Index n, Ahead& ahead) noexcept {
  constexpr Index lane_count = lanes<R, bytes>;
  Index i = 0, left = (std::min(j + static_cast<Index>(columns), n) + lane_count - 1) / lane_count;
  for (; left >= static_cast<Index>(height); left -= static_cast<Index>(height)) {
    tile<R, bytes, height, columns>(a, lda, depth, i, j, c, ldc, n, ahead);
    i += static_cast<Index>(height) * lane_count;
  }
  if (left == 2) {
    tile<R, bytes, 2, columns>(a, lda, depth, i, j, c, ldc, n, ahead);
  } else if (left == 1) {
    tile<R, bytes, 1, columns>(a, lda, depth, i, j, c, ldc, n, ahead);
  }
}

// 2.
template <class R>
struct Tiles {
  template <int bytes>
  [[gnu::always_inline]] static void run(const R* a, Index lda, Index depth, R* c, Index ldc,
                                         Index n, Ahead& ahead) noexcept {
    constexpr std::size_t columns = width<bytes>;
    Index j = 0;
    for (; j + static_cast<Index>(columns / 2) < n; j += static_cast<Index>(columns)) {
      strip<R, bytes, columns>(a, lda, depth, j, c, ldc, n, ahead);
    }
    if (j < n) {
      strip<R, bytes, columns / 2>(a, lda, depth, j, c, ldc, n, ahead);
    }
  }
};

}  // namespace

template <Scalar T>
void add_gram_of_rows(ConstView<T> a, MatrixView<T> c, Ahead ahead, Processor processor) {
  const Index n = a.rows();
  if constexpr (!ComplexScalar<T>) {
    if (n > 0 && n < most_rows) {
      const auto tiles =
          compiled<Tiles<T>, void(const T*, Index, Index, T*, Index, Index, Ahead&)>(processor);
      const Index lda = a.col_stride(), ldc = c.col_stride();
      const Index copied = std::min(a.cols(), (beyond<T> + lda - 1) / lda),
                  rest = a.cols() - copied;
      const Index step = std::max<Index>(16, cached / static_cast<Index>(sizeof(T)) / n);
      for (Index k = 0; k < rest; k += step) {  // 1.
        tiles(a.data() + k * lda, lda, std::min(step, rest - k), c.data(), ldc, n, ahead);
      }
      const Index padded = n + beyond<T>;  // 3.
      std::vector<T> last(static_cast<std::size_t>(padded * copied));
      for (Index k = 0; k < copied; ++k) {
        std::copy_n(a.data() + (rest + k) * lda, n, last.data() + k * padded);
      }
      tiles(last.data(), padded, copied, c.data(), ldc, n, ahead);
      return;
    }
  }
  herk_of_rows<T>(a, 1, c);
}

#define ECKART_INSTANTIATE(T) \
  template void add_gram_of_rows<T>(ConstView<T>, MatrixView<T>, Ahead, Processor);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::blas
