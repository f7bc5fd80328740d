#pragma once

// What was done and what the audit found, of one matrix or of a stack, until somebody asks: turning it into Python objects takes
// longer than a small decomposition.

#include <utility>

#include <nanobind/nanobind.h>

#include <eckart/svd_batch.hpp>

namespace eckart::python {

namespace nb = nanobind;

/// The report of a stack, or of one matrix, which is a stack of one.
class Report {
 public:
  template <class Part>
  void add(Part&& report) {
    all_.add(std::forward<Part>(report));
  }
  /// As the keyword arguments of eckart.Report (eckart/_report.py).
  [[nodiscard]] nb::dict facts() const;

 private:
  BatchReport all_;
};

}  // namespace eckart::python
