#pragma once

// The parts of eckart._engine, a file each.

#include <nanobind/nanobind.h>

namespace eckart::python {

void bind_svd(nanobind::module_& m);  // svd.cpp

}  // namespace eckart::python
