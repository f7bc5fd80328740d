#pragma once

// --help, 80 columns wide.

#include <string>

#include <CLI/CLI.hpp>

namespace eckart::cli {

/// Makes `tool` and the verbs added to it later print their help in the form of this file.
void set_help_form(CLI::App& tool);

/// The help of a verb, or of the tool itself: what it does, usage, options by group, examples.
[[nodiscard]] std::string help_text(const CLI::App& app);

}  // namespace eckart::cli
