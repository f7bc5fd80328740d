#pragma once

// What the verbs share of the command line: the options themselves, how they are added to a verb's CLI11 App, and what they
// mean to the library.
//
// The App tree is the one source: --help, the completions and the man pages are all made from it. Two conventions carry what
// CLI11 has no field for:
//   type name   FILE completes to files; a|b|c is a choice of words; N, X, SIZE, TEXT complete to nothing
//   footer      the examples: a command on a line that begins with "  eckart", below it what it does, indented further

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <eckart/io.hpp>
#include <eckart/svd.hpp>

namespace eckart::cli {

/// One example of --help: a command that runs as it stands, and what it does.
struct Example {
  std::string command, meaning;
};

/// Adds a verb to the tool's App.
CLI::App* add_verb(CLI::App& tool, const std::string& name, const std::string& description,
                   const std::vector<Example>& examples);

inline constexpr std::uint64_t largest_index = (std::uint64_t{1} << 63U) - 1;

/// Checks whose refusal is a sentence: "2 is no number from 0 to 1", "3.5 is no whole number from 1 up", "the file's name is
/// empty" (which is what an unset variable of a shell gives).
[[nodiscard]] CLI::Validator number_within(double least,
                                           double most = std::numeric_limits<double>::infinity());
[[nodiscard]] CLI::Validator whole_within(std::uint64_t least, std::uint64_t most = largest_index);
[[nodiscard]] CLI::Validator file_name();

/// An option that takes one of several words.
template <class Value>
CLI::Option* add_choice(CLI::App& app, const std::string& names, Value& value,
                        const std::vector<std::pair<std::string, Value>>& words,
                        const std::string& description) {
  std::string type;
  std::string initial;
  for (const auto& [word, meaning] : words) {
    type += (type.empty() ? "" : "|") + word;
    if (meaning == value) {
      initial = word;
    }
  }
  const auto choose = [&value, words, names, type](const std::string& given) {
    for (const auto& [word, meaning] : words) {
      if (word == given) {
        value = meaning;
        return;
      }
    }
    throw CLI::ValidationError(names.substr(names.rfind(',') + 1),
                               "'" + given + "' is none of " + type);
  };
  return app.add_option_function<std::string>(names, choose, description)
      ->type_name(type)
      ->default_str(initial);
}

/// "64", "100k", "1.5G", "2GiB": bytes, by powers of 1024. Throws InvalidArgument on anything else.
[[nodiscard]] std::uint64_t parse_size(const std::string& text);

enum class Colour { automatic, always, never };

/// How the tool talks: the same on every verb.
struct GeneralOptions {
  bool quiet = false;
  bool verbose = false;
  Colour colour = Colour::automatic;
};
void add_general_options(CLI::App& verb, GeneralOptions& options);

inline constexpr std::uint64_t most_threads = 4096;

/// How the tool computes: on every verb that decomposes.
struct NumericalOptions {
  int threads = 0;
  std::uint64_t seed = SvdOptions{}.seed;
  std::uint64_t max_memory = 0;  // bytes; 0: what the machine has
  Driver driver = Driver::automatic;
  bool dry_run = false;
};
void add_numerical_options(CLI::App& verb, NumericalOptions& options);

/// --max-memory alone, for verbs that compute nothing.
void add_memory_option(CLI::App& verb, std::uint64_t& max_memory);

/// How a matrix is read.
void add_input_options(CLI::App& verb, io::ReadOptions& options);

/// What B of two files is; --delimiter, --decimal, --header and --channel are for both files.
void add_right_input_options(CLI::App& verb, io::ReadOptions& options);

/// The rank rule, sigma > max(atol, rtol * sigma_1); empty: rtol = max(m, n) eps, atol = 0.
struct RankRuleOptions {
  std::optional<double> rtol, atol;
};
void add_rank_rule_options(CLI::App& verb, RankRuleOptions& options);

}  // namespace eckart::cli
