#include "blas/block_product.hpp"

#include <algorithm>
#include <vector>

#include "blas/tall_product.hpp"

namespace eckart::blas {
namespace {

// Columns of A that are multiplied together.
constexpr Index group = 8;

// Rows of a tile of Y: a page of each column, so that the table of pages serves a whole page; less where there are few rows to
// share out.
constexpr Index most_rows = 512, fewest_rows = 256, many_rows = 8192;

// A strip of columns is worth a thread from this many multiply-adds on (about 0.1 ms).
constexpr double minimal_work = 4e5;
constexpr Index most_strips = 64;

// Rows that are multiplied before the next in the inner products: so much of X stays in the first level of cache.
constexpr Index depth = 1024;

// A real matrix whose columns are contiguous.
template <class R>
struct Columns {
  const R* data;
  Index stride = 0;
  Index ahead = 0;  // from an entry to the one that is worth fetching now
};

// 16 registers hold one pack of each column of the group, 32 two.
template <int bytes>
constexpr std::size_t packs_for = bytes == 64 ? 2 : 1;

// y (rows x b, a pack-row after the other, b vectors in each) += A x for `columns` columns of A; x row by row.
template <class R, int bytes, std::size_t columns>
[[gnu::always_inline]] inline void add_columns(Columns<R> a, Index rows, const R* x, Index b,
                                               R* y) noexcept {
  using P = Pack<R, bytes>;
  constexpr std::size_t packs = packs_for<bytes>;
  constexpr Index step = lanes<R, bytes>, height = static_cast<Index>(packs) * step;
  for (Index i = 0; i < rows; i += height, y += height * b) {
    P left[columns][packs];
    for (std::size_t c = 0; c < columns; ++c) {
      const R* const from = a.data + static_cast<Index>(c) * a.stride + i;
      for (std::size_t p = 0; p < packs; ++p) {
        left[c][p] = load<bytes>(from + static_cast<Index>(p) * step);
        __builtin_prefetch(from + static_cast<Index>(p) * step + a.ahead);
      }
    }
    R* to = y;
    for (Index k = 0; k < b; ++k, to += height) {
      P sum[packs];
      for (std::size_t p = 0; p < packs; ++p) {
        sum[p] = load<bytes>(to + static_cast<Index>(p) * step);
      }
      for (std::size_t c = 0; c < columns; ++c) {
        const R right = x[static_cast<Index>(c) * b + k];
        for (std::size_t p = 0; p < packs; ++p) {
          sum[p] += left[c][p] * right;
        }
      }
      for (std::size_t p = 0; p < packs; ++p) {
        store(to + static_cast<Index>(p) * step, sum[p]);
      }
    }
  }
}

// The tile of Y for `rows` rows of A and all n columns.
template <class R>
struct TileOfProduct {
  template <int bytes>
  [[gnu::always_inline]] static void run(Columns<R> a, Index rows, Index n, const R* x, Index b,
                                         R* y) noexcept {
    constexpr Index height = static_cast<Index>(packs_for<bytes>) * lanes<R, bytes>;
    const Index whole = rows / height * height, left = rows - whole;
    R rest[static_cast<std::size_t>(group * height)];  // the last rows, filled up with zeros
    std::fill(rest, rest + group * height, R{0});
    Index j = 0;
    for (; j + group <= n; j += group) {
      const Columns<R> own{a.data + j * a.stride, a.stride, group * a.stride};
      add_columns<R, bytes, group>(own, whole, x + j * b, b, y);
      if (left > 0) {
        for (Index c = 0; c < group; ++c) {
          std::copy_n(own.data + c * a.stride + whole, left, rest + c * height);
        }
        add_columns<R, bytes, group>({rest, height}, height, x + j * b, b, y + whole * b);
      }
    }
    for (; j < n; ++j) {
      const Columns<R> own{a.data + j * a.stride, a.stride};
      add_columns<R, bytes, 1>(own, whole, x + j * b, b, y);
      if (left > 0) {
        std::copy_n(own.data + whole, left, rest);
        add_columns<R, bytes, 1>({rest, height}, height, x + j * b, b, y + whole * b);
      }
    }
  }
};

// y(j, k) += a_j^T x_k for `columns` columns of A and b vectors, `count` rows.
template <class R, int bytes, std::size_t columns, std::size_t b>
[[gnu::always_inline]] inline void inner(Columns<R> a, Columns<R> x, Index count, R* y,
                                         Index y_stride) noexcept {
  using P = Pack<R, bytes>;
  constexpr Index step = lanes<R, bytes>;
  P sum[columns][b] = {};
  Index i = 0;
  for (; i + step <= count; i += step) {
    P right[b];
    for (std::size_t k = 0; k < b; ++k) {
      right[k] = load<bytes>(x.data + static_cast<Index>(k) * x.stride + i);
    }
    for (std::size_t c = 0; c < columns; ++c) {
      const R* const from = a.data + static_cast<Index>(c) * a.stride + i;
      __builtin_prefetch(from + static_cast<Index>(columns) * a.stride);
      const P left = load<bytes>(from);
      for (std::size_t k = 0; k < b; ++k) {
        sum[c][k] += left * right[k];
      }
    }
  }
  for (std::size_t c = 0; c < columns; ++c) {
    for (std::size_t k = 0; k < b; ++k) {
      const auto cc = static_cast<Index>(c), kk = static_cast<Index>(k);
      R total = sum_of_lanes<R, bytes>(sum[c][k]);
      for (Index l = i; l < count; ++l) {
        total += a.data[cc * a.stride + l] * x.data[kk * x.stride + l];
      }
      y[cc + kk * y_stride] += total;
    }
  }
}

template <class R, std::size_t b>
struct InnerProducts {
  template <int bytes>
  [[gnu::always_inline]] static void run(Columns<R> a, Columns<R> x, Index m, Index n, R* y,
                                         Index y_stride) noexcept {
    constexpr std::size_t columns = 4;
    for (Index i = 0; i < m; i += depth) {
      const Index count = std::min(depth, m - i);
      const Columns<R> piece{x.data + i, x.stride};
      Index j = 0;
      for (; j + static_cast<Index>(columns) <= n; j += static_cast<Index>(columns)) {
        inner<R, bytes, columns, b>({a.data + j * a.stride + i, a.stride}, piece, count, y + j,
                                    y_stride);
      }
      for (; j < n; ++j) {
        inner<R, bytes, 1, b>({a.data + j * a.stride + i, a.stride}, piece, count, y + j, y_stride);
      }
    }
  }
};

Index strip_count(Index length, double work) {
  const auto by_work =
      static_cast<Index>(std::min(work / minimal_work, static_cast<double>(most_strips)));
  return std::max<Index>(1, std::min(by_work, length / 16));
}

double work_of(Index m, Index n, Index b) {
  return static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(b);
}

template <class T>
constexpr Index parts = ComplexScalar<T> ? 2 : 1;

template <Scalar T>
MatrixView<const Real<T>> as_reals(ConstView<T> a) {
  return {reinterpret_cast<const Real<T>*>(a.data()), parts<T> * a.rows(), a.cols(), 1,
          parts<T> * a.col_stride()};
}

template <Scalar T>
T maybe_conjugate(bool wanted, const T& x) noexcept {
  return wanted ? conjugate(x) : x;
}

// Y <- A X, or conj(A conj(X)).
template <Scalar T>
void plain_product(const Execution& execution, ConstView<T> a, bool conjugated, ConstView<T> x,
                   bool accumulate, MatrixView<T> y, const BlockProductOptions& options) {
  using R = Real<T>;
  const MatrixView<const R> reals = as_reals<T>(a);
  const Index m = reals.rows(), n = a.cols(), columns = x.cols(), b = parts<T> * columns;
  // 1. X row by row: the real parts of all vectors, then the imaginary ones.
  std::vector<R> packed(static_cast<std::size_t>(n * b));
  for (Index k = 0; k < columns; ++k) {
    for (Index j = 0; j < n; ++j) {
      const T value = maybe_conjugate(conjugated, x(j, k));
      R* const to = packed.data() + j * b + k;
      to[0] = real_part(value);
      if constexpr (ComplexScalar<T>) {
        to[columns] = value.imag();
      }
    }
  }
  // 2. Tiles of Y, then 3. their vectors where they belong.
  using Signature = void(Columns<R>, Index, Index, const R*, Index, R*);
  const auto multiply = compiled<TileOfProduct<R>, Signature>(options.processor);
  const Index vector = options.processor == Processor::avx512 ? 64
                       : options.processor == Processor::fma  ? 32
                                                              : 16;
  const Index height =
      vector / static_cast<Index>(sizeof(R)) * (options.processor == Processor::avx512 ? 2 : 1);
  const Index tile_rows = m >= many_rows ? most_rows : fewest_rows;
  parallel_for(execution, (m + tile_rows - 1) / tile_rows, [&](Index tile) {
    const Index first = tile * tile_rows, rows = std::min(tile_rows, m - first);
    std::vector<R> product(static_cast<std::size_t>((rows + height - 1) / height * height * b));
    multiply({reals.data() + first, reals.col_stride()}, rows, n, packed.data(), b, product.data());
    // A pack-row after the other: `height` entries of vector k.
    const auto packs = [&](Index i, Index k) {
      return product.data() + (i / height * b + k) * height;
    };
    for (Index k = 0; k < columns; ++k) {
      T* const to = y.col(k) + first / parts<T>;
      for (Index i = 0; i < rows; i += height) {
        const Index count = std::min(height, rows - i) / parts<T>;
        const R* const re = packs(i, k);
        const R* const im = ComplexScalar<T> ? packs(i, k + columns) : nullptr;
        for (Index l = 0; l < count; ++l) {
          T value;
          if constexpr (ComplexScalar<T>) {
            value = T(re[2 * l] - im[2 * l + 1], re[2 * l + 1] + im[2 * l]);
          } else {
            value = re[l];
          }
          value = maybe_conjugate(conjugated, value);
          T& entry = to[i / parts<T> + l];
          entry = accumulate ? entry + value : value;
        }
      }
    }
  });
}

// Y <- A^H X, or A^T X = conj(A^H conj(X)).
template <Scalar T>
void adjoint_product(const Execution& execution, ConstView<T> a, bool conjugated, ConstView<T> x,
                     bool accumulate, MatrixView<T> y, const BlockProductOptions& options) {
  using R = Real<T>;
  const MatrixView<const R> reals = as_reals<T>(a);
  const Index m = reals.rows(), n = a.cols(), columns = x.cols(), b = parts<T> * columns;
  // 1. [X, -i X] as reals.
  Matrix<R> aside;
  MatrixView<const R> v;
  if constexpr (ComplexScalar<T>) {
    aside = Matrix<R>::uninitialized(m, b);
    for (Index k = 0; k < columns; ++k) {
      for (Index i = 0; i < x.rows(); ++i) {
        const T value = maybe_conjugate(conjugated, x(i, k));
        aside(2 * i, k) = value.real();
        aside(2 * i + 1, k) = value.imag();
        aside(2 * i, k + columns) = value.imag();
        aside(2 * i + 1, k + columns) = -value.real();
      }
    }
    v = aside.view();
  } else {
    v = x;
  }
  // 2. The real inner products, n x b or its transpose.
  const bool by_inner = b <= 2;
  Matrix<R> product = by_inner ? Matrix<R>(n, b) : Matrix<R>::uninitialized(b, n);
  if (by_inner) {
    using Signature = void(Columns<R>, Columns<R>, Index, Index, R*, Index);
    const auto multiply = b == 1 ? compiled<InnerProducts<R, 1>, Signature>(options.processor)
                                 : compiled<InnerProducts<R, 2>, Signature>(options.processor);
    const Index strips = strip_count(n, work_of(m, n, b));
    parallel_for(execution, strips, [&](Index strip) {
      const Index first = n * strip / strips, count = n * (strip + 1) / strips - first;
      multiply({reals.col(first), reals.col_stride()}, {v.data(), v.col_stride()}, m, count,
               product.data() + first, std::max<Index>(n, 1));
    });
  } else {
    std::vector<R> work(static_cast<std::size_t>(tall_product_work<R>(m, b)));
    tall_product<R>(execution, Op::adjoint, v, reals, R{0}, product.view(), work,
                    options.processor);
  }
  // 3. Their places in Y.
  const MatrixView<const R> p = by_inner ? as_view(product) : as_view(product).transposed();
  for (Index k = 0; k < columns; ++k) {
    for (Index j = 0; j < n; ++j) {
      T value;
      if constexpr (ComplexScalar<T>) {
        value = maybe_conjugate(conjugated, T(p(j, k), p(j, k + columns)));
      } else {
        value = p(j, k);
      }
      y(j, k) = accumulate ? y(j, k) + value : value;
    }
  }
}

}  // namespace

template <Scalar T>
void block_product(const Execution& execution, Op op, ConstView<T> a, ConstView<T> x,
                   bool accumulate, MatrixView<T> y, const BlockProductOptions& options) {
  if (y.empty()) {
    return;
  }
  const Index inside = op == Op::none ? a.cols() : a.rows();
  if (inside == 0) {
    for (Index k = 0; k < (accumulate ? 0 : y.cols()); ++k) {
      std::fill_n(y.col(k), y.rows(), T{0});
    }
    return;
  }
  const bool row_major = a.row_stride() != 1;
  const bool regular = row_major ? a.transposed().is_column_major() : a.is_column_major();
  const bool conjugated_rows = row_major && op == Op::adjoint && ComplexScalar<T>;
  const bool for_gemm = parts<T> * x.cols() >= options.gemm_from ||
                        (op != Op::none && !row_major && a.cols() < 24) ||
                        (op == Op::none && row_major && a.rows() < 24);
  if (for_gemm && regular && !conjugated_rows) {
    gemm<T>(execution, op, Op::none, T{1}, a, x, accumulate ? T{1} : T{0}, y);
    return;
  }
  // A row-major A is the transpose of a column-major B: A X = B^T X, A^T X = B X, A^H X = conj(B) X.
  const ConstView<T> columns = row_major ? a.transposed() : a;
  if ((op == Op::none) != row_major) {
    plain_product<T>(execution, columns, row_major && op == Op::adjoint, x, accumulate, y, options);
  } else {
    const bool transpose = row_major || op == Op::transpose;
    adjoint_product<T>(execution, columns, transpose, x, accumulate, y, options);
  }
}

#define ECKART_INSTANTIATE(T)                                                            \
  template void block_product<T>(const Execution&, Op, ConstView<T>, ConstView<T>, bool, \
                                 MatrixView<T>, const BlockProductOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::blas
