#pragma once

// Sparse matrices and the operator that applies them.
//
//   const auto a = SparseMatrix<double>::from_triplets(rows, cols, row, col, value);
//   truncated_svd(SparseOperator(a), rank(20));

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <eckart/operator.hpp>

namespace eckart {

/// A sparse matrix in compressed rows (CSR): row i has the entries pointers[i] ... pointers[i + 1] - 1 of `columns` and `values`,
/// its columns ascending and each named once.
///
/// Whatever it is built from is checked: an index out of range, pointers that fall or that do not fit the entries throw
/// InvalidArgument, which names the place; NaN and infinity throw NonFinite. Entries named twice are summed in the order in which
/// they came, and a sum that overflows on the way throws NonFinite, too; zeros stay.
/// Building costs O(entries + rows + cols), and arrays that are moved in and in order already are kept as they are.
template <Scalar T>
class SparseMatrix {
 public:
  /// Column numbers: of 32 bits where they were given so, or where they suffice and were counted anew.
  using Columns = std::variant<std::vector<std::int32_t>, std::vector<std::int64_t>>;

  SparseMatrix() = default;

  /// Entry (row[k], col[k]), counted from 0, is value[k].
  [[nodiscard]] static SparseMatrix from_triplets(Index rows, Index cols,
                                                  std::span<const std::int64_t> row,
                                                  std::span<const std::int64_t> col,
                                                  std::span<const T> value);
  [[nodiscard]] static SparseMatrix from_triplets(Index rows, Index cols,
                                                  std::span<const std::int32_t> row,
                                                  std::span<const std::int32_t> col,
                                                  std::span<const T> value);
  /// Compressed rows. Pointers and indices are vectors of std::int32_t or std::int64_t; move in what is not needed any more.
  template <class P, class I>
  [[nodiscard]] static SparseMatrix from_csr(Index rows, Index cols, std::vector<P> pointers,
                                             std::vector<I> columns, std::vector<T> values);
  /// Compressed columns, which are turned into rows.
  template <class P, class I>
  [[nodiscard]] static SparseMatrix from_csc(Index rows, Index cols, std::vector<P> pointers,
                                             std::vector<I> rows_of_entries, std::vector<T> values);

  [[nodiscard]] Index rows() const noexcept { return rows_; }
  [[nodiscard]] Index cols() const noexcept { return cols_; }
  [[nodiscard]] Index entries() const noexcept { return static_cast<Index>(values_.size()); }
  [[nodiscard]] std::span<const Index> pointers() const noexcept { return pointers_; }
  [[nodiscard]] const Columns& columns() const noexcept { return columns_; }
  [[nodiscard]] std::span<const T> values() const noexcept { return values_; }
  /// Memory of the arrays.
  [[nodiscard]] std::uint64_t bytes() const noexcept;

  /// A^H in compressed rows.
  [[nodiscard]] SparseMatrix adjoint() const;

 private:
  SparseMatrix(Index rows, Index cols, std::vector<Index> pointers, Columns columns,
               std::vector<T> values) noexcept
      : rows_(rows),
        cols_(cols),
        pointers_(std::move(pointers)),
        columns_(std::move(columns)),
        values_(std::move(values)) {}

  Index rows_ = 0, cols_ = 0;
  std::vector<Index> pointers_ = {0};
  Columns columns_;
  std::vector<T> values_;
};

struct SparseOptions {
  /// Keep A^H in rows of its own beside A: twice the memory, and a product with A^H as fast as one with A.
  bool keep_adjoint = true;
};

/// A sparse matrix as an operator; src/operators/sparse_kernels.hpp has the method.
///
/// 2 flops an entry and vector (8 complex), and one pass over A for 16 real vectors of double precision. A copy of X row by
/// row is made for it, whose memory is kept for the next product.
template <Scalar T>
class SparseOperator {
 public:
  explicit SparseOperator(SparseMatrix<T> a, const SparseOptions& options = {});

  [[nodiscard]] Index rows() const noexcept { return a_->rows(); }
  [[nodiscard]] Index cols() const noexcept { return a_->cols(); }
  [[nodiscard]] const SparseMatrix<T>& matrix() const noexcept { return *a_; }
  [[nodiscard]] const SparseMatrix<T>* sparse_entries() const noexcept { return a_.get(); }
  void apply(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const;
  void apply_adjoint(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const;
  /// Both ways with A^H kept; without it A X, where X is small enough for the cache.
  [[nodiscard]] bool goes_back_in_one_pass(bool adjoint) const noexcept;
  /// Throws InvalidArgument where that says no.
  void apply_and_back(const Execution& execution, bool adjoint, Real<T> factor,
                      MatrixView<const T> x, MatrixView<T> y, MatrixView<T> z) const;
  /// y <- A x,  z <- A^H w; in one reading where X is small enough for the cache.
  void apply_both(const Execution& execution, MatrixView<const T> x, MatrixView<T> y,
                  MatrixView<const T> w, MatrixView<T> z) const;
  [[nodiscard]] std::optional<Real<T>> frobenius_norm(const Execution& execution) const;
  [[nodiscard]] OperatorCost cost() const;
  [[nodiscard]] std::string description() const;

 private:
  struct Scratch;
  std::shared_ptr<const SparseMatrix<T>> a_, adjoint_;  // adjoint_ empty: not kept
  std::vector<Index> pieces_, adjoint_pieces_;          // first rows of the pieces of work
  std::shared_ptr<Scratch> scratch_;
};

}  // namespace eckart
