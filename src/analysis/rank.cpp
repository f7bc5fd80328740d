#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <eckart/error.hpp>
#include <eckart/rank.hpp>

#include "analysis/factors.hpp"

namespace eckart {
namespace {

// A value within this factor of the threshold, on either side, is doubtful.
constexpr double doubtful_factor = 10;

}  // namespace

RankReport numerical_rank(const Spectrum& s, const RankRule& rule) {
  if (!(rule.atol >= 0) || std::isnan(rule.rtol)) {
    throw InvalidArgument("the rank rule has atol = " + std::to_string(rule.atol) +
                          ", rtol = " + std::to_string(rule.rtol) +
                          "; atol is at least 0, and a negative rtol means max(m, n) * eps");
  }
  RankReport report;
  report.rtol = rule.rtol >= 0 ? rule.rtol : analysis::rounding_unit(s);
  report.sigma_1 = s.largest();
  // 0 * infinity is no threshold: for A = 0 only atol speaks.
  const double relative = report.sigma_1 > 0 ? report.rtol * report.sigma_1 : 0.0;
  report.threshold = std::max(rule.atol, relative);

  for (const double sigma : s.values()) {
    report.rank += sigma > report.threshold ? 1 : 0;
    const bool near = report.threshold > 0 && sigma >= report.threshold / doubtful_factor &&
                      sigma <= report.threshold * doubtful_factor;
    report.near_threshold += near ? 1 : 0;
  }
  if (report.rank > 0) {
    report.sigma_rank = s[report.rank - 1];
    report.sigma_next = s[report.rank];
    report.gap = report.sigma_next > 0 ? report.sigma_rank / report.sigma_next
                                       : std::numeric_limits<double>::infinity();
  } else {
    report.sigma_next = s.largest();
  }
  return report;
}

}  // namespace eckart
