#pragma once

// Which k do the rules of a Truncation give, when only the first values are known?

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <eckart/truncation.hpp>

namespace eckart::truncated {

/// The values in descending order that are known to belong to A, and whether there are no others.
struct Known {
  std::span<const double> values;
  bool all = false;
  std::optional<double> frobenius_norm;  // of A
};

struct Decision {
  Index k = 0;
  const char* bound_by = "";  // "rank", "energy", "relative error", "absolute error", "all"
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

/// The same rule for 2^exponent A, whose absolute errors are larger by as much.
[[nodiscard]] Truncation scaled(Truncation rule, int exponent) noexcept;

/// decide() with all values of A, from which ||A||_F follows, in a scale where its square is a number.
[[nodiscard]] std::optional<Decision> decide_from_all(const Truncation& rule,
                                                      std::vector<double> values);

}  // namespace eckart::truncated
