#include "common/rank_rule.hpp"

namespace eckart::cli {

RankRule rank_rule(const RankRuleOptions& options) {
  RankRule rule;
  rule.rtol = options.rtol.value_or(rule.rtol);
  rule.atol = options.atol.value_or(rule.atol);
  return rule;
}

report::RankFacts rank_facts(const RankReport& rank, const RankRule& rule) {
  return {.rank = rank.rank,
          .threshold = rank.threshold,
          .rtol = rank.rtol,
          .atol = rule.atol,
          .near_threshold = rank.near_threshold};
}

}  // namespace eckart::cli
