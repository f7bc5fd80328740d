// eckart completion: scripts that complete verbs, options, words of choices and files, made from the App tree that also
// parses the command line.

#include "common/command_model.hpp"
#include "common/completion_scripts.hpp"
#include "common/console.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

enum class Shell { none, bash, zsh, fish };

std::string script(Shell shell, const std::vector<CommandModel>& verbs, const CommandModel& tool) {
  switch (shell) {
    case Shell::zsh:
      return zsh_script(tool, verbs);
    case Shell::fish:
      return fish_script(tool, verbs);
    case Shell::none:
    case Shell::bash:
      break;
  }
  return bash_script(tool, verbs);
}

}  // namespace

Verb add_completion(CLI::App& tool) {
  const auto shell = std::make_shared<Shell>(Shell::none);
  CLI::App* verb = add_verb(
      tool, "completion", "print the completions of a shell",
      {{"eckart completion bash", "for bash: source <(eckart completion bash)"},
       {"eckart completion zsh", "for zsh: save it as _eckart in a folder of $fpath"},
       {"eckart completion fish", "for fish: save it as ~/.config/fish/completions/eckart.fish"}});
  add_choice<Shell>(*verb, "SHELL", *shell,
                    {{"bash", Shell::bash}, {"zsh", Shell::zsh}, {"fish", Shell::fish}},
                    "The shell that is to complete")
      ->required();
  return {verb, [&tool, shell] {
            write_standard_output(script(*shell, verbs_of(tool), model_of(tool)));
            return ExitCode::ok;
          }};
}

}  // namespace eckart::cli
