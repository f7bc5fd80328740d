#include "streams/rounding.hpp"

#include <algorithm>
#include <limits>

namespace eckart::streams {
namespace {

// The links of the audit's chain add up to 4 at most, and none is 8 times larger than measured.
constexpr double links = 4, hidden = 8;

}  // namespace

double rounding_of(const SvdReport& report, double largest) {
  const AuditReport& audit = report.audit;
  const auto longer = static_cast<double>(std::max<Index>({report.rows, report.cols, 1}));
  const double figures =
      links * audit.residual + audit.orthogonality_u + audit.orthogonality_v + 1 / longer;
  return hidden * figures * longer *
         std::max(epsilon<double> * largest, std::numeric_limits<double>::denorm_min());
}

}  // namespace eckart::streams
