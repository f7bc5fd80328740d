#pragma once

// How many triplets, and by which method: the options of every verb that can do with the leading ones.
//
//   -k K, --energy E, --error X, --above X, --threshold gavish-donoho      rules; the smallest number that one of them gives is taken
//   --smallest, --near X       with -k: not the largest triplets, but those
//   --method auto|dense|lanczos|randomized|shift-invert      who finds them; auto takes what is estimated to be fastest
//   --tolerance, --block, --basis, --max-restarts    about the iteration alone
//   --checkpoint FILE    where an iteration is saved (checkpoint.hpp)

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include <eckart/spectrum.hpp>
#include <eckart/truncated_svd.hpp>

#include "common/console.hpp"
#include "common/exit_code.hpp"
#include "common/options.hpp"

namespace eckart::cli {

enum class Threshold { none, gavish_donoho };

struct TruncationOptions {
  std::optional<Index> k;
  std::optional<double> energy, error, above;
  Norm norm = Norm::frobenius;  // of --error
  bool absolute = false;        // --error is no share of ||A||
  Threshold threshold = Threshold::none;
  std::optional<double> noise;  // of --threshold; estimated where it is not given
  bool smallest = false;
  std::optional<double> near;
  TruncatedMethod method = TruncatedMethod::automatic;
  std::optional<double> tolerance;
  std::optional<Index> block, basis;
  std::optional<int> restarts;
  std::string checkpoint;

  [[nodiscard]] bool has_rule() const noexcept {
    return k || is_demanding() || threshold != Threshold::none;
  }
  /// A rule was given that -k or the threshold may keep from being met.
  [[nodiscard]] bool is_demanding() const noexcept { return energy || error || above; }
  [[nodiscard]] Which which() const noexcept {
    return smallest ? Which::smallest : near ? Which::nearest : Which::largest;
  }
  /// An option about the iteration was given.
  [[nodiscard]] bool tunes_iteration() const noexcept {
    return tolerance || block || basis || restarts;
  }
};

/// --energy, --error, --error-norm, --absolute, --above, --threshold and --noise; -k is the verb's own.
void add_rule_options(CLI::App& verb, TruncationOptions& options, const char* group);
/// --smallest and --near.
void add_which_options(CLI::App& verb, TruncationOptions& options, const char* group);
void add_method_options(CLI::App& verb, TruncationOptions& options);

/// Throws InvalidArgument for options that contradict each other or that apply to nothing. `whole` names an option that is about the
/// whole decomposition (--driver, --rtol), or is empty; with it, auto means dense.
void check_truncation(TruncationOptions& options, const std::string& whole);

[[nodiscard]] Truncation rule_of(const TruncationOptions& options);

/// For truncated_svd() within so many bytes beside the input.
[[nodiscard]] TruncatedOptions truncated_options(const TruncationOptions& options,
                                                 const NumericalOptions& numerical,
                                                 const Console& console, std::uint64_t max_memory);

/// A number of triplets and the option that gave it. Of several rules the smallest number is taken, so of several demands (--energy,
/// --error, --above) one that holds is enough; none may hold where -k or --threshold cut them short.
struct RankChoice {
  Index k = 0;
  const char* rule = "";  // "-k", "--threshold", "--energy", "--error", "--above", "all"
  bool demands_met = true;
};

/// What the rules say where every value is known. Where two give the same number, the first in the order of the options is named.
[[nodiscard]] RankChoice choose_rank(const TruncationOptions& options, const Spectrum& s);

/// What a truncated decomposition chose, as far as can be known.
[[nodiscard]] RankChoice choice_of(const TruncationOptions& options,
                                   const std::vector<double>& values,
                                   const TruncatedReport& report);

/// The name that reports have for the rule behind an option.
[[nodiscard]] const char* bound_by_of(const TruncationOptions& options, const std::string& option);

/// Says which demands were not met, of `name`; the exit code for it: 0, or 4.
[[nodiscard]] ExitCode judge(const std::string& name, const RankChoice& choice);

/// Says what a truncated decomposition fell short of; the exit code for it: 1 for residuals above the tolerance or rules that were
/// not decided, 4 for demands that -k cut short.
[[nodiscard]] ExitCode judge(const TruncationOptions& options, const std::string& name,
                             const std::vector<double>& values, const TruncatedReport& report);

}  // namespace eckart::cli
