#pragma once

// A run of `eckart stream` over rows of the type T.
//
//   1. rows into the stream as they come; a line to the terminal now and then, and the state saved twice a minute, or when no more rows
//      come for a while
//   2. at the end, on Ctrl-C and on an error: the state is saved, with all rows that were taken
//   3. the result; on Ctrl-C only of a stream that is followed, which has no other end

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <eckart/stream_files.hpp>

#include "common/console.hpp"
#include "common/exit_code.hpp"
#include "common/outcome.hpp"
#include "common/stream_method.hpp"

namespace eckart::cli {

struct StreamOptions {
  std::string path = "-";
  io::RowOptions rows;
  StreamSettings settings;
  std::string state;
  Index every = 0;
  OutputOptions output;
};

template <Scalar T>
class StreamRun {
 public:
  /// `state`: what the stream goes on from, if it does.
  StreamRun(const StreamOptions& options, const Console& console, io::RowReader& reader,
            const std::optional<StreamState>& state);

  ExitCode run();

 private:
  using Clock = std::chrono::steady_clock;

  void take_rows();
  void take(MatrixView<const T> rows);
  void append(MatrixView<const T> rows, Index first, Index count);
  void show_running();
  void note_unread() const;
  void save(const std::string& when) const;
  void save_now_and_then();
  /// `tells`: what is given up is said.
  [[nodiscard]] StreamState state_with_place(bool tells) const;
  void put_place(StreamState& state, bool tells) const;
  void print() const;
  [[nodiscard]] std::string text_of(const StreamResult<T>& result) const;
  [[nodiscard]] nlohmann::ordered_json json_of(const StreamResult<T>& result) const;

  const StreamOptions& options_;
  const Console& console_;
  io::RowReader& reader_;
  std::unique_ptr<StreamMethod<T>> stream_;
  StreamState source_before_;  // what the state said of the file of its rows
  io::RowPosition position_;   // behind the rows that were taken
  Index resumed_rows_ = 0, shown_rows_ = 0;
  Clock::time_point began_ = Clock::now(), next_line_;
  // The state on disk: its rows, when the last row came, and when it may be saved again.
  Index saved_rows_ = 0;
  Clock::time_point last_row_, next_save_, next_quiet_save_;
  bool cannot_save_ = false;
};

}  // namespace eckart::cli
