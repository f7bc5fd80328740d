#include "common/man_page.hpp"

#include "common/version.hpp"

namespace eckart::cli {
namespace {

struct Entry {
  const char* tag;
  const char* text;
};

constexpr Entry exit_codes[] = {
    {"0", "all is well"},
    {"1", "numerical failure: no driver's result passed its audit, or a result exceeds the type"},
    {"2", "the command line makes no sense"},
    {"3", "a file cannot be read or written, breaks its format, or holds NaN or infinity"},
    {"4", "a demand of the command line is not met (rank --expect, lowrank -k with --error)"},
    {"5",
     "more memory than there is or than --max-memory allows, or a size beyond the BLAS's integers"},
    {"130", "interrupted by Ctrl-C; no temporary file is left"},
};

constexpr Entry environment[] = {
    {"NO_COLOR", "no colours, unless --color says otherwise"},
    {"CLICOLOR_FORCE", "colours even where there is no terminal"},
    {"COLUMNS", "the width of tables where there is no terminal"},
    {"LC_ALL, LC_CTYPE, LANG", "plots are drawn in ASCII unless the locale is a UTF-8 one"},
};

/// Text as roff reads it: backslashes and hyphens escaped, no control character at the start of a line.
std::string roff(const std::string& text) {
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) {
    out += "\\&";
  }
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string title(const std::string& name) {
  std::string upper = name;
  for (char& c : upper) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return ".TH " + upper + " 1 \"" ECKART_DATE "\" \"eckart " + version() + "\" \"Eckart Manual\"\n";
}

std::string tagged(const std::string& tag, const std::string& text) {
  return ".TP\n\\fB" + roff(tag) + "\\fR\n" + roff(text) + "\n";
}

template <std::size_t N>
std::string section(const char* name, const Entry (&entries)[N]) {
  std::string out = std::string(".SH ") + name + "\n";
  for (const Entry& entry : entries) {
    out += tagged(entry.tag, entry.text);
  }
  return out;
}

std::string options_text(const std::vector<OptionModel>& options) {
  std::string out;
  std::string group;
  for (const OptionModel& option : options) {
    if (option.group != group) {
      group = option.group;
      out += ".SS " + roff(group) + "\n";
    }
    const bool tells_default = !option.initial.empty() && !option.type.empty();
    out += tagged(heading_of(option),
                  option.description + (tells_default ? " [" + option.initial + "]" : ""));
  }
  return out;
}

std::string examples_text(const std::vector<Example>& examples) {
  std::string out = ".SH EXAMPLES\n";
  for (const Example& example : examples) {
    out += (&example == &examples.front() ? "" : ".PP\n") + roff(example.meaning) +
           ":\n.PP\n.in +4n\n.nf\n" + roff(example.command) + "\n.fi\n.in\n";
  }
  return out;
}

std::string synopsis(const CommandModel& command, bool is_tool) {
  return ".SH SYNOPSIS\n\\fB" + roff(usage_of(command, is_tool)) + "\\fR\n";
}

}  // namespace

std::string verb_page(const CommandModel& verb) {
  const std::string name = "eckart-" + verb.name;
  std::string page = title(name) + ".SH NAME\n" + roff(name) + " \\- " + roff(verb.description) +
                     "\n" + synopsis(verb, false) + ".SH OPTIONS\n";
  for (const OptionModel& positional : verb.positionals) {
    page += tagged(heading_of(positional), positional.description);
  }
  return page + options_text(verb.options) + examples_text(verb.examples) +
         section("EXIT STATUS", exit_codes) + section("ENVIRONMENT", environment) +
         ".SH SEE ALSO\n.BR eckart (1)\n";
}

std::string tool_page(const CommandModel& tool, const std::vector<CommandModel>& verbs) {
  std::string page = title("eckart") + ".SH NAME\neckart \\- " + roff(tool.description) + "\n" +
                     synopsis(tool, true) + ".SH VERBS\n";
  for (const CommandModel& verb : verbs) {
    page += tagged(verb.name, verb.description);
  }
  page += ".SH OPTIONS\n" + options_text(tool.options) + section("EXIT STATUS", exit_codes) +
          section("ENVIRONMENT", environment) + ".SH SEE ALSO\n";
  for (std::size_t i = 0; i < verbs.size(); ++i) {
    page += ".BR eckart\\-" + verbs[i].name + (i + 1 < verbs.size() ? " (1),\n" : " (1)\n");
  }
  return page;
}

}  // namespace eckart::cli
