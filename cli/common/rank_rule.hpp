#pragma once

// The rank rule of the command line, and its findings in the forms that are printed.

#include <eckart/rank.hpp>

#include "common/options.hpp"
#include "report/spectrum_report.hpp"

namespace eckart::cli {

[[nodiscard]] RankRule rank_rule(const RankRuleOptions& options);
[[nodiscard]] report::RankFacts rank_facts(const RankReport& rank, const RankRule& rule);

}  // namespace eckart::cli
