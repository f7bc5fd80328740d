#pragma once

// Completion scripts from the model of the command line.
//
//   first word       a verb, or an option of the tool
//   after a verb     its options; the words of a choice after its option; files where a file is meant; files for a positional
//                    that is a file, words for one that is a choice
//
// bash: a function with one case a verb, readable without bash-completion. zsh: _arguments specifications, with descriptions.
// fish: one `complete` command an option, with descriptions.

#include <string>
#include <vector>

#include "common/command_model.hpp"

namespace eckart::cli {

[[nodiscard]] std::string bash_script(const CommandModel& tool,
                                      const std::vector<CommandModel>& verbs);
[[nodiscard]] std::string zsh_script(const CommandModel& tool,
                                     const std::vector<CommandModel>& verbs);
[[nodiscard]] std::string fish_script(const CommandModel& tool,
                                      const std::vector<CommandModel>& verbs);

}  // namespace eckart::cli
