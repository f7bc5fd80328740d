#include "dense/reduction.hpp"

#include <algorithm>
#include <cmath>

#include "dense/qr.hpp"

namespace eckart::dense {

template <Scalar T>
MemoryPlan Reduction<T>::memory(Index, Index n, const ReductionOptions&) {
  return MemoryPlan::all_of(
      "reduction", {MemoryPlan::block<R>("d", n), MemoryPlan::block<R>("e", n),
                    MemoryPlan::block<T>("tau of Q", n), MemoryPlan::block<T>("tau of P", n)});
}

template <Scalar T>
MemoryPlan Reduction<T>::scratch(Index m, Index n, Index c, const ReductionOptions& options) {
  return MemoryPlan::any_of("reduce and apply",
                            {bidiagonalize_memory<T>(m, n, options.panel), apply_memory<T>(c)});
}

template <Scalar T>
Reduction<T>::Reduction(Index, Index n, const ReductionOptions& options, Workspace& work)
    : options_(options) {
  b_.d = work.take<R>(n);
  b_.e = work.take<R>(n - 1);
  b_.tau_q = work.take<T>(n);
  b_.tau_p = work.take<T>(n);
}

template <Scalar T>
void Reduction<T>::reduce(const Execution& execution, MatrixView<T> a, Workspace& work) {
  b_.a = a;
  bidiagonalize<T>(execution, b_, options_.panel, work);
  const auto finite = [](R x) { return std::isfinite(x); };
  is_finite_ = std::all_of(b_.d.begin(), b_.d.end(), finite) &&
               std::all_of(b_.e.begin(), b_.e.end(), finite);
}

template <Scalar T>
void Reduction<T>::left(const Execution& execution, blas::Op op, MatrixView<T> c,
                        Workspace& work) const {
  apply_q<T>(execution, op, b_.a, b_.tau_q, c, work);
}

template <Scalar T>
void Reduction<T>::right(const Execution& execution, blas::Op op, MatrixView<T> c,
                         Workspace& work) const {
  if (c.rows() > 1) {
    const Index n = b_.a.cols();
    // P's reflectors are rows that begin at the superdiagonal; LAPACK's product of them is P^H.
    apply_p_from_left<T>(execution, op == blas::Op::none ? blas::Op::adjoint : blas::Op::none,
                         b_.a.block(0, 1, n - 1, n - 1), b_.tau_p.first(b_.tau_p.size() - 1),
                         c.block(1, 0, n - 1, c.cols()), work);
  }
}

template class Reduction<float>;
template class Reduction<double>;
template class Reduction<std::complex<float>>;
template class Reduction<std::complex<double>>;

}  // namespace eckart::dense
