// eckart lowrank: the best approximation of rank k, with its exact errors; of a colour image one a channel.
//
// The rank comes from a rule: -k, --energy, --error, --above, --threshold. Rules combine: the smallest rank that one of them gives
// is taken. So -k caps the others, and where the cap keeps --energy, --error or --above from being met the result is written all the
// same and the exit code is 4.
//
// Of a dense matrix every value is computed, so that errors are exact, unless --method says otherwise. A sparse one stays sparse where
// that is estimated to be faster; then the spectral error is a bound.

#include <algorithm>

#include <eckart/low_rank.hpp>

#include "common/any_matrix.hpp"
#include "common/leading_outcome.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

struct Options : DecompositionOptions {
  TruncationOptions truncation;
  bool factors = false;
};

void check(Options& options) {
  if (!options.truncation.has_rule()) {
    throw InvalidArgument(
        "which rank? give -k 50, --energy 0.99, --error 0.01 or --threshold gavish-donoho");
  }
  if (options.factors && options.output.path.empty()) {
    throw InvalidArgument("--factors is about what -o writes; give -o FILE");
  }
  check_truncation(options.truncation,
                   options.numerical.driver != Driver::automatic ? "--driver" : "");
}

/// One approximation as it is printed: of a matrix, or of a channel.
struct Line {
  std::string name;
  RankChoice choice;
  LowRankError error;
  bool unique = true;
  // Of a truncated decomposition, where error.spectral is what was seen of the next value: what it is at most.
  bool is_truncated = false;
  std::optional<double> spectral_at_most = {};
};

/// The spectral error: exact where all values are known, else from what was seen to what is certain.
std::string spectral_text(const Line& line) {
  const std::string seen = report::format_number(line.error.spectral);
  return !line.is_truncated      ? seen
         : line.spectral_at_most ? report::format_number(line.error.spectral, 3) + " to " +
                                       report::format_number(*line.spectral_at_most, 3)
                                 : "at least " + seen;
}

std::string text_of(const std::vector<Line>& lines, const report::TerminalStyle& style) {
  report::Table table;
  const bool named = lines.size() > 1;
  if (named) {
    table.add_column("channel", report::Align::left);
  }
  for (const char* heading :
       {"k", "||A - Ak||_2", "||A - Ak||_F", "relative", "energy", "storage"}) {
    table.add_column(heading);
  }
  table.add_column("bound by", report::Align::left);
  for (const Line& line : lines) {
    std::vector<std::string> cells = {std::to_string(line.error.k),
                                      spectral_text(line),
                                      report::format_number(line.error.frobenius),
                                      report::format_number(line.error.relative_frobenius, 3),
                                      report::format_percent(line.error.energy, 2),
                                      report::format_percent(line.error.storage, 1),
                                      line.choice.rule};
    if (named) {
      cells.insert(cells.begin(), line.name);
    }
    table.add_row(std::move(cells));
  }
  return table.text(style);
}

nlohmann::ordered_json json_of(const std::string& file, const std::vector<Line>& lines) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  using Json = nlohmann::ordered_json;
  const auto known = [](const Line& line, double x) {
    return line.is_truncated ? Json(nullptr) : Json(x);
  };
  for (const Line& line : lines) {
    Json entry = {{"name", line.name},
                  {"k", line.error.k},
                  {"rule", line.choice.rule},
                  {"spectral_error", known(line, line.error.spectral)},
                  {"frobenius_error", line.error.frobenius},
                  {"relative_spectral_error", known(line, line.error.relative_spectral)},
                  {"relative_frobenius_error", line.error.relative_frobenius},
                  {"energy", line.error.energy},
                  {"storage", line.error.storage},
                  {"unique", line.is_truncated ? Json(nullptr) : Json(line.unique)}};
    if (line.is_truncated) {
      entry["spectral_seen"] = line.error.spectral;
      entry["spectral_at_most"] =
          line.spectral_at_most ? Json(*line.spectral_at_most) : Json(nullptr);
    }
    list.push_back(std::move(entry));
  }
  return {{"schema", "eckart.lowrank/1"}, {"file", file}, {"approximations", list}};
}

