#pragma once

// What the tool says, and where: results to standard output, everything else to standard error.
//
// Colour, width and character set are decided here, once for each stream, from the command line, the environment (NO_COLOR,
// CLICOLOR, CLICOLOR_FORCE, the locale, COLUMNS) and the terminal; nobody else asks. The rules of no-color.org and
// bixense.com/clicolors: --color wins over NO_COLOR, NO_COLOR over CLICOLOR_FORCE, CLICOLOR_FORCE over CLICOLOR=0, and without
// any of them a terminal has colours.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <eckart/execution.hpp>

#include "common/options.hpp"
#include "report/terminal.hpp"

namespace eckart::cli {

class Console {
 public:
  explicit Console(const GeneralOptions& options);

  /// How standard output shows tables and plots.
  [[nodiscard]] const report::TerminalStyle& style() const noexcept { return out_; }

  /// Text to standard output, whole; throws FileError when it does not take it (a full disk).
  void print(std::string_view text) const;
  void print_json(const nlohmann::ordered_json& json) const;

  /// A line to standard error, unless --quiet.
  void note(std::string_view line) const;
  /// A line to standard error under --verbose.
  void detail(std::string_view line) const;
  /// "eckart: warning: ...", unless --quiet.
  void warn(std::string_view line) const;

  [[nodiscard]] bool verbose() const noexcept { return options_.verbose; }

  /// What a computation reports its progress to: a line on the terminal, redrawn ten times a second, with the stage, its share
  /// done and the time it still needs. Empty where standard error is no terminal, under --quiet and with --color never. The
  /// line vanishes when the last copy of the sink does.
  [[nodiscard]] ProgressSink progress() const;

 private:
  GeneralOptions options_;
  report::TerminalStyle out_, err_;
  bool shows_progress_ = false;
};

/// "eckart: MESSAGE" to standard error, control characters made visible.
void print_error(std::string_view message);

/// Writes and flushes all of `text`; throws FileError when standard output does not take it.
void write_standard_output(std::string_view text);

}  // namespace eckart::cli
