#include "dense/jacobi/pivoted_qr.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "blas/lapack.hpp"
#include "dense/flush_denormals.hpp"

namespace eckart::dense {
namespace {

// Columns of a panel: LAPACK's choice for geqp3.
constexpr Index panel = 32;

// ||column||, scaled so that squares neither underflow nor overflow.
template <Scalar T>
Real<T> safe_norm(const T* column, Index m) {
  Real<T> largest = 0;
  for (Index i = 0; i < m; ++i) {
    largest = std::max({largest, std::abs(std::real(column[i])), std::abs(std::imag(column[i]))});
  }
  if (largest == 0) {
    return 0;
  }
  Real<T> sum = 0;
  for (Index i = 0; i < m; ++i) {
    const Real<T> re = std::real(column[i]) / largest, im = std::imag(column[i]) / largest;
    sum += re * re + im * im;
  }
  return largest * std::sqrt(sum);
}

}  // namespace

template <Scalar T>
MemoryPlan pivoted_qr_memory(Index n) {
  return MemoryPlan::all_of(
      "pivoted QR",
      {MemoryPlan::block<Real<T>>("partial norms", n), MemoryPlan::block<Real<T>>("norms", n),
       MemoryPlan::block<T>("auxiliary", panel), MemoryPlan::block<T>("F", n * panel)});
}

template <Scalar T>
void pivoted_qr(const Execution& execution, MatrixView<T> a, std::span<Index> pivots,
                std::span<T> tau, Workspace& work) {
  const Index m = a.rows(), n = a.cols();
  const Workspace::Frame frame(work);
  const FlushDenormals flush;
  const std::span<Real<T>> partial_norms = work.take<Real<T>>(n), norms = work.take<Real<T>>(n);
  const std::span<T> auxiliary = work.take<T>(panel);
  const std::span<T> f = work.take<T>(n * panel);
  std::iota(pivots.begin(), pivots.end(), Index{0});
  for (Index j = 0; j < n; ++j) {
    norms[static_cast<std::size_t>(j)] = safe_norm(a.col(j), m);
  }
  std::copy(norms.begin(), norms.end(), partial_norms.begin());
  for (Index done = 0; done < n;) {
    execution.check_stop();
    const Index left = n - done;
    const auto from = static_cast<std::size_t>(done);
    done += blas::laqps<T>(a.columns(done, left), done, pivots.subspan(from), tau.subspan(from),
                           partial_norms.subspan(from), norms.subspan(from), auxiliary,
                           MatrixView<T>(f.data(), left, std::min(panel, left)));
  }
}

#define ECKART_INSTANTIATE(T)                                                                  \
  template MemoryPlan pivoted_qr_memory<T>(Index);                                             \
  template void pivoted_qr<T>(const Execution&, MatrixView<T>, std::span<Index>, std::span<T>, \
                              Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::dense
