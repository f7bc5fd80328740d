#pragma once

// Manual pages in the man(7) macros, from the model of the command line. What every page says alike (exit codes, environment)
// is written here once.

#include <string>
#include <vector>

#include "common/command_model.hpp"

namespace eckart::cli {

/// eckart-VERB(1).
[[nodiscard]] std::string verb_page(const CommandModel& verb);

/// eckart(1), which lists the verbs.
[[nodiscard]] std::string tool_page(const CommandModel& tool,
                                    const std::vector<CommandModel>& verbs);

}  // namespace eckart::cli
