// eckart info: what the tool runs on, or what a file holds.
//
// Without a file: the BLAS, the processor, and two rates side by side, that of the matrix product (GEMM) and the processor's
// own peak. A GEMM below half of the peak means a BLAS that does not know this processor, the commonest reason for a slow SVD,
// so it is a warning. With files: format, shape and type, from their headers.

#include "blas/info.hpp"

#include <eckart/io.hpp>

#include "blas/machine.hpp"
#include "blas/peak.hpp"
#include "common/applicable.hpp"
#include "common/console.hpp"
#include "common/matrix_input.hpp"
#include "common/memory_limit.hpp"
#include "common/outcome.hpp"
#include "common/version.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

constexpr double least_share_of_peak = 0.5;

struct Options {
  std::vector<std::string> files;
  io::ReadOptions reading;
  int threads = 0;
  OutputOptions output;
  GeneralOptions general;
  const CLI::App* verb = nullptr;
};

std::string gigaflops(double rate) {
  return report::format_number(rate / 1e9, 3) + " Gflop/s";
}

struct Rates {
  double peak = 0;  // double precision
  double gemm_double = 0, gemm_single = 0;
  [[nodiscard]] double share() const { return gemm_double / peak; }
};

ExitCode show_machine(const Console& console, const Options& options) {
  const int threads =
      Execution{.threads = options.threads, .stop = {}, .progress = {}}.thread_count();
  const blas::Info blas = blas::info();
  // Peak and product alternate, so that both meet the same neighbours on a shared machine.
  Rates rates;
  for (int round = 0; round < 3; ++round) {
    rates.peak = std::max(rates.peak, blas::measured_peak(threads));
    rates.gemm_double = std::max(rates.gemm_double, blas::measured_gemm_rate<double>(threads));
  }
  rates.gemm_single = blas::measured_gemm_rate<float>(threads);
  const bool products_right = blas::self_test();

  if (options.output.json) {
    console.print_json({{"schema", "eckart.info/1"},
                        {"version", version()},
                        {"blas",
                         {{"choice", blas.choice},
                          {"library", blas.library},
                          {"version", blas.version},
                          {"kernel", blas.kernel},
                          {"integer_bits", blas.integer_bits},
                          {"private", blas.is_private},
                          {"controls_threads", blas.controls_threads},
                          {"self_test", products_right}}},
                        {"processor", blas::processor_name()},
                        {"simd", blas::simd_name()},
                        {"threads", threads},
                        {"memory", machine_memory()},
                        {"peak_flops", rates.peak},
                        {"gemm_flops", rates.gemm_double},
                        {"gemm_flops_float32", rates.gemm_single},
                        {"gemm_share_of_peak", rates.share()}});
  } else {
    const std::vector<report::Fact> facts = {
        {"version", version()},
        {"BLAS", blas_text()},
        {"library", blas.library},
        {"threads in BLAS",
         blas.controls_threads ? "one; Eckart splits the work itself" : "the library's own choice"},
        {"self-test", products_right ? "products are right" : "products are WRONG"},
        {"processor", blas::processor_name()},
        {"SIMD", blas::simd_name()},
        {"threads", std::to_string(threads)},
        {"memory", report::format_bytes(machine_memory())},
        {"peak", gigaflops(rates.peak) + " float64, measured"},
        {"GEMM", gigaflops(rates.gemm_double) + " float64, " +
                     report::format_percent(rates.share(), 0) + " of the peak\n" +
                     gigaflops(rates.gemm_single) + " float32"},
    };
    console.print(report::fact_list(facts, console.style()));
  }
  if (rates.share() < least_share_of_peak) {
    console.warn("the matrix product runs at " + report::format_percent(rates.share(), 0) +
                 " of the processor's peak: other programs are using the processor, or this BLAS "
                 "does not know it; build "
                 "with another one (cmake -DECKART_BLAS=openblas or mkl)");
  }
  if (!products_right) {
    throw NumericalError(
        "this BLAS computes matrix products wrongly on this processor; build with another one "
        "(cmake -DECKART_BLAS=openblas or mkl)");
  }
  return ExitCode::ok;
}

nlohmann::ordered_json json_of(const std::string& path, const io::Description& d) {
  nlohmann::ordered_json json = {{"file", shown_name(path)},  {"format", io::to_string(d.format)},
                                 {"shape", {d.rows, d.cols}}, {"stored_type", d.stored_type},
                                 {"dtype", d.computed_type},  {"column_names", d.column_names}};
  if (!d.member.empty()) {
    json["member"] = d.member;
  }
  return json;
}

std::string column_list(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, names.size()); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  return text + (names.size() > shown ? ", ..." : "");
}

ExitCode show_files(const Console& console, const Options& options) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::string text;
  std::vector<KnownFile> known;
  for (const std::string& path : options.files) {
    const MatrixSource source({.path = path, .reading = options.reading}, 0);
    const io::Description d = source.describe();
    known.push_back({source.name(), d.format});
    list.push_back(json_of(path, d));
    std::vector<report::Fact> facts = {
        {"file", shown_name(path)},
        {"format", io::to_string(d.format)},
        {"shape", report::format_count(d.rows) + " x " + report::format_count(d.cols)},
        {"stored as", d.stored_type},
        {"computed as", d.computed_type},
    };
    if (!d.member.empty()) {
      facts.insert(facts.begin() + 2, {"dataset", d.member});
    }
    if (d.entries) {
      facts.push_back({"entries", report::format_count(*d.entries) + " at most; the rest is zero"});
    }
    if (!d.column_names.empty()) {
      facts.push_back({"columns", column_list(d.column_names)});
    }
    text += (text.empty() ? "" : "\n") + report::fact_list(facts, console.style());
  }
  require_applicable(*options.verb, known);
  if (options.output.json) {
    console.print_json({{"schema", "eckart.files/1"}, {"files", list}});
  } else {
    console.print(text);
  }
  return ExitCode::ok;
}

const std::vector<const char*> about_files = {"--format",    "--columns", "--member", "--channel",
                                              "--delimiter", "--decimal", "--header"};
const std::vector<const char*> about_machine = {"--threads"};

ExitCode run(const Options& options) {
  const Console console(options.general);
  for (const char* name : options.files.empty() ? about_files : about_machine) {
    if (options.verb->count(name) > 0) {
      throw InvalidArgument(std::string(name) +
                            (options.files.empty() ? " is about files; name one"
                                                   : " is about the machine; leave out the files"));
    }
  }
  return options.files.empty() ? show_machine(console, options) : show_files(console, options);
}

}  // namespace

Verb add_info(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      add_verb(tool, "info", "show the machine and its BLAS, or what files hold",
               {{"eckart info", "BLAS, kernel, measured product rate beside the processor's peak"},
                {"eckart info photo.png data.csv", "format, shape and type of files"},
                {"eckart info --json", "the same for programs"}});
  verb->add_option("FILES", options->files, "Files to describe; - is standard input")
      ->type_name("FILE")
      ->check(file_name());
  options->verb = verb;
  add_input_options(*verb, options->reading);
  verb->add_option("-t,--threads", options->threads,
                   "Threads to measure with; 0: every processor allowed")
      ->type_name("N")
      ->check(whole_within(0, most_threads))
      ->default_str("0");
  add_json_option(*verb, options->output);
  add_general_options(*verb, options->general);
  return {verb, [options] { return run(*options); }};
}

}  // namespace eckart::cli
