#include "analysis/factors.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <eckart/error.hpp>
#include <eckart/norms.hpp>

#include "dense/scale.hpp"

namespace eckart::analysis {
namespace {

using blas::Op;

// `count` vectors of `length` entries are wanted from a factor that has `have_count` of `have_length`.
template <Scalar T>
void require_vectors(const char* which, const char* option, Index length, Index have_length,
                     Index have_count, Index count) {
  if (count == 0) {
    return;
  }
  if (have_count == 0) {
    throw InvalidArgument(std::string("the ") + which +
                          " singular vectors are needed and were not computed; set SvdOptions::" +
                          option + " = Vectors::thin");
  }
  if (have_length != length || have_count < count) {
    throw InvalidArgument(
        std::string("the ") + which + " singular vectors do not fit the decomposition: " +
        std::to_string(have_count) + " of length " + std::to_string(have_length) + ", where " +
        std::to_string(count) + " of length " + std::to_string(length) + " are needed");
  }
}

}  // namespace

std::string size_text(Index rows, Index cols) {
  return std::to_string(rows) + " x " + std::to_string(cols);
}

double rounding_unit(const Spectrum& s) {
  return static_cast<double>(std::max(s.rows(), s.cols())) * s.eps();
}

template <Scalar T>
Shape shape_of(const Svd<T>& d) {
  const bool reported = d.report.rows != 0 || d.report.cols != 0;
  const Shape shape =
      reported ? Shape{d.report.rows, d.report.cols} : Shape{d.U.rows(), d.Vh.cols()};
  const auto count = static_cast<Index>(d.s.size());
  if (std::min(shape.rows, shape.cols) != count) {
    throw InvalidArgument(
        std::to_string(count) + " singular values do not belong to a matrix of " +
        size_text(shape.rows, shape.cols) +
        (reported
             ? ""
             : " (taken from the factors; set report.rows and report.cols where one is missing)"));
  }
  return shape;
}

template <Scalar T>
MatrixView<const T> left_vectors(const Svd<T>& d, Index count) {
  const Index rows = shape_of(d).rows;
  require_vectors<T>("left", "u", rows, d.U.rows(), d.U.cols(), count);
  return count == 0 ? MatrixView<const T>(nullptr, rows, 0) : d.U.view().columns(0, count);
}

template <Scalar T>
MatrixView<const T> right_vectors(const Svd<T>& d, Index count) {
  const Index cols = shape_of(d).cols;
  require_vectors<T>("right", "v", cols, d.Vh.cols(), d.Vh.rows(), count);
  return count == 0 ? MatrixView<const T>(nullptr, 0, cols) : d.Vh.view().top_rows(count);
}

template <Scalar T>
Matrix<T> adjoint(const Execution& run, MatrixView<const T> a) {
  auto result = Matrix<T>::uninitialized(a.cols(), a.rows());
  dense::copy_scaled<T>(run, a.transposed(), result, 0, true);
  return result;
}

template <Scalar T>
Matrix<T> product(const Execution& run, Op op_a, MatrixView<const T> a, Op op_b,
                  MatrixView<const T> b) {
  Matrix<T> result(op_a == Op::none ? a.rows() : a.cols(), op_b == Op::none ? b.cols() : b.rows());
  blas::gemm<T>(run, op_a, op_b, T{1}, a, b, T{0}, result);
  return result;
}

template <Scalar T>
double orthonormality_defect(const Execution& run, MatrixView<const T> q) {
  const bool columns = q.rows() >= q.cols();
  const Index k = std::min(q.rows(), q.cols());
  Matrix<T> defect = Matrix<T>::identity(k, k);
  blas::gemm<T>(run, columns ? Op::adjoint : Op::none, columns ? Op::none : Op::adjoint, T{-1}, q,
                q, T{1}, defect);
  return frobenius_norm(defect);
}

template <Scalar T>
Matrix<T> scaled_columns(MatrixView<const T> a, std::span<const Real<T>> weights) {
  auto result = Matrix<T>::uninitialized(a.rows(), a.cols());
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      result(i, j) = weights[static_cast<std::size_t>(j)] * a(i, j);
    }
  }
  return result;
}

template <Scalar T>
BlasReady<T>::BlasReady(MatrixView<const T> a) : view_(a) {
  const bool by_columns = a.row_stride() == 1 && a.col_stride() >= std::max<Index>(a.rows(), 1);
  const bool by_rows =
      RealScalar<T> && a.col_stride() == 1 && a.row_stride() >= std::max<Index>(a.cols(), 1);
  if (!by_columns && !by_rows) {
    copy_.emplace(a);
  }
}

template <Scalar T>
void require_in_range(MatrixView<const T> a, const char* what) {
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      if (!is_finite(a(i, j))) {
        throw OutOfRange(std::string(what) + ": entry (" + std::to_string(i) + ", " +
                         std::to_string(j) +
                         ") exceeds the largest number of its type; scale the input or use double");
      }
    }
  }
}

double require_in_range(double value, const char* what) {
  if (!std::isfinite(value)) {
    throw OutOfRange(std::string(what) +
                     " exceeds the largest double; scale the matrix down first");
  }
  return value;
}

#define ECKART_INSTANTIATE(T)                                                          \
  template Shape shape_of<T>(const Svd<T>&);                                           \
  template MatrixView<const T> left_vectors<T>(const Svd<T>&, Index);                  \
  template MatrixView<const T> right_vectors<T>(const Svd<T>&, Index);                 \
  template Matrix<T> adjoint<T>(const Execution&, MatrixView<const T>);                \
  template Matrix<T> product<T>(const Execution&, Op, MatrixView<const T>, Op,         \
                                MatrixView<const T>);                                  \
  template double orthonormality_defect<T>(const Execution&, MatrixView<const T>);     \
  template Matrix<T> scaled_columns<T>(MatrixView<const T>, std::span<const Real<T>>); \
  template class BlasReady<T>;                                                         \
  template void require_in_range<T>(MatrixView<const T>, const char*);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::analysis
