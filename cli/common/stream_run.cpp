#include "common/stream_run.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <unistd.h>

#include <eckart/io.hpp>

#include "common/any_matrix.hpp"
#include "common/matrix_input.hpp"
#include "io/bad_entry.hpp"
#include "report/json.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"

namespace eckart::cli {
namespace {

// A line now and then on a terminal, and how many values it shows. Finding them takes no more than one part in so many of the time.
constexpr std::chrono::seconds between_lines{1};
constexpr int part_of_time = 10;
constexpr std::size_t shown_running = 4;
// A state is saved while rows come, and as soon as none have come for a moment; that takes no more than the same part of the time.
constexpr std::chrono::seconds between_saves{30}, quiet{2};

}  // namespace

template <Scalar T>
StreamRun<T>::StreamRun(const StreamOptions& options, const Console& console, io::RowReader& reader,
                        const std::optional<StreamState>& state)
    : options_(options),
      console_(console),
      reader_(reader),
      stream_(open_method<T>(reader.cols(), options.settings, state ? &*state : nullptr,
                             options.state)),
      resumed_rows_(stream_->rows()),
      shown_rows_(resumed_rows_),
      next_line_(began_ + between_lines),
      saved_rows_(resumed_rows_),
      last_row_(began_),
      next_save_(began_ + between_saves),
      next_quiet_save_(began_ + quiet) {
  if (state) {
    io::keep_source(source_before_, *state);
  }
  if (options.rows.from) {
    position_ = options.rows.from->position;
  }
}

template <Scalar T>
ExitCode StreamRun<T>::run() {
  bool interrupted = false;
  try {
    take_rows();
  } catch (const Cancelled&) {
    interrupted = true;
    if (!options_.rows.follow && options_.state.empty()) {
      throw;
    }
  } catch (...) {
    try {
      save("were taken before the error and");
    } catch (const Error& error) {
      console_.warn(error.what());
    }
    throw;
  }
  note_unread();
  const bool prints = !interrupted || options_.rows.follow;
  try {
    save(interrupted ? "were taken and" : "");
  } catch (const Error&) {
    // What was found is not lost with the state.
    if (prints) {
      print();
    }
    throw;
  }
  if (prints) {
    print();
  }
  if (interrupted) {
    throw Cancelled();
  }
  return ExitCode::ok;
}

// 1.
template <Scalar T>
void StreamRun<T>::take_rows() {
  if (!options_.state.empty()) {
    reader_.set_idle([this] { save_now_and_then(); });
  }
  for (;;) {
    const io::Rows rows = reader_.next();
    if (rows.count() == 0) {
      return;
    }
    take(*std::get_if<MatrixView<const T>>(&rows.view));
    last_row_ = Clock::now();
    save_now_and_then();
  }
}

/// A part at a time where lines are wanted between. However it ends, the place in the file is that of the rows that were taken.
template <Scalar T>
void StreamRun<T>::take(MatrixView<const T> rows) {
  const Index before = stream_->rows();
  const auto remember = [&] { position_ = reader_.behind(stream_->rows() - before); };
  try {
    for (Index done = 0; done < rows.rows(); done = stream_->rows() - before) {
      const Index rest = rows.rows() - done;
      append(rows, done,
             options_.every > 0 ? std::min(rest, options_.every - stream_->rows() % options_.every)
                                : rest);
      show_running();
    }
  } catch (...) {
    remember();
    throw;
  }
  remember();
}

/// Rows first ... first + count - 1 of those that came together.
template <Scalar T>
void StreamRun<T>::append(MatrixView<const T> rows, Index first, Index count) {
  const Index before = stream_->rows();
  const auto part = [&](Index length) { return rows.block(first, 0, length, rows.cols()); };
  try {
    stream_->append(part(count));
  } catch (const NonFinite& error) {
    const Index good = error.row() - before, bad = first + good;
    stream_->append(part(good));
    throw io::bad_entry(reader_.name(), reader_.place_of(bad, error.column()),
                        reader_.behind(bad).rows, error.column(),
                        name_of_non_finite(rows(bad, error.column())));
  }
}

template <Scalar T>
void StreamRun<T>::show_running() {
  const Index rows = stream_->rows();
  const auto now = Clock::now();
  const bool due = options_.every > 0 ? rows / options_.every > shown_rows_ / options_.every
                                      : isatty(STDERR_FILENO) == 1 && now >= next_line_;
  if (!due) {
    return;
  }
  const StreamResult<T> result = stream_->result(options_.settings.stop);
  std::string values;
  for (std::size_t i = 0; i < std::min(shown_running, result.s.size()); ++i) {
    values += fmt::format(" {:.5g}", result.s[i]);
  }
  const char* more = result.s.size() > shown_running ? " ..." : "";
  console_.note(fmt::format("{}:{}{}", report::counted(rows, "row", "rows"), values, more));
  shown_rows_ = rows;
  const auto end = Clock::now();
  next_line_ = end + std::max<Clock::duration>(between_lines, (part_of_time - 1) * (end - now));
}

template <Scalar T>
void StreamRun<T>::note_unread() const {
  const auto bytes = static_cast<Index>(reader_.unread());
  if (bytes > 0) {
    console_.note("eckart: the last " + report::counted(bytes, "byte", "bytes") + " of " +
                  reader_.name() +
                  (reader_.format() == io::RowFormat::csv
                       ? " are a line without its end and stay unread; a newline behind them makes "
                         "them a row"
                       : " are less than a row and stay unread; was the number of columns, or the "
                         "type, another one?"));
  }
}

// 2.
template <Scalar T>
void StreamRun<T>::save(const std::string& when) const {
  if (options_.state.empty()) {
    return;
  }
  const StreamState state = state_with_place(true);
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

template <Scalar T>
void StreamRun<T>::save_now_and_then() {
  const auto now = Clock::now();
  const bool is_due = now >= next_save_ || (now >= next_quiet_save_ && now >= last_row_ + quiet);
  if (options_.state.empty() || stream_->rows() == saved_rows_ || !is_due || cannot_save_) {
    return;
  }
  try {
    const StreamState state = state_with_place(false);
    io::save_stream(options_.state, state);
    saved_rows_ = stream_->rows();
  } catch (const FileError& error) {
    cannot_save_ = true;  // until the end, when it is tried again
    console_.warn(error.what());
  }
  const auto end = Clock::now();
  const Clock::duration rest = (part_of_time - 1) * (end - now);
  next_save_ = end + std::max<Clock::duration>(between_saves, rest);
  next_quiet_save_ = end + std::max<Clock::duration>(quiet, rest);
}

/// All that the same command goes on from.
template <Scalar T>
StreamState StreamRun<T>::state_with_place(bool tells) const {
  StreamState state = stream_->state();
  put_forgetting(state, options_.settings);
  put_place(state, tells);
  return state;
}

/// Where the same command goes on; what was known of a file before stays where this run's rows came from a pipe, or there were none.
template <Scalar T>
void StreamRun<T>::put_place(StreamState& state, bool tells) const {
  const bool is_read = stream_->rows() > resumed_rows_ || options_.rows.from;
  try {
    if (const auto mark = is_read ? reader_.mark(position_) : std::nullopt) {
      io::put_source(state, options_.path, *mark);
      if (tells && !options_.rows.from && !source_before_.arrays().empty()) {
        console_.note("eckart: " + options_.state +
                      " had rows of another file; its place there is given up for that in " +
                      reader_.name());
      }
    } else {
      io::keep_source(state, source_before_);
    }
  } catch (const FileError& error) {
    if (tells) {
      console_.warn(error.what() + std::string("; the same command will read all of it"));
    }
  }
}

// 3.
template <Scalar T>
void StreamRun<T>::print() const {
  const StreamResult<T> result = stream_->result({});
  const auto column = [](const std::vector<double>& values) {
    return MatrixView<const double>(values.data(), static_cast<Index>(values.size()), 1);
  };
  std::vector<io::NamedArray> arrays = {
      {singular_values, column(result.s), true},
      {"Vh", result.Vh.view(), false},
      {"at_least", column(result.at_least), true},
      {"at_most", column(result.at_most), true},
  };
  if (options_.settings.with_u()) {
    arrays.push_back({"U", result.U.view(), false});
  }
  if (!result.warning.empty()) {
    console_.warn(result.warning);
  }
  const Clippings clippings = write_outcome(console_, options_.output, arrays);
  print_outcome(console_, options_.output, text_of(result), json_of(result), clippings);
}

template <Scalar T>
std::string StreamRun<T>::text_of(const StreamResult<T>& result) const {
  std::vector<report::Fact> facts = {
      {"rows", report::format_count(stream_->rows()) + " of " +
                   report::counted(stream_->cols(), "column", "columns") + ", " + type_name<T>()},
      {"method", word_of(options_.settings.method)}};
  if (result.frobenius_norm) {
    facts.push_back({"||A||_F", report::format_number(*result.frobenius_norm)});
  }
  for (const StreamFigure& f : result.figures) {
    facts.push_back(
        {f.label, (f.estimate ? "about " + report::format_number(*f.estimate) + ", " : "") +
                      (f.least > 0 ? report::format_number(f.least) + " to " : "at most ") +
                      report::format_number(f.most) + ", " + f.sureness});
  }
  report::Table table;
  table.add_column("i");
  table.add_column("sigma");
  table.add_column("at least");
  table.add_column("at most");
  for (std::size_t i = 0; i < result.s.size(); ++i) {
    table.add_row({std::to_string(i + 1), report::format_padded(result.s[i]),
                   report::format_padded(result.at_least[i]),
                   report::format_padded(result.at_most[i])});
  }
  return report::fact_list(facts, console_.style()) + "\n" + table.text(console_.style());
}

template <Scalar T>
nlohmann::ordered_json StreamRun<T>::json_of(const StreamResult<T>& result) const {
  nlohmann::ordered_json json = {
      {"schema", "eckart.stream/1"},
      {"file", reader_.name()},
      {"shape", {stream_->rows(), stream_->cols()}},
      {"dtype", type_name<T>()},
      {"method", word_of(options_.settings.method)},
      {"rows_before", resumed_rows_},
      {"values", result.s},
      {"at_least", result.at_least},
      {"at_most", result.at_most},
      {"frobenius_norm", report::json_number(result.frobenius_norm.value_or(NAN))}};
  for (const StreamFigure& f : result.figures) {
    json[f.key] = {report::json_number(f.least), report::json_number(f.most)};
    if (f.estimate) {
      json[f.key + std::string("_estimate")] = report::json_number(*f.estimate);
    }
  }
  for (const auto& [key, number] : result.numbers) {
    json[key] = report::json_number(number);
  }
  for (const auto& [key, list] : result.lists) {
    json[key] = list;
  }
  json["seconds"] = std::chrono::duration<double>(Clock::now() - began_).count();
  return json;
}

template class StreamRun<float>;
template class StreamRun<double>;
template class StreamRun<std::complex<float>>;
template class StreamRun<std::complex<double>>;

}  // namespace eckart::cli
