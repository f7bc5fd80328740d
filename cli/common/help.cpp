#include "common/help.hpp"

#include <sstream>

#include "common/command_model.hpp"

namespace eckart::cli {
namespace {

constexpr std::size_t text_width = 80;
constexpr std::size_t left_column = 28;

/// A heading in the left column and its text, folded, in the right one.
std::string entry(const std::string& heading, const std::string& text) {
  std::string out = "  " + heading;
  std::size_t column = out.size();
  if (column + 2 > left_column) {
    out += "\n";
    column = 0;
  }
  bool fresh = true;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!fresh && column + 1 + word.size() > text_width) {
      out += "\n";
      column = 0;
      fresh = true;
    }
    if (fresh) {
      out.append(left_column - column, ' ');
      column = left_column;
      fresh = false;
    } else {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + "\n";
}

std::string entry_of(const OptionModel& option) {
  const bool tells_default = !option.initial.empty() && !option.type.empty();
  return entry(heading_of(option),
               option.description + (tells_default ? " [" + option.initial + "]" : std::string()));
}

std::string options_by_group(const std::vector<OptionModel>& options) {
  std::vector<std::string> groups;
  for (const OptionModel& option : options) {
    if (std::find(groups.begin(), groups.end(), option.group) == groups.end()) {
      groups.push_back(option.group);
    }
  }
  std::string out;
  for (const std::string& group : groups) {
    out += "\n" + group + ":\n";
    for (const OptionModel& option : options) {
      if (option.group == group) {
        out += entry_of(option);
      }
    }
  }
  return out;
}

}  // namespace

std::string help_text(const CLI::App& app) {
  const bool is_tool = app.get_parent() == nullptr;
  const CommandModel command = model_of(app);
  std::string out =
      (is_tool ? "eckart" : "eckart " + command.name) + ": " + command.description + "\n";
  out += "\nUsage: " + usage_of(command, is_tool) + "\n";
  if (!command.positionals.empty()) {
    out += "\n";
  }
  for (const OptionModel& positional : command.positionals) {
    out += entry_of(positional);
  }
  if (is_tool) {
    out += "\nVerbs:\n";
    for (const CommandModel& verb : verbs_of(app)) {
      out += entry(verb.name, verb.description);
    }
  }
  out += options_by_group(command.options);
  if (!command.examples.empty()) {
    out += "\nExamples:\n" + app.get_footer();
  }
  return out;
}

void set_help_form(CLI::App& tool) {
  const auto form = [](const CLI::App* app, const std::string&, CLI::AppFormatMode) {
    return help_text(*app);
  };
  tool.formatter_fn(form);
  tool.set_help_flag("-h,--help", "Print this and end")->group("General");
}

}  // namespace eckart::cli
