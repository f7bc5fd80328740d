#include "truncated/projection.hpp"

#include <eckart/svd.hpp>

#include "blas/gemm.hpp"
#include "dense/scale.hpp"
#include "truncated/orthogonalize.hpp"
#include "truncated/power.hpp"

namespace eckart::truncated {

template <Scalar T>
Triplets<T> projected(const Execution& execution, const Operator<T>& a, int exponent, Matrix<T> u,
                      Matrix<T> v, const Random& random) {
  using blas::Op;
  const Index p = u.cols();
  make_orthonormal<T>(execution, u.view(), random);
  make_orthonormal<T>(execution, v.view(), random);
  const int power = power_for_vectors<Real<T>>(exponent);
  Matrix<T> av = Matrix<T>::uninitialized(a.rows(), p), h = Matrix<T>::uninitialized(p, p);
  with_power<T>(execution, v.view(), power,
                [&](MatrixView<const T> from) { a.apply(execution, from, av.view()); });
  blas::gemm<T>(execution, Op::adjoint, Op::none, T(1), u.view(), av.view(), T(0), h.view());
  Svd<T> d = svd_overwrite<T>(h.view(), {.threads = execution.threads, .stop = execution.stop});
  const auto rotated = [&](const Matrix<T>& x, MatrixView<const T> by) {
    Matrix<T> y = Matrix<T>::uninitialized(x.rows(), p);
    blas::gemm<T>(execution, Op::none, Op::none, T(1), x.view(), by, T(0), y.view());
    return y;
  };
  dense::copy_scaled<T>(execution, d.Vh.view().transposed(), h.view(), 0, true);
  Triplets<T> triplets{rotated(u, d.U.view()), std::move(d.s), rotated(v, h.view())};
  dense::scale_values<Real<T>>(triplets.s, -power);
  return triplets;
}

#define ECKART_INSTANTIATE(T)                                                             \
  template Triplets<T> projected<T>(const Execution&, const Operator<T>&, int, Matrix<T>, \
                                    Matrix<T>, const Random&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::truncated
