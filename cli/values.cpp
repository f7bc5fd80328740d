// eckart values: the singular values, one a line, largest first; each with the digits that bring back the same number.

#include <algorithm>

#include <fmt/format.h>

#include <eckart/io.hpp>

#include "common/any_matrix.hpp"
#include "common/decompose.hpp"
#include "common/outcome.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

struct Options {
  InputOptions input;
  OutputOptions output;
  std::optional<Index> k;
  NumericalOptions numerical;
  GeneralOptions general;
};

template <Scalar T>
ExitCode run_on(const Options& options, const Console& console, const Matrix<T>& a) {
  const Svd<T> d = decompose(console, options.input, a, values_alone, options.numerical);
  const auto count = static_cast<Index>(d.s.size());
  const std::span<const Real<T>> values(
      d.s.data(), static_cast<std::size_t>(std::min(options.k.value_or(count), count)));
  if (!options.output.path.empty()) {
    const io::NamedArray array{
        "S", MatrixView<const Real<T>>(values.data(), static_cast<Index>(values.size()), 1), true};
    write_outcome(console, options.output, {&array, 1});
    if (!options.output.json) {
      return ExitCode::ok;
    }
  }
  std::string text;
  for (const Real<T> value : values) {
    text += fmt::format("{}\n", value);
  }
  print_outcome(console, options.output, text,
                {{"schema", "eckart.values/1"},
                 {"file", shown_name(options.input.path)},
                 {"shape", {a.rows(), a.cols()}},
                 {"dtype", type_name<T>()},
                 {"values", values},
                 {"path", d.report.path()},
                 {"threads", d.report.threads},
                 {"seconds", d.report.seconds}});
  return ExitCode::ok;
}

ExitCode run(const Options& options) {
  const Console console(options.general);
  return with_matrix(
      console, options.input, options.numerical, options.output,
      [](Index, Index) { return values_alone; },
      [&](const auto& a, const io::Description&) { return run_on(options, console, a); });
}

}  // namespace

Verb add_values(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = add_verb(tool, "values", "print the singular values, one a line",
                            {{"eckart values A.npy", "all of them, largest first"},
                             {"eckart values data.csv -k 3", "the three largest"},
                             {"eckart values A.npy -o s.npy", "into a file"},
                             {"eckart gen hilbert 8 -o - --to npy | eckart values - | tail -1",
                              "the smallest of a Hilbert matrix"}});
  add_input(*verb, options->input);
  verb->add_option("-k", options->k, "Print the first K")
      ->type_name("N")
      ->check(not_negative())
      ->group("Result");
  add_output_options(*verb, options->output, "Write them to a file instead");
  add_json_option(*verb, options->output);
  add_numerical_options(*verb, options->numerical);
  add_general_options(*verb, options->general);
  return {verb, [options] { return run(*options); }};
}

}  // namespace eckart::cli
