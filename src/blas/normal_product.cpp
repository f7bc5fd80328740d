#include "blas/normal_product.hpp"

#include <algorithm>
#include <cstddef>

#include "blas/few_vectors.hpp"

namespace eckart::blas {
namespace {

// Vectors that are multiplied at a time: a pack of the widest processor.
template <class R>
constexpr Index group = 64 / static_cast<Index>(sizeof(R));

// Sums that the registers hold, in packs: columns of A in the first product, rows in the second.
template <int bytes>
constexpr std::size_t sums = bytes == 64 ? 16 : 12;

// Strips about this wide, an even number of them, since two threads have nothing else to share; each costs one more read and write of Z.
// Two of a matrix of fewer columns with so many entries.
constexpr Index strip_width = 512, most_strips = 16, entries_of_two = 100'000;

Index strip_count(Index m, Index n) {
  return n < 2 * strip_width ? (m * n < entries_of_two ? 1 : 2)
                             : std::min((n + strip_width) / (2 * strip_width) * 2, most_strips);
}

// Strips begin where a tile of columns does: those that are left over at the end of one go by twos. Where the strips are narrow, one
// tile more in one of them is worse than that.
constexpr Index strip_grain = 48, small_grain = 8;

Index strip_begin(Index n, Index strip, Index strips) {
  const Index grain = n < 2 * strip_width ? small_grain : strip_grain;
  return strip == strips ? n : n * strip / strips / grain * grain;
}

// A strip of A (m x cols) with X and Z in rows of group<R> entries.
template <class R>
struct Strip {
  const R* a;
  Index a_stride, m, cols;
  const R* x;
  R factor;
  R* w;  // rows of W, group<R> entries each
  R* z;
};

// Lanes [0, width) of the rows, where a pack is narrower than a row: one sweep a part.
template <class R, int bytes, std::size_t columns>
[[gnu::always_inline]] inline void down(const Strip<R>& s, Index j, Index part) noexcept {
  using P = Pack<R, bytes>;
  constexpr Index line = 64 / static_cast<Index>(sizeof(R));
  P sum[columns] = {};
  const R* const a = s.a + j * s.a_stride;
  const R* const x = s.x + part;
  const auto add_row = [&](Index p) __attribute__((always_inline)) {
    const P right = load<bytes>(x + p * group<R>);
#pragma GCC unroll 16
    for (std::size_t l = 0; l < columns; ++l) {
      sum[l] += right * a[static_cast<Index>(l) * s.a_stride + p];
    }
  };
  Index p = 0;
  for (; p + line <= s.m; p += line) {
    for (std::size_t l = p / line % 2 == 0 ? columns : 2 * columns; l < 2 * columns; ++l) {
      __builtin_prefetch(a + static_cast<Index>(l) * s.a_stride + p, 0, 2);
    }
    for (Index q = 0; q < line; ++q) {
      add_row(p + q);
    }
  }
  for (; p < s.m; ++p) {
    add_row(p);
  }
  for (std::size_t l = 0; l < columns; ++l) {
    store(s.w + (j + static_cast<Index>(l)) * group<R> + part, P(sum[l] * s.factor));
  }
}

template <class R, int bytes, std::size_t rows>
[[gnu::always_inline]] inline void add_rows(const Strip<R>& s, Index first, Index j, Index columns,
                                            Index part) noexcept {
  using P = Pack<R, bytes>;
  constexpr Index line = 64 / static_cast<Index>(sizeof(R));
  P sum[rows];
  R* const z = s.z + first * group<R> + part;
  for (std::size_t i = 0; i < rows; ++i) {
    sum[i] = load<bytes>(z + static_cast<Index>(i) * group<R>);
  }
  for (Index l = j; l < j + columns; ++l) {
    const P w = load<bytes>(s.w + l * group<R> + part);
    const R* const a = s.a + l * s.a_stride + first;
    __builtin_prefetch(a + columns * s.a_stride + line, 0, 2);
#pragma GCC unroll 16
    for (std::size_t i = 0; i < rows; ++i) {
      sum[i] += w * a[i];
    }
  }
  for (std::size_t i = 0; i < rows; ++i) {
    store(z + static_cast<Index>(i) * group<R>, sum[i]);
  }
}

template <class R>
struct MultiplyStrip {
  template <int bytes>
  [[gnu::always_inline]] static void run(const Strip<R>& s) noexcept {
    constexpr std::size_t tile = sums<bytes>;
    constexpr auto most = static_cast<Index>(tile);
    for (Index j = 0; j < s.cols; j += most) {
      const Index columns = std::min<Index>(most, s.cols - j);
      for (Index part = 0; part < group<R>; part += lanes<R, bytes>) {
        if (columns == most) {
          down<R, bytes, tile>(s, j, part);
        } else {
          for (Index l = j; l < s.cols; ++l) {
            down<R, bytes, 1>(s, l, part);
          }
        }
        Index i = 0;
        for (; i + most <= s.m; i += most) {
          add_rows<R, bytes, tile>(s, i, j, columns, part);
        }
        for (; i < s.m; ++i) {
          add_rows<R, bytes, 1>(s, i, j, columns, part);
        }
      }
    }
  }
};

// 1. Columns [first, first + group) of x as rows; zeros where it has no more.
template <class R>
void to_rows(MatrixView<const R> x, Index first, R* rows) {
  const Index count = std::min(group<R>, x.cols() - first);
  for (Index i = 0; i < x.rows(); ++i) {
    R* const row = rows + i * group<R>;
    for (Index l = 0; l < count; ++l) {
      row[l] = x(i, first + l);
    }
    std::fill(row + count, row + group<R>, R{0});
  }
}

// Entries [begin, end) of a column, from every `step`-th of those that lie from `from` on.
template <class R>
void put(const R* from, Index step, Index begin, Index end, bool accumulate, R* to) noexcept {
  for (Index i = begin; i < end; ++i) {
    to[i] = (accumulate ? to[i] : R{0}) + from[i * step];
  }
}

// Entries [begin, end) of the parts of Z, `size` entries each, are added in order to those of the first.
template <class R>
void add_parts(R* parts, Index count, Index size, Index begin, Index end) noexcept {
  for (Index part = 1; part < count; ++part) {
    for (Index i = begin; i < end; ++i) {
      parts[i] += parts[part * size + i];
    }
  }
}

// body(begin, end) for pieces of the rows, shared over the threads.
template <class Body>
void by_rows(const Execution& execution, Index rows, const Body& body) {
  constexpr Index some = 1024;
  parallel_for(execution, (rows + some - 1) / some,
               [&](Index piece) { body(piece * some, std::min(rows, (piece + 1) * some)); });
}

// A group of vectors, a lane each.
template <RealScalar R>
void multiply_group(const Execution& execution, R factor, MatrixView<const R> a,
                    MatrixView<const R> x, Index first, bool accumulate, MatrixView<R> w,
                    MatrixView<R> z, R* work, Processor processor) {
  const Index m = a.rows(), n = a.cols(), strips = strip_count(m, n), size = m * group<R>,
              count = std::min(group<R>, x.cols() - first);
  R* const x_rows = work;
  R* const w_rows = x_rows + size;
  R* const z_rows = w_rows + n * group<R>;
  const auto multiply = compiled<MultiplyStrip<R>, void(const Strip<R>&)>(processor);
  to_rows<R>(x, first, x_rows);                       // 1
  parallel_for(execution, strips, [&](Index strip) {  // 2
    const Index j = strip_begin(n, strip, strips), cols = strip_begin(n, strip + 1, strips) - j;
    R* const own = z_rows + strip * size;
    std::fill_n(own, size, R{0});
    multiply({a.col(j), a.col_stride(), m, cols, x_rows, factor, w_rows + j * group<R>, own});
    for (Index l = 0; l < count && !w.empty(); ++l) {
      put(w_rows + l, group<R>, j, j + cols, false, w.col(first + l));
    }
  });
  by_rows(execution, m, [&](Index begin, Index end) {  // 3
    add_parts(z_rows, strips, size, begin * group<R>, end * group<R>);
    for (Index l = 0; l < count; ++l) {
      put(z_rows + l, group<R>, begin, end, accumulate, z.col(first + l));
    }
  });
}

// Up to four vectors: few_vectors.hpp.
template <RealScalar R>
void multiply_few(const Execution& execution, R factor, MatrixView<const R> a,
                  MatrixView<const R> x, Index first, bool accumulate, MatrixView<R> w,
                  MatrixView<R> z, R* work, Processor processor) {
  const Index m = a.rows(), n = a.cols(), strips = strip_count(m, n),
              vectors = std::min(few_vectors, x.cols() - first), size = m * vectors;
  R* const x_columns = work;
  R* const w_rows = x_columns + size;
  R* const z_columns = w_rows + n * vectors;
  for (Index l = 0; l < vectors; ++l) {
    for (Index i = 0; i < m; ++i) {
      x_columns[l * m + i] = x(i, first + l);
    }
  }
  const auto multiply = few_vectors_kernel<R>(processor);
  parallel_for(execution, strips, [&](Index strip) {
    const Index j = strip_begin(n, strip, strips), cols = strip_begin(n, strip + 1, strips) - j;
    R* const own = z_columns + strip * size;
    std::fill_n(own, size, R{0});
    multiply({a.col(j), a.col_stride(), m, cols, x_columns, m, vectors, factor,
              w_rows + j * vectors, own});
    for (Index l = 0; l < vectors && !w.empty(); ++l) {
      put(w_rows + l, vectors, j, j + cols, false, w.col(first + l));
    }
  });
  by_rows(execution, m, [&](Index begin, Index end) {
    for (Index l = 0; l < vectors; ++l) {
      add_parts(z_columns, strips, size, l * m + begin, l * m + end);
      put(z_columns + l * m, 1, begin, end, accumulate, z.col(first + l));
    }
  });
}

template <RealScalar R>
void in_one_pass(const Execution& execution, R factor, MatrixView<const R> a, MatrixView<const R> x,
                 bool accumulate, MatrixView<R> w, MatrixView<R> z, std::span<R> work,
                 Processor processor) {
  for (Index first = 0; first < x.cols();) {
    // Half of a group is as fast by fours, or faster.
    const bool by_fours = x.cols() - first <= group<R> / 2;
    (by_fours ? multiply_few<R> : multiply_group<R>)(execution, factor, a, x, first, accumulate, w,
                                                     z, work.data(), processor);
    first += by_fours ? few_vectors : group<R>;
  }
}

}  // namespace

template <Scalar T>
Index normal_product_work(Index m, Index n) {
  return ComplexScalar<T> ? 0 : group<Real<T>> * (m * (1 + strip_count(m, n)) + n);
}

template <Scalar T>
void normal_product(const Execution& execution, Real<T> factor, ConstView<T> a, ConstView<T> x,
                    MatrixView<T> w, MatrixView<T> z, std::span<T> work, bool accumulate,
                    Processor processor) {
  if constexpr (RealScalar<T>) {
    in_one_pass<T>(execution, factor, a, x, accumulate, w, z, work, processor);
  } else {
    gemm<T>(execution, Op::adjoint, Op::none, T{factor}, a, x, T{0}, w);
    gemm<T>(execution, Op::none, Op::none, T{1}, a, w, accumulate ? T{1} : T{0}, z);
  }
}

#define ECKART_INSTANTIATE(T)                                                            \
  template Index normal_product_work<T>(Index, Index);                                   \
  template void normal_product<T>(const Execution&, Real<T>, ConstView<T>, ConstView<T>, \
                                  MatrixView<T>, MatrixView<T>, std::span<T>, bool, Processor);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::blas
