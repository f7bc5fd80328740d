#pragma once

// What was done and what the audit found, of one matrix or of a stack, until somebody asks: turning it into Python objects takes
// longer than a small decomposition.

#include <array>

#include <nanobind/nanobind.h>

#include <eckart/svd.hpp>

namespace eckart::python {

namespace nb = nanobind;

/// The report of the last matrix added, with the worst figures of all of them.
class Report {
 public:
  void add(SvdReport&& report);
  void add(const Report& other);
  /// As the keyword arguments of eckart.Report (eckart/_report.py).
  [[nodiscard]] nb::dict facts() const;

 private:
  Index matrices_ = 0;
  std::array<Index, 5> by_driver_ = {};  // how many results each driver gave
  Index climbed_ = 0;                    // how many needed more than one rung
  AuditReport worst_;
  double seconds_ = 0;
  SvdReport last_;
};

}  // namespace eckart::python
