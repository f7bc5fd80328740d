// eckart man: the manual page of the tool or of a verb in roff, made from the App tree; the build writes it to files.
//
//   eckart man | man -l -          eckart(1)
//   eckart man svd | man -l -      eckart-svd(1)

#include <CLI/CLI.hpp>

#include "common/command_model.hpp"
#include "common/console.hpp"
#include "common/man_page.hpp"
#include "verbs.hpp"

namespace eckart::cli {

Verb add_man(CLI::App& tool) {
  const auto name = std::make_shared<std::string>();
  CLI::App* verb = tool.add_subcommand("man", "print a manual page in roff")->group("");
  verb->add_option("VERB", *name, "The verb; without it, the page of the tool")->type_name("TEXT");
  return {verb, [&tool, name] {
            const std::vector<CommandModel> verbs = verbs_of(tool);
            if (name->empty()) {
              write_standard_output(tool_page(model_of(tool), verbs));
              return ExitCode::ok;
            }
            for (const CommandModel& each : verbs) {
              if (each.name == *name) {
                write_standard_output(verb_page(each));
                return ExitCode::ok;
              }
            }
            throw InvalidArgument("'" + *name + "' is no verb; eckart --help lists them");
          }};
}

}  // namespace eckart::cli
