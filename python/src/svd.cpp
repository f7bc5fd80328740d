// svd(a, s, u, vh, leading, threads, driver, seed, progress) -> Report
//
// The decomposition of one matrix, or of each matrix of a stack, into arrays of the caller: a (..., m, n), s (..., min(m, n)),
// u (..., m, k or m) or None, vh (..., k or n, n) or None.

#include <cstdint>

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <eckart/error.hpp>
#include <eckart/svd.hpp>

#include "array.hpp"
#include "bindings.hpp"
#include "run.hpp"

namespace eckart::python {
namespace {

Vectors wanted(const Array& factor, Index extent, Index full) {
  return factor.is_none() ? Vectors::none : extent == full ? Vectors::full : Vectors::thin;
}

SvdReport svd_of(nb::handle a_, nb::handle s_, nb::handle u_, nb::handle vh_, Index leading,
                 int threads, int driver, std::uint64_t seed, nb::handle progress) {
  const Array a(a_, Access::read), s(s_, Access::write);
  const Array u = Array::optional(u_, Access::write), vh = Array::optional(vh_, Access::write);
  const Index m = a.from_last(1), n = a.from_last(0);
  SvdOptions options{.leading = leading, .driver = static_cast<Driver>(driver), .seed = seed};
  options.u = u.is_none() ? Vectors::none : wanted(u, u.from_last(0), m);
  options.v = vh.is_none() ? Vectors::none : wanted(vh, vh.from_last(1), n);
  SvdReport report;
  a.with_type([&]<class T>() {
    const MatrixView<const T> matrix = a.matrix<T>(0);
    const std::span<Real<T>> values = s.vector<Real<T>>(0);
    const MatrixView<T> left = u.matrix<T>(0), right = vh.matrix<T>(0);
    run(threads, svd_flops<T>(m, n, options), progress, [&](const Execution& execution) {
      options.threads = execution.threads;
      options.stop = execution.stop;
      options.progress = execution.progress;
      Workspace work(svd_memory<T>(m, n, options));
      report = svd_into<T>(matrix, values, left, right, work, options);
    });
  });
  return report;
}

}  // namespace

void bind_svd(nb::module_& m) {
  nb::class_<SvdReport>(m, "Report")
      .def_ro("rows", &SvdReport::rows)
      .def_ro("cols", &SvdReport::cols)
      .def("path", &SvdReport::path);
  using nb::literals::operator""_a;
  m.def("svd", &svd_of, "a"_a, "s"_a, "u"_a.none(), "vh"_a.none(), "leading"_a, "threads"_a,
        "driver"_a, "seed"_a, "progress"_a.none());
}

}  // namespace eckart::python
