#include "dense/bidiagonalize.hpp"

#include <algorithm>

#include "blas/lapack.hpp"
#include "dense/qr.hpp"

namespace eckart::dense {

template <Scalar T>
MemoryPlan bidiagonalize_memory(Index m, Index n, Index panel) {
  const Index width = std::min(panel, n);
  return MemoryPlan::any_of("bidiagonal reduction",
                            {MemoryPlan::all_of("panel", {MemoryPlan::block<T>("X", m * width),
                                                          MemoryPlan::block<T>("Y", n * width)}),
                             MemoryPlan::block<T>("last columns", std::max(m, n))});
}

template <Scalar T>
void bidiagonalize(const Execution& execution, Bidiagonal<T> b, Index panel, Workspace& work) {
  const MatrixView<T> a = b.a;
  const Index m = a.rows(), n = a.cols(), width = std::min(panel, n);
  const auto part = [](auto span, Index first, Index count) {
    return span.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  };

  Index j = 0;
  {
    const Workspace::Frame frame(work);
    const MatrixView<T> x_storage(work.take<T>(m * width).data(), m, width);
    const MatrixView<T> y_storage(work.take<T>(n * width).data(), n, width);
    for (; n - j > 2 * width; j += width) {
      execution.step("bidiagonalize", static_cast<double>(j) / static_cast<double>(n));
      const MatrixView<T> rest = a.block(j, j, m - j, n - j);
      const MatrixView<T> x = x_storage.block(0, 0, m - j, width);
      const MatrixView<T> y = y_storage.block(0, 0, n - j, width);
      blas::labrd<T>(rest, width, part(b.d, j, width), part(b.e, j, width), part(b.tau_q, j, width),
                     part(b.tau_p, j, width), x, y);

      const Index below = m - j - width, right = n - j - width;
      const MatrixView<T> a22 = rest.block(width, width, below, right);
      const MatrixView<T> v2 = rest.block(width, 0, below, width),
                          y2 = y.block(width, 0, right, width);
      const MatrixView<T> x2 = x.block(width, 0, below, width),
                          u2 = rest.block(0, width, width, right);
      blas::gemm<T>(execution, blas::Op::none, blas::Op::adjoint, T(-1), v2, y2, T(1), a22);
      blas::gemm<T>(execution, blas::Op::none, blas::Op::none, T(-1), x2, u2, T(1), a22);

      // The panel left the ones of its reflectors where B's entries belong.
      for (Index i = j; i < j + width; ++i) {
        a(i, i) = T(b.d[static_cast<std::size_t>(i)]);
        a(i, i + 1) = T(b.e[static_cast<std::size_t>(i)]);
      }
    }
  }
  const Workspace::Frame frame(work);
  blas::gebd2<T>(a.block(j, j, m - j, n - j), part(b.d, j, n - j), part(b.e, j, n - j - 1),
                 part(b.tau_q, j, n - j), part(b.tau_p, j, n - j), work.take<T>(std::max(m, n)));
}

template <Scalar T>
void apply_left_vectors(const Execution& execution, const Bidiagonal<T>& b, MatrixView<T> u,
                        Workspace& work) {
  apply_q<T>(execution, blas::Op::none, b.a, b.tau_q, u, work);
}

namespace {

// P acts on all coordinates but the first: its reflectors are rows that begin at the superdiagonal.
template <Scalar T>
MatrixView<const T> rows_of_p(const Bidiagonal<T>& b) {
  return b.a.block(0, 1, b.a.cols() - 1, b.a.cols() - 1);
}
template <Scalar T>
std::span<const T> tau_of_p(const Bidiagonal<T>& b) {
  return b.tau_p.first(b.tau_p.size() - 1);
}

}  // namespace

template <Scalar T>
void apply_right_vectors(const Execution& execution, const Bidiagonal<T>& b, MatrixView<T> vh,
                         Workspace& work) {
  if (vh.cols() > 1) {
    apply_p_from_right<T>(execution, blas::Op::none, rows_of_p(b), tau_of_p(b),
                          vh.columns(1, vh.cols() - 1), work);
  }
}

template <Scalar T>
void apply_right_vectors_from_left(const Execution& execution, const Bidiagonal<T>& b,
                                   MatrixView<T> x, Workspace& work) {
  if (x.rows() > 1) {
    apply_p_from_left<T>(execution, blas::Op::none, rows_of_p(b), tau_of_p(b),
                         x.block(1, 0, x.rows() - 1, x.cols()), work);
  }
}

#define ECKART_INSTANTIATE(T)                                                                 \
  template MemoryPlan bidiagonalize_memory<T>(Index, Index, Index);                           \
  template void bidiagonalize<T>(const Execution&, Bidiagonal<T>, Index, Workspace&);         \
  template void apply_left_vectors<T>(const Execution&, const Bidiagonal<T>&, MatrixView<T>,  \
                                      Workspace&);                                            \
  template void apply_right_vectors<T>(const Execution&, const Bidiagonal<T>&, MatrixView<T>, \
                                       Workspace&);                                           \
  template void apply_right_vectors_from_left<T>(const Execution&, const Bidiagonal<T>&,      \
                                                 MatrixView<T>, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
