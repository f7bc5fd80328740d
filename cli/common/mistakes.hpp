#pragma once

// What a wrong command line is answered with.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace eckart::cli {

/// One line: what was not understood, and the nearest word that would have been. `words` are the arguments after the tool's
/// name, `error` what the parser said of them.
[[nodiscard]] std::string explain_mistake(const CLI::App& tool,
                                          const std::vector<std::string>& words,
                                          const CLI::ParseError& error);

}  // namespace eckart::cli
