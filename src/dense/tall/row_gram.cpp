#include "dense/tall/row_gram.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "blas/lapack.hpp"
#include "blas/rows_gram.hpp"
#include "dense/columns.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

// Below this many columns the library's product of small complex matrices beats its rank-k update, though it computes both triangles.
constexpr Index narrow_gram = 64;

// Columns of a triangular solution that are one piece for the threads.
constexpr Index solved_strip = 64;

// The upper triangle of g <- g + A^H A.
template <Scalar T>
void add_gram(MatrixView<const T> a, MatrixView<T> g) {
  if (by_rows<T>(a.cols())) {
    blas::add_gram_of_rows<T>(a.transposed(), g);
  } else if (a.cols() < narrow_gram) {
    blas::gemm<T>(Op::adjoint, Op::none, T(1), a, a, T(1), g);
  } else {
    blas::herk<T>(a, Real<T>{1}, g);
  }
}

// body(first, count) for strips of n columns.
template <class Body>
void for_each_strip(const Execution& execution, Index n, const Body& body) {
  parallel_for(execution, (n + solved_strip - 1) / solved_strip, [&](Index i) {
    body(i * solved_strip, std::min(solved_strip, n - i * solved_strip));
  });
}

}  // namespace

template <Scalar T>
void gram_of_chunks(const Execution& execution, const RowLeaves& leaves, const ChunkMaker<T>& make,
                    MatrixView<T> g, Workspace& work) {
  const Workspace::Frame frame(work);
  const Index n = g.cols();
  const std::span<T> sums = work.take<T>(leaves.count * n * n);
  const std::span<T> chunks = work.take<T>(leaves.count * leaves.chunk * n);
  parallel_for(execution, leaves.count,
               [&](Index leaf) { std::fill_n(sums.data() + leaf * n * n, n * n, T{}); });
  leaves.for_each_chunk(execution, [&](Index leaf, Index first, Index count) {
    T* const place = chunks.data() + leaf * leaves.chunk * n;
    const MatrixView<T> chunk = by_rows<T>(n) ? MatrixView<T>(place, n, count).transposed()
                                              : MatrixView<T>(place, count, n);
    make(leaf, first, chunk);
    add_gram<T>(chunk, MatrixView<T>(sums.data() + leaf * n * n, n, n));
  });
  sum_leaves<T>(execution, sums, n * n, leaves.count);
  copy_columns(MatrixView<T>(sums.data(), n, n), g);
}

template <Scalar T>
MemoryPlan gram_of_chunks_memory(Index n, const RowLeaves& leaves) {
  return MemoryPlan::all_of("Gram matrix",
                            {MemoryPlan::block<T>("sums of the leaves", leaves.count * n, n),
                             MemoryPlan::block<T>("chunks", leaves.count * leaves.chunk, n)});
}

template <Scalar T>
double length_of_column(MatrixView<const T> r, Index j) {
  double squares = 0;
  for (Index i = 0; i <= j; ++i) {
    squares += static_cast<double>(std::norm(r(i, j)));
  }
  return std::sqrt(squares);
}

template <Scalar T>
void solve_by_strips(const Execution& execution, MatrixView<const T> r, MatrixView<T> b) {
  for_each_strip(execution, b.cols(), [&](Index first, Index count) {
    blas::trsm<T>(blas::Side::left, Op::none, r, b.columns(first, count));
  });
}

template <Scalar T>
double condition_of_triangle(const Execution& execution, MatrixView<const T> r,
                             MatrixView<T> inverse, std::span<double> sums) {
  const Index n = r.rows();
  double *const length = sums.data(), *const row = length + n;
  for (Index i = 0; i < n; ++i) {
    length[i] = length_of_column<T>(r, i);
    row[i] = 0;
  }
  set_identity(inverse);
  for_each_strip(execution, n, [&](Index first, Index count) {
    const Index last = first + count;
    blas::trsm<T>(blas::Side::left, Op::none, r.block(0, 0, last, last),
                  inverse.block(0, first, last, count));
    for (Index j = first; j < last; ++j) {  // row i is scaled by the length of column i of R
      for (Index i = 0; i <= j; ++i) {
        inverse(i, j) =
            T(static_cast<Real<T>>(length[i] * static_cast<double>(std::abs(inverse(i, j)))));
      }
    }
  });
  double norm_1 = 0, norm_inf = 0, total = 0;
  for (Index j = 0; j < n; ++j) {
    double column = 0;
    for (Index i = 0; i <= j; ++i) {
      const auto entry = static_cast<double>(real_part(inverse(i, j)));
      column += entry;
      row[i] += entry;
    }
    norm_1 = std::max(norm_1, column);
    total += column;  // NaN stays in it, as it does not in a maximum
  }
  for (Index i = 0; i < n; ++i) {
    norm_inf = std::max(norm_inf, row[i]);
  }
  const double bound = std::sqrt(norm_1) * std::sqrt(norm_inf);
  return std::isfinite(bound) && std::isfinite(total) ? bound
                                                      : std::numeric_limits<double>::infinity();
}

template <Scalar T>
double root_of_trace(MatrixView<const T> g) {
  double squares = 0;
  for (Index j = 0; j < g.cols(); ++j) {
    squares += static_cast<double>(real_part(g(j, j)));
  }
  return std::sqrt(squares);
}

template <Scalar T>
double distance_from_identity(MatrixView<const T> g) {
  double squares = 0;
  for (Index j = 0; j < g.cols(); ++j) {
    for (Index i = 0; i < j; ++i) {
      squares += 2 * static_cast<double>(std::norm(g(i, j)));
    }
    squares += static_cast<double>(std::norm(g(j, j) - T{1}));
  }
  return std::sqrt(squares);
}

#define ECKART_INSTANTIATE(T)                                                                    \
  template void gram_of_chunks<T>(const Execution&, const RowLeaves&, const ChunkMaker<T>&,      \
                                  MatrixView<T>, Workspace&);                                    \
  template MemoryPlan gram_of_chunks_memory<T>(Index, const RowLeaves&);                         \
  template void solve_by_strips<T>(const Execution&, MatrixView<const T>, MatrixView<T>);        \
  template double condition_of_triangle<T>(const Execution&, MatrixView<const T>, MatrixView<T>, \
                                           std::span<double>);                                   \
  template double root_of_trace<T>(MatrixView<const T>);                                         \
  template double distance_from_identity<T>(MatrixView<const T>);                                \
  template double length_of_column<T>(MatrixView<const T>, Index);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::dense
