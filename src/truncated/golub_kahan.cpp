#include "truncated/golub_kahan.hpp"

#include <algorithm>
#include <cmath>

#include "blas/lapack.hpp"
#include "dense/columns.hpp"
#include "truncated/orthogonalize.hpp"

namespace eckart::truncated {
// 2.
template <Scalar T>
void GolubKahan<T>::expand() {
  this->execution_.check_stop();
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
  this->note_coupling(p);
  this->p_ += b;

  this->apply_adjoint(u_new, v_next);
  const MatrixView<T> c = dense::take_matrix<T>(this->work_, this->p_, b);
  static_cast<void>(orthogonalize<T>(this->execution_, this->v_.columns(0, this->p_), v_next, c,
                                     this->s_, this->negligible(this->size_.n), this->fresh(),
                                     this->work_, coupled > 0 ? std::min(2 * b, this->p_) : 0));
}

template <Scalar T>
Triplets<T> GolubKahan<T>::triplets(Index k) {
  this->restart(k);
  return {Matrix<T>(MatrixView<const T>(this->u_.columns(0, k))),
          {this->values().begin(), this->values().begin() + k},
          Matrix<T>(MatrixView<const T>(this->v_.columns(0, k)))};
}

template <Scalar T>
double GolubKahan<T>::rounding(Index /*i*/) const noexcept {
  return 8 * double{epsilon<T>} * double{this->values()[0]};
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

template class GolubKahan<float>;
template class GolubKahan<double>;
template class GolubKahan<std::complex<float>>;
template class GolubKahan<std::complex<double>>;

}  // namespace eckart::truncated
