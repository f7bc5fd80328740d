#include "common/console.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <sys/ioctl.h>
#include <unistd.h>

#include <eckart/error.hpp>

#include "report/json.hpp"
#include "report/text.hpp"

namespace eckart::cli {
namespace {

constexpr int default_width = 80;
constexpr int narrowest = 20;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool has_colour(int descriptor, Colour wanted) {
  if (wanted != Colour::automatic) {
    return wanted == Colour::always;
  }
  if (!environment("NO_COLOR").empty()) {
    return false;
  }
  const std::string_view force = environment("CLICOLOR_FORCE");
  if (!force.empty() && force != "0") {
    return true;
  }
  return isatty(descriptor) == 1 && environment("CLICOLOR") != "0" && environment("TERM") != "dumb";
}

/// The first of LC_ALL, LC_CTYPE and LANG that is set decides, as in setlocale().
bool has_unicode() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string locale(environment(name));
    if (!locale.empty()) {
      std::transform(locale.begin(), locale.end(), locale.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    }
  }
  return false;
}

int width_of(int descriptor) {
  winsize size = {};
  if (isatty(descriptor) == 1 && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return std::max<int>(size.ws_col, narrowest);
  }
  const std::string_view text = environment("COLUMNS");
  int columns = 0;
  std::from_chars(text.data(), text.data() + text.size(), columns);
  return columns > 0 ? std::max(columns, narrowest) : default_width;
}

report::TerminalStyle style_of(int descriptor, Colour colour) {
  return {.width = width_of(descriptor),
          .unicode = has_unicode(),
          .colour = has_colour(descriptor, colour)};
}

/// The line on the terminal; it draws at most ten times a second and only after a quarter of a second, so that what is done
/// at once does not flicker.
class ProgressLine {
 public:
  explicit ProgressLine(const report::TerminalStyle& style) : style_(style) {}
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() {
    if (drawn_) {
      std::fputs("\r\x1b[K", stderr);
      std::fflush(stderr);
    }
  }

  void show(const Progress& progress) {
    const auto now = Clock::now();
    // What a stage says of itself stands behind a colon, and stays there while its parts begin.
    const std::size_t colon = progress.stage.find(':');
    double fraction = std::clamp(progress.fraction, 0.0, 1.0);
    if (colon != std::string_view::npos) {
      detail_ = progress.stage.substr(colon + 1);
      detailed_ = fraction;
    } else if (fraction > 0) {
      detail_.clear();
    }
    const std::string_view stage = progress.stage.substr(0, colon);
    if (stage != stage_) {
      stage_ = stage;
      stage_began_ = now;
    }
    if (now < next_) {
      return;
    }
    next_ = now + interval;
    drawn_ = true;
    fraction = detail_.empty() ? fraction : detailed_;
    const double elapsed = std::chrono::duration<double>(now - stage_began_).count();
    std::string line = stage_ + " " + report::bar(fraction, bar_columns, style_) + " " +
                       std::to_string(static_cast<int>(100 * fraction)) + " %";
    if (!detail_.empty()) {  // what it takes until it converges is not known
      line += "," + detail_;
    } else if (fraction > 0.05 &&
               elapsed > 0.5) {  // below five percent the rest is anybody's guess
      line += ", " + report::format_seconds(elapsed * (1 - fraction) / fraction) + " left";
    }
    line = "\r" + report::shortened(line, style_.width - 1, style_.unicode) + "\x1b[K";
    std::fputs(line.c_str(), stderr);
    std::fflush(stderr);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds interval{100};
  static constexpr std::chrono::milliseconds silence{250};
  static constexpr int bar_columns = 24;

  report::TerminalStyle style_;
  std::string stage_, detail_;
  double detailed_ = 0;  // the share done when the detail was told
  Clock::time_point stage_began_ = Clock::now();
  Clock::time_point next_ = Clock::now() + silence;
  bool drawn_ = false;
};

void write_line_to_error(std::string_view line) {
  const std::string text = std::string(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

Console::Console(const GeneralOptions& options)
    : options_(options),
      out_(style_of(STDOUT_FILENO, options.colour)),
      err_(style_of(STDERR_FILENO, options.colour)) {
  shows_progress_ = !options.quiet && isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb" &&
                    options.colour != Colour::never;
}

void Console::print(std::string_view text) const {
  write_standard_output(text);
}

void Console::print_json(const nlohmann::ordered_json& json) const {
  write_standard_output(report::to_text(json) + "\n");
}

void Console::note(std::string_view line) const {
  if (!options_.quiet) {
    write_line_to_error(line);
  }
}

void Console::detail(std::string_view line) const {
  if (options_.verbose) {
    write_line_to_error(line);
  }
}

void Console::warn(std::string_view line) const {
  note("eckart: warning: " + std::string(line));
}

ProgressSink Console::progress() const {
  if (!shows_progress_) {
    return {};
  }
  const auto line = std::make_shared<ProgressLine>(err_);
  return [line](const Progress& progress) { line->show(progress); };
}

void print_error(std::string_view message) {
  write_line_to_error("eckart: " + report::printable(message, has_unicode()));
}

void write_standard_output(std::string_view text) {
  errno = 0;
  const std::size_t written = std::fwrite(text.data(), 1, text.size(), stdout);
  if (written != text.size() || std::fflush(stdout) != 0) {
    throw FileError(std::string("standard output: ") + std::strerror(errno) +
                    "; free space there, or write elsewhere with -o");
  }
}

}  // namespace eckart::cli
