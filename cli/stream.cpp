// eckart stream: the leading singular values and right vectors of rows that come one after the other, in a fixed amount of memory.
//
//   1. the state, where one is given and there; the reader, behind what the state has had of the same file
//   2. rows into the stream as they come; a line to the terminal now and then
//   3. at the end, on Ctrl-C and on an error: the state is saved, with all rows that were taken
//   4. the result; on Ctrl-C only of a stream that is followed, which has no other end

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include <eckart/io.hpp>
#include <eckart/stream_files.hpp>

#include "common/any_matrix.hpp"
#include "common/console.hpp"
#include "common/interrupt.hpp"
#include "common/matrix_input.hpp"
#include "common/memory_limit.hpp"
#include "common/outcome.hpp"
#include "common/stream_method.hpp"
#include "report/json.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string path = "-";
  io::RowOptions rows;
  StreamSettings settings;
  std::string state;
  Index every = 0;
  std::uint64_t max_memory = 0;
  OutputOptions output;
  GeneralOptions general;
};

// What the process has besides the stream: program, buffers, one batch of rows.
constexpr std::uint64_t beside_the_stream = std::uint64_t{16} << 20;
// A line now and then on a terminal, and how many values it shows.
constexpr std::chrono::seconds between_lines{1};
constexpr std::size_t shown_running = 4;

/// The path as a state remembers it, whichever folder the command is given in.
Matrix<double> path_in_state(const std::string& path) {
  const std::string whole = std::filesystem::absolute(path).lexically_normal().string();
  Matrix<double> bytes(1, static_cast<Index>(whole.size()));
  std::transform(whole.begin(), whole.end(), bytes.data(),
                 [](char c) { return static_cast<double>(static_cast<unsigned char>(c)); });
  return bytes;
}

bool is_regular(const std::string& path) {
  std::error_code ignored;
  return path != "-" && std::filesystem::is_regular_file(path, ignored);
}

/// Where the state's stream stopped in this file; the beginning for another file, and for pipes.
io::RowPosition position_in(const StreamState& state, const std::string& path) {
  if (!state.has("source_path") || !is_regular(path)) {
    return {};
  }
  const auto had = state.matrix<double>("source_path", 1, -1), now = path_in_state(path);
  if (!std::equal(had.data(), had.data() + had.cols(), now.data(), now.data() + now.cols())) {
    return {};
  }
  return {state.bits("source_bytes"), state.bits("source_lines")};
}

/// "NAME: row 3, column 2 (counted from 1) is NaN; ...".
template <Scalar T>
Error bad_row(const std::string& name, const NonFinite& error, const T& entry) {
  return Error(ErrorKind::non_finite,
               name + ": row " + std::to_string(error.row() + 1) + ", column " +
                   std::to_string(error.column() + 1) + " (counted from 1) is " +
                   name_of_non_finite(entry) +
                   "; a singular value decomposition needs finite numbers: remove the row or fill "
                   "the gap");
}

template <Scalar T>
class Run {
 public:
  Run(const Options& options, const Console& console, io::RowReader& reader,
      const std::optional<StreamState>& state)
      : options_(options), console_(console), reader_(reader) {
    if (state) {
      try {
        stream_ = resumed_stream<T>(*state, options.settings);
      } catch (const InvalidArgument& error) {
        throw FormatError(options.state + ": " + error.what());
      }
      if (stream_->cols() != reader.cols()) {
        throw InvalidArgument(reader.name() + ": rows of " + std::to_string(reader.cols()) +
                              " entries; the stream of " + options.state + " has rows of " +
                              std::to_string(stream_->cols()));
      }
      position_ = options.rows.from;
    } else {
      require_memory(
          MemoryPlan::all_of("stream", {stream_memory<T>(reader.cols(), options.settings),
                                        MemoryPlan::block<char>("beside", beside_the_stream)}),
          options.max_memory, "fewer --sketch-rows take less");
      stream_ = new_stream<T>(reader.cols(), options.settings);
    }
    resumed_rows_ = stream_->rows();
  }

