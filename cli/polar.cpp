// eckart polar: A = W H, a rotation times a stretch.

#include <eckart/polar.hpp>

#include "common/any_matrix.hpp"
#include "common/decompose.hpp"
#include "common/outcome.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

struct Options {
  InputOptions input;
  OutputOptions output;
  PolarSide side = PolarSide::automatic;
  NumericalOptions numerical;
  GeneralOptions general;
};

Needs needs_of(Index m, Index n) {
  const Index k = std::min(m, n);
  return {
      .u = Vectors::thin, .v = Vectors::thin, .result_entries = m * n + k * k, .result = "W and H"};
}

const char* name_of(PolarSide side) {
  return side == PolarSide::left ? "left" : "right";
}

template <Scalar T>
ExitCode run_on(const Options& options, const Console& console, const Matrix<T>& a) {
  const Svd<T> d =
      decompose(console, options.input, a, needs_of(a.rows(), a.cols()), options.numerical);
  const Polar<T> p =
      polar_decomposition(d, options.side, execution_of(svd_options(options.numerical, console)));
  const io::NamedArray arrays[] = {{"W", p.W.view(), false}, {"H", p.H.view(), false}};
  write_outcome(console, options.output, arrays);
  const std::vector<report::Fact> facts = {
      {"form", p.side == PolarSide::left ? "left: A = H W" : "right: A = W H"},
      {"W", report::format_count(p.W.rows()) + " x " + report::format_count(p.W.cols()) +
                (p.unique ? "" : ", one of several: A is rank-deficient")},
      {"H", report::format_count(p.H.rows()) + " x " + report::format_count(p.H.cols()) +
                ", smallest eigenvalue " + report::format_number(p.smallest_eigenvalue)},
      {"distance", report::format_number(p.distance_to_orthonormal) + " = ||A - W||_F"},
      {"condition of W", report::format_number(p.condition_w, 3)},
      {"residual", report::format_number(p.residual, 3)},
      {"orthogonality", report::format_number(p.orthogonality, 3)},
  };
  print_outcome(console, options.output, report::fact_list(facts, console.style()),
                {{"schema", "eckart.polar/1"},
                 {"file", shown_name(options.input.path)},
                 {"shape", {a.rows(), a.cols()}},
                 {"dtype", type_name<T>()},
                 {"side", name_of(p.side)},
                 {"unique", p.unique},
                 {"smallest_eigenvalue", p.smallest_eigenvalue},
                 {"distance_to_orthonormal", p.distance_to_orthonormal},
                 {"condition_w", json_number(p.condition_w)},
                 {"residual", p.residual},
                 {"orthogonality", p.orthogonality}});
  return ExitCode::ok;
}

ExitCode run(const Options& options) {
  const Console console(options.general);
  return with_matrix(
      console, options.input, options.numerical, options.output, needs_of,
      [&](const auto& a, const io::Description&) { return run_on(options, console, a); });
}

}  // namespace

Verb add_polar(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = add_verb(
      tool, "polar", "polar decomposition: A = W H, rotation times stretch",
      {{"eckart polar A.npy -o WH.npz", "W and H as numpy.load reads them"},
       {"eckart polar wide.npy --side left", "A = H W, for a matrix with more columns than rows"}});
  add_input(*verb, options->input);
  add_choice<PolarSide>(
      *verb, "--side", options->side,
      {{"auto", PolarSide::automatic}, {"right", PolarSide::right}, {"left", PolarSide::left}},
      "A = W H (right) or A = H W (left); auto: the one whose H is smaller")
      ->group("Result");
  add_output_options(*verb, options->output,
                     "Write W and H to npz or json, or one file each (csv, npy, mtx)");
  add_json_option(*verb, options->output);
  add_numerical_options(*verb, options->numerical);
  add_general_options(*verb, options->general);
  return {verb, [options] { return run(*options); }};
}

}  // namespace eckart::cli
