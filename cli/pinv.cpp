// eckart pinv: the pseudoinverse, with the rank that decided it and a bound on its error.

#include <eckart/pseudoinverse.hpp>

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

struct Options : DecompositionOptions {
  RankRuleOptions rank;
};

Needs needs_of(const Options&, Index m, Index n) {
  return {.result = "pseudoinverse", .results = {{n, m}}, .written = {{"matrix", n, m}}};
}

template <Scalar T>
ExitCode run_on(const Options& options, const Opened& in, const Matrix<T>& a) {
  const Svd<T> d = decompose(in, options.numerical, a, needs_of(options, a.rows(), a.cols()));
  const Pseudoinverse<T> p = pseudoinverse(
      d, rank_rule(options.rank), execution_of(svd_options(options.numerical, in.console)));
  const Clippings clippings =
      write_outcome(in.console, options.output, io::AnyView(p.inverse.view()));
  const std::vector<report::Fact> facts = {
      {"shape",
       report::format_count(p.inverse.rows()) + " x " + report::format_count(p.inverse.cols())},
      {"rank", std::to_string(p.rank.rank) + " of " + std::to_string(d.s.size())},
      {"threshold", report::format_number(p.rank.threshold)},
      {"near threshold",
       report::counted(p.rank.near_threshold, "value", "values") + " within a factor 10"},
      {"norm", report::format_number(p.norm)},
      {"condition", report::format_number(p.condition)},
      {"error bound", report::format_number(p.error_bound, 3) + " in the 2-norm, from rounding"},
  };
  print_outcome(in.console, options.output, report::fact_list(facts, in.console.style()),
                {{"schema", "eckart.pinv/1"},
                 {"file", in.source.name()},
                 {"shape", {p.inverse.rows(), p.inverse.cols()}},
                 {"dtype", type_name<T>()},
                 {"rank", p.rank.rank},
                 {"threshold", p.rank.threshold},
                 {"near_threshold", p.rank.near_threshold},
                 {"norm", report::json_number(p.norm)},
                 {"condition", report::json_number(p.condition)},
                 {"error_bound", report::json_number(p.error_bound)}},
                clippings);
  return ExitCode::ok;
}

}  // namespace

Verb add_pinv(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = add_verb(
      tool, "pinv", "the pseudoinverse (Moore-Penrose)",
      {{"eckart pinv A.npy -o P.npy", "its rank, norm and error bound; the matrix in a file"},
       {"eckart pinv A.npy --rtol 1e-6 -o P.csv", "values below 1e-6 sigma_1 count as zero"},
       {"eckart pinv A.npy -q -o - --to csv", "the matrix, printed"}});
  add_input(*verb, options->input);
  add_output_options(*verb, options->output, "Write the pseudoinverse");
  add_rank_rule_options(*verb, options->rank);
  return decomposing_verb(
      verb, options, needs_of,
      [](const Options& o, const Opened& in, const auto& a) { return run_on(o, in, a); });
}

}  // namespace eckart::cli
