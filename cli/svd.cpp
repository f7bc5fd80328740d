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

struct Options : DecompositionOptions {
  Vectors u = Vectors::thin;
  Vectors v = Vectors::thin;
  std::optional<Index> k;
  std::string page;
  RankRuleOptions rank;
};

/// The number of triplets that -k keeps of a matrix of this size.
Index kept_of(const Options& options, Index m, Index n) {
  return std::min(options.k.value_or(m), std::min(m, n));
}

/// What is computed: all vectors that are asked for, of which -k keeps the first.
Needs needs_of(const Options& options, Index m, Index n) {
  const Index k = kept_of(options, m, n);
  Needs needs{.u = options.u,
              .v = options.v,
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

void check(const Options& options) {
  if (options.k && (options.u == Vectors::full || options.v == Vectors::full)) {
    throw InvalidArgument("-k keeps a few vectors and 'full' asks for all of them; leave one out");
  }
  if (options.page == "-") {
    throw InvalidArgument("--report writes a page to a file; name one");
  }
  check_page(options, check_output(options.output, needs_of(options, 1, 1).written));
}

/// U, S and Vh as numpy.load reads them, cut to the k triplets that were asked for.
template <Scalar T>
std::vector<io::NamedArray> arrays_of(const Options& options, const Svd<T>& d, Index k) {
  std::vector<io::NamedArray> arrays;
  const bool cut = k < static_cast<Index>(d.s.size());
  if (options.u != Vectors::none) {
    arrays.push_back({"U", cut ? d.U.view().columns(0, k) : d.U.view(), false});
  }
  arrays.push_back({singular_values, MatrixView<const Real<T>>(d.s.data(), k, 1), true});
  if (options.v != Vectors::none) {
    arrays.push_back({"Vh", cut ? d.Vh.view().top_rows(k) : d.Vh.view(), false});
  }
  return arrays;
}

/// The object of --json. Its values are those of the triplets that -k keeps; rank, condition and energy are the matrix's.
nlohmann::ordered_json json_of(const report::SpectrumReport& facts, Index kept) {
  nlohmann::ordered_json json = report::to_json(facts);
  auto& values = json["values"];
  values.erase(values.begin() + kept, values.end());
  return json;
}

template <Scalar T>
ExitCode run_on(const Options& options, const Opened& in, const Matrix<T>& a) {
  const Console& console = in.console;
  require_rank(options.k.value_or(0), a.rows(), a.cols());
  const Index k = kept_of(options, a.rows(), a.cols());
  const Svd<T> d = decompose(in, options.numerical, a, needs_of(options, a.rows(), a.cols()));
  const Clippings clippings = write_outcome(console, options.output, arrays_of(options, d, k));

  report::SpectrumReport facts = report::from_svd(d);
  const RankRule rule = rank_rule(options.rank);
  facts.rank = rank_facts(numerical_rank(d, rule), rule);
  facts.file = in.source.name();
  facts.dtype = type_name<T>();
  facts.kept = options.k.value_or(0);
  facts.column_names = in.description.column_names;
  if (!options.page.empty()) {
    report::SpectrumReport page = facts;
    add_vectors(page, d);
    add_pictures(page, is_image(in.description.format), a, d,
                 execution_of(svd_options(options.numerical, console)));
    io::OutputFile file(options.page);
    file.write(report::to_html(page));
    file.commit();
    console.detail("wrote " + options.page);
  }
  print_outcome(console, options.output, report::summary(facts, console.style()), json_of(facts, k),
                clippings);
  return ExitCode::ok;
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
      ->check(whole_within(1))
      ->group("Result");
  add_output_options(*verb, options->output,
                     "Write U, S, Vh to npz or json, or one file each (csv, npy, mtx)");
  verb->add_option("--report", options->page,
                   "Write a page (HTML, works offline) with spectrum, energy, vectors")
      ->type_name("FILE")
      ->check(file_name())
      ->group("Output");
  add_rank_rule_options(*verb, options->rank);
  return decomposing_verb(
      verb, options, needs_of,
      [](const Options& o, const Opened& in, const auto& a) { return run_on(o, in, a); }, check);
}

}  // namespace eckart::cli
