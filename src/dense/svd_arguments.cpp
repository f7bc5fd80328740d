#include "dense/svd_arguments.hpp"

#include <string>

#include <eckart/error.hpp>

namespace eckart::dense {
namespace {

// The message is made for an error alone: a small matrix is decomposed in less time than it takes.
template <class T>
void require_shape(const char* name, MatrixView<T> x, Index rows, Index cols) {
  if (x.rows() != rows || x.cols() != cols) {
    throw InvalidArgument("svd: " + std::string(name) + " must be " + std::to_string(rows) + " x " +
                          std::to_string(cols));
  }
}

}  // namespace

void check_arguments(const Problem& problem, const SvdOptions& options) {
  if (options.panel < 0 || options.band < 0) {
    throw InvalidArgument(
        "svd: panel and band are positive, or 0 for what was measured to be best");
  }
  if (options.leading < 0) {
    throw InvalidArgument("svd: leading is " + std::to_string(options.leading) +
                          "; 0 means all vectors, a positive number that many");
  }
  const bool full = options.u == Vectors::full || options.v == Vectors::full;
  if (full && options.leading > 0 && options.leading < problem.n) {
    throw InvalidArgument("svd: leading = " + std::to_string(options.leading) +
                          " goes with thin vectors; a full basis has all");
  }
}

template <Scalar T>
void check_shapes(const Problem& problem, MatrixView<const T> a, std::span<Real<T>> s,
                  MatrixView<T> u, MatrixView<T> vh, const SvdOptions& options) {
  const Index k = problem.vectors;
  if (static_cast<Index>(s.size()) != problem.n) {
    throw InvalidArgument("svd: s must have min(m, n) = " + std::to_string(problem.n) + " entries");
  }
  if (options.u != Vectors::none) {
    require_shape("u", u, a.rows(), options.u == Vectors::full ? a.rows() : k);
  }
  if (options.v != Vectors::none) {
    require_shape("vh", vh, options.v == Vectors::full ? a.cols() : k, a.cols());
  }
}

#define ECKART_INSTANTIATE(T)                                                            \
  template void check_shapes<T>(const Problem&, MatrixView<const T>, std::span<Real<T>>, \
                                MatrixView<T>, MatrixView<T>, const SvdOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
