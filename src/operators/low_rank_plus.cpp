// Something of low rank added:  (A + U diag(s) V^H) x = A x + U (diag(s) V^H x), with s in the rows of V^H from the beginning.

#include <memory>
#include <utility>

#include "blas/block_product.hpp"
#include "operators/composition.hpp"

namespace eckart {
namespace {

using blas::Op;

template <Scalar T>
struct LowRankPlus {
  Operator<T> a;
  std::shared_ptr<const Matrix<T>> u, svh;
  Index rows() const { return a.rows(); }
  Index cols() const { return a.cols(); }
  void apply(const Execution& e, In<T> x, Out<T> y) const {
    a.apply(e, x, y);
    auto inner = Matrix<T>::uninitialized(svh->rows(), x.cols());
    blas::block_product<T>(e, Op::none, *svh, x, false, inner.view());
    blas::block_product<T>(e, Op::none, *u, inner, true, y);
  }
  void apply_adjoint(const Execution& e, In<T> x, Out<T> y) const {
    a.apply_adjoint(e, x, y);
    auto inner = Matrix<T>::uninitialized(u->cols(), x.cols());
    blas::block_product<T>(e, Op::adjoint, *u, x, false, inner.view());
    blas::block_product<T>(e, Op::adjoint, *svh, inner, true, y);
  }
  OperatorCost cost() const {
    const double entries = static_cast<double>(u->cols()) * static_cast<double>(rows() + cols());
    const OperatorCost own{.flops = (ComplexScalar<T> ? 8 : 2) * entries,
                           .bytes = sizeof(T) * entries};
    return a.cost() + own;
  }
  std::string description() const {
    return a.description() + " + rank " + std::to_string(u->cols());
  }
};

}  // namespace

template <Scalar T>
Operator<T> low_rank_plus(Operator<T> a, std::type_identity_t<MatrixView<const T>> u,
                          std::span<const std::type_identity_t<Real<T>>> s,
                          std::type_identity_t<MatrixView<const T>> vh) {
  const auto k = static_cast<Index>(s.size());
  require(u.rows() == a.rows() && u.cols() == k && vh.rows() == k && vh.cols() == a.cols(),
          "low_rank_plus: U " + size_text(u.rows(), u.cols()) + ", " + std::to_string(k) +
              " values and Vh " + size_text(vh.rows(), vh.cols()) + " do not fit " + size_of(a));
  Matrix<T> svh(vh);
  for (Index j = 0; j < svh.cols(); ++j) {
    for (Index i = 0; i < k; ++i) {
      svh(i, j) *= s[static_cast<std::size_t>(i)];
    }
  }
  return LowRankPlus<T>{std::move(a), std::make_shared<const Matrix<T>>(u),
                        std::make_shared<const Matrix<T>>(std::move(svh))};
}

#define ECKART_INSTANTIATE(T)                                             \
  template Operator<T> low_rank_plus<T>(Operator<T>, MatrixView<const T>, \
                                        std::span<const Real<T>>, MatrixView<const T>);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