  ExitCode run() {
    bool interrupted = false;
    try {
      take_rows();
    } catch (const Cancelled&) {
      interrupted = true;
      if (!options_.rows.follow && options_.state.empty()) {
        throw;
      }
    } catch (...) {
      save("were taken before the error and");
      throw;
    }
    save(interrupted ? "were taken and" : "");
    if (!interrupted || options_.rows.follow) {
      print();
    }
    if (interrupted) {
      throw Cancelled();
    }
    return ExitCode::ok;
  }

 private:
  // 2.
  void take_rows() {
    for (;;) {
      const io::Rows rows = reader_.next();
      if (rows.count() == 0) {
        return;
      }
      const auto* view = std::get_if<MatrixView<const T>>(&rows.view);
      take(*view);
      show_running();
    }
  }

  void take(MatrixView<const T> rows) {
    const Index before = stream_->rows();
    const auto remember = [&] { position_ = reader_.behind(stream_->rows() - before); };
    try {
      stream_->append(rows);
    } catch (const NonFinite& error) {
      const Index good = error.row() - before;
      stream_->append(rows.top_rows(good));
      remember();
      throw bad_row(reader_.name(), error, rows(good, error.column()));
    } catch (const Cancelled&) {
      remember();
      throw;
    }
    remember();
  }

  void show_running() {
    const Index rows = stream_->rows();
    const auto now = Clock::now();
    const bool due = options_.every > 0 ? rows / options_.every > shown_rows_ / options_.every
                                        : isatty(STDERR_FILENO) == 1 && now >= next_line_;
    if (!due) {
      return;
    }
    shown_rows_ = rows;
    next_line_ = now + between_lines;
    const StreamResult<T> result = stream_->result();
    std::string values;
    for (std::size_t i = 0; i < std::min(shown_running, result.values.size()); ++i) {
      values += fmt::format(" {:.5g}", static_cast<double>(result.values[i]));
    }
    const char* more = result.values.size() > shown_running ? " ..." : "";
    console_.note(fmt::format("{}:{}{}", report::counted(rows, "row", "rows"), values, more));
  }

  // 3.
  void save(const std::string& when) const {
    if (options_.state.empty()) {
      return;
    }
    StreamState state = stream_->state();
    if (is_regular(options_.path)) {
      state.put("source_path", path_in_state(options_.path));
      state.put_bits("source_bytes", position_.bytes);
      state.put_bits("source_lines", position_.lines);
    }
    io::save_stream(options_.state, state);
    const std::string text =
        report::counted(stream_->rows(), "row", "rows") + " " + (when.empty() ? "" : when + " ");
    if (when.empty()) {
      console_.detail("wrote " + options_.state + ": " + text);
    } else {
      console_.note("eckart: " + text + "are in " + options_.state +
                    "; the same command goes on from there");
    }
  }

  // 4.
  void print() {
    const StreamResult<T> result = stream_->result();
    const auto count = static_cast<Index>(result.values.size());
    const auto column = [count](const auto& values) {
      return MatrixView<const std::remove_cvref_t<decltype(values[0])>>(values.data(), count, 1);
    };
    const io::NamedArray arrays[] = {
        {singular_values, column(result.values), true},
        {"Vh", result.Vh.view(), false},
        {"at_least", column(result.at_least), true},
        {"at_most", column(result.at_most), true},
    };
    const Clippings clippings = write_outcome(console_, options_.output, arrays);
    print_outcome(console_, options_.output, text_of(result), json_of(result), clippings);
  }

  std::string text_of(const StreamResult<T>& result) const {
    std::vector<report::Fact> facts = {
        {"rows", report::format_count(stream_->rows()) + " of " +
                     report::counted(stream_->cols(), "column", "columns") + ", " + type_name<T>()},
        {"method", to_string(StreamKind::frequent_directions)},
        {"||A||_F", report::format_number(result.frobenius_norm)}};
    for (const StreamFigure& f : result.figures) {
      facts.push_back(
          {f.label, (f.least > 0 ? report::format_number(f.least) + " to " : "at most ") +
                        report::format_number(f.most) + ", " + f.sureness});
    }
    report::Table table;
    table.add_column("i");
    table.add_column("sigma");
    table.add_column("at least");
    table.add_column("at most");
    for (std::size_t i = 0; i < result.values.size(); ++i) {
      table.add_row(
          {std::to_string(i + 1), report::format_padded(static_cast<double>(result.values[i])),
           report::format_padded(result.at_least[i]), report::format_padded(result.at_most[i])});
    }
    return report::fact_list(facts, console_.style()) + "\n" + table.text(console_.style());
  }

