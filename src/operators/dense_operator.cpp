// A dense matrix as an operator: two products. src/blas/block_product.hpp has the inner loops.
//
// A view without a unit stride (every second row of a matrix, a reversed one, one entry everywhere) is copied a block at a time
// into memory of bounded size, and each block multiplied where it lies.

#include <algorithm>

#include <eckart/error.hpp>
#include <eckart/operators.hpp>
#include <eckart/workspace.hpp>

#include "blas/block_product.hpp"
#include "blas/normal_product.hpp"
#include "operators/norm.hpp"

namespace eckart {
namespace {

using blas::block_product;
using blas::Op;

// A copied block: 2 MiB of doubles a thread.
constexpr Index block_rows = 2048, block_columns = 128;

template <class T>
bool has_unit_stride(const MatrixView<const T>& a) noexcept {
  return a.row_stride() == 1 || a.col_stride() == 1;
}

// y <- op(A) x, a block of y's rows after the other.
template <Scalar T>
void product_of_copies(const Execution& execution, Op op, MatrixView<const T> a,
                       MatrixView<const T> x, MatrixView<T> y) {
  const MatrixView<const T> op_a = op == Op::none ? a : a.transposed();
  const Index height = op == Op::none ? block_rows : block_columns;
  const Index width = op == Op::none ? block_columns : block_rows;
  const Execution alone{.threads = 1, .stop = execution.stop, .progress = {}};
  parallel_for(execution, (y.rows() + height - 1) / height, [&](Index piece) {
    const Index first = piece * height, rows = std::min(height, y.rows() - first);
    const MatrixView<T> to = y.block(first, 0, rows, y.cols());
    for (Index k = 0; k < y.cols(); ++k) {
      std::fill_n(to.col(k), rows, T{0});
    }
    for (Index j = 0; j < x.rows(); j += width) {
      const Index cols = std::min(width, x.rows() - j);
      const MatrixView<const T> part = op_a.block(first, j, rows, cols);
      const Matrix<T> copy(op == Op::none ? part : part.transposed());
      block_product<T>(alone, op, copy, x.block(j, 0, cols, x.cols()), true, to);
    }
  });
}

template <Scalar T>
void product(const Execution& execution, Op op, MatrixView<const T> a, MatrixView<const T> x,
             MatrixView<T> y) {
  if (has_unit_stride(a)) {
    block_product<T>(execution, op, a, x, false, y);
  } else {
    product_of_copies<T>(execution, op, a, x, y);
  }
}

}  // namespace

template <Scalar T>
void DenseOperator<T>::apply(const Execution& execution, MatrixView<const T> x,
                             MatrixView<T> y) const {
  product<T>(execution, Op::none, a_, x, y);
}

template <Scalar T>
void DenseOperator<T>::apply_adjoint(const Execution& execution, MatrixView<const T> x,
                                     MatrixView<T> y) const {
  product<T>(execution, Op::adjoint, a_, x, y);
}

template <Scalar T>
bool DenseOperator<T>::goes_back_in_one_pass(bool adjoint) const noexcept {
  return RealScalar<T> && (adjoint ? a_ : a_.transposed()).is_column_major();
}

template <Scalar T>
void DenseOperator<T>::apply_and_back(const Execution& execution, bool adjoint, Real<T> factor,
                                      MatrixView<const T> x, MatrixView<T> y,
                                      MatrixView<T> z) const {
  if (!goes_back_in_one_pass(adjoint)) {
    throw InvalidArgument("a dense operator goes back in one pass where goes_back_in_one_pass()");
  }
  const MatrixView<const T> a = adjoint ? a_ : a_.transposed();
  const Index size = blas::normal_product_work<T>(a.rows(), a.cols());
  Workspace work(MemoryPlan::block<T>("normal product", size));
  blas::normal_product<T>(execution, factor, a, x, y, z, work.take<T>(size));
}

template <Scalar T>
std::optional<Real<T>> DenseOperator<T>::frobenius_norm(const Execution& execution) const {
  return stated_norm_of<T>(execution, a_);
}

template class DenseOperator<float>;
template class DenseOperator<double>;
template class DenseOperator<std::complex<float>>;
template class DenseOperator<std::complex<double>>;

}  // namespace eckart
