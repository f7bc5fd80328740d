// Sparse matrices, put together and checked.
//
// 1. Shapes, pointers and indices are checked before anything is read through them; then the values.
// 2. Rows whose columns do not ascend are sorted by transposing twice: a counting sort, which is stable, each time.
// 3. Entries named twice are summed in the order in which they came, and the sums are checked.

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <stdexcept>
#include <utility>

#include <eckart/error.hpp>
#include <eckart/sparse.hpp>

namespace eckart {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw InvalidArgument("sparse matrix: " + what);
}

void check_shape(Index rows, Index cols) {
  if (rows < 0 || cols < 0) {
    fail("its size is " + std::to_string(rows) + " x " + std::to_string(cols));
  }
}

template <class I>
void check_indices(std::span<const I> index, Index bound, const char* name) {
  for (std::size_t k = 0; k < index.size(); ++k) {
    if (index[k] < 0 || index[k] >= bound) {
      fail(std::string(name) + " of entry " + std::to_string(k) + " is " +
           std::to_string(index[k]) + ", outside 0 ... " + std::to_string(bound - 1));
    }
  }
}

template <class P>
void check_pointers(const std::vector<P>& pointers, Index lines, std::size_t entries) {
  if (static_cast<Index>(pointers.size()) != lines + 1) {
    fail(std::to_string(pointers.size()) + " pointers for " + std::to_string(lines) +
         " rows or columns, which take one more than there are");
  }
  if (pointers.front() != 0) {
    fail("pointer 0 is " + std::to_string(pointers.front()) + " and should be 0");
  }
  for (std::size_t i = 1; i < pointers.size(); ++i) {
    if (pointers[i] < pointers[i - 1]) {
      fail("pointer " + std::to_string(i) + " is " + std::to_string(pointers[i]) +
           ", below the one before it, " + std::to_string(pointers[i - 1]));
    }
  }
  if (static_cast<std::uint64_t>(pointers.back()) != entries) {
    fail("the last pointer is " + std::to_string(pointers.back()) + ", and there are " +
         std::to_string(entries) + " entries");
  }
}

template <class A, class B>
void check_lengths(const A& indices, const B& values) {
  if (indices.size() != values.size()) {
    fail(std::to_string(indices.size()) + " indices for " + std::to_string(values.size()) +
         " values");
  }
}

template <class T, class I>
void check_values(std::span<const Index> pointers, std::span<const I> columns,
                  std::span<const T> values, bool transposed) {
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (!is_finite(values[k])) {
      const auto after = std::upper_bound(pointers.begin(), pointers.end(), static_cast<Index>(k));
      const Index line = after - pointers.begin() - 1, other = static_cast<Index>(columns[k]);
      throw NonFinite(transposed ? other : line, transposed ? line : other,
                      name_of_non_finite(values[k]));
    }
  }
}

template <class T, class I>
struct Compressed {
  std::vector<Index> pointers;
  std::vector<I> index;
  std::vector<T> value;
};

// `count` zeros.
template <class V>
std::vector<V> zeros(std::size_t count) {
  try {
    return std::vector<V>(count);
  } catch (const std::bad_alloc&) {
    throw OutOfMemory("a sparse matrix", count * sizeof(V));
  } catch (const std::length_error&) {
    throw OutOfMemory("a sparse matrix", count * sizeof(V));
  }
}

// Entry k lies in line[k] and is (index(k), value(k)): sorted by lines, in the order of k inside a line.
template <class I, class T, class Lines, class Indices, class Values>
Compressed<T, I> by_lines(Index lines, std::size_t entries, const Lines& line_of,
                          const Indices& index_of, const Values& value_of) {
  Compressed<T, I> out{zeros<Index>(static_cast<std::size_t>(lines) + 1), zeros<I>(entries),
                       zeros<T>(entries)};
  for (std::size_t k = 0; k < entries; ++k) {
    ++out.pointers[static_cast<std::size_t>(line_of(k)) + 1];
  }
  for (std::size_t i = 1; i < out.pointers.size(); ++i) {
    out.pointers[i] += out.pointers[i - 1];
  }
  std::vector<Index> next(out.pointers.begin(), out.pointers.end() - 1);
  for (std::size_t k = 0; k < entries; ++k) {
    const auto to = static_cast<std::size_t>(next[static_cast<std::size_t>(line_of(k))]++);
    out.index[to] = static_cast<I>(index_of(k));
    out.value[to] = value_of(k);
  }
  return out;
}

