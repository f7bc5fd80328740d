// eckart stream: the leading singular values and vectors of rows that come one after the other, in a fixed amount of memory where left
// vectors are not wanted.
//
//   1. what the command line asks for can be done
//   2. the state, where one is given and there, locked; the reader, behind what the state has had of the same file
//   3. the run (common/stream_run.hpp)

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>

#include <eckart/error.hpp>
#include <eckart/io.hpp>

#include "common/any_matrix.hpp"
#include "common/interrupt.hpp"
#include "common/matrix_input.hpp"
#include "common/memory_limit.hpp"
#include "common/options.hpp"
#include "common/state_file.hpp"
#include "common/state_lock.hpp"
#include "common/stream_run.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

// While the buffer of a line grows there are two of them, and the stream is to have its share.
constexpr std::uint64_t part_of_memory_for_a_line = 4;

// Its reciprocal is a number too.
constexpr double least_factor = 1e-300;

struct Options : StreamOptions {
  GeneralOptions general;
};

// 1.
void check(const Options& options) {
  require_meaning(options.settings);
  std::vector<io::ArrayShape> arrays = {{singular_values}, {"Vh"}, {"at_least"}, {"at_most"}};
  if (options.settings.with_u()) {
    arrays.push_back({"U"});
  }
  const std::vector<std::string> written = check_output(options.output, arrays);
  if (!options.state.empty()) {
    check_state_file("--state", options.state, options.path, written);
  }
  if (options.rows.follow && options.path == "-") {
    throw InvalidArgument(
        "--follow waits for a file to grow; standard input ends when its writer does");
  }
}

ExitCode run(const Options& given) {
  Options options = given;
  const Console console(options.general);
  check(options);
  std::optional<SavesOnInterrupt> patience;
  if (!options.state.empty() || options.rows.follow) {
    patience.emplace();
  }
  options.rows.stop = options.settings.stop = interrupt_token();
  options.rows.max_row_bytes =
      std::min(options.rows.max_row_bytes,
               memory_limit(options.settings.max_memory) / part_of_memory_for_a_line);
  options.rows.growing = options.rows.follow || !options.state.empty();
  // 2.
  std::optional<StateLock> lock;
  if (!options.state.empty()) {
    lock.emplace(options.state);
  }
  std::optional<StreamState> state;
  if (!options.state.empty() && std::filesystem::exists(options.state)) {
    state = io::load_stream(options.state);
    if (const StreamKind kind = kind_of(*state); kind != options.settings.method) {
      throw InvalidArgument(options.state + " is a state of the method " + word_of(kind) +
                            ", not of " + word_of(options.settings.method) + "; --method " +
                            word_of(kind) + " goes on with it");
    }
    keep_forgetting(options.settings, *state, options.state);
    try {
      options.rows.from = io::source_in(*state, options.path);
      if (!options.rows.from) {
        options.rows.from = io::source_renamed(*state, options.path);
        if (options.rows.from) {
          console.note("eckart: " + options.path + " begins with the rows that " + options.state +
                       " has from a file of another name; what is behind them is read (through a "
                       "pipe, all of it is)");
        }
      }
    } catch (const InvalidArgument& error) {
      throw FormatError(options.state + ": " + error.what());
    }
  }
  io::RowReader reader(options.path, options.rows);
  if (!options.state.empty() && reader.format() == io::RowFormat::hdf5) {
    throw InvalidArgument(reader.name() +
                          ": an HDF5 file does not say which of its rows a state has had; pass "
                          "new rows through a pipe: eckart convert " +
                          options.path + " - --to npy | eckart stream - --state " + options.state);
  }
  // 3.
  return with_type(element_type_of(reader.dtype()), [&]<Scalar T>() {
    StreamRun<T> run(options, console, reader, state);
    state.reset();  // the run has it
    return run.run();
  });
}

