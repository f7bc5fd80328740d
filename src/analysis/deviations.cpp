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
constexpr Index chunk_rows = 256, most_leaves = 32;

// A pack of doubles from as many entries of either type.
template <int bytes, class R>
[[gnu::always_inline]] inline Pack<double, bytes> widened(const R* from) noexcept {
  constexpr int narrow = bytes * static_cast<int>(sizeof(R)) / static_cast<int>(sizeof(double));
  return __builtin_convertvector(load<narrow>(from), Pack<double, bytes>);
}

// Packs of the widest strip of columns; a strip goes through all rows with its sums in registers.
constexpr std::size_t most_packs = 8;

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
    Index j = 0;
    while (take<bytes, most_packs>(rows, j)) {
    }
    take<bytes, most_packs / 2>(rows, j);
    take<bytes, most_packs / 4>(rows, j);
    take<bytes, 1>(rows, j);
    if constexpr (bytes > 32) {
      take<32, 1>(rows, j);
    }
    if constexpr (bytes > 16) {
      take<16, 1>(rows, j);
    }
    take<8, 1>(rows, j);
  }

  // Goes on by a strip of so many packs, if there are columns for it.
  template <int bytes, std::size_t packs>
  [[gnu::always_inline]] static bool take(const Rows<R>& rows, Index& j) noexcept {
    constexpr Index columns = static_cast<Index>(packs) * lanes<double, bytes>;
    if (j + columns > rows.n) {
      return false;
    }
    strip<bytes, packs>(rows, j);
    j += columns;
    return true;
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

// The chunks of rows of a matrix, one leaf's after the other's. Each is as it is multiplied: rows side by side, 2^exponent times those of A.
template <Scalar T>
class Chunks {
  using W = Wide<T>;
  static constexpr bool widens = !std::is_same_v<T, W>;

 public:
  Chunks(MatrixView<const T> a, int exponent, Index most)
      : a_(a),
        exponent_(exponent),
        in_place_(exponent == 0 && a.col_stride() == 1),
        wide_(Matrix<W>::uninitialized(a.cols(), most)),
        packed_(Matrix<T>::uninitialized(a.cols(), widens && !in_place_ ? most : 0)) {}

  // The rows first, ... as columns, where they stand if they need not be copied.
  MatrixView<const T> rows(Index first, Index count) {
    const MatrixView<const T> given = a_.block(first, 0, count, a_.cols());
    if (in_place_) {
      return given.transposed();
    }
    MatrixView<T> to;
    if constexpr (widens) {
      to = packed_.view().columns(0, count);
    } else {
      to = deviations(count);
    }
    dense::TallRows<T>{.given = given, .exponent = exponent_}.pack(0, to.transposed());
    return to;
  }

  // Where the deviations of those rows stand.
  MatrixView<W> deviations(Index count) { return wide_.view().columns(0, count); }

  // The next ones, where they come from memory in one piece.
  blas::Ahead ahead(Index first, Index count) const {
    const Index next = first + count, left = std::min(count, a_.rows() - next);
    if (!in_place_ || left <= 0 || a_.row_stride() > 2 * a_.cols()) {
      return {};
    }
    const T* const from = a_.data() + next * a_.row_stride();
    return {reinterpret_cast<const char*>(from),
            reinterpret_cast<const char*>(from + (left - 1) * a_.row_stride() + a_.cols())};
  }

 private:
  MatrixView<const T> a_;
  int exponent_;
  bool in_place_;
  Matrix<W> wide_;
  Matrix<T> packed_;
};

}  // namespace

template <Scalar T>
void gram_of_deviations(const Execution& execution, MatrixView<const T> a, int exponent,
                        bool centre, std::span<Wide<T>> means, MatrixView<Wide<T>> g) {
  using W = Wide<T>;
  const Index m = a.rows(), n = a.cols();
  const dense::RowLeaves leaves(m, n, chunk_rows, most_leaves);
  const Index rows_of_chunk = leaves.chunk, chunks = (m + rows_of_chunk - 1) / rows_of_chunk;
  Matrix<W> d(n, centre ? chunks : 0), e(n, centre ? chunks : 0), sums(n, n * leaves.count);
  parallel_for(execution, leaves.count, [&](Index leaf) {
    Chunks<T> own(a, exponent, std::min(rows_of_chunk, m));
    const MatrixView<W> sum = sums.view().columns(leaf * n, n);
    leaves.for_chunks_of(execution, leaf, [&](Index first, Index count) {
      const MatrixView<const T> rows = own.rows(first, count);
      const MatrixView<W> chunk = own.deviations(count);
      if (centre) {
        const Index c = first / rows_of_chunk;
        centre_chunk<T>(rows, chunk, d.view().col(c), e.view().col(c));
      } else if (static_cast<const void*>(rows.data()) != chunk.data()) {
        dense::copy_columns(rows, chunk);
      }
      if (!g.empty()) {
        blas::add_gram_of_rows<W>(chunk, sum, own.ahead(first, count));  // 2.
      }
    });
  });
  dense::sum_leaves<W>(execution, {sums.data(), static_cast<std::size_t>(sums.cols() * n)}, n * n,
                       leaves.count);
  const MatrixView<W> within = sums.view().columns(0, n);
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
