#include "dense/tall/tall_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/simd.hpp"

namespace eckart::dense {
namespace {

// Rows and entries of a chunk; see RowLeaves.
constexpr Index least_chunk = 256, entries_of_chunk = 8192;

// For the threads, however short A is: their sums are no more than the SVD of R takes afterwards.
constexpr Index least_leaves = 4;

template <RealScalar R>
struct ScaledCopy {
  template <int bytes>
  [[gnu::always_inline]] static void run(const R* from, R* to, Index n, R half, R rest) noexcept {
    using Loose = LoosePack<R, bytes>;
    Index i = 0;
    for (; i + lanes<R, bytes> <= n; i += lanes<R, bytes>) {
      store(to + i, *reinterpret_cast<const Loose*>(from + i) * half * rest);
    }
    for (; i < n; ++i) {
      to[i] = from[i] * half * rest;
    }
  }
};

template <RealScalar R>
struct AddScaled {
  template <int bytes>
  [[gnu::always_inline]] static void run(const R* x, R* y, Index n, R factor) noexcept {
    using Loose = LoosePack<R, bytes>;
    Index i = 0;
    for (; i + lanes<R, bytes> <= n; i += lanes<R, bytes>) {
      store(y + i, *reinterpret_cast<const Loose*>(y + i) +
                       *reinterpret_cast<const Loose*>(x + i) * factor);
    }
    for (; i < n; ++i) {
      y[i] += x[i] * factor;
    }
  }
};

// Lines of the other direction that are read side by side, so that what is written is contiguous.
constexpr Index side_by_side = 8;

template <Scalar T, Index count>
void pack_lines(const T* from, Index row_stride, Index col_stride, MatrixView<T> to, Index first,
                Real<T> half, Real<T> rest) noexcept {
  for (Index j = 0; j < to.cols(); ++j) {
    const T* const source = from + j * col_stride;
    T* const target = to.col(j) + first;
    for (Index l = 0; l < count; ++l) {
      target[l] = source[l * row_stride] * half * rest;
    }
  }
}

// The lanes of a and b in turn, of their lower or upper halves.
template <Index half, class P, Index... l>
[[gnu::always_inline]] inline P zipped(const P& a, const P& b,
                                       std::integer_sequence<Index, l...>) noexcept {
  constexpr Index count = sizeof...(l);
  return __builtin_shufflevector(a, b, (half * count / 2 + l / 2 + l % 2 * count)...);
}

// Rows side by side in memory (rows x cols, `stride` apart) to columns: squares of a pack of packs are transposed in registers, by zipping
// the upper half of the packs with the lower one as often as halves can be taken.
template <RealScalar R>
struct PackRows {
  template <int bytes>
  [[gnu::always_inline]] static void run(const R* from, Index stride, Index rows, Index cols, R* to,
                                         Index to_stride, R half, R rest) noexcept {
    using P = Pack<R, bytes>;
    constexpr Index side = lanes<R, bytes>;
    constexpr auto count = static_cast<std::size_t>(side);
    using Lanes = std::make_integer_sequence<Index, side>;
    Index j = 0;
    for (; j + side <= cols; j += side) {
      Index i = 0;
      for (; i + side <= rows; i += side) {
        P x[count], y[count];
#pragma GCC unroll 16
        for (std::size_t l = 0; l < count; ++l) {
          x[l] = load<bytes>(from + (i + static_cast<Index>(l)) * stride + j) * half * rest;
        }
#pragma GCC unroll 4
        for (std::size_t zips = 1; zips < count; zips *= 2) {
#pragma GCC unroll 8
          for (std::size_t l = 0; l < count / 2; ++l) {
            y[2 * l] = zipped<0>(x[l], x[l + count / 2], Lanes{});
            y[2 * l + 1] = zipped<1>(x[l], x[l + count / 2], Lanes{});
          }
#pragma GCC unroll 16
          for (std::size_t l = 0; l < count; ++l) {
            x[l] = y[l];
          }
        }
#pragma GCC unroll 16
        for (std::size_t l = 0; l < count; ++l) {
          store(to + (j + static_cast<Index>(l)) * to_stride + i, x[l]);
        }
      }
      copy(from + j, stride, i, rows, side, to + j * to_stride, to_stride, half, rest);
    }
    copy(from + j, stride, 0, rows, cols - j, to + j * to_stride, to_stride, half, rest);
  }

