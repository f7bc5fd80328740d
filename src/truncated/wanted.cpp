#include "truncated/wanted.hpp"

#include <algorithm>
#include <cmath>

namespace eckart::truncated {

Index first_wanted(std::span<const double> values, const TruncatedOptions& options, Index k) {
  const auto count = static_cast<Index>(values.size());
  if (options.which != Which::nearest) {
    return options.which == Which::largest ? 0 : count - k;
  }
  // The window moves down as long as what enters is nearer than what leaves.
  const auto distance = [&](Index i) {
    return std::abs(values[static_cast<std::size_t>(i)] - options.target);
  };
  Index first = 0;
  while (first + k < count && k > 0 && distance(first + k) < distance(first)) {
    ++first;
  }
  return first;
}

double next_to(std::span<const double> values, Index first, Index k,
               const TruncatedOptions& options) {
  const auto count = static_cast<Index>(values.size());
  const auto at = [&](Index i) { return values[static_cast<std::size_t>(i)]; };
  const bool above = options.which != Which::largest && first > 0,
             below = options.which != Which::smallest && first + k < count;
  if (above && below) {
    return std::abs(at(first - 1) - options.target) <= std::abs(at(first + k) - options.target)
               ? at(first - 1)
               : at(first + k);
  }
  return above ? at(first - 1) : below ? at(first + k) : 0;
}

}  // namespace eckart::truncated
