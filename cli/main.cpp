// eckart: the command line of the engine.
//
//   1. build the App tree, one file a verb;
//   2. parse; a mistake is answered with the nearest word that would have been right, and exit code 2;
//   3. run the verb; every error becomes one line on standard error and the exit code of its kind.

#include <new>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/console.hpp"
#include "common/exit_code.hpp"
#include "common/help.hpp"
#include "common/interrupt.hpp"
#include "common/mistakes.hpp"
#include "common/standard_streams.hpp"
#include "common/version.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

std::vector<Verb> add_verbs(CLI::App& tool) {
  std::vector<Verb> verbs;
  for (Verb (*add)(CLI::App&) :
       {add_svd, add_values, add_rank, add_lowrank, add_pinv, add_lstsq, add_norms, add_polar,
        add_stream, add_info, add_convert, add_gen, add_completion, add_man}) {
    verbs.push_back(add(tool));
  }
  return verbs;
}

/// --help and --version, which CLI11 throws, and mistakes.
ExitCode answer(const CLI::App& tool, const CLI::ParseError& stop,
                const std::vector<std::string>& words) {
  // --help and --version are heard wherever they stand; behind a verb that is none, the verb is the news.
  if (!words.empty() && !words[0].starts_with('-') && tool.get_subcommands().empty()) {
    print_error(explain_mistake(tool, words, stop));
    return ExitCode::usage;
  }
  if (dynamic_cast<const CLI::CallForVersion*>(&stop) != nullptr) {
    write_standard_output(version_text());
    return ExitCode::ok;
  }
  if (stop.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    const CLI::App* chosen = &tool;
    for (const CLI::App* verb : tool.get_subcommands()) {
      chosen = verb;
    }
    write_standard_output(help_text(*chosen));
    return ExitCode::ok;
  }
  print_error(explain_mistake(tool, words, stop));
  return ExitCode::usage;
}

ExitCode run(const std::vector<Verb>& verbs) {
  for (const Verb& verb : verbs) {
    if (verb.app->parsed()) {
      return verb.run();
    }
  }
  return ExitCode::usage;
}

int run_tool(int argc, char** argv) {
  CLI::App tool("singular value decompositions that are checked before they are printed");
  set_help_form(tool);
  tool.set_version_flag("--version", std::string())
      ->description("Print version, BLAS, threads and SIMD, and end")
      ->group("General");
  tool.require_subcommand(1);
  const std::vector<Verb> verbs = add_verbs(tool);
  try {
    tool.parse(argc, argv);
    return static_cast<int>(run(verbs));
  } catch (const CLI::ParseError& stop) {
    return static_cast<int>(answer(tool, stop, std::vector<std::string>(argv + 1, argv + argc)));
  }
}

}  // namespace
}  // namespace eckart::cli

int main(int argc, char** argv) {
  using namespace eckart;
  cli::hold_standard_streams();
  try {
    cli::watch_signals();
    return cli::run_tool(argc, argv);
  } catch (const Cancelled&) {
    return 128 + cli::interrupt_signal();
  } catch (const Error& error) {
    cli::print_error(error.what());
    return static_cast<int>(cli::exit_code_of(error.kind()));
  } catch (const std::bad_alloc&) {
    cli::print_error("out of memory; --dry-run shows what takes it");
    return static_cast<int>(cli::ExitCode::limit);
  } catch (const std::exception& error) {
    cli::print_error(std::string(error.what()) + "; this is a defect of eckart, please report it");
    return static_cast<int>(cli::ExitCode::numerical);
  }
}
