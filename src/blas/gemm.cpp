#include "blas/gemm.hpp"

#include <algorithm>
#include <string>

#include "blas/fortran.hpp"
#include "blas/threads.hpp"

namespace eckart::blas {
namespace {

// A column-major operand as the Fortran routine wants it.
template <class T>
struct Operand {
  Op op;
  const T* data;
  Index leading;
};

template <Scalar T>
Operand<T> operand(Op op, MatrixView<const T> a, const char* name) {
  const Index rows = std::max<Index>(a.rows(), 1);
  const Index cols = std::max<Index>(a.cols(), 1);
  if (a.row_stride() == 1 && a.col_stride() >= rows) {
    return {op, a.data(), a.col_stride()};
  }
  if (a.cols() <= 1 && a.row_stride() == 1) {
    return {op, a.data(), rows};
  }
  const bool is_row_major = a.col_stride() == 1 && (a.row_stride() >= cols || a.rows() <= 1);
  if (is_row_major && (op != Op::adjoint || RealScalar<T>)) {
    const bool was_plain = op == Op::none;
    return {was_plain ? Op::transpose : Op::none, a.data(), std::max(a.row_stride(), cols)};
  }
  throw InvalidArgument(std::string("gemm: operand ") + name + " of " + std::to_string(a.rows()) +
                        " x " + std::to_string(a.cols()) + " with strides " +
                        std::to_string(a.row_stride()) + ", " + std::to_string(a.col_stride()) +
                        " is neither column-major nor row-major; copy it first");
}

template <Scalar T>
void serial_gemm(Operand<T> a, Operand<T> b, Index m, Index n, Index k, T alpha, T beta,
                 MatrixView<T> c) {
  const BlasInt mi = narrow(m, "m"), ni = narrow(n, "n"), ki = narrow(k, "k");
  const BlasInt lda = narrow(a.leading, "lda"), ldb = narrow(b.leading, "ldb");
  const BlasInt ldc = narrow(std::max<Index>(c.cols() <= 1 ? m : c.col_stride(), 1), "ldc");
  const char op_a = static_cast<char>(a.op), op_b = static_cast<char>(b.op);
  const OneThread scope;
  Routines<T>::gemm(&op_a, &op_b, &mi, &ni, &ki, &alpha, a.data, &lda, b.data, &ldb, &beta,
                    c.data(), &ldc, 1, 1);
}

// Strips are at least this wide, so that packing the shared operand again for each costs little.
constexpr Index minimal_strip = 192;
// Below this many multiply-adds a strip is not worth a thread (about 0.1 ms).
constexpr double minimal_work = 4e6;
constexpr Index most_strips = 64;

Index strip_count(Index length, double work) {
  const auto by_work = static_cast<Index>(std::min(work / minimal_work, double{most_strips}));
  return std::max<Index>(1, std::min(by_work, length / minimal_strip));
}

}  // namespace

template <Scalar T>
void gemm(const Execution& execution, Op op_a, Op op_b, std::type_identity_t<T> alpha,
          ConstView<T> a, ConstView<T> b, std::type_identity_t<T> beta, MatrixView<T> c) {
  const Index m = c.rows();
  const Index n = c.cols();
  const Index k = op_a == Op::none ? a.cols() : a.rows();
  const bool fits = (op_a == Op::none ? a.rows() : a.cols()) == m &&
                    (op_b == Op::none ? b.rows() : b.cols()) == k &&
                    (op_b == Op::none ? b.cols() : b.rows()) == n;
  if (!fits) {
    throw InvalidArgument("gemm: shapes do not fit: A " + std::to_string(a.rows()) + " x " +
                          std::to_string(a.cols()) + ", B " + std::to_string(b.rows()) + " x " +
                          std::to_string(b.cols()) + ", C " + std::to_string(m) + " x " +
                          std::to_string(n));
  }
  if (m == 0 || n == 0) {
    return;
  }
  if (c.row_stride() != 1) {
    throw InvalidArgument("gemm: C must be column-major");
  }

  const Operand<T> left = operand<T>(op_a, a, "A");
  const Operand<T> right = operand<T>(op_b, b, "B");
  const double work = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const bool by_columns = n >= m;
  const Index length = by_columns ? n : m;
  const Index strips = strip_count(length, work);
  parallel_for(execution, strips, [&](Index strip) {
    const Index first = length * strip / strips;
    const Index count = length * (strip + 1) / strips - first;
    if (by_columns) {
      Operand<T> part = right;
      part.data += right.op == Op::none ? first * right.leading : first;
      serial_gemm<T>(left, part, m, count, k, alpha, beta, c.columns(first, count));
    } else {
      Operand<T> part = left;
      part.data += left.op == Op::none ? first : first * left.leading;
      serial_gemm<T>(part, right, count, n, k, alpha, beta, c.block(first, 0, count, n));
    }
  });
}

#define ECKART_INSTANTIATE(T) \
  template void gemm<T>(const Execution&, Op, Op, T, ConstView<T>, ConstView<T>, T, MatrixView<T>);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::blas
