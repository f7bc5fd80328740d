#pragma once

// Which k do the rules of a Truncation give, when only the first values are known?

#include <optional>
#include <span>

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

/// Throws InvalidArgument when there is no rule, when one needs ||A||_F and it is not known, or when its share is lost in rounding
/// of ||A||_F^2 in a type of this eps.
void require_decidable(const Truncation& rule, bool norm_is_known, double eps);

/// Nothing while more values must be known first. Absolute errors are in the unit of the values.
[[nodiscard]] std::optional<Decision> decide(const Truncation& rule, const Known& known);

}  // namespace eckart::truncated
