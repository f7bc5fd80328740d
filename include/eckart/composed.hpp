#pragma once

// Operators made of operators. None of them forms a matrix: each product is made of products of its parts.
//
//   const Operator<double> a = SparseOperator(matrix);
//   truncated_svd(centred(a, column_means(a)), rank(10));    // principal components, and the matrix stays sparse
//
// Sizes that do not fit throw InvalidArgument. Apart from what is said, a product needs memory for a block or two of the size of X
// or Y, and ||A||_F is not known. Where it would be a product of numbers and one of them or the result is out of the range of normal
// numbers, it is not known either.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <eckart/operator.hpp>

namespace eckart {

/// A^H. ||A||_F as of A.
template <Scalar T>
[[nodiscard]] Operator<T> adjoint(Operator<T> a);

/// alpha A. ||A||_F times |alpha|.
template <Scalar T>
[[nodiscard]] Operator<T> scaled(Operator<T> a, std::type_identity_t<T> alpha);

/// A + B.
template <Scalar T>
[[nodiscard]] Operator<T> sum(Operator<T> a, Operator<T> b);

/// A B.
template <Scalar T>
[[nodiscard]] Operator<T> product(Operator<T> a, Operator<T> b);

/// A + alpha I, A square.
template <Scalar T>
[[nodiscard]] Operator<T> shifted(Operator<T> a, std::type_identity_t<T> alpha);

/// A - 1 mu^T: every row less the row `means`, which is copied. With the means of A's columns these are the deviations whose
/// singular vectors are the principal components.
template <Scalar T>
[[nodiscard]] Operator<T> centred(Operator<T> a, std::span<const std::type_identity_t<T>> means);

/// mu_j = (1/m) sum_i a_ij, at the price of one product: conj(A^H 1) / m.
template <Scalar T>
[[nodiscard]] std::vector<T> column_means(const Operator<T>& a, const Execution& execution = {});

/// A + U diag(s) V^H, U m x k, s of k values, Vh k x n. The three are copied.
template <Scalar T>
[[nodiscard]] Operator<T> low_rank_plus(Operator<T> a, std::type_identity_t<MatrixView<const T>> u,
                                        std::span<const std::type_identity_t<Real<T>>> s,
                                        std::type_identity_t<MatrixView<const T>> vh);

/// The Kronecker product of A (p x q) and B (r x s): block (i, j) is a_ij B, p r x q s. A vector is X of s x q, and the product
/// B X A^T, so A x B is never formed. ||A||_F ||B||_F.
template <Scalar T>
[[nodiscard]] Operator<T> kronecker(Operator<T> a, Operator<T> b);

/// The sub-matrix of the rows and columns listed, in the order listed. No row or column may be listed twice.
template <Scalar T>
[[nodiscard]] Operator<T> masked(Operator<T> a, std::span<const Index> rows,
                                 std::span<const Index> columns);

/// A, square, with its inverse B = A^-1, whose apply() solves A y = x and whose apply_adjoint() solves A^H y = x: a factorisation of the
/// caller's, a preconditioner that is exact. The smallest singular values of A are found from B's products alone; what comes out is
/// measured with A, so a B that is not A^-1 shows as residuals. ||A||_F and the rest as of A.
template <Scalar T>
[[nodiscard]] Operator<T> with_inverse(Operator<T> a, Operator<T> inverse);

/// Two functions of the caller: y <- A x and y <- A^H x, for blocks of vectors as in operator.hpp.
template <Scalar T>
class CallbackOperator {
 public:
  using Function = std::function<void(const Execution&, MatrixView<const T> x, MatrixView<T> y)>;

  /// Throws InvalidArgument for a negative size or an empty function.
  CallbackOperator(Index rows, Index cols, Function apply, Function apply_adjoint);

  [[nodiscard]] Index rows() const noexcept { return rows_; }
  [[nodiscard]] Index cols() const noexcept { return cols_; }
  void apply(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const {
    apply_(execution, x, y);
  }
  void apply_adjoint(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const {
    adjoint_(execution, x, y);
  }
  [[nodiscard]] std::string description() const { return "callback"; }

 private:
  Index rows_, cols_;
  Function apply_, adjoint_;
};

}  // namespace eckart
