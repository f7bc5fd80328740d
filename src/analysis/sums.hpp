#pragma once

// The tails of a descending sequence, each summed from its small end.

#include <cstddef>
#include <span>
#include <vector>

#include "core/sums.hpp"

namespace eckart::analysis {

using core::CompensatedSum;
using core::SumOfSquares;

/// tails[k] = sum of x_i^2 over i >= k (counted from 0), k = 0 .. size, for descending x: each sum
/// runs from the small end.
[[nodiscard]] inline std::vector<SumOfSquares> energy_tails(std::span<const double> x) {
  std::vector<SumOfSquares> tails(x.size() + 1);
  for (std::size_t k = x.size(); k-- > 0;) {
    tails[k] = tails[k + 1];
    tails[k].add(x[k]);
  }
  return tails;
}

}  // namespace eckart::analysis
