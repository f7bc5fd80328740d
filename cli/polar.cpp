// eckart polar: A = W H, a rotation times a stretch.

#include <eckart/polar.hpp>

#include "common/any_matrix.hpp"
#include "common/decompose.hpp"
#include "common/outcome.hpp"
#include "report/json.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

struct Options : DecompositionOptions {
  PolarSide side = PolarSide::automatic;
};

Needs needs_of(const Options&, Index m, Index n) {
  const Index k = std::min(m, n);
  return {.result = "W and H", .results = {{m, n}, {k, k}}, .written = {{"W", m, n}, {"H", k, k}}};
}

const char* name_of(PolarSide side) {
  return side == PolarSide::left ? "left" : "right";
}

template <Scalar T>
ExitCode run_on(const Options& options, const Opened& in, const Matrix<T>& a) {
  const Svd<T> d = decompose(in, options.numerical, a, needs_of(options, a.rows(), a.cols()));
  const Polar<T> p = polar_decomposition(d, options.side,
                                         execution_of(svd_options(options.numerical, in.console)));
  const io::NamedArray arrays[] = {{"W", p.W.view(), false}, {"H", p.H.view(), false}};
  const Clippings clippings = write_outcome(in.console, options.output, arrays);
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
  print_outcome(in.console, options.output, report::fact_list(facts, in.console.style()),
                {{"schema", "eckart.polar/1"},
                 {"file", in.source.name()},
                 {"shape", {a.rows(), a.cols()}},
                 {"dtype", type_name<T>()},
                 {"side", name_of(p.side)},
                 {"unique", p.unique},
                 {"smallest_eigenvalue", p.smallest_eigenvalue},
                 {"distance_to_orthonormal", p.distance_to_orthonormal},
                 {"condition_w", report::json_number(p.condition_w)},
                 {"residual", p.residual},
                 {"orthogonality", p.orthogonality}},
                clippings);
  return ExitCode::ok;
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
                     "Write W and H to npz, h5 or json, or one file each (csv, npy)");
  return decomposing_verb(
      verb, options, needs_of,
      [](const Options& o, const Opened& in, const auto& a) { return run_on(o, in, a); });
}

}  // namespace eckart::cli
