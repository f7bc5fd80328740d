#include "streams/update_frame.hpp"

#include <algorithm>
#include <cmath>

#include <eckart/error.hpp>

#include "blas/lapack.hpp"
#include "dense/columns.hpp"
#include "truncated/orthogonalize.hpp"

namespace eckart::streams {
namespace {

using blas::Op;

constexpr double eps = epsilon<double>;

/// A drift up to here is the rounding of n entries.
double usual_drift(Index rows) {
  return static_cast<double>(rows) * eps;
}

/// Z <- Z R^-1 with R^H R = Z^H Z; R into the leading block of `coefficients`.
template <Scalar W>
void straighten(const Execution& execution, MatrixView<W> z, MatrixView<W> coefficients) {
  const MatrixView<W> r = coefficients.block(0, 0, z.cols(), z.cols());
  blas::gemm<W>(execution, Op::adjoint, Op::none, W(1), z, z, W(0), r);
  if (!blas::potrf<W>(r)) {
    throw NumericalError("the vectors of an incremental decomposition are not independent");
  }
  for (Index j = 0; j < r.cols(); ++j) {
    std::fill(r.col(j) + j + 1, r.col(j) + r.rows(), W{});
  }
  blas::trsm<W>(blas::Side::right, Op::none, r, z);
}

/// w becomes orthonormal and orthogonal to z; what it was in these into c and r.
template <Scalar W>
void gram_schmidt(const Execution& execution, MatrixView<const W> z, MatrixView<W> w,
                  MatrixView<W> c, MatrixView<W> r, const Random& random) {
  if (w.cols() == 0) {
    return;
  }
  Workspace work(truncated::orthogonalize_memory<W>(z.cols(), w.cols()));
  static_cast<void>(truncated::orthogonalize<W>(execution, z, w, c, r, eps, random, work));
}

}  // namespace

template <Scalar W>
UpdateFrame<W> UpdateFrame<W>::with_directions(const Execution& execution, const RotatedBasis<W>& z,
                                               MatrixView<const W> x, const Random& random) {
  const Index n = z.rows(), r = z.cols(), c = x.cols();
  UpdateFrame frame;
  if (n <= r + c) {
    frame.coefficients_ = Matrix<W>::uninitialized(n, r + c);
    z.copy_to(execution, frame.coefficients_.view().columns(0, r));
    dense::copy_columns(x, frame.coefficients_.view().columns(r, c));
    return frame;
  }
  frame.form_ = Form::dense;
  frame.columns_ = Matrix<W>::uninitialized(n, r + c);
  frame.coefficients_ = Matrix<W>::identity(r + c, r + c);
  const MatrixView<W> all = frame.columns_.view(), coefficients = frame.coefficients_.view();
  const MatrixView<W> old = all.columns(0, r), added = all.columns(r, c);
  z.copy_to(execution, old);
  dense::copy_columns(x, added);
  frame.drift_ = z.drift + static_cast<double>(c) * eps;
  if (r > 0 && z.drift > usual_drift(n)) {
    straighten<W>(execution, old, coefficients);
    frame.drift_ = static_cast<double>(r + c) * eps;
  }
  gram_schmidt<W>(execution, old, added, coefficients.block(0, r, r, c),
                  coefficients.block(r, r, c, c), random);
  return frame;
}

template <Scalar W>
UpdateFrame<W> UpdateFrame<W>::with_rows(const Execution& execution, const RotatedBasis<W>& z,
                                         Index c) {
  const Index n = z.rows(), r = z.cols();
  UpdateFrame frame;
  frame.form_ = Form::longer;
  frame.coefficients_ = Matrix<W>::identity(r + c, r + c);
  frame.basis_ = z;
  frame.drift_ = z.drift;
  if (z.kept() && r > 0 && z.drift > usual_drift(n)) {
    auto columns = Matrix<W>::uninitialized(n, r);
    z.copy_to(execution, columns.view());
    straighten<W>(execution, columns.view(), frame.coefficients_.view());
    frame.basis_ = RotatedBasis<W>(std::move(columns));
    frame.drift_ = static_cast<double>(r) * eps;
  }
  return frame;
}

template <Scalar W>
UpdateFrame<W> UpdateFrame<W>::without_rows(const Execution& execution, const RotatedBasis<W>& z,
                                            std::span<const Index> rows, const Random& random) {
  const Index r = z.cols(), n = z.rows() - static_cast<Index>(rows.size());
  auto whole = Matrix<W>::uninitialized(z.rows(), r), left = Matrix<W>::uninitialized(n, r);
  z.copy_to(execution, whole.view());
  for (Index j = 0; j < r; ++j) {
    auto next = rows.begin();
    for (Index i = 0, to = 0; i < z.rows(); ++i) {
      if (next != rows.end() && *next == i) {
        ++next;
      } else {
        left(to++, j) = whole(i, j);
      }
    }
  }
  UpdateFrame frame;
  if (n <= r) {
    frame.coefficients_ = std::move(left);
    return frame;
  }
  frame.form_ = Form::dense;
  frame.coefficients_ = Matrix<W>(r, r);
  frame.drift_ = static_cast<double>(r) * eps;
  Matrix<W> nothing(0, r);
  gram_schmidt<W>(execution, left.view().columns(0, 0), left.view(), nothing.view(),
                  frame.coefficients_.view(), random);
  frame.columns_ = std::move(left);
  return frame;
}

template <Scalar W>
RotatedBasis<W> UpdateFrame<W>::rotated(const Execution& execution, MatrixView<const W> y) const {
  RotatedBasis<W> basis;
  switch (form_) {
    case Form::dense:
      basis = RotatedBasis<W>(product<W>(execution, columns_.view(), y));
      break;
    case Form::unit:
      basis = RotatedBasis<W>(Matrix<W>(y));
      break;
    case Form::longer:
      basis = basis_;
      basis.extend(execution, y);
      break;
  }
  if (!basis.kept()) {
    return basis;
  }
  const auto terms = static_cast<double>(y.rows()), columns = static_cast<double>(y.cols());
  basis.drift = drift_ + loss_of_orthogonality<W>(execution, y) +
                (form_ == Form::unit ? 0.0 : 2 * std::sqrt(terms * columns) * eps);
  return basis;
}

template class UpdateFrame<double>;
template class UpdateFrame<std::complex<double>>;

}  // namespace eckart::streams