void add_options(CLI::App& verb, Options& options) {
  verb.add_option("IN", options.path, "Rows: csv, tsv, npy, h5 or raw numbers; - is standard input")
      ->type_name("FILE")
      ->check(file_name())
      ->default_str("-");
  add_choice<io::RowFormat>(verb, "--format", options.rows.format,
                            {{"auto", io::RowFormat::automatic},
                             {"raw", io::RowFormat::raw},
                             {"csv", io::RowFormat::csv},
                             {"npy", io::RowFormat::npy},
                             {"hdf5", io::RowFormat::hdf5}},
                            "Format of the rows; auto: npy, hdf5 by first bytes, raw with --cols")
      ->group("Input");
  verb.add_option("--cols", options.rows.cols, "Raw: numbers in a row")
      ->type_name("N")
      ->check(whole_within(1))
      ->group("Input");
  verb.add_option("--dtype", options.rows.dtype,
                  "Raw: float32, float64, complex64, complex128 or NumPy's >f4, i2 ...; default "
                  "float64")
      ->type_name("TEXT")
      ->group("Input");
  verb.add_option("--columns", options.rows.text.columns,
                  "Text: columns to read, such as 1-4,6 or 3- or names")
      ->type_name("TEXT")
      ->group("Input");
  verb.add_flag("--follow", options.rows.follow,
                "At the end of the file wait for more, until Ctrl-C")
      ->group("Input");
  add_choice<StreamKind>(verb, "--method", options.settings.method,
                         {{"frequent-directions", StreamKind::frequent_directions},
                          {"sketch", StreamKind::sketch},
                          {"incremental", StreamKind::incremental}},
                         "V with certain bounds; U too, roughly; or U on request and forgetting")
      ->group("Result");
  verb.add_option("-k,--rank", options.settings.rank,
                  "Singular values and vectors wanted; default 10, or as many as there are columns")
      ->type_name("N")
      ->check(whole_within(1))
      ->group("Result");
  verb.add_option(
          "--sketch-rows", options.settings.sketch_rows,
          "Rows of the sketch: more of them, closer bounds; default 256, or twice the rank; "
          "sketch: 4 k + 1; incremental: triplets kept, 2 k")
      ->type_name("N")
      ->check(whole_within(1))
      ->group("Result");
  add_choice<std::optional<Vectors>>(
      verb, "--u", options.settings.u, {{"none", Vectors::none}, {"thin", Vectors::thin}},
      "Left vectors, whose memory grows with the rows; sketch: thin, else none")
      ->group("Result");
  verb.add_option("--forget", options.settings.forget,
                  "incremental, sketch: before each row the others are multiplied by F <= 1")
      ->type_name("F")
      ->check(number_within(least_factor, 1))
      ->group("Result");
  verb.add_option("--state", options.state,
                  "Where the stream is saved at its end and on Ctrl-C, and goes on from (npz)")
      ->type_name("FILE")
      ->check(file_name())
      ->group("Result");
  verb.add_option("--every", options.every, "A line to standard error every N rows")
      ->type_name("N")
      ->check(whole_within(1))
      ->group("Output");
  add_output_options(verb, options.output, "Write values, vectors and bounds");
  add_json_option(verb, options.output);
  verb.add_option("-t,--threads", options.settings.threads,
                  "Threads to compute with; 0: every processor allowed")
      ->type_name("N")
      ->check(whole_within(0, most_threads))
      ->default_str("0")
      ->group("Computation");
  verb.add_option("--seed", options.settings.seed, "sketch: seed of its test matrices")
      ->type_name("N")
      ->check(whole_within(0, std::numeric_limits<std::uint64_t>::max()))
      ->group("Computation");
  add_memory_option(verb, options.settings.max_memory);
  add_general_options(verb, options.general);
}

}  // namespace

Verb add_stream(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = add_verb(
      tool, "stream", "values and vectors of rows that come one by one, in fixed memory",
      {{"eckart stream data.csv -k 2", "the two leading values, with bounds for every input"},
       {"cat data.csv | eckart stream -k 2 --state s.npz", "save the stream; run again to go on"},
       {"tail -c +129 A.npy | eckart stream --cols 55", "raw numbers, 55 in a row"},
       {"eckart stream A.npy -k 20 --sketch-rows 40 -o top.npz", "write S, Vh and the bounds"},
       {"eckart stream A.npy -k 5 --method incremental --u thin -o usv.npz",
        "U too, from one reading"},
       {"eckart stream data.csv -k 2 --method incremental --forget 0.99",
        "what came lately counts most"}});
  add_options(*verb, *options);
  return {verb, [options] { return run(*options); }};
}

}  // namespace eckart::cli
