#pragma once

// C <- alpha op(A) op(B) + beta C, with op(X) one of X, X^T, X^H.
//
//   op(A)  m x k      op(B)  k x n      C  m x n column-major
//
// A and B may be column-major or row-major views (a row-major real matrix is read as a transposed
// column-major one); a view with no unit stride throws InvalidArgument. 2 m n k flops (8 for
// complex). The product is cut into strips of C whose number depends on m, n and k alone, and the
// strips are shared over the threads: the result is the same for any number of them.

#include <type_traits>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

namespace eckart::blas {

enum class Op : char { none = 'N', transpose = 'T', adjoint = 'C' };

template <class T>
using ConstView = std::type_identity_t<MatrixView<const T>>;

template <Scalar T>
void gemm(const Execution& execution, Op op_a, Op op_b, std::type_identity_t<T> alpha,
          ConstView<T> a, ConstView<T> b, std::type_identity_t<T> beta, MatrixView<T> c);

/// The product of two column-major matrices on the calling thread alone.
template <Scalar T>
void gemm(Op op_a, Op op_b, std::type_identity_t<T> alpha, ConstView<T> a, ConstView<T> b,
          std::type_identity_t<T> beta, MatrixView<T> c) {
  gemm<T>(Execution{.threads = 1, .stop = {}, .progress = {}}, op_a, op_b, alpha, a, b, beta, c);
}

}  // namespace eckart::blas
