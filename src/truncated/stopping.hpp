#pragma once

// Which k do the rules of a Truncation give, when only the first values are known?

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <eckart/truncation.hpp>

namespace eckart::truncated {

/// The values in descending order that are known to belong to A, rows x cols, and whether there are no others.
struct Known {
  Index rows = 0, cols = 0;
  std::span<const double> values;
  bool all = false;
  std::optional<double> frobenius_norm = {};  // of A, or what it is at most
  std::optional<double> likely_norm = {};     // an estimate without bias, where that is a bound
  double eps = epsilon<double>;               // of the type that they were computed in
};

/// White noise of standard deviation `noise`, and the value that a signal has to exceed.
struct NoiseCut {
  double noise = 0, threshold = 0;
};

struct Decision {
  Index k = 0;
  const char* bound_by =
      "";  // "rank", "energy", "relative error", "absolute error", "hard threshold", "all"
  std::optional<NoiseCut> cut = {};  // of "hard threshold"
};

/// A rule is about ||A||_F.
[[nodiscard]] bool needs_norm(const Truncation& rule) noexcept;

/// Throws InvalidArgument when there is no rule.
void require_rule(const Truncation& rule);

/// Why a rule cannot be told from ||A||_F and the first values in a type of this eps: its share is lost in rounding of
/// ||A||_F^2 - sum sigma^2, a share of 0 always. Empty where it can.
[[nodiscard]] std::string lost_in_rounding(const Truncation& rule, double eps);

/// Nothing while more values must be known first. Absolute errors are in the unit of the values.
[[nodiscard]] std::optional<Decision> decide(const Truncation& rule, const Known& known);

/// The same for 2^exponent A, whose absolute errors and noise are larger by as much.
[[nodiscard]] Truncation scaled(Truncation rule, int exponent) noexcept;
[[nodiscard]] std::optional<Decision> scaled(std::optional<Decision> decision,
                                             int exponent) noexcept;

/// decide() with all values of A, from which ||A||_F follows, in a scale where its square is a number.
[[nodiscard]] std::optional<Decision> decide_from_all(const Truncation& rule, Index rows,
                                                      Index cols, std::vector<double> values);

}  // namespace eckart::truncated