// Rows to columns and back.
template <class I, class T, class From>
Compressed<T, I> transposed(std::span<const Index> pointers, const std::vector<From>& index,
                            const std::vector<T>& value, Index other_lines) {
  std::vector<I> line(index.size());
  for (std::size_t i = 0; i + 1 < pointers.size(); ++i) {
    std::fill(line.begin() + pointers[i], line.begin() + pointers[i + 1], static_cast<I>(i));
  }
  return by_lines<I, T>(
      other_lines, index.size(), [&](std::size_t k) { return index[k]; },
      [&](std::size_t k) { return line[k]; }, [&](std::size_t k) { return value[k]; });
}

template <class T, class I>
bool ascends(const Compressed<T, I>& a) noexcept {
  for (std::size_t i = 0; i + 1 < a.pointers.size(); ++i) {
    for (Index k = a.pointers[i] + 1; k < a.pointers[i + 1]; ++k) {
      if (a.index[static_cast<std::size_t>(k)] <= a.index[static_cast<std::size_t>(k - 1)]) {
        return false;
      }
    }
  }
  return true;
}

// Entries are finite; their sums need not be.
template <class T, class I>
void sum_duplicates(Compressed<T, I>& a) {
  std::size_t to = 0;
  Index k = 0;
  for (std::size_t i = 0; i + 1 < a.pointers.size(); ++i) {
    const std::size_t begin = to;
    for (const Index end = a.pointers[i + 1]; k < end; ++k) {
      const auto from = static_cast<std::size_t>(k);
      if (to > begin && a.index[to - 1] == a.index[from]) {
        T& sum = a.value[to - 1] += a.value[from];
        if (!is_finite(sum)) {
          throw NonFinite(
              static_cast<Index>(i), static_cast<Index>(a.index[from]),
              std::string(name_of_non_finite(sum)) + ", the sum of entries named twice");
        }
      } else {
        a.index[to] = a.index[from];
        a.value[to++] = a.value[from];
      }
    }
    a.pointers[i] = static_cast<Index>(begin);
  }
  a.pointers.back() = static_cast<Index>(to);
  a.index.resize(to);
  a.value.resize(to);
}

// Steps 2 and 3.
template <class T, class I>
void make_canonical(Compressed<T, I>& a, Index cols) {
  if (ascends(a)) {
    return;
  }
  const auto rows = static_cast<Index>(a.pointers.size()) - 1;
  const auto by_columns = transposed<Index, T>(a.pointers, a.index, a.value, cols);
  a = transposed<I, T>(by_columns.pointers, by_columns.index, by_columns.value, rows);
  sum_duplicates(a);
}

bool fits_32_bits(Index count) noexcept {
  return count <= std::numeric_limits<std::int32_t>::max();
}

template <class P>
std::vector<Index> as_pointers(std::vector<P> pointers) {
  if constexpr (std::is_same_v<P, Index>) {
    return pointers;
  } else {
    return {pointers.begin(), pointers.end()};
  }
}

// f(I{}) for the narrowest type of index.
template <class F>
auto with_index_for(Index count, const F& f) {
  return fits_32_bits(count) ? f(std::int32_t{}) : f(std::int64_t{});
}

template <class T, class I>
struct Triplets {
  std::span<const I> row, col;
  std::span<const T> value;
};

template <class I, class T, class From>
Compressed<T, I> assemble(Index rows, Index cols, const Triplets<T, From>& t) {
  auto out = by_lines<I, T>(
      rows, t.value.size(), [&](std::size_t k) { return t.row[k]; },
      [&](std::size_t k) { return t.col[k]; }, [&](std::size_t k) { return t.value[k]; });
  check_values<T, I>(out.pointers, out.index, out.value, false);
  make_canonical(out, cols);
  return out;
}

template <class T, class I>
void check_triplets(Index rows, Index cols, const Triplets<T, I>& t) {
  check_shape(rows, cols);
  check_lengths(t.row, t.value);
  check_lengths(t.col, t.value);
  check_indices(t.row, rows, "the row");
  check_indices(t.col, cols, "the column");
}

}  // namespace

