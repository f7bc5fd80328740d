// eckart rank: how many singular values stand clear of rounding, how close that decision was, and the ranks that need no
// threshold.

#include <algorithm>

#include <eckart/norms.hpp>
#include <eckart/thresholds.hpp>

#include "common/any_matrix.hpp"
#include "common/decompose.hpp"
#include "common/outcome.hpp"
#include "common/rank_rule.hpp"
#include "report/json.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

constexpr double energies[] = {0.9, 0.99, 0.999};
constexpr Index values_around = 3;  // shown on either side of the threshold

struct Options : DecompositionOptions {
  std::optional<Index> expected;
  RankRuleOptions rank;
};

/// The values on either side of the threshold, a table that shows the gap.
std::string values_near(const Spectrum& s, const RankReport& rank,
                        const report::TerminalStyle& style) {
  report::Table table;
  table.add_column("i");
  table.add_column("sigma_i");
  table.add_column("sigma_i / sigma_1");
  table.add_column("counts", report::Align::left);
  const Index first = std::max<Index>(0, rank.rank - values_around);
  const Index last = std::min(s.count(), rank.rank + values_around);
  for (Index i = first; i < last; ++i) {
    const double relative = s.largest() > 0 ? s[i] / s.largest() : 0;
    table.add_row({std::to_string(i + 1), report::format_number(s[i]),
                   report::format_number(relative, 3), i < rank.rank ? "yes" : "no"});
  }
  return table.text(style);
}

std::string text_of(const Spectrum& s, const RankReport& rank, const report::TerminalStyle& style) {
  const bool from_atol = rank.threshold > rank.rtol * rank.sigma_1;
  std::vector<report::Fact> facts = {
      {"rank", std::to_string(rank.rank) + " of " + std::to_string(s.count())},
      {"threshold",
       report::format_number(rank.threshold) +
           (from_atol ? " (atol)" : " = " + report::format_number(rank.rtol, 3) + " * sigma_1")},
      {"gap", rank.rank == s.count() ? "every value counts"
              : rank.sigma_next > 0  ? report::format_number(rank.gap, 3) +
                                          " between the last value that counts and the next"
                                    : "the values that do not count are 0"},
      {"near threshold", report::counted(rank.near_threshold, "value", "values") +
                             " within a factor 10" +
                             (rank.near_threshold > 0 ? ": the rank is in doubt" : "")},
      {"condition", report::format_number(condition_number(s))},
      {"effective rank", report::format_number(effective_rank(s)) + " (entropy)"},
      {"stable rank", report::format_number(stable_rank(s))},
  };
  for (const double share : energies) {
    facts.push_back({"energy " + report::format_percent(share),
                     report::counted(energy_rank(s, share), "value", "values")});
  }
  return report::fact_list(facts, style) + "\n" + values_near(s, rank, style);
}

nlohmann::ordered_json json_of(const std::string& file, const char* type, const Spectrum& s,
                               const RankReport& rank) {
  nlohmann::ordered_json energy;
  for (const double share : energies) {
    energy[report::format_number(share)] = energy_rank(s, share);
  }
  return {{"schema", "eckart.rank/1"},
          {"file", file},
          {"shape", {s.rows(), s.cols()}},
          {"dtype", type},
          {"rank", rank.rank},
          {"threshold", rank.threshold},
          {"rtol", rank.rtol},
          {"sigma_1", rank.sigma_1},
          {"sigma_rank", rank.sigma_rank},
          {"sigma_next", rank.sigma_next},
          {"gap", report::json_number(rank.gap)},
          {"near_threshold", rank.near_threshold},
          {"condition", report::json_number(condition_number(s))},
          {"effective_rank", effective_rank(s)},
          {"stable_rank", stable_rank(s)},
          {"energy_rank", energy}};
}

template <Scalar T>
ExitCode run_on(const Options& options, const Opened& in, const Matrix<T>& a) {
  const Spectrum s = decompose(in, options.numerical, a, values_alone());
  const RankReport rank = numerical_rank(s, rank_rule(options.rank));
  print_outcome(in.console, options.output, text_of(s, rank, in.console.style()),
                json_of(in.source.name(), type_name<T>(), s, rank));
  if (options.expected && *options.expected != rank.rank) {
    print_error(in.source.name() + ": the rank is " + std::to_string(rank.rank) + ", not the " +
                std::to_string(*options.expected) + " of --expect");
    return ExitCode::check;
  }
  return ExitCode::ok;
}

}  // namespace

Verb add_rank(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      add_verb(tool, "rank", "numerical rank, its margin, and the soft ranks",
               {{"eckart rank A.npy", "rank, threshold, the values near it, condition"},
                {"eckart rank data.csv --atol 0.01", "entries known to about 0.01"},
                {"eckart rank A.npy --expect 50", "exit code 4 when the rank is another"}});
  add_input(*verb, options->input);
  verb->add_option("--expect", options->expected, "End with exit code 4 unless the rank is N")
      ->type_name("N")
      ->check(whole_within(0))
      ->group("Result");
  add_rank_rule_options(*verb, options->rank);
  return decomposing_verb(
      verb, options, [](const Options&, Index, Index) { return values_alone(); },
      [](const Options& o, const Opened& in, const auto& a) { return run_on(o, in, a); });
}

}  // namespace eckart::cli
