// A dense matrix as an operator: two products.

#include <eckart/operators.hpp>

#include "blas/gemm.hpp"

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
std::optional<Real<T>> DenseOperator<T>::frobenius_norm(const Execution&) const {
  return std::nullopt;
}

template class DenseOperator<float>;
template class DenseOperator<double>;
template class DenseOperator<std::complex<float>>;
template class DenseOperator<std::complex<double>>;

}  // namespace eckart
