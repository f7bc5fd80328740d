#include "common/options.hpp"

#include <charconv>
#include <cmath>
#include <functional>

#include "report/text.hpp"

namespace eckart::cli {
namespace {

constexpr const char* input_group = "Input";
constexpr const char* numerical_group = "Computation";
constexpr const char* general_group = "General";

}  // namespace

CLI::App* add_verb(CLI::App& tool, const std::string& name, const std::string& description,
                   const std::vector<Example>& examples) {
  CLI::App* verb = tool.add_subcommand(name, description);
  std::string footer;
  for (const Example& example : examples) {
    footer += "  " + example.command + "\n      " + example.meaning + "\n";
  }
  verb->footer(footer);
  return verb;
}

namespace {

// No description, so that the check leaves no trace in the help.
CLI::Validator refusing(std::function<std::string(std::string&)> refusal) {
  return CLI::Validator(std::move(refusal), "");
}

std::string range_text(const std::string& least, const std::string& most, bool bounded) {
  return " from " + least + (bounded ? " to " + most : " up");
}

}  // namespace

CLI::Validator number_within(double least, double most) {
  return refusing([least, most](std::string& text) {
    double value = 0;
    const bool is_number = CLI::detail::lexical_cast(text, value);
    return is_number && value >= least && value <= most
               ? std::string()
               : text + " is no number" +
                     range_text(report::format_number(least), report::format_number(most),
                                std::isfinite(most));
  });
}

CLI::Validator whole_within(std::uint64_t least, std::uint64_t most) {
  return refusing([least, most](std::string& text) {
    std::uint64_t value = 0;
    const char* const begin = text.data() + (text.starts_with('+') ? 1 : 0);
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(begin, end, value);
    return error == std::errc{} && rest == end && value >= least && value <= most
               ? std::string()
               : text + " is no whole number" +
                     range_text(std::to_string(least), std::to_string(most), most < largest_index);
  });
}

CLI::Validator file_name() {
  return refusing([](std::string& text) {
    return text.empty() ? std::string("the file's name is empty") : std::string();
  });
}

std::uint64_t parse_size(const std::string& text) {
  constexpr std::string_view letters = "kmgt";
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  std::string unit(rest, end);
  for (char& c : unit) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  double factor = 1;
  if (!unit.empty() && letters.find(unit[0]) != std::string_view::npos) {
    factor = std::pow(1024.0, static_cast<double>(letters.find(unit[0]) + 1));
    unit.erase(0, 1);
    if (unit.starts_with('i')) {
      unit.erase(0, 1);
    }
  }
  constexpr double largest = 0x1p63;
  if (error != std::errc{} || !(number > 0) || !(number * factor < largest) ||
      (!unit.empty() && unit != "b")) {
    throw InvalidArgument("'" + text + "' is no size; write 500M, 1.5G or a number of bytes");
  }
  return static_cast<std::uint64_t>(number * factor);
}

void add_general_options(CLI::App& verb, GeneralOptions& options) {
  auto* quiet = verb.add_flag("-q,--quiet", options.quiet,
                              "No progress and no notes: the result and errors alone");
  verb.add_flag("-v,--verbose", options.verbose, "Say what was done, stage by stage")
      ->excludes(quiet)
      ->group(general_group);
  quiet->group(general_group);
  add_choice<Colour>(
      verb, "--color,--colour", options.colour,
      {{"auto", Colour::automatic}, {"always", Colour::always}, {"never", Colour::never}},
      "Colours and progress; auto asks the terminal, NO_COLOR and CLICOLOR_FORCE")
      ->group(general_group);
}

void add_memory_option(CLI::App& verb, std::uint64_t& max_memory) {
  verb.add_option_function<std::string>(
          "--max-memory",
          [&max_memory](const std::string& text) {
            try {
              max_memory = parse_size(text);
            } catch (const Error& e) {
              throw CLI::ValidationError("--max-memory", e.what());
            }
          },
          "Refuse what needs more: 500M, 1.5G; default: what the machine has")
      ->type_name("SIZE")
      ->group(numerical_group);
}

void add_numerical_options(CLI::App& verb, NumericalOptions& options) {
  verb.add_option("-t,--threads", options.threads,
                  "Threads to compute with; 0: every processor allowed")
      ->type_name("N")
      ->check(whole_within(0, most_threads))
      ->default_str("0")
      ->group(numerical_group);
  add_choice<Driver>(verb, "--driver", options.driver,
                     {{"auto", Driver::automatic},
                      {"dc", Driver::divide_and_conquer},
                      {"qr", Driver::qr_iteration},
                      {"jacobi", Driver::jacobi},
                      {"lapack", Driver::lapack}},
                     "Method tried first; the others stand behind it")
      ->group(numerical_group);
  verb.add_option("--seed", options.seed, "Seed of start vectors and the audit's probes")
      ->type_name("N")
      ->check(whole_within(0, std::numeric_limits<std::uint64_t>::max()))
      ->group(numerical_group);
  add_memory_option(verb, options.max_memory);
  verb.add_flag("--dry-run", options.dry_run,
                "Read the header alone; print flops, the memory plan and an estimate of the time")
      ->group(numerical_group);
}

namespace {

void add_input_format(CLI::App& verb, const char* name, io::Format& format,
                      const char* description) {
  using io::Format;
  add_choice<Format>(verb, name, format,
                     {{"auto", Format::automatic},
                      {"npy", Format::npy},
                      {"npz", Format::npz},
                      {"csv", Format::csv},
                      {"tsv", Format::tsv},
                      {"mtx", Format::matrix_market},
                      {"png", Format::png},
                      {"jpeg", Format::jpeg},
                      {"hdf5", Format::hdf5}},
                     description)
      ->group(input_group);
}

}  // namespace

void add_right_input_options(CLI::App& verb, io::ReadOptions& options) {
  add_input_format(verb, "--b-format", options.format,
                   "Format of B; --format is that of A, as --columns and --member are about A");
  verb.add_option("--b-columns", options.columns, "Text: columns of B")
      ->type_name("TEXT")
      ->group(input_group);
  verb.add_option("--b-member", options.member, "npz, hdf5: name of the array that is B")
      ->type_name("TEXT")
      ->group(input_group);
}

void add_input_options(CLI::App& verb, io::ReadOptions& options) {
  using io::Channel;
  add_input_format(verb, "--format", options.format,
                   "Format of the input; auto looks at its first bytes, then at its name");
  verb.add_option("--columns", options.columns,
                  "Text: columns to read, such as 1-4,6 or 3- or names")
      ->type_name("TEXT")
      ->group(input_group);
  verb.add_option("--member", options.member,
                  "npz, hdf5: name of the array; also FILE.h5:/group/name")
      ->type_name("TEXT")
      ->group(input_group);
  add_choice<Channel>(verb, "--channel", options.channel,
                      {{"grey", Channel::grey},
                       {"red", Channel::red},
                       {"green", Channel::green},
                       {"blue", Channel::blue},
                       {"alpha", Channel::alpha}},
                      "Image: the channel that is the matrix")
      ->group(input_group);
  add_choice<char>(
      verb, "--delimiter", options.delimiter,
      {{"auto", '\0'}, {"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"space", ' '}},
      "Text: what stands between fields")
      ->group(input_group);
  add_choice<char>(verb, "--decimal", options.decimal,
                   {{"auto", '\0'}, {"point", '.'}, {"comma", ','}}, "Text: the decimal sign")
      ->group(input_group);
  add_choice<std::optional<bool>>(verb, "--header", options.header,
                                  {{"auto", std::nullopt}, {"yes", true}, {"no", false}},
                                  "Text: whether the first line names the columns")
      ->group(input_group);
}

void add_rank_rule_options(CLI::App& verb, RankRuleOptions& options) {
  verb.add_option("--rtol", options.rtol,
                  "Values above rtol * sigma_1 count; default max(m, n) * eps")
      ->type_name("X")
      ->check(number_within(0))
      ->group(numerical_group);
  verb.add_option("--atol", options.atol, "... and above atol; default 0")
      ->type_name("X")
      ->check(number_within(0))
      ->group(numerical_group);
}

}  // namespace eckart::cli
