// eckart lstsq: the shortest X that minimizes ||A x - b|| for every column b of B.
//
// Two files, so the options that say how a file is read are of three kinds: --format, --columns and --member choose what A is,
// --b-format, --b-columns and --b-member what B is, and those about the way of writing (--delimiter, --decimal, --header,
// --channel) go to each file whose format has them. So a table can hold both:
//   eckart lstsq data.csv data.csv --columns 1-3 --b-columns 4

#include <eckart/least_squares.hpp>
#include <eckart/norms.hpp>

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
  InputOptions right;  // format, columns and member of B; the rest follows A
  double lambda = 0;
  RankRuleOptions rank;
};

constexpr std::size_t shown_sides = 10;

std::string sides_table(const std::vector<double>& residuals, const std::vector<double>& solutions,
                        const std::vector<double>& bounds, const report::TerminalStyle& style) {
  report::Table table;
  table.add_column("column of B");
  table.add_column("||b - A x||");
  table.add_column("||x||");
  table.add_column("relative error below");
  for (std::size_t i = 0; i < std::min(shown_sides, residuals.size()); ++i) {
    table.add_row({std::to_string(i + 1), report::format_number(residuals[i]),
                   report::format_number(solutions[i]), report::format_number(bounds[i], 3)});
  }
  const std::size_t hidden = residuals.size() - std::min(shown_sides, residuals.size());
  return table.text(style) +
         (hidden > 0 ? "... and " + std::to_string(hidden) + " more (--json shows all)\n" : "");
}

nlohmann::ordered_json json_numbers(const std::vector<double>& numbers) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const double x : numbers) {
    list.push_back(report::json_number(x));
  }
  return list;
}

Needs needs_of(Index m, Index n, Index sides) {
  return {.result = "right-hand sides and solution",
          .results = {{m, sides}, {n, sides}, {n, sides}},
          .written = {{"matrix", n, sides}}};
}

void require_rows(const MatrixSource& left, Index equations, const MatrixSource& right,
                  Index right_rows) {
  if (equations != right_rows) {
    throw InvalidArgument(right.name() + " has " + std::to_string(right_rows) + " rows and " +
                          left.name() + " has " + std::to_string(equations) +
                          "; each row of A is an equation and needs its right-hand side");
  }
}

template <Scalar T>
ExitCode run_on(const Options& options, const Opened& in, const Matrix<T>& a,
                const MatrixSource& right, const Matrix<T>& b) {
  const Needs needs = needs_of(a.rows(), a.cols(), b.cols());
  check_shapes(options.output, needs.written, ComplexScalar<T>);
  // A NaN in B is found before A is decomposed for it.
  static_cast<void>(naming_bad_entries(right, b, [&] { return frobenius_norm(b); }));
  const Svd<T> d = decompose(in, options.numerical, a, needs);
  const LeastSquares<T> x =
      least_squares(d, b, {.rank = rank_rule(options.rank), .lambda = options.lambda},
                    execution_of(svd_options(options.numerical, in.console)));
  const Clippings clippings = write_outcome(in.console, options.output, io::AnyView(x.X.view()));
  const std::vector<report::Fact> facts = {
      {"X", report::format_count(x.X.rows()) + " x " + report::format_count(x.X.cols())},
      {"rank of A", std::to_string(x.rank.rank) + " of " + std::to_string(d.s.size())},
      {"condition", report::format_number(x.condition)},
      {"degrees of freedom", report::format_number(x.degrees_of_freedom)},
  };
  print_outcome(
      in.console, options.output,
      report::fact_list(facts, in.console.style()) + "\n" +
          sides_table(x.residual_norms, x.solution_norms, x.error_bounds, in.console.style()),
      {{"schema", "eckart.lstsq/1"},
       {"files", {in.source.name(), right.name()}},
       {"shape", {x.X.rows(), x.X.cols()}},
       {"dtype", type_name<T>()},
       {"rank", x.rank.rank},
       {"threshold", x.rank.threshold},
       {"condition", report::json_number(x.condition)},
       {"lambda", options.lambda},
       {"degrees_of_freedom", x.degrees_of_freedom},
       {"residual_norms", json_numbers(x.residual_norms)},
       {"solution_norms", json_numbers(x.solution_norms)},
       {"error_bounds", json_numbers(x.error_bounds)}},
      clippings);
  return ExitCode::ok;
}

