// eckart svd: A = U diag(s) Vh, checked; a table, a JSON object, a page, or the factors in a file.
//
// With -k, --energy, --error or --above the leading triplets alone: from the dense decomposition, of which everything else is known
// as well, or, where that is estimated to be faster or the only way, from an iteration (common/leading.hpp).

#include <algorithm>
#include <filesystem>

#include <eckart/io.hpp>
#include <eckart/low_rank.hpp>

#include "common/any_matrix.hpp"
#include "common/leading_outcome.hpp"
#include "common/page_pictures.hpp"
#include "common/rank_rule.hpp"
#include "io/output_file.hpp"
#include "report/json.hpp"
#include "report/spectrum_report.hpp"
#include "report/terminal.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

struct Options : DecompositionOptions {
  Vectors u = Vectors::thin;
  Vectors v = Vectors::thin;
  TruncationOptions truncation;
  std::string page;
  RankRuleOptions rank;
};

/// The number of triplets that -k keeps of a matrix of this size, at the most.
Index kept_of(const Options& options, Index m, Index n) {
  return std::min(options.truncation.k.value_or(m), std::min(m, n));
}

/// What is computed: the vectors that are asked for, the first k alone unless a page shows more of them. Of several rules the
/// smallest number holds, so -k bounds them all.
Needs needs_of(const Options& options, Index m, Index n) {
  const Index k = kept_of(options, m, n);
  Needs needs{.u = options.u,
              .v = options.v,
              .leading = options.page.empty() ? options.truncation.k.value_or(0) : 0,
              .way_out = "--dry-run shows what takes it, --u none and --v none save most of it"};
  if (options.u != Vectors::none) {
    needs.written.push_back({"U", m, options.u == Vectors::full ? m : k});
  }
  needs.written.push_back({singular_values, k, 1});
  if (options.v != Vectors::none) {
    needs.written.push_back({"Vh", options.v == Vectors::full ? n : k, n});
  }
  return needs;
}

/// The page can be written, and is none of the other files.
void check_page(const Options& options, std::vector<std::string> others) {
  if (options.page.empty()) {
    return;
  }
  others.push_back(options.input.path);
  for (const std::string& path : others) {
    std::error_code unknown;  // a file that does not exist yet is equivalent to none
    if (options.page == path || std::filesystem::equivalent(options.page, path, unknown)) {
      throw InvalidArgument("--report names the file of the input or of -o; choose another name");
    }
  }
  io::require_writable(options.page);
}

/// An option that is about the whole decomposition; "" where none was given.
std::string about_the_whole(const Options& options) {
  return options.numerical.driver != Driver::automatic ? "--driver"
         : options.rank.rtol                           ? "--rtol"
         : options.rank.atol                           ? "--atol"
                                                       : "";
}

void check(Options& options) {
  if (options.truncation.has_rule() && (options.u == Vectors::full || options.v == Vectors::full)) {
    throw InvalidArgument(
        "-k and its like keep a few vectors and 'full' asks for all of them; leave one out");
  }
  check_truncation(options.truncation, about_the_whole(options));
  if (options.page == "-") {
    throw InvalidArgument("--report writes a page to a file; name one");
  }
  check_page(options, check_output(options.output, needs_of(options, 1, 1).written));
}

/// U, S and Vh as numpy.load reads them, cut to the k triplets that were asked for.
template <Scalar T>
std::vector<io::NamedArray> arrays_of(const Options& options, const Svd<T>& d, Index k) {
  std::vector<io::NamedArray> arrays;
  if (options.u != Vectors::none) {
    arrays.push_back(
        {"U", d.U.view().columns(0, options.truncation.has_rule() ? k : d.U.cols()), false});
  }
  arrays.push_back({singular_values, MatrixView<const Real<T>>(d.s.data(), k, 1), true});
  if (options.v != Vectors::none) {
    arrays.push_back(
        {"Vh", d.Vh.view().top_rows(options.truncation.has_rule() ? k : d.Vh.rows()), false});
  }
  return arrays;
}

/// The object of --json. Its values are those of the triplets that are kept; rank, condition and energy are the matrix's.
nlohmann::ordered_json json_of(const report::SpectrumReport& facts, const RankChoice& kept,
                               const TruncationOptions& options) {
  nlohmann::ordered_json json = report::to_json(facts);
  auto& values = json["values"];
  values.erase(values.begin() + kept.k, values.end());
  json["kept"] = kept.k;
  json["bound_by"] = bound_by_of(options, kept.rule);
  json["method"] = to_string(TruncatedMethod::dense);
  return json;
}

