// svd(a, s, u, vh, leading, overwrite, threads, driver, seed, progress) -> Report
//
// The decomposition of one matrix, or of each matrix of a stack, into arrays of the caller: a (..., m, n), s (..., min(m, n)),
// u (..., m, k or m) or None, vh (..., k or n, n) or None.

#include <cstdint>

#include <nanobind/nanobind.h>

#include <eckart/svd.hpp>
#include <eckart/svd_batch.hpp>

#include "array.hpp"
#include "bindings.hpp"
#include "report.hpp"
#include "run.hpp"

namespace eckart::python {
namespace {

struct Places {
  Array a, s, u, vh;
};

Vectors wanted(const Array& factor, int from_last, Index full) {
  return factor.is_none()                      ? Vectors::none
         : factor.from_last(from_last) == full ? Vectors::full
                                               : Vectors::thin;
}

template <class T>
SvdReport decompose_one(const Places& x, bool overwrite, const SvdOptions& options) {
  const MatrixView<T> a = x.a.matrix<T>(0);
  const std::span<Real<T>> s = x.s.vector<Real<T>>(0);
  const MatrixView<T> u = x.u.matrix<T>(0), vh = x.vh.matrix<T>(0);
  if (overwrite) {
    Workspace work(svd_overwrite_memory<T>(a, options));
    return svd_overwrite_into<T>(a, s, u, vh, work, options);
  }
  Workspace work(svd_memory<T>(a.rows(), a.cols(), options));
  return svd_into<T>(a, s, u, vh, work, options);
}

template <class T>
BatchReport decompose_stack(const Places& x, const SvdOptions& options) {
  return svd_batch_into<T>(
      x.a.stack(),
      [&](Index i) -> SvdPlace<T> {
        return {x.a.matrix<T>(i), x.s.vector<Real<T>>(i), x.u.matrix<T>(i), x.vh.matrix<T>(i)};
      },
      options);
}

Report decompose(nb::handle a, nb::handle s, nb::handle u, nb::handle vh, Index leading,
                 bool overwrite, int threads, int driver, std::uint64_t seed, nb::handle progress) {
  Places x;
  x.a = Array(a, overwrite ? Access::write : Access::read);
  x.s = Array::real_place(s, x.a);
  x.u = Array::place(u, x.a);
  x.vh = Array::place(vh, x.a);
  const Index m = x.a.from_last(1), n = x.a.from_last(0), count = x.a.stack();
  SvdOptions options;
  options.u = wanted(x.u, 0, m);
  options.v = wanted(x.vh, 1, n);
  options.leading = leading;
  options.driver = static_cast<Driver>(driver);
  options.seed = seed;
  const bool alone = x.a.dims() == 2;
  Report report;
  x.a.with_type([&]<class T>() {
    const double flops = svd_flops<T>(m, n, options);
    run(threads, flops * static_cast<double>(count), progress, [&](const Execution& execution) {
      options.threads = execution.threads;
      options.stop = execution.stop;
      options.progress = execution.progress;
      if (alone) {
        report.add(decompose_one<T>(x, overwrite, options));
      } else {
        report.add(decompose_stack<T>(x, options));
      }
    });
  });
  return report;
}

}  // namespace

void bind_svd(nb::module_& m) {
  using nb::literals::operator""_a;
  m.def("svd", &decompose, "a"_a, "s"_a, "u"_a.none(), "vh"_a.none(), "leading"_a, "overwrite"_a,
        "threads"_a, "driver"_a, "seed"_a, "progress"_a.none());
}

}  // namespace eckart::python
