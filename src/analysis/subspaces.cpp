#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <eckart/error.hpp>
#include <eckart/subspaces.hpp>
#include <eckart/svd.hpp>

#include "analysis/factors.hpp"
#include "dense/reduction/qr.hpp"
#include "dense/scale.hpp"
#include "dense/sign_rule.hpp"

namespace eckart {
namespace {

// complete_basis accepts || I - Q^H Q ||_F up to this many k sqrt(m) eps: far above what any stable
// method leaves behind, far below what a mistake looks like.
constexpr double orthonormality_slack = 100;

template <Scalar T>
void require_orthonormal(MatrixView<const T> q, const Execution& run) {
  const auto m = static_cast<double>(q.rows());
  const auto k = static_cast<double>(q.cols());
  const double figure = analysis::orthonormality_defect<T>(run, q);
  const double limit = orthonormality_slack * k * std::sqrt(m) * static_cast<double>(epsilon<T>);
  if (figure > limit) {
    throw InvalidArgument("the columns to complete are not orthonormal: ||I - Q^H Q||_F is " +
                          std::to_string(figure) +
                          "; orthonormalise them first, for instance with range_basis()");
  }
}

// The columns behind the first `rank` of `vectors` (length x at least k), and what completes the k
// to a basis of the whole space.
template <Scalar T>
Matrix<T> complement(MatrixView<const T> vectors, Index rank, const Execution& run) {
  const Index length = vectors.rows();
  auto result = Matrix<T>::uninitialized(length, length - rank);
  const auto copy = [](MatrixView<const T> from, MatrixView<T> to) {
    for (Index j = 0; j < from.cols(); ++j) {
      for (Index i = 0; i < from.rows(); ++i) {
        to(i, j) = from(i, j);
      }
    }
  };
  const Index present = vectors.cols() - rank;
  copy(vectors.columns(rank, present), result.view().columns(0, present));
  if (vectors.cols() < length) {
    const Matrix<T> rest = complete_basis<T>(vectors, run);
    copy(rest, result.view().columns(present, rest.cols()));
  }
  return result;
}

// As many columns as the factor holds: k when it is thin, all when it is full.
template <Scalar T>
MatrixView<const T> all_left_vectors(const Svd<T>& d) {
  const auto k = static_cast<Index>(d.s.size());
  const MatrixView<const T> thin = analysis::left_vectors(d, k);
  const bool present = d.U.rows() == thin.rows();
  const Index held = std::min(d.U.rows(), d.U.cols());
  return present ? d.U.view().columns(0, held) : thin;
}

template <Scalar T>
Matrix<T> all_right_vectors(const Svd<T>& d, const Execution& run) {
  const auto k = static_cast<Index>(d.s.size());
  const MatrixView<const T> thin = analysis::right_vectors(d, k);
  const bool present = d.Vh.cols() == thin.cols();
  const Index held = std::min(d.Vh.rows(), d.Vh.cols());
  return analysis::adjoint<T>(run, present ? d.Vh.view().top_rows(held) : thin);
}

}  // namespace

template <Scalar T>
Matrix<T> range_basis(const Svd<T>& d, const RankRule& rule) {
  return Matrix<T>(analysis::left_vectors(d, numerical_rank(d, rule).rank));
}

template <Scalar T>
Matrix<T> row_space_basis(const Svd<T>& d, const RankRule& rule, const Execution& run) {
  return analysis::adjoint<T>(run, analysis::right_vectors(d, numerical_rank(d, rule).rank));
}

template <Scalar T>
Matrix<T> left_null_space_basis(const Svd<T>& d, const RankRule& rule, const Execution& run) {
  return complement<T>(all_left_vectors(d), numerical_rank(d, rule).rank, run);
}

template <Scalar T>
Matrix<T> null_space_basis(const Svd<T>& d, const RankRule& rule, const Execution& run) {
  return complement<T>(all_right_vectors(d, run), numerical_rank(d, rule).rank, run);
}

template <Scalar T>
Matrix<T> complete_basis(MatrixView<const T> q, const Execution& run) {
  const Index m = q.rows();
  const Index k = q.cols();
  if (k > m) {
    throw InvalidArgument(std::to_string(k) + " columns of length " + std::to_string(m) +
                          " cannot be orthonormal; there are at most as many as entries in each");
  }
  // 1. Fill up a copy: Householder QR of Q, whose remaining columns span the complement.
  Matrix<T> basis = Matrix<T>::uninitialized(m, m);
  dense::copy_scaled<T>(run, q, basis.view().columns(0, k), 0, false);
  require_orthonormal<T>(basis.view().columns(0, k), run);
  constexpr Index panel = 0;  // as measured
  Workspace work(dense::complete_basis_memory<T>(m, m, k, panel));
  dense::complete_basis<T>(run, basis.view(), k, panel, work);
  Matrix<T> rest(MatrixView<const T>(basis.view().columns(k, m - k)));

  // 2. The sign rule.
  dense::fix_signs<T>(rest.view());
  return rest;
}

#define ECKART_INSTANTIATE(T)                                                                    \
  template Matrix<T> range_basis<T>(const Svd<T>&, const RankRule&);                             \
  template Matrix<T> row_space_basis<T>(const Svd<T>&, const RankRule&, const Execution&);       \
  template Matrix<T> left_null_space_basis<T>(const Svd<T>&, const RankRule&, const Execution&); \
  template Matrix<T> null_space_basis<T>(const Svd<T>&, const RankRule&, const Execution&);      \
  template Matrix<T> complete_basis<T>(MatrixView<const T>, const Execution&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