ExitCode finish(const Options& options, const Opened& in, const std::vector<Line>& lines,
                const Clippings& clippings) {
  print_outcome(in.console, options.output, text_of(lines, in.console.style()),
                json_of(in.source.name(), lines), clippings);
  for (const Line& line : lines) {
    if (const ExitCode code = judge(in.source.name() + ": " + line.name, line.choice);
        code != ExitCode::ok) {
      return code;
    }
  }
  return ExitCode::ok;
}

Needs needs_of(const Options& options, Index m, Index n) {
  const Index k = std::min({m, n, options.truncation.k.value_or(m)});  // of factors, at the most
  // Of several rules the smallest rank holds, so -k bounds them all.
  Needs needs{
      .leading = options.truncation.k.value_or(0), .result = "approximation", .results = {{m, n}}};
  if (options.factors) {
    needs.written = {{"U", m, k}, {singular_values, k, 1}, {"Vh", k, n}};
  } else {
    needs.written = {{"matrix", m, n}};
  }
  return needs;
}

/// Decomposes `a`, chooses the rank and tells `lines`.
template <Scalar T>
LowRank<T> approximate(const Options& options, const Opened& in, const Matrix<T>& a,
                       const Needs& needs, const std::string& name, std::vector<Line>& lines) {
  require_rank(options.truncation.k.value_or(0), a.rows(), a.cols());
  const Svd<T> d = decompose(in, options.numerical, a, needs);
  const RankChoice choice = choose_rank(options.truncation, d);
  LowRank<T> approximation = low_rank(d, choice.k);
  lines.push_back({name, choice, approximation.error, approximation.unique});
  return approximation;
}

template <Scalar T>
ExitCode run_on_matrix(const Options& options, const Opened& in, const Matrix<T>& a) {
  std::vector<Line> lines;
  const LowRank<T> approximation =
      approximate(options, in, a, needs_of(options, a.rows(), a.cols()), "matrix", lines);
  Clippings clippings;
  if (options.factors) {
    const auto k = static_cast<Index>(approximation.s.size());
    const io::NamedArray arrays[] = {
        {"U", approximation.U.view(), false},
        {singular_values, MatrixView<const Real<T>>(approximation.s.data(), k, 1), true},
        {"Vh", approximation.Vh.view(), false}};
    clippings = write_outcome(in.console, options.output, arrays);
  } else if (!options.output.path.empty()) {
    const Matrix<T> product =
        low_rank_matrix(approximation, execution_of(svd_options(options.numerical, in.console)));
    clippings = write_outcome(in.console, options.output, io::AnyView(product.view()));
  }
  return finish(options, in, lines, clippings);
}

/// A sparse matrix that stays sparse until it is approximated.
template <Scalar T>
ExitCode run_on_triplets(const Options& options, const Opened& in, const TruncatedSvd<T>& d) {
  const TruncatedReport& r = d.report;
  const auto k = static_cast<Index>(d.s.size());
  const std::vector<double> values(d.s.begin(), d.s.end());
  const double norm = r.frobenius_norm.value_or(0), left = r.left_out.value_or(0),
               share = norm > 0 ? left / norm : 0;
  Line line{.name = "matrix",
            .choice = choice_of(options.truncation, values, r),
            .error = {.k = k,
                      .spectral = r.next_value,
                      .frobenius = left,
                      .relative_spectral = 0,
                      .relative_frobenius = share,
                      .energy = 1 - share * share,
                      .storage = low_rank_storage(r.rows, r.cols, k)},
            .is_truncated = true,
            .spectral_at_most = r.next_at_most};
  Clippings clippings;
  if (options.factors) {
    clippings = write_outcome(in.console, options.output, leading_arrays(d, true, true));
  } else if (!options.output.path.empty()) {
    const Matrix<T> product =
        low_rank_matrix(LowRank<T>{.U = d.U, .s = d.s, .Vh = d.Vh, .error = line.error},
                        execution_of(svd_options(options.numerical, in.console)));
    clippings = write_outcome(in.console, options.output, io::AnyView(product.view()));
  }
  const ExitCode code = finish(options, in, {line}, clippings);
  return code != ExitCode::ok ? code : judge(options.truncation, in.source.name(), values, r);
}

