#pragma once

// Factorisations of sparse matrices, for who needs an inverse or a count of eigenvalues. Orders and L U are the work of Eigen's headers
// (AMD; SparseLU with COLAMD), and sparse_factors.cpp alone knows them.
//
//   SparseLu      P S Q = L U with threshold pivoting, backward stable:  S^-1 x and S^-H x
//     of A        square
//     of the augmented matrix  [-alpha I   A ]    m + n rows:  S [p; q] = [0; b]  is  q = alpha (A^H A - alpha beta I)^-1 b,  p = A q / alpha
//                              [  A^H  -beta I]   A^H A is never formed, so no digits of small values are lost
//
//   NormalCount   R^H S R = A^H A - y I, formed and factored in double precision without pivoting (signed_cholesky.hpp): the number of
//                 eigenvalues below y of A^H A + E, E bounded by what was computed and by the rounding of A^H A,  gamma |A^H| |A|.
//                 So at most `below` singular values of A lie below sqrt(y - error), and at least as many below sqrt(y + error).
//
// Memory: of L and U, which no size foretells; fill() of the count is found before anything is factored, and bounds each of L and U of
// a square A that is ordered alike (George, Ng, 1985).

#include <complex>
#include <memory>
#include <optional>
#include <type_traits>

#include <eckart/sparse.hpp>

#include "operators/signed_cholesky.hpp"

namespace eckart {

template <Scalar T>
class SparseLu {
 public:
  /// Of 2^exponent A, square. Nothing where A is singular to the factorisation, or memory ran out.
  [[nodiscard]] static std::optional<SparseLu> of(const SparseMatrix<T>& a, int exponent);
  /// Of the augmented matrix of 2^exponent A.
  [[nodiscard]] static std::optional<SparseLu> of_augmented(const SparseMatrix<T>& a, int exponent,
                                                            double alpha, double beta);

  /// y <- S^-1 x, or S^-H x.
  void solve(MatrixView<const T> x, MatrixView<T> y, bool adjoint) const;
  [[nodiscard]] Index rows() const noexcept;
  /// Of L and U.
  [[nodiscard]] Index entries() const noexcept;
  [[nodiscard]] std::uint64_t bytes() const noexcept;

 private:
  struct Factors;
  explicit SparseLu(std::shared_ptr<const Factors> factors) : factors_(std::move(factors)) {}
  template <class F>
  [[nodiscard]] static std::optional<SparseLu> factored(Index rows, const F& entries);
  std::shared_ptr<const Factors> factors_;
};

/// Eigenvalues of A^H A + E below y, ||E||_2 <= error.
struct CountBelow {
  Index below = 0;
  double error = 0;
};

template <class T>
using Wide = std::conditional_t<ComplexScalar<T>, std::complex<double>, double>;

template <Scalar T>
class NormalCount {
 public:
  /// Of 2^exponent A, whose entries are then below 1. Orders and counts the entries of R. Nothing is formed where that
  /// would take more than about `most_bytes`, 50 for each product of two entries of a row, or more than 2e8 of these. Throws Cancelled.
  NormalCount(const SparseMatrix<T>& a, int exponent,
              std::uint64_t most_bytes = std::uint64_t{1} << 62U, const Execution& execution = {});

  /// So it was, or memory ran out.
  [[nodiscard]] bool is_too_dense() const noexcept { return impl_ == nullptr; }
  /// Entries of R.
  [[nodiscard]] Index fill() const noexcept;
  /// Of a factorisation.
  [[nodiscard]] double multiplications() const noexcept;
  /// Of R, with the zeros that are stored; and of A^H A and the places of R, which are kept.
  [[nodiscard]] std::uint64_t factor_bytes() const noexcept;
  [[nodiscard]] std::uint64_t bytes() const noexcept;
  /// Nothing where a pivot was zero, or memory ran out. Throws Cancelled.
  [[nodiscard]] std::optional<CountBelow> below(const Execution& execution, double y) const;
  /// R and S, likewise.
  [[nodiscard]] std::optional<SignedCholesky<Wide<T>>> factored(const Execution& execution,
                                                                double y) const;
  /// ||fl(A v) - A v|| and ||fl(A^H u) - A^H u|| of unit vectors are no larger, in the precision of A, however the sums are ordered.
  [[nodiscard]] double product_error() const noexcept;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// 2^exponent A.
template <Scalar T>
[[nodiscard]] SparseMatrix<Wide<T>> in_double(const SparseMatrix<T>& a, int exponent);

}  // namespace eckart
