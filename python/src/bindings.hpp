#pragma once

// The parts of eckart._engine, a file each.

#include <nanobind/nanobind.h>

namespace eckart::python {

void bind_report(nanobind::module_& m);     // report.cpp
void bind_svd(nanobind::module_& m);        // svd.cpp
void bind_subspaces(nanobind::module_& m);  // subspaces.cpp
void bind_solvers(nanobind::module_& m);    // solvers.cpp
void bind_files(nanobind::module_& m);      // files.cpp
void bind_info(nanobind::module_& m);       // info.cpp
void bind_operators(nanobind::module_& m);  // operators.cpp
void bind_principal(nanobind::module_& m);  // principal.cpp
void bind_sketch(nanobind::module_& m);     // sketch.cpp
void bind_streams(nanobind::module_& m);    // streams.cpp
void bind_truncated(nanobind::module_& m);  // truncated.cpp

}  // namespace eckart::python
