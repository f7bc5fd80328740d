#pragma once

// Small things that the files of this room do with column-major matrices.

#include <algorithm>

#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

namespace eckart::dense {

/// A rows x cols matrix of uninitialised entries.
template <class T>
[[nodiscard]] MatrixView<T> take_matrix(Workspace& work, Index rows, Index cols) {
  return {work.take<T>(rows * cols).data(), rows, cols};
}

/// to <- from, shapes being equal; a real matrix may be copied into a complex one.
template <class From, class To>
void copy_columns(MatrixView<From> from, MatrixView<To> to) {
  for (Index j = 0; j < from.cols(); ++j) {
    std::copy_n(from.col(j), from.rows(), to.col(j));
  }
}

/// Zero, with ones on the diagonal.
template <class T>
void set_identity(MatrixView<T> a) {
  for (Index j = 0; j < a.cols(); ++j) {
    std::fill_n(a.col(j), a.rows(), T{});
    if (j < a.rows()) {
      a(j, j) = T{1};
    }
  }
}

/// Rows first, first + 1, ... become zero.
template <class T>
void clear_rows_from(MatrixView<T> a, Index first) {
  for (Index j = 0; j < a.cols(); ++j) {
    std::fill(a.col(j) + first, a.col(j) + a.rows(), T{});
  }
}

/// to <- from - to.
template <Scalar T>
void subtract_from(MatrixView<const T> from, MatrixView<T> to) {
  for (Index j = 0; j < to.cols(); ++j) {
    for (Index i = 0; i < to.rows(); ++i) {
      to(i, j) = from(i, j) - to(i, j);
    }
  }
}

}  // namespace eckart::dense
