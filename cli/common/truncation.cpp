#include "common/truncation.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include <eckart/error.hpp>
#include <eckart/low_rank.hpp>
#include <eckart/thresholds.hpp>

#include "common/interrupt.hpp"
#include "report/text.hpp"

namespace eckart::cli {
namespace {

constexpr const char* method_group = "Method";
// Where a sum of squares just reaches its share, rounding decides.
constexpr double rounding = 1e-12;

void check_which(const TruncationOptions& options, const std::string& whole) {
  if (options.which() == Which::largest) {
    if (options.method == TruncatedMethod::shift_invert) {
      throw InvalidArgument("--method shift-invert is for --smallest and --near X");
    }
    return;
  }
  if (options.smallest && options.near) {
    throw InvalidArgument("--smallest and --near ask for different triplets; leave one out");
  }
  if (!options.k || options.is_demanding() || options.threshold != Threshold::none) {
    throw InvalidArgument(
        "--smallest and --near want a number of triplets, -k K, and no other rule");
  }
  if (options.method == TruncatedMethod::randomized) {
    throw InvalidArgument("--method randomized is for the largest triplets");
  }
  if (!whole.empty()) {
    throw InvalidArgument(whole + " does not go with --smallest and --near; leave it out");
  }
}

/// Of residuals above the tolerance.
const char* way_out(TruncatedMethod method) {
  return method == TruncatedMethod::randomized
             ? "--basis or a larger --tolerance, or use --method lanczos"
         : method == TruncatedMethod::lanczos
             ? "--max-restarts, --basis or a larger --tolerance, or use --method dense"
         : method == TruncatedMethod::shift_invert ? "a larger --tolerance, or use --method dense"
                                                   : "a larger --tolerance";
}

}  // namespace

void add_rule_options(CLI::App& verb, TruncationOptions& options, const char* group) {
  verb.add_option("--energy", options.energy,
                  "The fewest triplets that hold this share of sum sigma^2")
      ->type_name("X")
      ->check(number_within(0, 1))
      ->group(group);
  verb.add_option("--error", options.error, "The fewest triplets with ||A - Ak|| <= X ||A||")
      ->type_name("X")
      ->check(number_within(0))
      ->group(group);
  add_choice<Norm>(verb, "--error-norm", options.norm,
                   {{"frobenius", Norm::frobenius}, {"spectral", Norm::spectral}},
                   "Norm of --error; spectral: the first value left out")
      ->group(group);
  verb.add_flag("--absolute", options.absolute, "--error is in units of A: ||A - Ak|| <= X")
      ->group(group);
  verb.add_option("--above", options.above, "The triplets whose values are above X")
      ->type_name("X")
      ->check(number_within(0))
      ->group(group);
  add_choice<Threshold>(verb, "--threshold", options.threshold,
                        {{"none", Threshold::none}, {"gavish-donoho", Threshold::gavish_donoho}},
                        "The triplets that stand out of white noise (Gavish and Donoho 2014)")
      ->group(group);
  verb.add_option("--noise", options.noise,
                  "Standard deviation of that noise; default: estimated from the values")
      ->type_name("X")
      ->check(number_within(0))
      ->group(group);
}

void add_which_options(CLI::App& verb, TruncationOptions& options, const char* group) {
  verb.add_flag("--smallest", options.smallest, "With -k: the K smallest, zeros included")
      ->group(group);
  verb.add_option("--near", options.near, "With -k: the K nearest to X")
      ->type_name("X")
      ->check(number_within(0))
      ->group(group);
}

void add_method_options(CLI::App& verb, TruncationOptions& options) {
  add_choice<TruncatedMethod>(verb, "--method", options.method,
                              {{"auto", TruncatedMethod::automatic},
                               {"dense", TruncatedMethod::dense},
                               {"lanczos", TruncatedMethod::lanczos},
                               {"randomized", TruncatedMethod::randomized},
                               {"shift-invert", TruncatedMethod::shift_invert}},
                              "Who finds the triplets that the rules ask for; auto: the fastest, "
                              "as --dry-run explains")
      ->group(method_group);
  verb.add_option("--tolerance", options.tolerance,
                  "Residual of a triplet, relative to its value; default: sqrt(eps), of "
                  "randomized 0.05")
      ->type_name("X")
      ->check(number_within(0, 1))
      ->group(method_group);
  verb.add_option("--block", options.block, "Vectors multiplied at a time; default: 4 or 8")
      ->type_name("N")
      ->check(whole_within(1))
      ->group(method_group);
  verb.add_option(
          "--basis", options.basis,
          "Vectors kept on each side before a restart, of randomized at the most; default: by "
          "the cost of a product")
      ->type_name("N")
      ->check(whole_within(1))
      ->group(method_group);
  verb.add_option("--checkpoint", options.checkpoint,
                  "Where an iteration is saved on Ctrl-C and every few minutes, and goes on from "
                  "(npz); removed at its end")
      ->type_name("FILE")
      ->check(file_name())
      ->group(method_group);
  verb.add_option("--max-restarts", options.restarts, "Restarts before giving up; default: 1000")
      ->type_name("N")
      ->check(whole_within(0, 1000000000))
      ->group(method_group);
}

void check_truncation(TruncationOptions& options, const std::string& whole) {
  if (!options.error && (options.absolute || options.norm != Norm::frobenius)) {
    throw InvalidArgument("--absolute and --error-norm are about --error; give --error X");
  }
  if (options.error && !options.absolute && *options.error > 1) {
    throw InvalidArgument("--error is a share of ||A||, from 0 to 1; with --absolute any number");
  }
  if (options.noise && options.threshold == Threshold::none) {
    throw InvalidArgument("--noise belongs to --threshold gavish-donoho");
  }
  if (options.tolerance && *options.tolerance >= 1) {
    throw InvalidArgument("--tolerance is relative to a value: from 0 to below 1");
  }
  check_which(options, whole);
  const bool iterates =
      options.method != TruncatedMethod::automatic && options.method != TruncatedMethod::dense;
  if (!options.has_rule() && (iterates || options.tunes_iteration())) {
    throw InvalidArgument(
        "all triplets are found by the dense decomposition; --method, --tolerance and their like "
        "need -k, --energy, --error, --above or --threshold");
  }
  if (options.method == TruncatedMethod::dense && options.tunes_iteration()) {
    throw InvalidArgument(
        "--tolerance, --block, --basis and --max-restarts are about an iteration; leave out "
        "--method dense");
  }
  if (options.method == TruncatedMethod::randomized && options.restarts) {
    throw InvalidArgument(
        "the randomized method never restarts; leave out --max-restarts, or say --method lanczos");
  }
  if (!options.checkpoint.empty()) {
    if (!options.has_rule() || !whole.empty() || options.method == TruncatedMethod::dense ||
        options.method == TruncatedMethod::randomized || options.which() != Which::largest) {
      throw InvalidArgument(
          "--checkpoint saves the iteration of --method lanczos for the largest triplets; the "
          "other methods have nothing to save that would be worth it");
    }
  }
  if (!whole.empty()) {
    if (iterates || options.tunes_iteration()) {
      throw InvalidArgument(whole + " is about the dense decomposition; leave it out, or say " +
                            "--method dense");
    }
    options.method = TruncatedMethod::dense;
  }
}

Truncation rule_of(const TruncationOptions& options) {
  Truncation rule;
  if (options.k) {
    rule = rule & rank(*options.k);
  }
  if (options.energy) {
    rule = rule & energy(*options.energy);
  }
  if (options.error) {
    rule = rule & (options.absolute ? absolute_error(*options.error, options.norm)
                                    : relative_error(*options.error, options.norm));
  }
  if (options.above) {
    rule = rule & above(*options.above);
  }
  if (options.threshold == Threshold::gavish_donoho) {
    rule = rule & (options.noise ? hard_threshold(*options.noise) : hard_threshold());
  }
  return rule;
}

TruncatedOptions truncated_options(const TruncationOptions& options,
                                   const NumericalOptions& numerical, const Console& console,
                                   std::uint64_t max_memory) {
  TruncatedOptions truncated;
  truncated.method = options.method;
  truncated.which = options.which();
  truncated.target = options.near.value_or(0);
  truncated.tolerance = options.tolerance.value_or(0);
  truncated.block = options.block.value_or(0);
  truncated.basis = options.basis.value_or(0);
  truncated.restarts = options.restarts.value_or(truncated.restarts);
  truncated.max_memory = max_memory;
  truncated.threads = numerical.threads;
  truncated.stop = interrupt_token();
  truncated.progress = console.progress();
  truncated.seed = numerical.seed;
  return truncated;
}

RankChoice choose_rank(const TruncationOptions& options, const Spectrum& s) {
  std::vector<RankChoice> rules;
  const auto count_above = [&](double x) {
    return static_cast<Index>(std::count_if(s.values().begin(), s.values().end(),
                                            [x](double value) { return value > x; }));
  };
  if (options.k) {
    rules.push_back({std::min(*options.k, s.count()), "-k"});
  }
  if (options.threshold == Threshold::gavish_donoho) {
    rules.push_back({optimal_hard_threshold(s, options.noise).rank, "--threshold"});
  }
  const std::size_t caps = rules.size();
  if (options.energy) {
    rules.push_back({energy_rank(s, *options.energy), "--energy"});
  }
  if (options.error) {
    const double size = low_rank_error(s, 0).frobenius;
    const double relative = !options.absolute ? *options.error
                            : size > 0        ? std::min(*options.error / size, 1.0)
                                              : 1.0;
    rules.push_back({options.norm == Norm::frobenius ? rank_for_error(s, relative)
                     : options.absolute              ? count_above(*options.error)
                                                     : count_above(*options.error * s.largest()),
                     "--error"});
  }
  if (options.above) {
    rules.push_back({count_above(*options.above), "--above"});
  }
  if (rules.empty()) {
    return {s.count(), "all"};
  }
  RankChoice chosen = *std::ranges::min_element(rules, {}, &RankChoice::k);
  const std::span demands = std::span(rules).subspan(caps);
  chosen.demands_met = demands.empty() || std::ranges::any_of(demands, [&](const auto& rule) {
                         return rule.k <= chosen.k;
                       });
  return chosen;
}

const char* bound_by_of(const TruncationOptions& options, const std::string& option) {
  return option == "-k"            ? "rank"
         : option == "--energy"    ? "energy"
         : option == "--error"     ? (options.absolute ? "absolute error" : "relative error")
         : option == "--above"     ? "absolute error"
         : option == "--threshold" ? "hard threshold"
                                   : "all";
}

RankChoice choice_of(const TruncationOptions& options, const std::vector<double>& values,
                     const TruncatedReport& report) {
  if (report.which != Which::largest) {
    return {.k = static_cast<Index>(values.size()), .rule = "-k", .demands_met = true};
  }
  const double norm = report.frobenius_norm.value_or(0), left = report.left_out.value_or(0);
  const double share = norm > 0 ? left / norm : 0;
  const double first = values.empty() ? report.next_value : values.front();
  std::vector<const char*> met;
  if (options.energy && share * share <= 1 - *options.energy + rounding) {
    met.push_back("--energy");
  }
  if (options.error) {
    const double error = options.norm == Norm::frobenius ? left : report.next_value,
                 scale = options.absolute                  ? 1
                         : options.norm == Norm::frobenius ? norm
                                                           : first;
    if (error <= *options.error * scale * (1 + rounding)) {
      met.push_back("--error");
    }
  }
  if (options.above && report.next_value <= *options.above) {
    met.push_back("--above");
  }
  const auto is_named = [&](const char* option) {
    return bound_by_of(options, option) == report.bound_by;
  };
  const auto named = std::ranges::find_if(met, is_named);
  return {.k = static_cast<Index>(values.size()),
          .rule = report.bound_by == "rank"             ? "-k"
                  : report.bound_by == "hard threshold" ? "--threshold"
                  : named != met.end()                  ? *named
                                                        : "all",
          .demands_met = !options.is_demanding() || !met.empty()};
}

ExitCode judge(const std::string& name, const RankChoice& choice) {
  if (choice.demands_met) {
    return ExitCode::ok;
  }
  print_error(name + ": rank " + std::to_string(choice.k) + " (" + choice.rule +
              ") does not reach --energy, --error or --above; allow a larger rank");
  return ExitCode::check;
}

ExitCode judge(const TruncationOptions& options, const std::string& name,
               const std::vector<double>& values, const TruncatedReport& report) {
  if (!report.converged) {
    const auto count = static_cast<Index>(values.size());
    const std::string found = report::counted(report.within_tolerance, "triplet", "triplets") +
                              " of " + report::format_count(count) +
                              " found have residuals within the tolerance";
    print_error(name + ": " + (report.shortfall.empty() ? found : report.shortfall + "; " + found) +
                "; allow more with " + way_out(report.method));
    return ExitCode::numerical;
  }
  return judge(name, choice_of(options, values, report));
}

}  // namespace eckart::cli