template <Scalar T>
SparseMatrix<T> SparseMatrix<T>::from_triplets(Index rows, Index cols,
                                               std::span<const std::int64_t> row,
                                               std::span<const std::int64_t> col,
                                               std::span<const T> value) {
  const Triplets<T, std::int64_t> triplets{row, col, value};
  check_triplets(rows, cols, triplets);
  return with_index_for(cols, [&](auto width) {
    auto a = assemble<decltype(width), T>(rows, cols, triplets);
    return SparseMatrix(rows, cols, std::move(a.pointers), std::move(a.index), std::move(a.value));
  });
}

template <Scalar T>
SparseMatrix<T> SparseMatrix<T>::from_triplets(Index rows, Index cols,
                                               std::span<const std::int32_t> row,
                                               std::span<const std::int32_t> col,
                                               std::span<const T> value) {
  const Triplets<T, std::int32_t> triplets{row, col, value};
  check_triplets(rows, cols, triplets);
  auto a = assemble<std::int32_t, T>(rows, cols, triplets);
  return SparseMatrix(rows, cols, std::move(a.pointers), std::move(a.index), std::move(a.value));
}

template <Scalar T>
template <class P, class I>
SparseMatrix<T> SparseMatrix<T>::from_csr(Index rows, Index cols, std::vector<P> pointers,
                                          std::vector<I> columns, std::vector<T> values) {
  check_shape(rows, cols);
  check_lengths(columns, values);
  check_pointers(pointers, rows, values.size());
  check_indices<I>(columns, cols, "the column");
  Compressed<T, I> a{as_pointers(std::move(pointers)), std::move(columns), std::move(values)};
  check_values<T, I>(a.pointers, a.index, a.value, false);
  make_canonical(a, cols);
  return SparseMatrix(rows, cols, std::move(a.pointers), std::move(a.index), std::move(a.value));
}

template <Scalar T>
template <class P, class I>
SparseMatrix<T> SparseMatrix<T>::from_csc(Index rows, Index cols, std::vector<P> pointers,
                                          std::vector<I> rows_of_entries, std::vector<T> values) {
  check_shape(rows, cols);
  check_lengths(rows_of_entries, values);
  check_pointers(pointers, cols, values.size());
  check_indices<I>(rows_of_entries, rows, "the row");
  const std::vector<Index> wide = as_pointers(std::move(pointers));
  check_values<T, I>(wide, rows_of_entries, values, true);
  return with_index_for(cols, [&](auto width) {
    auto a = transposed<decltype(width), T>(wide, rows_of_entries, values, rows);
    make_canonical(a, cols);
    return SparseMatrix(rows, cols, std::move(a.pointers), std::move(a.index), std::move(a.value));
  });
}

template <Scalar T>
std::uint64_t SparseMatrix<T>::bytes() const noexcept {  // NOLINT(bugprone-exception-escape)
  return pointers_.size() * sizeof(Index) + values_.size() * sizeof(T) +
         std::visit([](const auto& c) { return c.size() * sizeof(c[0]); }, columns_);
}

template <Scalar T>
SparseMatrix<T> SparseMatrix<T>::adjoint() const {
  return std::visit(
      [&](const auto& columns) {
        return with_index_for(rows_, [&](auto width) {
          auto a = transposed<decltype(width), T>(pointers_, columns, values_, cols_);
          for (T& value : a.value) {
            value = conjugate(value);
          }
          return SparseMatrix(cols_, rows_, std::move(a.pointers), std::move(a.index),
                              std::move(a.value));
        });
      },
      columns_);
}

#define ECKART_INSTANTIATE_INDEX(T, P, I)                                                   \
  template SparseMatrix<T> SparseMatrix<T>::from_csr<P, I>(Index, Index, std::vector<P>,    \
                                                           std::vector<I>, std::vector<T>); \
  template SparseMatrix<T> SparseMatrix<T>::from_csc<P, I>(Index, Index, std::vector<P>,    \
                                                           std::vector<I>, std::vector<T>);
#define ECKART_INSTANTIATE(T)                             \
  template class SparseMatrix<T>;                         \
  ECKART_INSTANTIATE_INDEX(T, std::int32_t, std::int32_t) \
  ECKART_INSTANTIATE_INDEX(T, std::int32_t, std::int64_t) \
  ECKART_INSTANTIATE_INDEX(T, std::int64_t, std::int32_t) \
  ECKART_INSTANTIATE_INDEX(T, std::int64_t, std::int64_t)
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