void write_page(const Options& options, const Console& console, const std::string& html) {
  io::OutputFile file(options.page);
  file.write(html);
  file.commit();
  console.detail("wrote " + options.page);
}

/// From the dense decomposition.
template <Scalar T>
ExitCode run_on(const Options& options, const Opened& in, const Matrix<T>& a) {
  const Console& console = in.console;
  require_rank(options.truncation.k.value_or(0), a.rows(), a.cols());
  const Svd<T> d = decompose(in, options.numerical, a, needs_of(options, a.rows(), a.cols()));
  const RankChoice kept = choose_rank(options.truncation, d);
  const Clippings clippings = write_outcome(console, options.output, arrays_of(options, d, kept.k));

  report::SpectrumReport facts = report::from_svd(d);
  const RankRule rule = rank_rule(options.rank);
  facts.rank = rank_facts(numerical_rank(d, rule), rule);
  facts.file = in.source.name();
  facts.dtype = type_name<T>();
  facts.kept = options.truncation.has_rule() ? kept.k : 0;
  facts.column_names = in.description.column_names;
  if (!options.page.empty()) {
    report::SpectrumReport page = facts;
    add_vectors<T>(page.vectors, page.vectors_are_moduli, d.U, d.Vh);
    add_pictures(page, is_image(in.description.format), a, d,
                 execution_of(svd_options(options.numerical, console)));
    write_page(options, console, report::to_html(page));
  }
  print_outcome(console, options.output, report::summary(facts, console.style()),
                json_of(facts, kept, options.truncation), clippings);
  return judge(in.source.name(), kept);
}

/// From an iteration.
template <Scalar T>
ExitCode run_on(const Options& options, const Opened& in, const TruncatedSvd<T>& d) {
  const Console& console = in.console;
  const Clippings clippings =
      write_outcome(console, options.output,
                    leading_arrays(d, options.u != Vectors::none, options.v != Vectors::none));
  report::TruncatedFacts facts = facts_of(in, d);
  facts.rule = choice_of(options.truncation, facts.values, d.report).rule;
  if (!options.page.empty()) {
    add_vectors<T>(facts.vectors, facts.vectors_are_moduli, d.U, d.Vh);
    write_page(options, console, report::to_html(facts));
  }
  print_outcome(console, options.output, report::summary(facts, console.style()),
                report::to_json(facts), clippings);
  return judge(options.truncation, in.source.name(), facts.values, d.report);
}

ExitCode run(Options& options) {
  const Console console(options.general);
  check(options);
  MatrixSource source = open_input(options, needs_of(options, 1, 1));
  return with_triplets(
      console, options, options.truncation, source,
      [&](Index m, Index n) {
        require_rank(options.truncation.k.value_or(0), m, n);
        return needs_of(options, m, n);
      },
      [&](const Opened& in, const auto& a) { return run_on(options, in, a); },
      [&](const Opened& in, const auto& d) { return run_on(options, in, d); });
}

const std::vector<std::pair<std::string, Vectors>> vector_words = {
    {"none", Vectors::none}, {"thin", Vectors::thin}, {"full", Vectors::full}};

}  // namespace

Verb add_svd(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      add_verb(tool, "svd", "decompose a matrix: A = U diag(s) Vh",
               {{"eckart svd data.csv", "values, energy, rank, checks and a plot of a table"},
                {"eckart svd links.mtx -k 20 -o factors.npz",
                 "the 20 largest triplets of a sparse matrix, which stays sparse"},
                {"eckart svd links.mtx -k 5 --smallest",
                 "the 5 smallest triplets, by a sparse factorisation"},
                {"eckart svd A.npy --energy 0.9", "as many triplets as hold 90 % of the energy"},
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
  verb->add_option("-k,--vectors", options->truncation.k, "The K largest triplets alone")
      ->type_name("N")
      ->check(whole_within(1))
      ->group("Triplets; of several rules the one that gives the fewest holds");
  add_which_options(*verb, options->truncation,
                    "Triplets; of several rules the one that gives the fewest holds");
  add_rule_options(*verb, options->truncation,
                   "Triplets; of several rules the one that gives the fewest holds");
  add_output_options(*verb, options->output,
                     "Write U, S, Vh to npz, h5 or json, or one file each (csv, npy)");
  verb->add_option("--report", options->page,
                   "Write a page (HTML, works offline) with spectrum, energy, vectors")
      ->type_name("FILE")
      ->check(file_name())
      ->group("Output");
  add_method_options(*verb, options->truncation);
  add_rank_rule_options(*verb, options->rank);
  add_decomposition_options(*verb, *options);
  return {verb, [options] { return run(*options); }};
}

}  // namespace eckart::cli
