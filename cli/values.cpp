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

struct Options : DecompositionOptions {
  std::optional<Index> k;
};

template <Scalar T>
ExitCode run_on(const Options& options, const Opened& in, const Matrix<T>& a) {
  const Svd<T> d = decompose(in, options.numerical, a, values_alone());
  const auto count = static_cast<Index>(d.s.size());
  const std::span<const Real<T>> values(
      d.s.data(), static_cast<std::size_t>(std::min(options.k.value_or(count), count)));
  const io::NamedArray array{
      singular_values,
      MatrixView<const Real<T>>(values.data(), static_cast<Index>(values.size()), 1), true};
  const Clippings clippings = write_outcome(in.console, options.output, {&array, 1});
  if (!options.output.path.empty() && !options.output.json) {
    return ExitCode::ok;
  }
  std::string text;
  for (const Real<T> value : values) {
    text += fmt::format("{}\n", value);
  }
  print_outcome(in.console, options.output, text,
                {{"schema", "eckart.values/1"},
                 {"file", in.source.name()},
                 {"shape", {a.rows(), a.cols()}},
                 {"dtype", type_name<T>()},
                 {"values", values},
                 {"path", d.report.path()},
                 {"threads", d.report.threads},
                 {"seconds", d.report.seconds}},
                clippings);
  return ExitCode::ok;
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
      ->check(whole_within(0))
      ->group("Result");
  add_output_options(*verb, options->output, "Write them to a file instead");
  return decomposing_verb(
      verb, options, [](const Options&, Index, Index) { return values_alone(); },
      [](const Options& o, const Opened& in, const auto& a) { return run_on(o, in, a); });
}

}  // namespace eckart::cli
