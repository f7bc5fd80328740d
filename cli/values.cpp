// eckart values: the singular values, one a line, largest first; each with the digits that bring back the same number.

#include <fmt/format.h>

#include <eckart/io.hpp>

#include "common/any_matrix.hpp"
#include "common/leading_outcome.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

struct Options : DecompositionOptions {
  TruncationOptions truncation;
};

/// The values to -o, or a line each.
template <class R>
void show(const Options& options, const Opened& in, std::span<const R> values,
          nlohmann::ordered_json json) {
  const io::NamedArray array{
      singular_values, MatrixView<const R>(values.data(), static_cast<Index>(values.size()), 1),
      true};
  const Clippings clippings = write_outcome(in.console, options.output, {&array, 1});
  if (!options.output.path.empty() && !options.output.json) {
    return;
  }
  std::string text;
  for (const R value : values) {
    text += fmt::format("{}\n", value);
  }
  print_outcome(in.console, options.output, text, std::move(json), clippings);
}

nlohmann::ordered_json json_of(const Opened& in, Index rows, Index cols, const char* type) {
  return {{"schema", "eckart.values/1"},
          {"file", in.source.name()},
          {"shape", {rows, cols}},
          {"dtype", type}};
}

/// From the dense decomposition.
template <Scalar T>
ExitCode run_on(const Options& options, const Opened& in, const Matrix<T>& a) {
  const Svd<T> d = decompose(in, options.numerical, a, values_alone());
  const RankChoice kept = choose_rank(options.truncation, d);
  const std::span<const Real<T>> values(d.s.data(), static_cast<std::size_t>(kept.k));
  nlohmann::ordered_json json = json_of(in, a.rows(), a.cols(), type_name<T>());
  json.update({{"values", values},
               {"path", d.report.path()},
               {"threads", d.report.threads},
               {"seconds", d.report.seconds}});
  show(options, in, values, std::move(json));
  return judge(in.source.name(), kept);
}

/// From an iteration, which says of each value how far it may be off.
template <Scalar T>
ExitCode run_on(const Options& options, const Opened& in, const TruncatedSvd<T>& d) {
  const report::TruncatedFacts facts = facts_of(in, d);
  nlohmann::ordered_json json = json_of(in, d.report.rows, d.report.cols, type_name<T>());
  json.update({{"values", d.s}, {"path", to_string(d.report.method)}});
  const nlohmann::ordered_json all = report::to_json(facts);
  for (const char* field :
       {"residuals", "bound_by", "shortfall", "converged", "within_tolerance", "tolerance", "which",
        "next_value", "next_at_most", "failure_probability", "threads", "seconds"}) {
    json[field] = all[field];
  }
  if (d.report.which != Which::largest) {
    for (const char* field :
         {"found_by", "certified", "certified_from", "certified_to", "certainty"}) {
      json[field] = all[field];
    }
  }
  show(options, in, std::span<const Real<T>>(d.s), std::move(json));
  return judge(options.truncation, in.source.name(), facts.values, d.report);
}

ExitCode run(Options& options) {
  const Console console(options.general);
  check_truncation(options.truncation,
                   options.numerical.driver != Driver::automatic ? "--driver" : "");
  MatrixSource source = open_input(options, values_alone());
  return with_triplets(
      console, options, options.truncation, source, [](Index, Index) { return values_alone(); },
      [&](const Opened& in, const auto& a) { return run_on(options, in, a); },
      [&](const Opened& in, const auto& d) { return run_on(options, in, d); });
}

}  // namespace

Verb add_values(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = add_verb(
      tool, "values", "print the singular values, one a line",
      {{"eckart values A.npy", "all of them, largest first"},
       {"eckart values data.csv -k 3", "the three largest"},
       {"eckart values links.mtx -k 10", "the ten largest of a sparse matrix, which stays sparse"},
       {"eckart values links.mtx -k 4 --near 0.5", "the four nearest to 0.5"},
       {"eckart values A.npy -o s.npy", "into a file"},
       {"eckart gen hilbert 8 -o - --to npy | eckart values - | tail -1",
        "the smallest of a Hilbert matrix"}});
  add_input(*verb, options->input);
  verb->add_option("-k", options->truncation.k, "Print the first K of them")
      ->type_name("N")
      ->check(whole_within(0))
      ->group("Result");
  add_which_options(*verb, options->truncation, "Result");
  add_rule_options(*verb, options->truncation, "Result");
  add_output_options(*verb, options->output, "Write them to a file instead");
  add_method_options(*verb, options->truncation);
  add_decomposition_options(*verb, *options);
  return {verb, [options] { return run(*options); }};
}

}  // namespace eckart::cli
