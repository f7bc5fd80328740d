#pragma once

// "Did you mean ...?": the nearest of the words that would have been right.

#include <string>
#include <string_view>
#include <vector>

namespace eckart::cli {

/// Edit distance with insertions, deletions, substitutions and swaps of neighbours, each costing 1 (optimal string alignment:
/// Damerau 1964, by the dynamic programme of Wagner and Fischer 1974). Cost |a| |b|.
[[nodiscard]] int edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `word`, or "" when none is near: more than half of the letters, or more than three, would have
/// to change. A candidate that begins with `word` (two letters at least) is always near.
[[nodiscard]] std::string nearest(std::string_view word,
                                  const std::vector<std::string>& candidates);

}  // namespace eckart::cli
