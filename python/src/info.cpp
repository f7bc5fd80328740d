// version: of the project. info() -> dict: which BLAS the engine inside this module runs on.

#include "blas/info.hpp"

#include <nanobind/nanobind.h>

#include "bindings.hpp"

namespace eckart::python {

void bind_info(nanobind::module_& m) {
  m.attr("version") = ECKART_VERSION;
  m.def(
      "info",
      [] {
        const blas::Info info = blas::info();
        nanobind::dict facts;
        facts["blas"] = info.choice.c_str();
        facts["library"] = info.library.c_str();
        facts["version"] = info.version.c_str();
        facts["kernel"] = info.kernel.c_str();
        facts["integer_bits"] = info.integer_bits;
        facts["private"] = info.is_private;
        facts["controls_threads"] = info.controls_threads;
        return facts;
      },
      R"(The BLAS that the engine runs on, a dictionary.

blas: the choice of the build; library: its file; version: what it says of itself; kernel: the processor that its loops
are written for; integer_bits: of its sizes; private: no other part of the process uses it; controls_threads: whether Eckart can
set its number of threads.)");
}

}  // namespace eckart::python