/// Whether the image becomes an image: then every colour is approximated, unless --channel picks one or --factors asks for
/// matrices.
bool keeps_colours(const Options& options, const MatrixSource& source) {
  return is_image(source.format()) && !options.output.path.empty() &&
         is_image(write_options(options.output).format) && !options.factors &&
         options.input.verb->count("--channel") == 0;
}

/// Colours one by one; an alpha channel is no picture and stays as it is.
ExitCode run_on_image(const Options& options, const Console& console, MatrixSource& source) {
  const io::Description description = source.describe();
  const auto channels = static_cast<std::size_t>(description.channels);
  Needs needs = needs_of(options, description.rows, description.cols);
  needs.matrices = description.channels - (channels % 2 == 0 ? 1 : 0);
  if (options.numerical.dry_run) {
    return show_forecast(console, options, description, needs);
  }
  const Opened in{console, source, description};
  io::Image image = source.read_image();
  io::check_image(options.output.path, image, write_options(options.output));
  std::vector<Line> lines;
  for (std::size_t c = 0; c < static_cast<std::size_t>(needs.matrices); ++c) {
    const LowRank<float> approximation =
        approximate(options, in, image.channels[c], needs, channel_name(c, channels), lines);
    image.channels[c] =
        low_rank_matrix(approximation, execution_of(svd_options(options.numerical, console)));
  }
  return finish(options, in, lines, write_outcome(console, options.output, image));
}

ExitCode run(Options& options) {
  const Console console(options.general);
  check(options);
  MatrixSource source = open_input(options, needs_of(options, 1, 1));
  if (options.truncation.method == TruncatedMethod::automatic && !source.is_sparse()) {
    options.truncation.method = TruncatedMethod::dense;  // exact errors need every value
  }
  if (keeps_colours(options, source)) {
    return run_on_image(options, console, source);
  }
  return with_triplets(
      console, options, options.truncation, source,
      [&](Index m, Index n) { return needs_of(options, m, n); },
      [&](const Opened& in, const auto& a) { return run_on_matrix(options, in, a); },
      [&](const Opened& in, const auto& d) { return run_on_triplets(options, in, d); });
}

}  // namespace

Verb add_lowrank(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = add_verb(
      tool, "lowrank", "the best approximation of rank k, and its exact errors",
      {{"eckart lowrank photo.png -k 50 -o small.png", "a picture of rank 50, colour by colour"},
       {"eckart lowrank A.npy --energy 0.99 -o near.npy",
        "as few values as hold 99 % of the energy"},
       {"eckart lowrank A.npy --error 0.01 --factors -o factors.npz", "factors, 1 % off at most"},
       {"eckart lowrank noisy.npy --threshold gavish-donoho -o clean.npy", "what noise leaves"},
       {"eckart lowrank links.mtx -k 50 --factors -o factors.npz",
        "of a sparse matrix, which stays sparse"},
       {"eckart lowrank A.npy -k 10", "the errors alone"}});
  add_input(*verb, options->input);
  verb->add_option("-k", options->truncation.k, "Rank")
      ->type_name("N")
      ->check(whole_within(0))
      ->group("Rank");
  add_rule_options(*verb, options->truncation, "Rank");
  add_output_options(*verb, options->output, "Write the approximation");
  verb->add_flag("--factors", options->factors,
                 "Write U, S, Vh of the approximation instead of their product")
      ->group("Output");
  add_method_options(*verb, options->truncation);
  add_decomposition_options(*verb, *options);
  return {verb, [options] { return run(*options); }};
}

}  // namespace eckart::cli
