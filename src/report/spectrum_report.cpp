#include "report/spectrum_report.hpp"

#include <cmath>
#include <limits>

namespace eckart::report {

Spectrum spectrum_of(const SpectrumReport& report) {
  return {report.values, report.rows, report.cols};
}

std::optional<double> log10_condition(std::span<const double> values) {
  if (values.empty() || !(values.front() > 0)) {
    return std::nullopt;
  }
  if (!(values.back() > 0)) {
    return std::numeric_limits<double>::infinity();
  }
  return std::log10(values.front()) - std::log10(values.back());
}

}  // namespace eckart::report
