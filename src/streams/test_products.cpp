#include "streams/test_products.hpp"

#include <algorithm>

#include "blas/gemm.hpp"

namespace eckart::streams {

using blas::Op;

template <Scalar W>
Matrix<W> times_signs(const Execution& how, std::uint64_t seed, TestMatrix matrix, Index size,
                      MatrixView<const W> a, bool conjugated) {
  Matrix<W> sums(size, a.cols());
  std::vector<SparseSigns> signs(static_cast<std::size_t>(std::min(tested_together, a.rows())));
  for (Index first = 0; first < a.rows(); first += tested_together) {
    how.check_stop();
    const Index count = std::min(tested_together, a.rows() - first);
    for (Index i = 0; i < count; ++i) {
      signs[static_cast<std::size_t>(i)] = sparse_signs(seed, matrix, first + i, size);
    }
    parallel_for(how, a.cols(), [&](Index p) {
      for (Index i = 0; i < count; ++i) {
        const W x = a(first + i, p);
        add_signed(sums.view().col(p), signs[static_cast<std::size_t>(i)],
                   conjugated ? conjugate(x) : x);
      }
    });
  }
  for (Index p = 0; conjugated && p < sums.cols(); ++p) {
    std::transform(sums.view().col(p), sums.view().col(p) + size, sums.view().col(p),
                   [](const W& x) { return conjugate(x); });
  }
  return sums;
}

template <Scalar W>
Matrix<W> times_normal(const Execution& how, std::uint64_t seed, Index probes,
                       MatrixView<const W> a) {
  Matrix<W> sums(probes, a.cols());
  Matrix<W> theta(probes, std::min(tested_together, a.rows()));
  for (Index first = 0; first < a.rows(); first += tested_together) {
    how.check_stop();
    const Index count = std::min(tested_together, a.rows() - first);
    parallel_for(how, count, [&](Index i) {
      put_normal<W>(seed, first + i, {theta.view().col(i), static_cast<std::size_t>(probes)});
    });
    blas::gemm<W>(how, Op::none, Op::none, W(1), theta.view().columns(0, count),
                  a.block(first, 0, count, a.cols()), W(1), sums.view());
  }
  return sums;
}

#define ECKART_INSTANTIATE(W)                                                           \
  template Matrix<W> times_signs<W>(const Execution&, std::uint64_t, TestMatrix, Index, \
                                    MatrixView<const W>, bool);                         \
  template Matrix<W> times_normal<W>(const Execution&, std::uint64_t, Index, MatrixView<const W>);
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::streams
