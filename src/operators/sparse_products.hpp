#pragma once

// Products of a sparse matrix with a block of vectors by rows, shared out in pieces of about equally many entries.
//
// A^H X is a product by rows, too, where A^H is kept; else entries of A are scattered: row blocks, whose number is fixed, each add
// to a block of their own, and these are summed in order. So the result is the same for any number of threads, at the price of
// `scatter_parts` times the memory of Y. There and back (A^H A X) is done so as well, while X is small enough for the cache; else it
// is two products by rows, with A X left row by row between them.

#include <algorithm>
#include <vector>

#include <eckart/sparse.hpp>

#include "operators/sparse_kernels.hpp"

namespace eckart::sparse_products {

inline constexpr Index entries_of_piece = 65536;  // 0.1 ms
inline constexpr Index rows_at_once = 128;        // rows of Y before they are put where they belong
inline constexpr Index scatter_parts = 4;
inline constexpr Index rows_of_packing = 8192;
// There and back in one pass while the packed X has at most so many bytes: X and Z are then in the second or third level of cache.
inline constexpr Index most_bytes_of_one_pass = Index{8} << 20;
// A part of the rows has so many entries, at the least, and there are at most so many parts.
inline constexpr Index entries_of_part = 500'000, most_parts = 16;

template <Scalar T>
inline constexpr Index parts = ComplexScalar<T> ? 2 : 1;

// Rows and entries count alike: an empty row is work, too.
template <Scalar T>
std::vector<Index> pieces_of(const SparseMatrix<T>& a) {
  std::vector<Index> first{0};
  const auto pointers = a.pointers();
  Index begin = 0;
  for (Index i = 0; i < a.rows(); ++i) {
    const Index end = pointers[static_cast<std::size_t>(i + 1)] + i + 1;
    if (end - begin >= entries_of_piece || i + 1 == a.rows()) {
      first.push_back(i + 1);
      begin = end;
    }
  }
  return first;
}

template <Scalar T, class I>
SparseRows<T, I> rows_of(const SparseMatrix<T>& a, const std::vector<I>& columns, Index first,
                         Index last) noexcept {
  return {a.pointers().data(), columns.data(), a.values().data(), first, last};
}

template <Scalar T>
void add_product(T& sum, const T& a, const T& b) noexcept {
  if constexpr (ComplexScalar<T>) {
    sum = T(sum.real() + (a.real() * b.real() - a.imag() * b.imag()),
            sum.imag() + (a.real() * b.imag() + a.imag() * b.real()));
  } else {
    sum += a * b;
  }
}

// One vector, read where it stands; two sums a row, so that one addition need not wait for the other.
template <Scalar T, class I>
void multiply_vector(const SparseRows<T, I>& s, const T* x, T* y) noexcept {
  for (Index i = s.first; i < s.last; ++i) {
    T even{}, odd{};
    Index k = s.pointers[i];
    const Index end = s.pointers[i + 1];
    for (; k + 2 <= end; k += 2) {
      add_product(even, s.values[k], x[s.columns[k]]);
      add_product(odd, s.values[k + 1], x[s.columns[k + 1]]);
    }
    if (k < end) {
      add_product(even, s.values[k], x[s.columns[k]]);
    }
    y[i] = even + odd;
  }
}

// The rows first ... last - 1 of X one after the other, filled up with zeros.
template <Scalar T>
void pack_rows(MatrixView<const T> x, Index first, Index last, Index width, T* to) noexcept {
  for (Index k = 0; k < x.cols(); ++k) {
    const T* const from = x.col(k) + first;
    for (Index i = 0; i < last - first; ++i) {
      to[i * width + k] = from[i];
    }
  }
  for (Index i = 0; i < last - first; ++i) {
    std::fill(to + i * width + x.cols(), to + (i + 1) * width, T{});
  }
}

// All of X so.
template <Scalar T>
void pack(const Execution& execution, MatrixView<const T> x, Index width, T* to) {
  const Index n = x.rows();
  parallel_for(execution, (n + rows_of_packing - 1) / rows_of_packing, [&](Index piece) {
    constexpr Index tile = 64;  // rows that stay in cache while the columns are walked
    const Index end = std::min(n, (piece + 1) * rows_of_packing);
    for (Index first = piece * rows_of_packing; first < end; first += tile) {
      pack_rows<T>(x, first, std::min(end, first + tile), width, to + first * width);
    }
  });
}

template <Scalar T>
void unpack(const T* from, Index width, Index first, Index count, MatrixView<T> y) noexcept {
  for (Index k = 0; k < y.cols(); ++k) {
    T* const to = y.col(k) + first;
    for (Index i = 0; i < count; ++i) {
      to[i] = from[i * width + k];
    }
  }
}

// The rows first ... last - 1 of y <- S x, packed as x is, go to take(rows of y, first, count).
template <Scalar T, class I, class Take>
void multiply_rows(const SparseMatrix<T>& s, const std::vector<I>& columns, Index units,
                   Index first, Index last, const T* packed, const Take& take) {
  const auto kernel = sparse_kernel<T, I>(units);
  alignas(64)
      T product[static_cast<std::size_t>(rows_at_once * most_units * unit_lanes<T> / parts<T>)];
  for (Index row = first; row < last; row += rows_at_once) {
    const Index end = std::min(last, row + rows_at_once);
    kernel(rows_of(s, columns, row, end), reinterpret_cast<const Real<T>*>(packed),
           reinterpret_cast<Real<T>*>(product));
    take(product, row, end - row);
  }
}

// y <- S x for at most two units of vectors.
template <Scalar T, class I>
void multiply(const Execution& execution, const SparseMatrix<T>& s, const std::vector<I>& columns,
              const std::vector<Index>& pieces, MatrixView<const T> x, T* packed, MatrixView<T> y) {
  const auto count = static_cast<Index>(pieces.size()) - 1;
  const auto at = [&](Index piece) { return pieces[static_cast<std::size_t>(piece)]; };
  if (x.cols() == 1) {
    parallel_for(execution, count, [&](Index piece) {
      multiply_vector(rows_of(s, columns, at(piece), at(piece + 1)), x.data(), y.data());
    });
    return;
  }
  const Index units = units_for<T>(x.cols());
  const Index width = units * unit_lanes<T> / parts<T>;
  pack<T>(execution, x, width, packed);
  parallel_for(execution, count, [&](Index piece) {
    multiply_rows<T, I>(s, columns, units, at(piece), at(piece + 1), packed,
                        [&](const T* rows, Index first, Index number) {
                          unpack<T>(rows, width, first, number, y);
                        });
  });
}

inline Index parts_of(Index entries) noexcept {
  return std::clamp<Index>(entries / entries_of_part, 1, most_parts);
}

// The row at which part `part` of `count` begins: parts have about equally many entries.
template <Scalar T>
Index begin_of_part(const SparseMatrix<T>& s, Index part, Index count) noexcept {
  const auto pointers = s.pointers();
  if (part == count) {
    return s.rows();
  }
  return std::lower_bound(pointers.begin(), pointers.end(), s.entries() / count * part) -
         pointers.begin();
}

// z <- the sum of `count` parts, packed one behind the other, in order.
template <Scalar T>
void add_parts(const Execution& execution, T* sums, Index count, Index width, MatrixView<T> z) {
  const Index n = z.rows(), size = n * width;
  parallel_for(execution, (n + rows_of_packing - 1) / rows_of_packing, [&](Index piece) {
    const Index first = piece * rows_of_packing, rows = std::min(rows_of_packing, n - first);
    for (Index part = 1; part < count; ++part) {
      for (Index l = first * width; l < (first + rows) * width; ++l) {
        sums[l] += sums[part * size + l];
      }
    }
    unpack<T>(sums + first * width, width, first, rows, z);
  });
}

// y <- factor S x unless it is empty, z <- S^H y, or S^H w unless that is empty; one pass over S. `packed` has room for X and for a Z
// of every part.
template <Scalar T, class I>
void there_and_back(const Execution& execution, const SparseMatrix<T>& s,
                    const std::vector<I>& columns, Real<T> factor, MatrixView<const T> x, T* packed,
                    MatrixView<T> y, MatrixView<const T> w, MatrixView<T> z) {
  using R = Real<T>;
  const Index units = units_for<T>(x.cols()), width = units * unit_lanes<T> / parts<T>;
  const Index size = s.cols() * width, count = parts_of(s.entries());
  const auto kernel = there_and_back_kernel<T, I>(units);
  T* const sums = packed + size;
  pack<T>(execution, x, width, packed);
  parallel_for(execution, count, [&](Index part) {
    constexpr auto most =
        static_cast<std::size_t>(rows_at_once * most_units * unit_lanes<T> / parts<T>);
    alignas(64) T product[most], back[most];
    T* const own = sums + part * size;
    std::fill_n(own, size, T{});
    const Index last = begin_of_part(s, part + 1, count);
    for (Index row = begin_of_part(s, part, count); row < last; row += rows_at_once) {
      const Index end = std::min(last, row + rows_at_once);
      if (!w.empty()) {
        pack_rows<T>(w, row, end, width, back);
      }
      kernel(rows_of(s, columns, row, end), factor, reinterpret_cast<const R*>(packed),
             reinterpret_cast<R*>(product), w.empty() ? nullptr : reinterpret_cast<const R*>(back),
             reinterpret_cast<R*>(own));
      if (!y.empty()) {
        unpack<T>(product, width, row, end - row, y);
      }
    }
  });
  add_parts<T>(execution, sums, count, width, z);
}

// z <- S^H w, row by row of S and W into a Z of every part, for which `packed` has room: W is read in order and never copied whole. It
// pays where Z stays in the cache and W does not.
template <Scalar T, class I>
void back(const Execution& execution, const SparseMatrix<T>& s, const std::vector<I>& columns,
          MatrixView<const T> w, T* packed, MatrixView<T> z) {
  using R = Real<T>;
  const Index units = units_for<T>(w.cols()), width = units * unit_lanes<T> / parts<T>;
  const Index size = s.cols() * width, count = parts_of(s.entries());
  const auto kernel = back_kernel<T, I>(units);
  parallel_for(execution, count, [&](Index part) {
    alignas(64)
        T rows[static_cast<std::size_t>(rows_at_once * most_units * unit_lanes<T> / parts<T>)];
    T* const own = packed + part * size;
    std::fill_n(own, size, T{});
    const Index last = begin_of_part(s, part + 1, count);
    for (Index row = begin_of_part(s, part, count); row < last; row += rows_at_once) {
      const Index end = std::min(last, row + rows_at_once);
      pack_rows<T>(w, row, end, width, rows);
      kernel(rows_of(s, columns, row, end), reinterpret_cast<const R*>(rows),
             reinterpret_cast<R*>(own));
    }
  });
  add_parts<T>(execution, packed, count, width, z);
}

// The same in two products by rows: s and its adjoint. `packed` has room for X and for all of Y.
template <Scalar T, class I, class J>
void there_and_back_by_rows(const Execution& execution, const SparseMatrix<T>& s,
                            const std::vector<I>& columns, const std::vector<Index>& pieces,
                            const SparseMatrix<T>& sh, const std::vector<J>& columns_sh,
                            const std::vector<Index>& pieces_sh, Real<T> factor,
                            MatrixView<const T> x, T* packed, MatrixView<T> y, MatrixView<T> z) {
  const Index units = units_for<T>(x.cols()), width = units * unit_lanes<T> / parts<T>;
  T* const between = packed + s.cols() * width;
  const auto over = [&](const std::vector<Index>& all, const auto& f) {
    parallel_for(execution, static_cast<Index>(all.size()) - 1, [&](Index piece) {
      f(all[static_cast<std::size_t>(piece)], all[static_cast<std::size_t>(piece + 1)]);
    });
  };
  pack<T>(execution, x, width, packed);
  over(pieces, [&](Index first, Index last) {
    multiply_rows<T, I>(s, columns, units, first, last, packed,
                        [&](const T* rows, Index row, Index count) {
                          T* const to = between + row * width;
                          for (Index l = 0; l < count * width; ++l) {
                            to[l] = rows[l] * factor;
                          }
                          if (!y.empty()) {
                            unpack<T>(to, width, row, count, y);
                          }
                        });
  });
  over(pieces_sh, [&](Index first, Index last) {
    multiply_rows<T, J>(
        sh, columns_sh, units, first, last, between,
        [&](const T* rows, Index row, Index count) { unpack<T>(rows, width, row, count, z); });
  });
}

// y <- S^H x from the rows of S.
template <Scalar T, class I>
void scatter(const Execution& execution, const SparseMatrix<T>& s, const std::vector<I>& columns,
             MatrixView<const T> x, T* packed, MatrixView<T> y) {
  const Index m = s.rows(), n = s.cols(), b = x.cols();
  pack<T>(execution, x, b, packed);
  std::vector<T> sums(static_cast<std::size_t>(scatter_parts * n * b));
  parallel_for(execution, scatter_parts, [&](Index part) {
    T* const own = sums.data() + part * n * b;
    for (Index i = m * part / scatter_parts; i < m * (part + 1) / scatter_parts; ++i) {
      const auto row = static_cast<std::size_t>(i);
      for (Index k = s.pointers()[row]; k < s.pointers()[row + 1]; ++k) {
        const auto entry = static_cast<std::size_t>(k);
        const T value = conjugate(s.values()[entry]);
        T* const to = own + static_cast<Index>(columns[entry]) * b;
        for (Index l = 0; l < b; ++l) {
          add_product(to[l], value, packed[i * b + l]);
        }
      }
    }
  });
  for (Index l = 0; l < n * b; ++l) {
    for (Index part = 1; part < scatter_parts; ++part) {
      sums[static_cast<std::size_t>(l)] += sums[static_cast<std::size_t>(part * n * b + l)];
    }
  }
  unpack<T>(sums.data(), b, 0, n, y);
}

}  // namespace eckart::sparse_products
