// A dense matrix as an operator: two products.

#include <algorithm>

#include <eckart/operators.hpp>
#include <eckart/workspace.hpp>

#include "blas/gemm.hpp"
#include "blas/normal_product.hpp"

namespace eckart {

using blas::Op;

template <Scalar T>
void DenseOperator<T>::apply(const Execution& execution, MatrixView<const T> x,
                             MatrixView<T> y) const {
  blas::gemm<T>(execution, Op::none, Op::none, T(1), a_, x, T(0), y);
}

template <Scalar T>
void DenseOperator<T>::apply_adjoint(const Execution& execution, MatrixView<const T> x,
                                     MatrixView<T> y) const {
  blas::gemm<T>(execution, Op::adjoint, Op::none, T(1), a_, x, T(0), y);
}

template <Scalar T>
bool DenseOperator<T>::goes_back_in_one_pass(bool adjoint) const noexcept {
  return RealScalar<T> && (adjoint ? a_ : a_.transposed()).is_column_major();
}

template <Scalar T>
void DenseOperator<T>::apply_and_back(const Execution& execution, bool adjoint, Real<T> factor,
                                      MatrixView<const T> x, MatrixView<T> y,
                                      MatrixView<T> z) const {
  if (goes_back_in_one_pass(adjoint)) {
    const MatrixView<const T> a = adjoint ? a_ : a_.transposed();
    Workspace work(sizeof(T) *
                   static_cast<std::uint64_t>(blas::normal_product_work<T>(a.rows(), a.cols())));
    blas::normal_product<T>(execution, factor, a, x, y, z,
                            work.take<T>(blas::normal_product_work<T>(a.rows(), a.cols())));
    return;
  }
  adjoint ? apply_adjoint(execution, x, y) : apply(execution, x, y);
  for (Index j = 0; j < y.cols(); ++j) {
    std::for_each_n(y.col(j), y.rows(), [&](T& entry) { entry *= factor; });
  }
  adjoint ? apply(execution, y, z) : apply_adjoint(execution, y, z);
}

template <Scalar T>
std::optional<Real<T>> DenseOperator<T>::frobenius_norm(const Execution&) const {
  return std::nullopt;
}

template class DenseOperator<float>;
template class DenseOperator<double>;
template class DenseOperator<std::complex<float>>;
template class DenseOperator<std::complex<double>>;

}  // namespace eckart