  // Entries of the rows i, ... one by one.
  [[gnu::always_inline]] static void copy(const R* from, Index stride, Index i, Index rows,
                                          Index cols, R* to, Index to_stride, R half,
                                          R rest) noexcept {
    for (; i < rows; ++i) {
      for (Index j = 0; j < cols; ++j) {
        to[i + j * to_stride] = from[i * stride + j] * half * rest;
      }
    }
  }
};

// Eight sums side by side, so that additions overlap.
template <RealScalar R>
double sum_of_squares(const R* x, Index n) noexcept {
  std::array<double, 8> sums{};
  Index i = 0;
  for (; i + 8 <= n; i += 8) {
    for (std::size_t l = 0; l < 8; ++l) {
      const auto entry = static_cast<double>(x[i + static_cast<Index>(l)]);
      sums[l] += entry * entry;
    }
  }
  double total = 0;
  for (; i < n; ++i) {
    total += double{x[i]} * double{x[i]};
  }
  for (const double sum : sums) {
    total += sum;
  }
  return total;
}

}  // namespace

template <Scalar T>
void TallRows<T>::pack(Index first, MatrixView<T> to) const noexcept {
  using R = Real<T>;
  static const auto copy = compiled<ScaledCopy<R>, void(const R*, R*, Index, R, R)>();
  constexpr Index parts = ComplexScalar<T> ? 2 : 1;
  if (to.row_stride() != 1) {  // rows are the columns of the transpose
    const MatrixView<T> lines = to.transposed();
    TallRows{given.block(first, 0, to.rows(), to.cols()).transposed(), exponent, conjugated}.pack(
        0, lines);
    for (Index i = 0; means != nullptr && i < lines.cols(); ++i) {
      std::transform(lines.col(i), lines.col(i) + lines.rows(), means, lines.col(i),
                     std::minus<>());
    }
    return;
  }
  // 2^exponent itself may leave the range, so it is applied in two halves, as copy_scaled does.
  const R half = std::ldexp(R{1}, exponent / 2), rest = std::ldexp(R{1}, exponent - exponent / 2);
  const Index count = to.rows(), row_stride = given.row_stride(), col_stride = given.col_stride();
  const T* const from = given.data() + first * row_stride;
  if (row_stride == 1) {
    for (Index j = 0; j < to.cols(); ++j) {
      copy(reinterpret_cast<const R*>(from + j * col_stride), reinterpret_cast<R*>(to.col(j)),
           parts * count, half, rest);
    }
  } else if (RealScalar<T> && col_stride == 1) {
    static const auto transpose =
        compiled<PackRows<R>, void(const R*, Index, Index, Index, R*, Index, R, R)>();
    transpose(reinterpret_cast<const R*>(from), row_stride, count, to.cols(),
              reinterpret_cast<R*>(to.data()), to.col_stride(), half, rest);
  } else {
    Index i = 0;
    for (; i + side_by_side <= count; i += side_by_side) {
      pack_lines<T, side_by_side>(from + i * row_stride, row_stride, col_stride, to, i, half, rest);
    }
    for (; i < count; ++i) {
      pack_lines<T, 1>(from + i * row_stride, row_stride, col_stride, to, i, half, rest);
    }
  }
  if constexpr (ComplexScalar<T>) {
    if (conjugated) {
      for (Index j = 0; j < to.cols(); ++j) {
        std::transform(to.col(j), to.col(j) + count, to.col(j), conjugate<T>);
      }
    }
  }
  if (means != nullptr) {
    for (Index j = 0; j < to.cols(); ++j) {
      std::for_each_n(to.col(j), count, [mean = means[j]](T& entry) { entry -= mean; });
    }
  }
}

RowLeaves::RowLeaves(Index m, Index n, Index chunk_rows, Index most_leaves) noexcept
    : rows(m), chunk(chunk_rows > 0 ? chunk_rows : std::max(least_chunk, entries_of_chunk / n)) {
  const Index chunks = (m + chunk - 1) / chunk;
  count = std::min({std::max(m / (4 * n), least_leaves), most_leaves, chunks});
}

void RowLeaves::for_each_chunk(const Execution& execution,
                               const std::function<void(Index, Index, Index)>& body) const {
  parallel_for(execution, count, [&](Index leaf) {
    for_chunks_of(execution, leaf,
                  [&](Index first, Index chunk_rows) { body(leaf, first, chunk_rows); });
  });
}

template <RealScalar R>
void add_scaled(const R* x, R* y, Index n, R factor) noexcept {
  static const auto function = compiled<AddScaled<R>, void(const R*, R*, Index, R)>();
  function(x, y, n, factor);
}

template <Scalar T>
void add_column_squares(MatrixView<const T> a, double* sums) noexcept {
  constexpr Index parts = ComplexScalar<T> ? 2 : 1;
  for (Index j = 0; j < a.cols(); ++j) {
    sums[j] += sum_of_squares(reinterpret_cast<const Real<T>*>(a.col(j)), parts * a.rows());
  }
}

double norm_of_columns(std::span<double> sums, Index p, Index leaves, bool all) noexcept {
  sum_leaves<double>(sums, p, leaves);
  double largest = 0, total = 0;
  for (const double sum : sums.first(static_cast<std::size_t>(p))) {
    largest = std::max(largest, sum);
    total += sum;
  }
  return std::sqrt(all || std::isnan(total) ? total : largest);
}

template void add_scaled(const float*, float*, Index, float) noexcept;
template void add_scaled(const double*, double*, Index, double) noexcept;
template void add_column_squares(MatrixView<const float>, double*) noexcept;
template void add_column_squares(MatrixView<const double>, double*) noexcept;
template void add_column_squares(MatrixView<const std::complex<float>>, double*) noexcept;
template void add_column_squares(MatrixView<const std::complex<double>>, double*) noexcept;

template struct TallRows<float>;
template struct TallRows<double>;
template struct TallRows<std::complex<float>>;
template struct TallRows<std::complex<double>>;

}  // namespace eckart::dense
