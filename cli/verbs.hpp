#pragma once

// The verbs of the tool. Each file adds one: its options to the App tree, and the function that runs it.

#include <functional>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/exit_code.hpp"

namespace eckart::cli {

struct Verb {
  CLI::App* app = nullptr;
  std::function<ExitCode()> run;
};

Verb add_svd(CLI::App& tool);
Verb add_values(CLI::App& tool);
Verb add_rank(CLI::App& tool);
Verb add_lowrank(CLI::App& tool);
Verb add_pinv(CLI::App& tool);
Verb add_lstsq(CLI::App& tool);
Verb add_norms(CLI::App& tool);
Verb add_polar(CLI::App& tool);
Verb add_stream(CLI::App& tool);
Verb add_info(CLI::App& tool);
Verb add_convert(CLI::App& tool);
Verb add_gen(CLI::App& tool);
Verb add_completion(CLI::App& tool);
Verb add_man(CLI::App& tool);

}  // namespace eckart::cli
