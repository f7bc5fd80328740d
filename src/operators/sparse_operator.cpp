// A sparse matrix as an operator: products by rows, shared out in pieces of about equally many entries.
//
// A^H X is a product by rows, too, where A^H is kept; else entries of A are scattered: row blocks, whose number is fixed, each add
// to a block of their own, and these are summed in order. So the result is the same for any number of threads, at the price of
// `scatter_parts` times the memory of Y. There and back (A^H A X) is done so as well, while X is small enough for the cache; else it
// is two products by rows, with A X left row by row between them.

#include <algorithm>
#include <mutex>

#include <eckart/sparse.hpp>

#include "operators/norm.hpp"
#include "operators/sparse_kernels.hpp"

namespace eckart {
namespace {

constexpr Index entries_of_piece = 65536;  // 0.1 ms
constexpr Index rows_at_once = 128;        // rows of Y before they are put where they belong
constexpr Index scatter_parts = 4;
constexpr Index rows_of_packing = 8192;
// There and back in one pass while the packed X has at most so many bytes: X and Z are then in the second or third level of cache.
constexpr Index most_bytes_of_one_pass = Index{8} << 20;
// A part of the rows has so many entries, at the least, and there are at most so many parts.
constexpr Index entries_of_part = 500'000, most_parts = 16;

template <Scalar T>
constexpr Index parts = ComplexScalar<T> ? 2 : 1;

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

// X row by row, filled up with zeros.
template <Scalar T>
void pack(const Execution& execution, MatrixView<const T> x, Index width, T* to) {
  const Index n = x.rows(), b = x.cols();
  parallel_for(execution, (n + rows_of_packing - 1) / rows_of_packing, [&](Index piece) {
    constexpr Index tile = 64;  // rows that stay in cache while the columns are walked
    const Index end = std::min(n, (piece + 1) * rows_of_packing);
    for (Index first = piece * rows_of_packing; first < end; first += tile) {
      const Index last = std::min(end, first + tile);
      for (Index k = 0; k < b; ++k) {
        const T* const from = x.col(k);
        for (Index i = first; i < last; ++i) {
          to[i * width + k] = from[i];
        }
      }
      for (Index i = first; i < last; ++i) {
        std::fill(to + i * width + b, to + (i + 1) * width, T{});
      }
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

Index parts_of(Index entries) noexcept {
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

// z <- S^H y, y <- factor S x unless it is empty; one pass over S. `packed` has room for X and for a Z of every part.
template <Scalar T, class I>
void there_and_back(const Execution& execution, const SparseMatrix<T>& s,
                    const std::vector<I>& columns, Real<T> factor, MatrixView<const T> x, T* packed,
                    MatrixView<T> y, MatrixView<T> z) {
  using R = Real<T>;
  const Index units = units_for<T>(x.cols()), width = units * unit_lanes<T> / parts<T>;
  const Index size = s.cols() * width, count = parts_of(s.entries());
  const auto kernel = there_and_back_kernel<T, I>(units);
  T* const sums = packed + size;
  pack<T>(execution, x, width, packed);
  parallel_for(execution, count, [&](Index part) {
    alignas(64)
        T product[static_cast<std::size_t>(rows_at_once * most_units * unit_lanes<T> / parts<T>)];
    T* const own = sums + part * size;
    std::fill_n(own, size, T{});
    const Index last = begin_of_part(s, part + 1, count);
    for (Index row = begin_of_part(s, part, count); row < last; row += rows_at_once) {
      const Index end = std::min(last, row + rows_at_once);
      kernel(rows_of(s, columns, row, end), factor, reinterpret_cast<const R*>(packed),
             reinterpret_cast<R*>(product), reinterpret_cast<R*>(own));
      if (!y.empty()) {
        unpack<T>(product, width, row, end - row, y);
      }
    }
  });
  parallel_for(execution, (s.cols() + rows_of_packing - 1) / rows_of_packing, [&](Index piece) {
    const Index first = piece * rows_of_packing, rows = std::min(rows_of_packing, s.cols() - first);
    for (Index part = 1; part < count; ++part) {
      for (Index l = first * width; l < (first + rows) * width; ++l) {
        sums[l] += sums[part * size + l];
      }
    }
    unpack<T>(sums + first * width, width, first, rows, z);
  });
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

}  // namespace

// The copy of X, kept from product to product: to have it from the system anew takes as long as the product. Who comes while
// another thread uses it has a copy of their own.
template <Scalar T>
struct SparseOperator<T>::Scratch {
  template <class F>
  void with(std::size_t count, const F& f) {
    const std::unique_lock lock(mutex, std::try_to_lock);
    Matrix<T> aside;
    Matrix<T>& used = lock.owns_lock() ? kept : aside;
    if (static_cast<std::size_t>(used.rows()) < count) {
      used = Matrix<T>::uninitialized(static_cast<Index>(count), 1);
    }
    f(used.data());
  }
  std::mutex mutex;
  Matrix<T> kept;
};

template <Scalar T>
SparseOperator<T>::SparseOperator(SparseMatrix<T> a, const SparseOptions& options)
    : a_(std::make_shared<const SparseMatrix<T>>(std::move(a))),
      pieces_(pieces_of(*a_)),
      scratch_(std::make_shared<Scratch>()) {
  if (options.keep_adjoint) {
    adjoint_ = std::make_shared<const SparseMatrix<T>>(a_->adjoint());
    adjoint_pieces_ = pieces_of(*adjoint_);
  }
}

// The vectors are taken two units at a time.
template <Scalar T, class F>
static void for_blocks(MatrixView<const T> x, MatrixView<T> y, const F& f) {
  constexpr Index most = most_units * unit_lanes<T> / parts<T>;
  for (Index k = 0; k < x.cols(); k += most) {
    const Index count = std::min(most, x.cols() - k);
    f(x.columns(k, count), y.columns(k, count));
  }
}

template <Scalar T>
static std::size_t packed_size(MatrixView<const T> x) {
  constexpr Index most = most_units * unit_lanes<T> / parts<T>;
  const Index b = std::min(x.cols(), most);
  return b <= 1 ? 0
                : static_cast<std::size_t>(x.rows() * units_for<T>(b) * unit_lanes<T> / parts<T>);
}

template <Scalar T>
void SparseOperator<T>::apply(const Execution& execution, MatrixView<const T> x,
                              MatrixView<T> y) const {
  scratch_->with(packed_size(x), [&](T* packed) {
    std::visit(
        [&](const auto& columns) {
          for_blocks<T>(x, y, [&](MatrixView<const T> part, MatrixView<T> to) {
            multiply(execution, *a_, columns, pieces_, part, packed, to);
          });
        },
        a_->columns());
  });
}

template <Scalar T>
void SparseOperator<T>::apply_adjoint(const Execution& execution, MatrixView<const T> x,
                                      MatrixView<T> y) const {
  const SparseMatrix<T>& s = adjoint_ ? *adjoint_ : *a_;
  const std::size_t size = std::max(packed_size(x), static_cast<std::size_t>(x.rows()));
  scratch_->with(size, [&](T* packed) {
    std::visit(
        [&](const auto& columns) {
          for_blocks<T>(x, y, [&](MatrixView<const T> part, MatrixView<T> to) {
            if (adjoint_) {
              multiply(execution, s, columns, adjoint_pieces_, part, packed, to);
            } else {
              scatter(execution, s, columns, part, packed, to);
            }
          });
        },
        s.columns());
  });
}

template <Scalar T>
bool SparseOperator<T>::goes_back_in_one_pass(bool adjoint) const noexcept {
  return adjoint_ != nullptr || !adjoint;
}

template <Scalar T>
void SparseOperator<T>::apply_and_back(const Execution& execution, bool adjoint, Real<T> factor,
                                       MatrixView<const T> x, MatrixView<T> y,
                                       MatrixView<T> z) const {
  constexpr Index most = most_units * unit_lanes<T> / parts<T>;
  const SparseMatrix<T>& s = adjoint ? *adjoint_ : *a_;
  const Index b = std::min(x.cols(), most);
  const Index width = units_for<T>(b) * unit_lanes<T> / parts<T>;
  const bool in_one_pass =
      !adjoint_ || s.cols() * width * static_cast<Index>(sizeof(T)) <= most_bytes_of_one_pass;
  const Index behind_x = in_one_pass ? parts_of(s.entries()) * s.cols() : s.rows();
  scratch_->with(static_cast<std::size_t>((s.cols() + behind_x) * width), [&](T* packed) {
    const auto in_blocks = [&](const auto& f) {
      for (Index k = 0; k < x.cols(); k += most) {
        const Index count = std::min(most, x.cols() - k);
        f(x.columns(k, count), y.empty() ? y : y.columns(k, count), z.columns(k, count));
      }
    };
    if (in_one_pass) {
      std::visit(
          [&](const auto& columns) {
            in_blocks([&](MatrixView<const T> from, MatrixView<T> between, MatrixView<T> to) {
              there_and_back(execution, s, columns, factor, from, packed, between, to);
            });
          },
          s.columns());
      return;
    }
    const SparseMatrix<T>& sh = adjoint ? *a_ : *adjoint_;
    const auto &pieces = adjoint ? adjoint_pieces_ : pieces_,
               &pieces_sh = adjoint ? pieces_ : adjoint_pieces_;
    std::visit(
        [&](const auto& columns, const auto& columns_sh) {
          in_blocks([&](MatrixView<const T> from, MatrixView<T> between, MatrixView<T> to) {
            there_and_back_by_rows(execution, s, columns, pieces, sh, columns_sh, pieces_sh, factor,
                                   from, packed, between, to);
          });
        },
        s.columns(), sh.columns());
  });
}

template <Scalar T>
std::optional<Real<T>> SparseOperator<T>::frobenius_norm(const Execution& execution) const {
  return frobenius_norm_of<T>(execution,
                              MatrixView<const T>(a_->values().data(), a_->entries(), 1));
}

template <Scalar T>
OperatorCost SparseOperator<T>::cost() const {
  return {.flops = (ComplexScalar<T> ? 8.0 : 2.0) * static_cast<double>(a_->entries()),
          .bytes = static_cast<double>(a_->bytes())};
}

template <Scalar T>
std::string SparseOperator<T>::description() const {
  return "sparse, " + std::to_string(a_->entries()) + " entries";
}

template class SparseOperator<float>;
template class SparseOperator<double>;
template class SparseOperator<std::complex<float>>;
template class SparseOperator<std::complex<double>>;

}  // namespace eckart
