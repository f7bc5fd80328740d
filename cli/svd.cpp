// eckart svd: A = U diag(s) Vh, checked; a table, a JSON object, a page, or the factors in a file.

#include <algorithm>
#include <filesystem>

#include <eckart/io.hpp>
#include <eckart/low_rank.hpp>

#include "common/any_matrix.hpp"
#include "common/decompose.hpp"
#include "common/outcome.hpp"
#include "common/page_pictures.hpp"
#include "common/rank_rule.hpp"
#include "io/output_file.hpp"
#include "report/json.hpp"
#include "report/spectrum_report.hpp"
#include "report/terminal.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

struct Options {
  InputOptions input;
  OutputOptions output;
  Vectors u = Vectors::thin;
  Vectors v = Vectors::thin;
  std::optional<Index> k;
  std::string page;
  RankRuleOptions rank;
  NumericalOptions numerical;
  GeneralOptions general;
};

void check(const Options& options) {
  if (options.k && (options.u == Vectors::full || options.v == Vectors::full)) {
    throw InvalidArgument("-k keeps a few vectors and 'full' asks for all of them; leave one out");
  }
  if (options.page == "-") {
    throw InvalidArgument("--report writes a page to a file; name one");
  }
  const auto is_same_file = [&](const std::string& path) {
    std::error_code unknown;  // a file that does not exist yet is equivalent to none
    return options.page == path || std::filesystem::equivalent(options.page, path, unknown);
  };
  if (!options.page.empty() &&
      (is_same_file(options.output.path) || is_same_file(options.input.path))) {
    throw InvalidArgument("--report names the file of the input or of -o; choose another name");
  }
}

Needs needs_of(const Options& options) {
  return {.u = options.u, .v = options.v, .result_entries = 0, .result = "result"};
}

/// U, S and Vh as numpy.load reads them, cut to the k triplets that were asked for.
template <Scalar T>
std::vector<io::NamedArray> arrays_of(const Options& options, const Svd<T>& d, Index k) {
  std::vector<io::NamedArray> arrays;
  const bool cut = k < static_cast<Index>(d.s.size());
  if (options.u != Vectors::none) {
    arrays.push_back({"U", cut ? d.U.view().columns(0, k) : d.U.view(), false});
  }
  arrays.push_back({"S", MatrixView<const Real<T>>(d.s.data(), k, 1), true});
  if (options.v != Vectors::none) {
    arrays.push_back({"Vh", cut ? d.Vh.view().top_rows(k) : d.Vh.view(), false});
  }
  return arrays;
}

template <Scalar T>
ExitCode run_on(const Options& options, const Console& console, const Matrix<T>& a,
                const io::Description& description) {
  const Index count = std::min(a.rows(), a.cols());
  const Index k = options.k.value_or(count);
  if (k > count) {
    throw InvalidArgument("-k " + std::to_string(k) + " exceeds the " + std::to_string(count) +
                          " singular values of a " + std::to_string(a.rows()) + " x " +
                          std::to_string(a.cols()) + " matrix");
  }
  const Svd<T> d = decompose(console, options.input, a, needs_of(options), options.numerical);
  write_outcome(console, options.output, arrays_of(options, d, k));

  report::SpectrumReport facts = report::from_svd(d);
  const RankRule rule = rank_rule(options.rank);
  facts.rank = rank_facts(numerical_rank(d, rule), rule);
  facts.file = shown_name(options.input.path);
  facts.dtype = type_name<T>();
  facts.kept = options.k.value_or(0);
  facts.column_names = description.column_names;
  if (!options.page.empty()) {
    report::SpectrumReport page = facts;
    add_vectors(page, d);
    add_pictures(page, is_image(description.format), a, d,
                 execution_of(svd_options(options.numerical, console)));
    io::OutputFile file(options.page);
    file.write(report::to_html(page));
    file.commit();
    console.detail("wrote " + options.page);
  }
  print_outcome(console, options.output, report::summary(facts, console.style()),
                report::to_json(facts));
  return ExitCode::ok;
}

ExitCode run(const Options& options) {
  const Console console(options.general);
  check(options);
  return with_matrix(
      console, options.input, options.numerical, options.output,
      [&](Index, Index) { return needs_of(options); },
      [&](const auto& a, const io::Description& description) {
        return run_on(options, console, a, description);
      });
}

const std::vector<std::pair<std::string, Vectors>> vector_words = {
    {"none", Vectors::none}, {"thin", Vectors::thin}, {"full", Vectors::full}};

}  // namespace

Verb add_svd(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      add_verb(tool, "svd", "decompose a matrix: A = U diag(s) Vh",
               {{"eckart svd data.csv", "values, energy, rank, checks and a plot of a table"},
                {"eckart svd A.npy -o factors.npz", "U, S, Vh as numpy.load reads them"},
                {"eckart svd photo.png -k 20 -o factors.npz --report photo.html",
                 "20 triplets of a picture, and a page that shows them"},
                {"eckart svd A.npy --u none --v none --json", "values alone, for programs"},
                {"eckart svd A.npy --dry-run", "flops, memory and time, nothing computed"},
                {"cat A.npy | eckart svd - -q -o - --to npz > factors.npz", "in a pipe"}});
  add_input(*verb, options->input);
  add_choice<Vectors>(*verb, "--u", options->u, vector_words,
                      "Left vectors: none, min(m, n) of them, or m")
      ->group("Result");
  add_choice<Vectors>(*verb, "--v", options->v, vector_words,
                      "Right vectors: none, min(m, n) of them, or n")
      ->group("Result");
  verb->add_option("-k", options->k, "Keep the first K triplets")
      ->type_name("N")
      ->check(at_least_one())
      ->group("Result");
  add_output_options(*verb, options->output,
                     "Write U, S, Vh to npz or json, or one file each (csv, npy, mtx)");
  verb->add_option("--report", options->page,
                   "Write a page (HTML, works offline) with spectrum, energy, vectors")
      ->type_name("FILE")
      ->group("Output");
  add_json_option(*verb, options->output);
  add_rank_rule_options(*verb, options->rank);
  add_numerical_options(*verb, options->numerical);
  add_general_options(*verb, options->general);
  return {verb, [options] { return run(*options); }};
}

}  // namespace eckart::cli
