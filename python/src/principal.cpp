// principal_components(a, method, digits, components, energy, centre, threads, seed, progress) -> (means, s, Vh, digits, facts)

#include <cstdint>

#include <nanobind/nanobind.h>

#include <eckart/principal_components.hpp>

#include "array.hpp"
#include "bindings.hpp"
#include "results.hpp"
#include "run.hpp"

namespace eckart::python {
namespace {

nb::tuple principal(nb::handle a_, int method, double digits, Index components, double energy,
                    bool centre, int threads, std::uint64_t seed, nb::handle progress) {
  const Array a(a_, Access::read);
  PrincipalOptions options = {.method = static_cast<PrincipalMethod>(method),
                              .digits = digits,
                              .components = components,
                              .energy = energy,
                              .centre = centre,
                              .threads = threads,
                              .stop = {},
                              .progress = {},
                              .seed = seed};
  return a.with_type([&]<class T>() {
    const MatrixView<const T> matrix = a.matrix<T>(0);
    const auto m = static_cast<double>(matrix.rows()), n = static_cast<double>(matrix.cols());
    PrincipalComponents<T> found;
    run(threads, 2 * m * n * n, progress, [&](const Execution& execution) {
      options.threads = execution.threads;
      options.stop = execution.stop;
      options.progress = execution.progress;
      found = principal_components<T>(matrix, options);
    });
    return nb::make_tuple(to_numpy(std::move(found.means)), to_numpy(std::move(found.s)),
                          to_numpy(std::move(found.Vh)), to_numpy(std::move(found.digits)),
                          to_string(found.method), found.reason.c_str(), found.seconds);
  });
}

}  // namespace

void bind_principal(nb::module_& m) {
  using nb::literals::operator""_a;
  m.def("principal_components", &principal, "a"_a, "method"_a, "digits"_a, "components"_a,
        "energy"_a, "centre"_a, "threads"_a, "seed"_a, "progress"_a.none());
}

}  // namespace eckart::python
