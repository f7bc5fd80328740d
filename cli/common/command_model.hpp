#pragma once

// The command line as plain data, read from CLI11's App tree: what --help, the completions and the man pages are made from,
// so that none of them can say what the parser does not do.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/options.hpp"

namespace eckart::cli {

struct OptionModel {
  std::vector<std::string> names;  // "-o", "--output"; of a positional its name: "IN"
  std::string type;                // "FILE", "N", "none|thin|full"; empty: a flag
  std::vector<std::string> words;  // of a choice
  std::string initial;             // the default, where one is worth telling
  std::string description;
  std::string group;
  bool required = false;
  bool repeats = false;  // a positional that takes several words

  [[nodiscard]] bool takes_file() const { return type == "FILE"; }
};

struct CommandModel {
  std::string name;
  std::string description;
  std::vector<OptionModel> positionals;
  std::vector<OptionModel> options;
  std::vector<Example> examples;
};

/// The verb, or the tool itself, as its App describes it. Hidden options (empty group) are left out.
[[nodiscard]] CommandModel model_of(const CLI::App& app);

/// The visible verbs of the tool, in the order in which they were added.
[[nodiscard]] std::vector<CommandModel> verbs_of(const CLI::App& tool);

/// "eckart svd [OPTIONS] IN".
[[nodiscard]] std::string usage_of(const CommandModel& command, bool is_tool);

/// "-o, --output FILE".
[[nodiscard]] std::string heading_of(const OptionModel& option);

}  // namespace eckart::cli
