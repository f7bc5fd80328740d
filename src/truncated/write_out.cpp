#include "truncated/write_out.hpp"

#include <algorithm>

#include "dense/scale.hpp"
#include "truncated/plan.hpp"

namespace eckart::truncated {
namespace {

template <Scalar T>
void scatter(const SparseMatrix<T>& a, bool adjoint, MatrixView<T> to) {
  std::visit(
      [&](const auto& columns) {
        for (Index i = 0; i < a.rows(); ++i) {
          for (Index k = a.pointers()[static_cast<std::size_t>(i)];
               k < a.pointers()[static_cast<std::size_t>(i + 1)]; ++k) {
            const auto at = static_cast<std::size_t>(k);
            const auto j = static_cast<Index>(columns[at]);
            if (adjoint) {
              to(j, i) = conjugate(a.values()[at]);
            } else {
              to(i, j) = a.values()[at];
            }
          }
        }
      },
      a.columns());
}

}  // namespace

template <Scalar T>
Matrix<T> written_out(const Execution& execution, const Operator<T>& a, bool adjoint, int exponent,
                      Index& products) {
  const Index m = adjoint ? a.cols() : a.rows(), n = adjoint ? a.rows() : a.cols();
  if (const std::optional<MatrixView<const T>> entries = a.dense_entries()) {
    Matrix<T> to = Matrix<T>::uninitialized(m, n);
    dense::copy_scaled<T>(execution, adjoint ? entries->transposed() : *entries, to.view(),
                          exponent, adjoint);
    return to;
  }
  if (const SparseMatrix<T>* const sparse = a.sparse_entries()) {
    Matrix<T> to(m, n);
    scatter<T>(*sparse, adjoint, to.view());
    dense::scale_by_power<T>(to.view(), exponent);
    return to;
  }
  Matrix<T> to = Matrix<T>::uninitialized(m, n);
  for (Index first = 0; first < n; first += unit_strip) {
    execution.check_stop();
    const Index count = std::min(unit_strip, n - first);
    Matrix<T> unit(n, count);
    for (Index j = 0; j < count; ++j) {
      unit(first + j, j) = T{1};
    }
    const MatrixView<T> some = to.view().columns(first, count);
    adjoint ? a.apply_adjoint(execution, unit.view(), some) : a.apply(execution, unit.view(), some);
  }
  products += n;
  dense::scale_by_power<T>(to.view(), exponent);
  return to;
}

#define ECKART_INSTANTIATE(T) \
  template Matrix<T> written_out<T>(const Execution&, const Operator<T>&, bool, int, Index&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
