#include "analysis/deviations.hpp"

#include <algorithm>
#include <cmath>

#include "blas/lapack.hpp"
#include "blas/rows_gram.hpp"
#include "core/simd.hpp"
#include "dense/columns.hpp"
#include "dense/tall/tall_rows.hpp"

namespace eckart::analysis {
namespace {

// Rows of a chunk: the library's rank-k update is at full speed, and the chunk in the cache.
constexpr Index chunk_rows = 512, most_leaves = 32;

// A pack of doubles from as many entries of either type.
template <int bytes, class R>
[[gnu::always_inline]] inline Pack<double, bytes> widened(const R* from) noexcept {
  constexpr int narrow = bytes * static_cast<int>(sizeof(R)) / static_cast<int>(sizeof(double));
  return __builtin_convertvector(load<narrow>(from), Pack<double, bytes>);
}

// Packs of a strip of columns that goes through all rows with its sums in registers.
constexpr std::size_t packs_of_strip = 8;

// Of the rows of a chunk, `stride` apart: the sums, or the rows less `shift` in `to`, which may be where they are, and the sums of those.
template <class R>
struct Rows {
  const R* from;
  Index stride, count, n;
  const double* shift;  // null: the sums alone
  double* to;           // n apart
  double* sums;
};

template <class R, bool shifts>
struct SumRows {
  template <int bytes>
  [[gnu::always_inline]] static void run(const Rows<R>& rows) noexcept {
    constexpr Index step = lanes<double, bytes>;
    Index j = 0;
    for (; j + step * static_cast<Index>(packs_of_strip) <= rows.n;
         j += step * static_cast<Index>(packs_of_strip)) {
      strip<bytes, packs_of_strip>(rows, j);
    }
    for (; j + step <= rows.n; j += step) {
      strip<bytes, 1>(rows, j);
    }
    for (; j < rows.n; ++j) {
      for (Index i = 0; i < rows.count; ++i) {
        double x = double{rows.from[i * rows.stride + j]};
        if constexpr (shifts) {
          x -= rows.shift[j];
          rows.to[i * rows.n + j] = x;
        }
        rows.sums[j] += x;
      }
    }
  }

  template <int bytes, std::size_t packs>
  [[gnu::always_inline]] static void strip(const Rows<R>& rows, Index first) noexcept {
    using P = Pack<double, bytes>;
    constexpr Index step = lanes<double, bytes>;
    P sum[packs] = {}, less[packs] = {};
    for (std::size_t p = 0; shifts && p < packs; ++p) {
      less[p] = load<bytes>(rows.shift + first + static_cast<Index>(p) * step);
    }
    for (Index i = 0; i < rows.count; ++i) {
#pragma GCC unroll 8
      for (std::size_t p = 0; p < packs; ++p) {
        const Index j = first + static_cast<Index>(p) * step;
        P x = widened<bytes>(rows.from + i * rows.stride + j);
        if constexpr (shifts) {
          x -= less[p];
          store(rows.to + i * rows.n + j, x);
        }
        sum[p] += x;
      }
    }
    for (std::size_t p = 0; p < packs; ++p) {
      store(rows.sums + first + static_cast<Index>(p) * step, sum[p]);
    }
  }
};

template <class R, bool shifts>
void sum_rows(const Rows<R>& rows) noexcept {
  static const auto kernel = compiled<SumRows<R, shifts>, void(const Rows<R>&)>();
  kernel(rows);
}

template <Scalar T>
Real<T>* reals(T* x) noexcept {
  return reinterpret_cast<Real<T>*>(x);
}
template <Scalar T>
const Real<T>* reals(const T* x) noexcept {
  return reinterpret_cast<const Real<T>*>(x);
}

// 1. The rows of a chunk, the columns of `from`, become deviations in `to`, which may be `from`; d and e are zeros before.
template <Scalar T>
void centre_chunk(MatrixView<const T> from, MatrixView<Wide<T>> to, Wide<T>* d,
                  Wide<T>* e) noexcept {
  using W = Wide<T>;
  constexpr Index parts = ComplexScalar<T> ? 2 : 1;
  const auto count = static_cast<double>(to.cols());
  const auto mean = [count](const W& sum) { return sum / count; };
  Rows<Real<T>> rows = {.from = reals(from.data()),
                        .stride = parts * from.col_stride(),
                        .count = to.cols(),
                        .n = parts * to.rows(),
                        .shift = nullptr,
                        .to = reals(to.data()),
                        .sums = reals(d)};
  sum_rows<Real<T>, false>(rows);
  std::transform(d, d + to.rows(), d, mean);
  rows.shift = reals(d);
  rows.sums = reals(e);
  sum_rows<Real<T>, true>(rows);
  std::transform(e, e + to.rows(), e, mean);
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
  constexpr bool widens = !std::is_same_v<T, W>;
  Matrix<T> narrow;
  if constexpr (widens) {
    narrow = Matrix<T>::uninitialized(n, leaves.chunks.cols());
  }
  leaves.dealt.for_each_chunk(execution, [&](Index leaf, Index first, Index count) {
    const MatrixView<W> chunk = leaves.chunk(leaf, count);
    MatrixView<const T> from = a.block(first, 0, count, n).transposed();
    if (exponent != 0 || from.row_stride() != 1) {  // otherwise it is centred where it stands
      const dense::TallRows<T> rows = {.given = from, .exponent = exponent};
      MatrixView<T> packed;
      if constexpr (widens) {
        packed = narrow.view().columns(leaf * rows_of_chunk, count);
      } else {
        packed = chunk;
      }
      rows.pack(0, packed);
      from = packed;
    }
    if (centre) {
      const Index c = first / rows_of_chunk;
      centre_chunk<T>(from, chunk, d.view().col(c), e.view().col(c));
    } else if (from.data() != static_cast<const void*>(chunk.data())) {
      dense::copy_columns(from, chunk);
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