/// How B is read: its own choice of contents, A's way of writing.
InputOptions right_input(const Options& options) {
  InputOptions right = options.right;
  const io::ReadOptions& left = options.input.reading;
  right.reading.delimiter = left.delimiter;
  right.reading.decimal = left.decimal;
  right.reading.header = left.header;
  right.reading.channel = left.channel;
  return right;
}

ExitCode run(const Options& options) {
  const Console console(options.general);
  if (options.input.path == "-" && options.right.path == "-") {
    throw InvalidArgument("A and B cannot both be standard input; give one of them a file");
  }
  check_output(options.output, needs_of(1, 1, 1).written);
  MatrixSource left(options.input, options.numerical.max_memory);
  MatrixSource right(right_input(options), options.numerical.max_memory);
  const KnownFile files[] = {{left.name(), left.format()}, {right.name(), right.format()}};
  const CLI::App& verb = *options.input.verb;
  require_applicable(verb, choosing_options, {files[0]});
  require_applicable(verb, right_choosing_options, {files[1]});
  require_applicable(verb, spelling_options, {files[0], files[1]});
  if (options.numerical.dry_run) {
    io::Description d = left.describe();
    const io::Description sides = right.describe();
    require_rows(left, d.rows, right, sides.rows);
    d.computed_type = to_string(
        common_type(element_type_of(d.computed_type), element_type_of(sides.computed_type)));
    return show_forecast(console, options, d, needs_of(d.rows, d.cols, sides.cols));
  }
  io::MatrixFile a = left.read();
  io::MatrixFile b = right.read();
  require_rows(left, a.description.rows, right, b.description.rows);
  const ElementType type = common_type(element_type_of(a.matrix), element_type_of(b.matrix));
  const io::AnyMatrix equations = converted(std::move(a.matrix), type);
  const io::AnyMatrix sides = converted(std::move(b.matrix), type);
  return with_type(type, [&]<Scalar T>() {
    return run_on(options, Opened{console, left, a.description}, std::get<Matrix<T>>(equations),
                  right, std::get<Matrix<T>>(sides));
  });
}

}  // namespace

Verb add_lstsq(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = add_verb(
      tool, "lstsq", "minimum-norm least squares: the shortest X with ||A X - B|| least",
      {{"eckart lstsq A.npy b.npy -o x.npy", "residuals, error bounds; the solution in a file"},
       {"eckart lstsq A.npy b.npy --lambda 0.1 -o x.npy", "with Tikhonov's term 0.1^2 ||x||^2"},
       {"eckart lstsq data.csv data.csv --columns 1-3 --b-columns 4",
        "columns of one table as A and b"},
       {"eckart lstsq A.npy b.npy -q -o - --to csv", "the solution, printed"}});
  add_input(*verb, options->input);
  verb->add_option("B", options->right.path,
                   "The right-hand sides, one a column; - is standard input")
      ->required()
      ->type_name("FILE")
      ->check(file_name());
  add_right_input_options(*verb, options->right.reading);
  verb->add_option("--lambda", options->lambda, "Tikhonov parameter, in units of A")
      ->type_name("X")
      ->check(number_within(0))
      ->default_str("0")
      ->group("Result");
  add_output_options(*verb, options->output, "Write X");
  add_rank_rule_options(*verb, options->rank);
  add_decomposition_options(*verb, *options);
  return {verb, [options] { return run(*options); }};
}

}  // namespace eckart::cli
