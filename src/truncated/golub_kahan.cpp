#include "truncated/golub_kahan.hpp"

#include <algorithm>
#include <cmath>

#include "blas/gemm.hpp"
#include "blas/lapack.hpp"
#include "dense/columns.hpp"
#include "dense/scale.hpp"
#include "truncated/orthogonalize.hpp"
#include "truncated/rounding.hpp"

namespace eckart::truncated {
// 2.
template <Scalar T>
void GolubKahan<T>::step() {
  const Workspace::Frame frame(this->work_);
  const Index b = this->size_.block, p = this->p_;
  const MatrixView<T> v_new = this->v_.columns(p, b), v_next = this->v_.columns(p + b, b),
                      u_new = this->u_.columns(p, b), r = this->h_.block(p, p, b, b);
  const Index coupled = this->coupled_;
  this->apply(v_new, u_new);
  for (Index j = 0; j < p; ++j) {
    std::fill_n(this->h_.col(j) + p, b, T{});
  }
  static_cast<void>(orthogonalize<T>(this->execution_, this->u_.columns(0, p), u_new,
                                     this->h_.block(0, p, p, b), r, this->negligible(this->size_.m),
                                     this->fresh(), this->work_, std::min(coupled, p)));
  this->apply_adjoint(u_new, v_next);
  const MatrixView<T> c = dense::take_matrix<T>(this->work_, p + b, b);
  this->p_ += b;
  static_cast<void>(orthogonalize<T>(this->execution_, this->v_.columns(0, p + b), v_next, c,
                                     this->s_, this->negligible(this->size_.n), this->fresh(),
                                     this->work_, coupled > 0 ? std::min(2 * b, p + b) : 0));
  this->note_coupling(p);
}

template <Scalar T>
Triplets<T> GolubKahan<T>::triplets(Index k) {
  this->restart(k);
  return {Matrix<T>(MatrixView<const T>(this->u_.columns(0, k))),
          {this->values().begin(), this->values().begin() + k},
          Matrix<T>(MatrixView<const T>(this->v_.columns(0, k))),
          {}};
}

template <Scalar T>
double GolubKahan<T>::rounding(Index /*i*/) const noexcept {
  return reached_by_iteration<T>(double{this->values()[0]});
}

template <Scalar T>
Real<T> GolubKahan<T>::value_at_least(Index i) const noexcept {
  return this->values()[static_cast<std::size_t>(i)];
}

// A^H u - s v.
template <Scalar T>
void GolubKahan<T>::residual_vectors(Index first, MatrixView<T> f) {
  this->apply_adjoint(this->u_.columns(first, f.cols()), f);
  for (Index j = 0; j < f.cols(); ++j) {
    const R s = this->values()[static_cast<std::size_t>(first + j)];
    for (Index i = 0; i < f.rows(); ++i) {
      f(i, j) -= s * this->v_(i, first + j);
    }
  }
}

// A V c - U H c, and A^H U c - V H^H c.
template <Scalar T>
double GolubKahan<T>::deviation(MatrixView<const T> c) {
  const Index p = this->p_;
  const MatrixView<const T> h = this->h_.block(0, 0, p, p), u = this->u_.columns(0, p);
  Matrix<T> x = Matrix<T>::uninitialized(this->size_.n, 1),
            y = Matrix<T>::uninitialized(this->size_.m, 1), coefficients(p, 1);
  const auto multiply = [&](blas::Op op, MatrixView<const T> a, MatrixView<const T> b, T beta,
                            MatrixView<T> to) {
    blas::gemm<T>(this->execution_, op, blas::Op::none, beta == T{} ? T(1) : T(-1), a, b, beta, to);
  };
  multiply(blas::Op::none, this->v_.columns(0, p), c, T{}, x.view());
  this->apply(x, y.view());
  multiply(blas::Op::none, h, c, T{}, coefficients.view());
  multiply(blas::Op::none, u, coefficients, T(1), y.view());
  const double left = dense::frobenius_norm<T>(this->execution_, y);
  multiply(blas::Op::none, u, c, T{}, y.view());
  this->apply_adjoint(y, x.view());
  multiply(blas::Op::adjoint, h, c, T{}, coefficients.view());
  return std::hypot(left, this->deviation(x.view(), c, coefficients));
}

template class GolubKahan<float>;
template class GolubKahan<double>;
template class GolubKahan<std::complex<float>>;
template class GolubKahan<std::complex<double>>;

}  // namespace eckart::truncated
