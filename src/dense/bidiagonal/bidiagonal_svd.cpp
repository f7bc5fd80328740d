#include "dense/bidiagonal/bidiagonal_svd.hpp"

#include <utility>

#include "blas/lapack.hpp"
#include "dense/bidiagonal/bidiagonal_qr.hpp"
#include "dense/bidiagonal/divide_and_conquer.hpp"
#include "dense/bidiagonal/dqds.hpp"
#include "dense/bidiagonal/values_by_divide_and_conquer.hpp"
#include "dense/columns.hpp"

namespace eckart::dense {
namespace {

// Rows of a leaf where no vectors are formed, as measured from n = 64 to 2048: a merge costs less there, so leaves are smaller.
constexpr Index leaf_of_values = 4;

// LAPACK's routines hold V as V^T.
template <RealScalar R>
void transpose_in_place(MatrixView<R> a) {
  constexpr Index tile = 32;  // two tiles of rows and columns stay in the first-level cache
  for (Index first_col = 0; first_col < a.cols(); first_col += tile) {
    for (Index first_row = 0; first_row <= first_col; first_row += tile) {
      for (Index j = first_col; j < std::min(first_col + tile, a.cols()); ++j) {
        for (Index i = first_row; i < std::min(first_row + tile, j); ++i) {
          std::swap(a(i, j), a(j, i));
        }
      }
    }
  }
}

}  // namespace

template <RealScalar R>
MemoryPlan bidiagonal_svd_memory(Index n, bool vectors, Driver driver) {
  if (!vectors) {
    return MemoryPlan::any_of("bidiagonal values",
                              {divide_and_conquer_values_memory<R>(n),
                               MemoryPlan::block<double>("dqds", dqds_scratch(n))});
  }
  return MemoryPlan::any_of(
      "bidiagonal SVD",
      {divide_and_conquer_memory<R>(n),
       MemoryPlan::block<R>("QR iteration", bidiagonal_qr_scratch(n)),
       driver == Driver::lapack ? MemoryPlan::block<R>("LAPACK", 3 * n + 4, n) : MemoryPlan()});
}

template <RealScalar R>
bool bidiagonal_svd(const Execution& execution, Driver driver, std::span<R> s, std::span<R> e,
                    MatrixView<R> u, MatrixView<R> v, Index vectors, Workspace& work) {
  const Workspace::Frame frame(work);
  const Index n = static_cast<Index>(s.size());
  if (driver == Driver::lapack) {
    const bool converged = blas::bdsdc<R>(s, e, u, v, work.take<R>(3 * n * n + 4 * n));
    transpose_in_place(v);
    return converged;
  }
  if (driver == Driver::qr_iteration) {
    set_identity(u);
    set_identity(v);
    return bidiagonal_qr<R>(execution, s, e, u, v, work.take<R>(bidiagonal_qr_scratch(n)));
  }
  return divide_and_conquer<R>(execution, s, e, u, v, {.wanted = vectors}, work);
}

template <RealScalar R>
bool bidiagonal_values(const Execution& execution, Driver driver, std::span<R> s, std::span<R> e,
                       Workspace& work) {
  if (driver == Driver::divide_and_conquer) {
    return divide_and_conquer_values<R>(execution, s, e, {.leaf = leaf_of_values}, work);
  }
  const Workspace::Frame frame(work);
  const Index n = static_cast<Index>(s.size());
  return driver == Driver::lapack
             ? blas::bdsqr<R>(s, e, {}, {}, work.take<R>(4 * n))
             : dqds<R>(s, std::span<const R>(e), work.take<double>(dqds_scratch(n)));
}

#define ECKART_INSTANTIATE(R)                                                              \
  template MemoryPlan bidiagonal_svd_memory<R>(Index, bool, Driver);                       \
  template bool bidiagonal_svd<R>(const Execution&, Driver, std::span<R>, std::span<R>,    \
                                  MatrixView<R>, MatrixView<R>, Index, Workspace&);        \
  template bool bidiagonal_values<R>(const Execution&, Driver, std::span<R>, std::span<R>, \
                                     Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)

}  // namespace eckart::dense
