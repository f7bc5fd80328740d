#include "analysis/deviations.hpp"

#include <algorithm>
#include <cmath>

#include "blas/lapack.hpp"
#include "blas/rows_gram.hpp"
#include "core/simd.hpp"
#include "dense/tall/tall_rows.hpp"

namespace eckart::analysis {
namespace {

// Rows of a chunk: the library's rank-k update is at full speed, and the chunk in the cache.
constexpr Index chunk_rows = 512, most_leaves = 32;

// to <- from - shift, sums <- sums + to; from may be to.
struct Shift {
  template <int bytes>
  [[gnu::always_inline]] static void run(const double* from, double* to, Index n,
                                         const double* shift, double* sums) noexcept {
    Index j = 0;
    for (; j + lanes<double, bytes> <= n; j += lanes<double, bytes>) {
      const Pack<double, bytes> less = load<bytes>(from + j) - load<bytes>(shift + j);
      store(to + j, less);
      store(sums + j, load<bytes>(sums + j) + less);
    }
    for (; j < n; ++j) {
      to[j] = from[j] - shift[j];
      sums[j] += to[j];
    }
  }
};

template <class W>
double* reals(W* x) noexcept {
  return reinterpret_cast<double*>(x);
}
template <class W>
const double* reals(const W* x) noexcept {
  return reinterpret_cast<const double*>(x);
}

// 1. The rows of a chunk, the columns of `from`, become deviations in `to`, which may be `from`; d and e are zeros before.
template <class W>
void centre_chunk(MatrixView<const W> from, MatrixView<W> to, W* d, W* e) noexcept {
  static const auto shift =
      compiled<Shift, void(const double*, double*, Index, const double*, double*)>();
  const Index n = (ComplexScalar<W> ? 2 : 1) * to.rows();
  const auto count = static_cast<double>(to.cols());
  for (Index i = 0; i < to.cols(); ++i) {
    dense::add_scaled<double>(reals(from.col(i)), reals(d), n, 1.0);
  }
  std::transform(d, d + to.rows(), d, [count](const W& sum) { return sum / count; });
  for (Index i = 0; i < to.cols(); ++i) {
    shift(reals(from.col(i)), reals(to.col(i)), n, reals(d), reals(e));
  }
  std::transform(e, e + to.rows(), e, [count](const W& sum) { return sum / count; });
}

// The memory of a sum of rank-k updates, and of a chunk for each leaf.
template <class W>
struct Leaves {
  Leaves(Index m, Index n)
      : dealt(m, n, chunk_rows, most_leaves),
        sums(n, n * dealt.count),
        chunks(Matrix<W>::uninitialized(n, dealt.chunk * dealt.count)) {}
  MatrixView<W> chunk(Index leaf, Index count) {
    return chunks.view().columns(leaf * dealt.chunk, count);
  }
  MatrixView<W> sum(Index leaf) { return sums.view().columns(leaf * sums.rows(), sums.rows()); }
  // The sum over the leaves, in place of the first.
  MatrixView<W> total(const Execution& execution) {
    const Index n = sums.rows();
    dense::sum_leaves<W>(execution, {sums.data(), static_cast<std::size_t>(sums.cols() * n)}, n * n,
                         dealt.count);
    return sum(0);
  }

  dense::RowLeaves dealt;
  Matrix<W> sums, chunks;
};

}  // namespace

template <Scalar T>
void gram_of_deviations(const Execution& execution, MatrixView<const T> a, int exponent,
                        bool centre, std::span<Wide<T>> means, MatrixView<Wide<T>> g) {
  using W = Wide<T>;
  const Index m = a.rows(), n = a.cols();
  Leaves<W> leaves(m, n);
  const Index rows_of_chunk = leaves.dealt.chunk, chunks = (m + rows_of_chunk - 1) / rows_of_chunk;
  Matrix<W> d(n, centre ? chunks : 0), e(n, centre ? chunks : 0);
  Matrix<T> narrow;
  if constexpr (!std::is_same_v<T, W>) {
    narrow = Matrix<T>::uninitialized(n, leaves.chunks.cols());
  }
  leaves.dealt.for_each_chunk(execution, [&](Index leaf, Index first, Index count) {
    const MatrixView<W> chunk = leaves.chunk(leaf, count);
    const MatrixView<const T> given = a.block(first, 0, count, n).transposed();
    const dense::TallRows<T> rows = {.given = given, .exponent = exponent};
    MatrixView<const W> from = chunk;
    if constexpr (!std::is_same_v<T, W>) {
      const MatrixView<T> packed = narrow.view().columns(leaf * rows_of_chunk, count);
      rows.pack(0, packed);
      std::copy_n(packed.data(), n * count, chunk.data());
    } else if (centre && exponent == 0 && given.row_stride() == 1) {
      from = given;  // centred on the way, without a copy before
    } else {
      rows.pack(0, chunk);
    }
    if (centre) {
      const Index c = first / rows_of_chunk;
      centre_chunk<W>(from, chunk, d.view().col(c), e.view().col(c));
    }
    if (!g.empty()) {
      blas::add_gram_of_rows<W>(chunk, leaves.sum(leaf));  // 2.
    }
  });
  const MatrixView<W> within = leaves.total(execution);
  std::fill(means.begin(), means.end(), W{});
  if (centre) {  // 3.
    const auto rows_in = [&](Index c) {
      return static_cast<double>(std::min(rows_of_chunk, m - c * rows_of_chunk));
    };
    for (Index c = 0; c < chunks; ++c) {
      for (Index j = 0; j < n; ++j) {
        means[static_cast<std::size_t>(j)] += rows_in(c) * ((d(j, c) - d(j, 0)) + e(j, c));
      }
    }
    for (Index j = 0; j < n; ++j) {
      W& mean = means[static_cast<std::size_t>(j)];
      mean = d(j, 0) + mean / static_cast<double>(m);
    }
    for (Index c = 0; c < chunks; ++c) {
      for (Index j = 0; j < n; ++j) {
        d(j, c) =
            std::sqrt(rows_in(c)) * ((d(j, c) - means[static_cast<std::size_t>(j)]) + e(j, c));
      }
    }
    if (!g.empty()) {
      blas::herk_of_rows<W>(d.view(), 1, within);
    }
  }
  // A row as a column, x, adds x x^H: the transpose of what it adds to A^H A.
  for (Index j = 0; j < g.cols(); ++j) {
    for (Index i = 0; i < j; ++i) {
      g(j, i) = within(i, j);
      g(i, j) = conjugate(within(i, j));
    }
    g(j, j) = real_part(within(j, j));
  }
}

#define ECKART_INSTANTIATE(T)                                                           \
  template void gram_of_deviations<T>(const Execution&, MatrixView<const T>, int, bool, \
                                      std::span<Wide<T>>, MatrixView<Wide<T>>);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::analysis
