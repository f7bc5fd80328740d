// eckart lstsq: the shortest X that minimizes ||A x - b|| for every column b of B.

#include <eckart/least_squares.hpp>

#include "common/any_matrix.hpp"
#include "common/decompose.hpp"
#include "common/outcome.hpp"
#include "common/rank_rule.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

struct Options {
  InputOptions input;
  std::string right_side;
  OutputOptions output;
  double lambda = 0;
  RankRuleOptions rank;
  NumericalOptions numerical;
  GeneralOptions general;
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
    list.push_back(json_number(x));
  }
  return list;
}

template <Scalar T>
ExitCode run_on(const Options& options, const Console& console, const Matrix<T>& a,
                const Matrix<T>& b) {
  if (a.rows() != b.rows()) {
    throw InvalidArgument(options.right_side + " has " + std::to_string(b.rows()) + " rows and " +
                          shown_name(options.input.path) + " has " + std::to_string(a.rows()) +
                          "; each row of A is an equation and needs its right-hand side");
  }
  const Needs needs{.u = Vectors::thin,
                    .v = Vectors::thin,
                    .result_entries = (2 * a.cols() + b.rows()) * b.cols(),
                    .result = "right-hand sides and solution"};
  const Svd<T> d = decompose(console, options.input, a, needs, options.numerical);
  const InputOptions right{.path = options.right_side, .reading = {}};
  const LeastSquares<T> x = naming_bad_entries(right, b, [&] {
    return least_squares(d, b, {.rank = rank_rule(options.rank), .lambda = options.lambda},
                         execution_of(svd_options(options.numerical, console)));
  });
  write_outcome(console, options.output, io::AnyView(x.X.view()));
  const std::vector<report::Fact> facts = {
      {"X", report::format_count(x.X.rows()) + " x " + report::format_count(x.X.cols())},
      {"rank of A", std::to_string(x.rank.rank) + " of " + std::to_string(d.s.size())},
      {"condition", report::format_number(x.condition)},
      {"degrees of freedom", report::format_number(x.degrees_of_freedom)},
  };
  print_outcome(
      console, options.output,
      report::fact_list(facts, console.style()) + "\n" +
          sides_table(x.residual_norms, x.solution_norms, x.error_bounds, console.style()),
      {{"schema", "eckart.lstsq/1"},
       {"files", {shown_name(options.input.path), shown_name(options.right_side)}},
       {"shape", {x.X.rows(), x.X.cols()}},
       {"dtype", type_name<T>()},
       {"rank", x.rank.rank},
       {"threshold", x.rank.threshold},
       {"condition", json_number(x.condition)},
       {"lambda", options.lambda},
       {"degrees_of_freedom", x.degrees_of_freedom},
       {"residual_norms", json_numbers(x.residual_norms)},
       {"solution_norms", json_numbers(x.solution_norms)},
       {"error_bounds", json_numbers(x.error_bounds)}});
  return ExitCode::ok;
}

ExitCode run(const Options& options) {
  const Console console(options.general);
  check_output(options.output);
  if (options.input.path == "-" && options.right_side == "-") {
    throw InvalidArgument("A and B cannot both be standard input; give one of them a file");
  }
  if (options.numerical.dry_run) {
    return show_forecast(console, options.input, options.numerical, options.output,
                         [](Index, Index n) {
                           return Needs{.u = Vectors::thin,
                                        .v = Vectors::thin,
                                        .result_entries = n,
                                        .result = "solution (one right-hand side)"};
                         });
  }
  io::MatrixFile a = read_input(options.input, options.numerical.max_memory);
  io::MatrixFile b =
      read_input({.path = options.right_side, .reading = {}}, options.numerical.max_memory);
  const ElementType type = common_type(element_type_of(a.matrix), element_type_of(b.matrix));
  const io::AnyMatrix left = converted(std::move(a.matrix), type);
  const io::AnyMatrix right = converted(std::move(b.matrix), type);
  return with_type(type, [&]<Scalar T>() {
    return run_on(options, console, std::get<Matrix<T>>(left), std::get<Matrix<T>>(right));
  });
}

}  // namespace

Verb add_lstsq(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = add_verb(
      tool, "lstsq", "minimum-norm least squares: the shortest X with ||A X - B|| least",
      {{"eckart lstsq A.npy b.npy -o x.npy", "residuals, error bounds; the solution in a file"},
       {"eckart lstsq A.npy b.npy --lambda 0.1 -o x.npy", "with Tikhonov's term 0.1^2 ||x||^2"},
       {"eckart lstsq A.npy b.npy -q -o - --to csv", "the solution, printed"}});
  add_input(*verb, options->input);
  verb->add_option("B", options->right_side,
                   "The right-hand sides, one a column; - is standard input")
      ->required()
      ->type_name("FILE");
  verb->add_option("--lambda", options->lambda, "Tikhonov parameter, in units of A")
      ->type_name("X")
      ->check(not_negative())
      ->default_str("0")
      ->group("Result");
  add_output_options(*verb, options->output, "Write X");
  add_json_option(*verb, options->output);
  add_rank_rule_options(*verb, options->rank);
  add_numerical_options(*verb, options->numerical);
  add_general_options(*verb, options->general);
  return {verb, [options] { return run(*options); }};
}

}  // namespace eckart::cli