  nlohmann::ordered_json json_of(const StreamResult<T>& result) const {
    nlohmann::ordered_json json = {{"schema", "eckart.stream/1"},
                                   {"file", reader_.name()},
                                   {"shape", {stream_->rows(), stream_->cols()}},
                                   {"dtype", type_name<T>()},
                                   {"method", to_string(StreamKind::frequent_directions)},
                                   {"rows_before", resumed_rows_},
                                   {"values", result.values},
                                   {"at_least", result.at_least},
                                   {"at_most", result.at_most},
                                   {"frobenius_norm", report::json_number(result.frobenius_norm)}};
    for (const StreamFigure& f : result.figures) {
      json[f.key] = {report::json_number(f.least), report::json_number(f.most)};
    }
    json["seconds"] = std::chrono::duration<double>(Clock::now() - began_).count();
    return json;
  }

  const Options& options_;
  const Console& console_;
  io::RowReader& reader_;
  std::unique_ptr<StreamMethod<T>> stream_;
  io::RowPosition position_;
  Index resumed_rows_ = 0, shown_rows_ = 0;
  Clock::time_point began_ = Clock::now(), next_line_ = began_ + between_lines;
};

void check(const Options& options) {
  const io::ArrayShape arrays[] = {{singular_values}, {"Vh"}, {"at_least"}, {"at_most"}};
  check_output(options.output, arrays);
  if (!options.state.empty()) {
    const std::string name = "state";
    static_cast<void>(io::check_destination(options.state, {&name, 1},
                                            {.format = io::Format::npz, .column_names = {}}));
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
  // 1.
  std::optional<StreamState> state;
  if (!options.state.empty() && std::filesystem::exists(options.state)) {
    state = io::load_stream(options.state);
    options.rows.from = position_in(*state, options.path);
  }
  io::RowReader reader(options.path, options.rows);
  return with_type(element_type_of(reader.dtype()),
                   [&]<Scalar T>() { return Run<T>(options, console, reader, state).run(); });
}

void add_options(CLI::App& verb, Options& options) {
  verb.add_option("IN", options.path, "Rows: csv, tsv, npy or raw numbers; - is standard input")
      ->type_name("FILE")
      ->check(file_name())
      ->default_str("-");
  add_choice<io::RowFormat>(verb, "--format", options.rows.format,
                            {{"auto", io::RowFormat::automatic},
                             {"raw", io::RowFormat::raw},
                             {"csv", io::RowFormat::csv},
                             {"npy", io::RowFormat::npy}},
                            "Format of the rows; auto: npy by its first bytes, raw with --cols")
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
  verb.add_option("-k,--rank", options.settings.rank, "Singular values and vectors wanted")
      ->type_name("N")
      ->check(whole_within(1))
      ->default_str("10")
      ->group("Result");
  verb.add_option("--sketch-rows", options.settings.sketch_rows,
                  "Rows of the sketch: more of them, closer bounds; default 256, or twice the rank")
      ->type_name("N")
      ->check(whole_within(1))
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
  add_memory_option(verb, options.max_memory);
  add_general_options(verb, options.general);
}

}  // namespace

Verb add_stream(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = add_verb(
      tool, "stream", "values and vectors of rows that come one by one, in fixed memory",
      {{"eckart stream data.csv -k 2", "the two leading values, with bounds that are certain"},
       {"cat data.csv | eckart stream -k 2 --state s.npz", "save the stream; run again to go on"},
       {"tail -c +129 A.npy | eckart stream --cols 55", "raw numbers, 55 in a row"},
       {"eckart stream A.npy -k 20 --sketch-rows 40 -o top.npz", "write S, Vh and the bounds"}});
  add_options(*verb, *options);
  return {verb, [options] { return run(*options); }};
}

}  // namespace eckart::cli
