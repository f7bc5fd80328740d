// svd() and its kin: arguments are checked, memory is taken, and a matrix goes its way.
//
//   at most 16 x 8 or 8 x 16     Jacobi in the lanes of a vector; few are left to the steps     small/small_svd.hpp
//   all others                   scaled, decomposed rung by rung, audited                       steps.hpp

#include <utility>

#include <eckart/error.hpp>
#include <eckart/svd.hpp>

#include "dense/problem.hpp"
#include "dense/small/small_svd.hpp"
#include "dense/steps.hpp"
#include "dense/svd_arguments.hpp"
#include "dense/svd_plan.hpp"

namespace eckart {
namespace {

using dense::Problem;
using dense::Request;

template <Scalar T>
SvdReport decompose(const Request<T>& of, Workspace& work, const SvdOptions& options) {
  const Problem problem(of.a.rows(), of.a.cols(), options);
  dense::check_arguments(problem, options);
  dense::check_shapes<T>(problem, of.a, of.s, of.u, of.vh, options);
  SvdReport report;
  if (!dense::is_small(problem, options)) {
    return dense::take_steps<T>(of, work, options, std::move(report));
  }
  if (options.stop.stop_requested()) {
    throw Cancelled();
  }
  if (options.progress) {
    options.progress({"small Jacobi", 0});
  }
  if (dense::small_svd<T>(of.a, of.s, of.u, of.vh, problem, options, report)) {
    return report;
  }
  // The plan of the call foresees no memory for the few that are left to the steps.
  Workspace own(
      dense::steps_plan<T>(problem, options, dense::can_overwrite(problem, of.overwritable)));
  return dense::take_steps<T>(of, own, options, std::move(report));
}

// Allocates the result in the layouts that need no copy, and decomposes into it.
template <Scalar T>
Svd<T> allocate_and_decompose(MatrixView<const T> a, MatrixView<T> overwritable,
                              const SvdOptions& options) {
  const Problem problem(a.rows(), a.cols(), options);
  dense::check_arguments(problem, options);
  Svd<T> result;
  result.s.resize(static_cast<std::size_t>(problem.n));
  if (options.u != Vectors::none) {
    result.U =
        Matrix<T>::uninitialized(a.rows(), options.u == Vectors::full ? a.rows() : problem.vectors);
  }
  if (options.v != Vectors::none) {
    result.Vh = Matrix<T>::uninitialized(options.v == Vectors::full ? a.cols() : problem.vectors,
                                         a.cols(), Layout::row_major);
  }
  Workspace work(dense::svd_plan<T>(problem, options, dense::can_overwrite(problem, overwritable)));
  result.report =
      decompose<T>({a, overwritable, result.s, result.U.view(), result.Vh.view()}, work, options);
  return result;
}

}  // namespace

template <Scalar T>
SvdReport svd_into(MatrixView<const T> a, std::span<Real<T>> s, MatrixView<T> u, MatrixView<T> vh,
                   Workspace& work, const SvdOptions& options) {
  return decompose<T>({a, {}, s, u, vh}, work, options);
}

template <Scalar T>
SvdReport svd_overwrite_into(MatrixView<T> a, std::span<Real<T>> s, MatrixView<T> u,
                             MatrixView<T> vh, Workspace& work, const SvdOptions& options) {
  return decompose<T>({a, a, s, u, vh}, work, options);
}

template <Scalar T>
MemoryPlan svd_overwrite_memory(MatrixView<T> a, const SvdOptions& options) {
  const Problem problem(a.rows(), a.cols(), options);
  return dense::svd_plan<T>(problem, options, dense::can_overwrite(problem, a));
}

template <Scalar T>
Svd<T> svd(MatrixView<const T> a, const SvdOptions& options) {
  return allocate_and_decompose<T>(a, {}, options);
}

template <Scalar T>
Svd<T> svd_overwrite(MatrixView<T> a, const SvdOptions& options) {
  return allocate_and_decompose<T>(a, a, options);
}

template <Scalar T>
std::vector<Real<T>> singular_values(MatrixView<const T> a, const SvdOptions& options) {
  SvdOptions values_only = options;
  values_only.u = Vectors::none;
  values_only.v = Vectors::none;
  return svd<T>(a, values_only).s;
}

#define ECKART_INSTANTIATE(T)                                                                \
  template SvdReport svd_into<T>(MatrixView<const T>, std::span<Real<T>>, MatrixView<T>,     \
                                 MatrixView<T>, Workspace&, const SvdOptions&);              \
  template SvdReport svd_overwrite_into<T>(MatrixView<T>, std::span<Real<T>>, MatrixView<T>, \
                                           MatrixView<T>, Workspace&, const SvdOptions&);    \
  template MemoryPlan svd_overwrite_memory<T>(MatrixView<T>, const SvdOptions&);             \
  template Svd<T> svd<T>(MatrixView<const T>, const SvdOptions&);                            \
  template Svd<T> svd_overwrite<T>(MatrixView<T>, const SvdOptions&);                        \
  template std::vector<Real<T>> singular_values<T>(MatrixView<const T>, const SvdOptions&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
