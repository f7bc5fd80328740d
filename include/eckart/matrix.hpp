#pragma once

// MatrixView<T>: a window on entries that someone else owns. Matrix<T>: entries of our own.
//
// Entry (i, j) of a view stands at data[i * row_stride + j * col_stride], so one type serves
// column-major and row-major storage, sub-matrices, transposes and every other strided slice, and
// no conversion copies. MatrixView<const T> only reads; MatrixView<T> turns into it by itself.
// Anything with data(), rows(), cols(), rowStride() and colStride() (an Eigen matrix, map or block)
// is a StridedMatrix and passes wherever a view is wanted.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include <eckart/types.hpp>

namespace eckart {

enum class Layout { column_major, row_major };

template <class T>
class Matrix;

template <class T>
class MatrixView {
 public:
  using value_type = std::remove_const_t<T>;

  constexpr MatrixView() noexcept = default;

  /// rows x cols entries, `row_stride` and `col_stride` counted in entries (they may be negative or
  /// zero).
  constexpr MatrixView(T* data, Index rows, Index cols, Index row_stride, Index col_stride) noexcept
      : data_(data), rows_(rows), cols_(cols), row_stride_(row_stride), col_stride_(col_stride) {}

  /// Dense rows x cols entries without gaps.
  constexpr MatrixView(T* data, Index rows, Index cols,
                       Layout layout = Layout::column_major) noexcept
      : MatrixView(data, rows, cols, layout == Layout::column_major ? 1 : std::max<Index>(cols, 1),
                   layout == Layout::column_major ? std::max<Index>(rows, 1) : 1) {}

  /// Dense entries in a span; throws InvalidArgument when the span is shorter than rows * cols.
  MatrixView(std::span<T> entries, Index rows, Index cols, Layout layout = Layout::column_major);

  /// A writable view reads as a read-only one.
  constexpr operator MatrixView<const T>() const noexcept
    requires(!std::is_const_v<T>)
  {
    return {data_, rows_, cols_, row_stride_, col_stride_};
  }

  [[nodiscard]] constexpr T* data() const noexcept { return data_; }
  [[nodiscard]] constexpr Index rows() const noexcept { return rows_; }
  [[nodiscard]] constexpr Index cols() const noexcept { return cols_; }
  [[nodiscard]] constexpr Index row_stride() const noexcept { return row_stride_; }
  [[nodiscard]] constexpr Index col_stride() const noexcept { return col_stride_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return rows_ == 0 || cols_ == 0; }

  /// Entry (i, j), counted from 0, unchecked.
  [[nodiscard]] constexpr T& operator()(Index i, Index j) const noexcept {
    return data_[i * row_stride_ + j * col_stride_];
  }

  /// Address of column j; its entries are row_stride() apart.
  [[nodiscard]] constexpr T* col(Index j) const noexcept { return data_ + j * col_stride_; }

  /// The rows x cols window whose upper left corner is (i, j). No copy.
  [[nodiscard]] constexpr MatrixView block(Index i, Index j, Index rows,
                                           Index cols) const noexcept {
    return {data_ == nullptr ? nullptr : data_ + i * row_stride_ + j * col_stride_, rows, cols,
            row_stride_, col_stride_};
  }
  [[nodiscard]] constexpr MatrixView columns(Index first, Index count) const noexcept {
    return block(0, first, rows_, count);
  }
  [[nodiscard]] constexpr MatrixView top_rows(Index count) const noexcept {
    return block(0, 0, count, cols_);
  }

  /// The transpose (not conjugated). No copy.
  [[nodiscard]] constexpr MatrixView transposed() const noexcept {
    return {data_, cols_, rows_, col_stride_, row_stride_};
  }

  /// Columns are contiguous and a column stride that BLAS accepts separates them.
  [[nodiscard]] constexpr bool is_column_major() const noexcept {
    return row_stride_ == 1 && col_stride_ >= std::max<Index>(rows_, 1);
  }

 private:
  T* data_ = nullptr;
  Index rows_ = 0, cols_ = 0, row_stride_ = 1, col_stride_ = 1;
};

/// Storage of a Matrix, aligned to a cache line. Allocation throws OutOfMemory with the byte count.
namespace detail {
[[nodiscard]] void* allocate_aligned(Index rows, Index cols, std::size_t entry_size);
void free_aligned(void* p) noexcept;
[[noreturn]] void throw_short_span(Index rows, Index cols, std::size_t have);
}  // namespace detail

/// A dense rows x cols matrix that owns its entries.
template <class T>
class Matrix {
 public:
  using value_type = T;

  Matrix() noexcept = default;

  /// All entries zero.
  Matrix(Index rows, Index cols, Layout layout = Layout::column_major)
      : Matrix(uninitialized(rows, cols, layout)) {
    std::fill_n(data(), rows * cols, T{});
  }

