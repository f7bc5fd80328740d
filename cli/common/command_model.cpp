#include "common/command_model.hpp"

#include <sstream>

namespace eckart::cli {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    parts.push_back(part);
  }
  return parts;
}

OptionModel model_of(const CLI::Option& option) {
  OptionModel model;
  if (option.get_positional()) {
    model.names = {option.get_single_name()};
  } else {
    for (const std::string& name : option.get_snames()) {
      model.names.push_back("-" + name);
    }
    for (const std::string& name : option.get_lnames()) {
      model.names.push_back("--" + name);
    }
  }
  if (option.get_items_expected_max() > 0) {
    // CLI11 appends what the validators say, behind a colon.
    const std::string type = option.get_type_name();
    model.type = type.substr(0, type.find(':'));
  }
  if (model.type.find('|') != std::string::npos) {
    model.words = split(model.type, '|');
  }
  model.initial = option.get_default_str();
  model.description = option.get_description();
  model.group = option.get_group();
  model.required = option.get_required();
  model.repeats = option.get_items_expected_max() > 1;
  return model;
}

/// The footer back into examples; add_verb() wrote it.
std::vector<Example> examples_of(const std::string& footer) {
  std::vector<Example> examples;
  for (const std::string& line : split(footer, '\n')) {
    const std::size_t start = line.find_first_not_of(' ');
    if (start == 2) {
      examples.push_back({line.substr(start), ""});
    } else if (start != std::string::npos && !examples.empty()) {
      examples.back().meaning += line.substr(start);
    }
  }
  return examples;
}

}  // namespace

CommandModel model_of(const CLI::App& app) {
  CommandModel model;
  model.name = app.get_name();
  model.description = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) {
      continue;
    }
    (option->get_positional() ? model.positionals : model.options).push_back(model_of(*option));
  }
  model.examples = examples_of(app.get_footer());
  return model;
}

std::vector<CommandModel> verbs_of(const CLI::App& tool) {
  std::vector<CommandModel> verbs;
  for (const CLI::App* verb : tool.get_subcommands([](const CLI::App*) { return true; })) {
    if (!verb->get_group().empty()) {
      verbs.push_back(model_of(*verb));
    }
  }
  return verbs;
}

std::string usage_of(const CommandModel& command, bool is_tool) {
  std::string usage = is_tool ? "eckart VERB" : "eckart " + command.name;
  usage += " [OPTIONS]";
  for (const OptionModel& positional : command.positionals) {
    const std::string word = positional.names.front() + (positional.repeats ? "..." : "");
    usage += positional.required ? " " + word : " [" + word + "]";
  }
  return usage;
}

std::string heading_of(const OptionModel& option) {
  std::string heading;
  for (const std::string& name : option.names) {
    heading += (heading.empty() ? "" : ", ") + name;
  }
  const bool positional = !option.names.front().starts_with('-');
  return option.type.empty() || positional ? heading : heading + " " + option.type;
}

}  // namespace eckart::cli
