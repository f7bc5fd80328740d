#include "common/mistakes.hpp"

#include <algorithm>

#include "common/command_model.hpp"
#include "common/suggest.hpp"

namespace eckart::cli {
namespace {

const CLI::App* find_verb(const CLI::App& tool, const std::string& name) {
  for (const CLI::App* verb : tool.get_subcommands([](const CLI::App*) { return true; })) {
    if (verb->get_name() == name) {
      return verb;
    }
  }
  return nullptr;
}

/// "; did you mean 'svd'?", or nothing.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string near = nearest(word, candidates);
  return near.empty() ? "" : "; did you mean '" + near + "'?";
}

std::vector<std::string> option_names(const CommandModel& command) {
  std::vector<std::string> names;
  for (const OptionModel& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

/// The option part of "--name=value"; empty for what is no option: "-", "--", negative numbers, words.
std::string option_of(const std::string& word) {
  if (word.size() < 2 || word[0] != '-' || word == "--" ||
      std::isdigit(static_cast<unsigned char>(word[1])) != 0 || word[1] == '.') {
    return "";
  }
  if (word[1] == '-') {
    return word.substr(0, word.find('='));
  }
  return word.substr(0, 2);
}

/// CLI11's sentences about counts, which begin with the option, as they read in the rest of the tool.
std::string in_our_words(const std::string& what) {
  constexpr std::string_view twice = ": At Most 1 required but received ";
  if (const std::size_t at = what.find(twice); at != std::string::npos) {
    return what.substr(0, at) + " is given " + what.substr(at + twice.size()) +
           " times; give it once";
  }
  constexpr std::string_view lacks = ": 1 required ";
  constexpr std::string_view missing = " missing";
  if (const std::size_t at = what.find(lacks); at != std::string::npos && what.ends_with(missing)) {
    const std::size_t begin = at + lacks.size();
    return what.substr(0, at) +
           " wants a value: " + what.substr(begin, what.size() - missing.size() - begin);
  }
  return what;
}

}  // namespace

std::string explain_mistake(const CLI::App& tool, const std::vector<std::string>& words,
                            const CLI::ParseError& error) {
  if (words.empty()) {
    return "a verb is wanted; eckart --help lists them";
  }
  const CLI::App* verb = find_verb(tool, words[0]);
  if (verb == nullptr) {
    std::vector<std::string> names = option_names(model_of(tool));
    for (const CommandModel& each : verbs_of(tool)) {
      names.push_back(each.name);
    }
    const bool is_option = words[0].starts_with('-');
    return "'" + words[0] + "' is no " +
           (is_option ? "option; the verb comes first, as in eckart svd A.npy" : "verb") +
           did_you_mean(words[0], names) + (is_option ? "" : " (eckart --help lists them)");
  }
  const std::vector<std::string> names = option_names(model_of(*verb));
  for (std::size_t i = 1; i < words.size() && words[i] != "--"; ++i) {
    const std::string option = option_of(words[i]);
    if (!option.empty() && std::find(names.begin(), names.end(), option) == names.end()) {
      return verb->get_name() + ": '" + option + "' is no option" + did_you_mean(option, names) +
             " (eckart " + verb->get_name() + " --help lists them)";
    }
  }
  return verb->get_name() + ": " + in_our_words(error.what()) + " (eckart " + verb->get_name() +
         " --help)";
}

}  // namespace eckart::cli
