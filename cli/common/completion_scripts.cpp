#include "common/completion_scripts.hpp"

namespace eckart::cli {
namespace {

std::string joined(const std::vector<std::string>& words, const std::string& separator) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : separator) + word;
  }
  return text;
}

std::vector<std::string> all_names(const CommandModel& command) {
  std::vector<std::string> names;
  for (const OptionModel& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

std::vector<std::string> verb_names(const std::vector<CommandModel>& verbs) {
  std::vector<std::string> names;
  names.reserve(verbs.size());
  for (const CommandModel& verb : verbs) {
    names.push_back(verb.name);
  }
  return names;
}

/// `text` with a backslash before each of `special`.
std::string escaped(const std::string& text, const std::string& special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string::npos) {
      out += '\\';
    }
    out += c;
  }
  return out;
}

/// Text inside single quotes, in sh and zsh: a quote closes, stands escaped, and opens again.
std::string single_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out + "'";
}

// --- bash

constexpr const char* bash_words = "COMPREPLY=($(compgen -W \"%\" -- \"$word\"))";
// A line a file: names may hold blanks.
constexpr const char* bash_files = "mapfile -t COMPREPLY < <(compgen -f -- \"$word\")";

std::string bash_reply(const std::vector<std::string>& words) {
  std::string line = bash_words;
  return line.replace(line.find('%'), 1, joined(words, " "));
}

/// What completes the value of an option or a positional.
std::string bash_value(const OptionModel& option) {
  if (!option.words.empty()) {
    return bash_reply(option.words);
  }
  return option.takes_file() ? bash_files : ":";
}

std::string bash_case(const CommandModel& verb) {
  std::string text = "    " + verb.name + ")\n      case \"$before\" in\n";
  for (const OptionModel& option : verb.options) {
    if (!option.type.empty()) {
      text += "        " + joined(option.names, "|") + ") " + bash_value(option) + "; return ;;\n";
    }
  }
  text += "      esac\n      if [[ $word == -* ]]; then\n        " + bash_reply(all_names(verb)) +
          "\n      else\n        " +
          (verb.positionals.empty() ? std::string(":") : bash_value(verb.positionals.front())) +
          "\n      fi ;;\n";
  return text;
}

// --- zsh

/// The ":message:action" of a value.
std::string zsh_value(const OptionModel& option) {
  const std::string action = !option.words.empty() ? "(" + joined(option.words, " ") + ")"
                             : option.takes_file() ? "_files"
                                                   : " ";
  return ":" + escaped(option.type, ":\\") + ":" + action;
}

std::string zsh_argument(const OptionModel& option) {
  const std::string message = "[" + escaped(option.description, "[]\\:") + "]";
  const std::string value = option.type.empty() ? "" : zsh_value(option);
  if (option.names.size() == 1) {
    return single_quoted(option.names.front() + message + value);
  }
  return "'(" + joined(option.names, " ") + ")'{" + joined(option.names, ",") + "}" +
         single_quoted(message + value);
}

std::string zsh_positional(const OptionModel& positional) {
  const std::string action = !positional.words.empty() ? "(" + joined(positional.words, " ") + ")"
                             : positional.takes_file() ? "_files"
                                                       : " ";
  return single_quoted(std::string(positional.repeats ? "*" : "") + ":" + positional.names.front() +
                       ":" + action);
}

std::string zsh_function(const CommandModel& verb) {
  std::string text = "_eckart_" + verb.name + "() {\n  _arguments -s";
  for (const OptionModel& option : verb.options) {
    text += " \\\n    " + zsh_argument(option);
  }
  for (const OptionModel& positional : verb.positionals) {
    text += " \\\n    " + zsh_positional(positional);
  }
  return text + "\n}\n\n";
}

// --- fish

std::string fish_option(const std::string& condition, const OptionModel& option) {
  std::string text = "complete -c eckart -n " + single_quoted(condition);
  for (const std::string& name : option.names) {
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.words.empty()) {
    text += " -x -a " + single_quoted(joined(option.words, " "));
  } else if (option.takes_file()) {
    text += " -r -F";
  } else if (!option.type.empty()) {
    text += " -x";
  }
  // fish ends a quoted string at \' only, so its escapes differ from those of the other shells.
  return text + " -d '" + escaped(option.description, "'\\") + "'\n";
}

}  // namespace

std::string bash_script(const CommandModel& tool, const std::vector<CommandModel>& verbs) {
  std::vector<std::string> first = verb_names(verbs);
  const std::vector<std::string> options = all_names(tool);
  first.insert(first.end(), options.begin(), options.end());
  std::string text =
      "# bash completion of eckart, written by: eckart completion bash\n"
      "_eckart() {\n"
      "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
      "  COMPREPLY=()\n"
      "  if [[ $COMP_CWORD -eq 1 ]]; then\n    " +
      bash_reply(first) +
      "\n    return\n  fi\n"
      "  case \"${COMP_WORDS[1]}\" in\n";
  for (const CommandModel& verb : verbs) {
    text += bash_case(verb);
  }
  return text + "  esac\n}\ncomplete -o filenames -o bashdefault -F _eckart eckart\n";
}

std::string zsh_script(const CommandModel& tool, const std::vector<CommandModel>& verbs) {
  std::string text =
      "#compdef eckart\n# zsh completion of eckart, written by: eckart completion zsh\n\n";
  for (const CommandModel& verb : verbs) {
    text += zsh_function(verb);
  }
  text += "_eckart_verbs() {\n  local -a verbs=(\n";
  for (const CommandModel& verb : verbs) {
    text += "    " + single_quoted(verb.name + ":" + escaped(verb.description, ":\\")) + "\n";
  }
  text +=
      "  )\n  _describe -t verbs verb verbs\n}\n\n_eckart() {\n  local context state state_descr "
      "line\n"
      "  local -A opt_args\n  _arguments -C";
  for (const OptionModel& option : tool.options) {
    text += " \\\n    " + zsh_argument(option);
  }
  text +=
      " \\\n    '1: :_eckart_verbs' \\\n    '*:: :->verb'\n"
      "  if [[ $state == verb ]] && (( $+functions[_eckart_$line[1]] )); then\n"
      "    _eckart_$line[1]\n  fi\n}\n\n"
      "if [[ $funcstack[1] == _eckart ]]; then\n  _eckart \"$@\"\nelse\n  compdef _eckart "
      "eckart\nfi\n";
  return text;
}

std::string fish_script(const CommandModel& tool, const std::vector<CommandModel>& verbs) {
  std::string text =
      "# fish completion of eckart, written by: eckart completion fish\ncomplete -c eckart -e\n";
  for (const OptionModel& option : tool.options) {
    text += fish_option("__fish_use_subcommand", option);
  }
  for (const CommandModel& verb : verbs) {
    text += "complete -c eckart -n '__fish_use_subcommand' -f -a " + verb.name + " -d '" +
            escaped(verb.description, "'\\") + "'\n";
  }
  for (const CommandModel& verb : verbs) {
    const std::string condition = "__fish_seen_subcommand_from " + verb.name;
    for (const OptionModel& option : verb.options) {
      text += fish_option(condition, option);
    }
    if (!verb.positionals.empty() && !verb.positionals.front().words.empty()) {
      text += "complete -c eckart -n '" + condition + "' -f -a '" +
              joined(verb.positionals.front().words, " ") + "'\n";
    }
  }
  return text;
}

}  // namespace eckart::cli