  /// A copy of the entries of a view, in the layout asked for.
  explicit Matrix(MatrixView<const T> a, Layout layout = Layout::column_major)
      : Matrix(uninitialized(a.rows(), a.cols(), layout)) {
    copy_entries(a);
  }

  Matrix(const Matrix& other) : Matrix(MatrixView<const T>(other), other.layout_) {}
  Matrix(Matrix&& other) noexcept { swap(other); }
  Matrix& operator=(Matrix other) noexcept {
    swap(other);
    return *this;
  }
  ~Matrix() = default;

  /// Entries left as the memory was: for results that will be written whole.
  [[nodiscard]] static Matrix uninitialized(Index rows, Index cols,
                                            Layout layout = Layout::column_major) {
    Matrix m;
    m.storage_.reset(static_cast<T*>(detail::allocate_aligned(rows, cols, sizeof(T))));
    m.rows_ = rows;
    m.cols_ = cols;
    m.layout_ = layout;
    return m;
  }

  [[nodiscard]] static Matrix identity(Index rows, Index cols) {
    Matrix m(rows, cols);
    for (Index i = 0; i < std::min(rows, cols); ++i) {
      m(i, i) = T{1};
    }
    return m;
  }

  [[nodiscard]] Index rows() const noexcept { return rows_; }
  [[nodiscard]] Index cols() const noexcept { return cols_; }
  [[nodiscard]] Layout layout() const noexcept { return layout_; }
  [[nodiscard]] bool empty() const noexcept { return rows_ == 0 || cols_ == 0; }
  [[nodiscard]] T* data() noexcept { return storage_.get(); }
  [[nodiscard]] const T* data() const noexcept { return storage_.get(); }

  [[nodiscard]] MatrixView<T> view() noexcept { return {data(), rows_, cols_, layout_}; }
  [[nodiscard]] MatrixView<const T> view() const noexcept {
    return {data(), rows_, cols_, layout_};
  }
  operator MatrixView<T>() noexcept { return view(); }
  operator MatrixView<const T>() const noexcept { return view(); }

  [[nodiscard]] T& operator()(Index i, Index j) noexcept { return view()(i, j); }
  [[nodiscard]] const T& operator()(Index i, Index j) const noexcept { return view()(i, j); }

  void swap(Matrix& other) noexcept {
    std::swap(storage_, other.storage_);
    std::swap(rows_, other.rows_);
    std::swap(cols_, other.cols_);
    std::swap(layout_, other.layout_);
  }

 private:
  struct Free {
    void operator()(T* p) const noexcept { detail::free_aligned(p); }
  };

  void copy_entries(MatrixView<const T> a) noexcept {
    const MatrixView<T> to = layout_ == Layout::column_major ? view() : view().transposed();
    const MatrixView<const T> from = layout_ == Layout::column_major ? a : a.transposed();
    for (Index j = 0; j < to.cols(); ++j) {
      for (Index i = 0; i < to.rows(); ++i) {
        to(i, j) = from(i, j);
      }
    }
  }

  std::unique_ptr<T, Free> storage_;
  Index rows_ = 0, cols_ = 0;
  Layout layout_ = Layout::column_major;
};

template <class T>
MatrixView<T>::MatrixView(std::span<T> entries, Index rows, Index cols, Layout layout)
    : MatrixView(entries.data(), rows, cols, layout) {
  if (rows < 0 || cols < 0 || (cols > 0 && rows > static_cast<Index>(entries.size()) / cols)) {
    detail::throw_short_span(rows, cols, entries.size());
  }
}

/// What Eigen's dense matrices, maps and blocks offer.
template <class A>
concept StridedMatrix = requires(const A& a) {
  { *a.data() } -> std::convertible_to<typename std::remove_cvref_t<decltype(*a.data())>>;
  { a.rows() } -> std::convertible_to<Index>;
  { a.cols() } -> std::convertible_to<Index>;
  { a.rowStride() } -> std::convertible_to<Index>;
  { a.colStride() } -> std::convertible_to<Index>;
};

/// A read-only view of whatever holds a matrix: a view, a Matrix or a StridedMatrix.
template <class T>
[[nodiscard]] MatrixView<const std::remove_const_t<T>> as_view(MatrixView<T> a) noexcept {
  return a;
}
template <class T>
[[nodiscard]] MatrixView<const T> as_view(const Matrix<T>& a) noexcept {
  return a.view();
}
template <StridedMatrix A>
[[nodiscard]] auto as_view(const A& a) noexcept {
  using T = std::remove_cvref_t<decltype(*a.data())>;
  return MatrixView<const T>(a.data(), a.rows(), a.cols(), a.rowStride(), a.colStride());
}

/// Anything that as_view() accepts and whose entries are a Scalar.
template <class A>
concept MatrixLike =
    requires(const A& a) { requires Scalar<typename decltype(as_view(a))::value_type>; };

/// The entry type of a MatrixLike.
template <MatrixLike A>
using ScalarOf = typename decltype(as_view(std::declval<const A&>()))::value_type;

}  // namespace eckart
