#pragma once

// Which of some values, in descending order, are wanted: always a window of them.

#include <span>

#include <eckart/truncated_svd.hpp>

namespace eckart::truncated {

/// The first of the k wanted.
[[nodiscard]] Index first_wanted(std::span<const double> values, const TruncatedOptions& options,
                                 Index k);

/// The value that comes next after a window of k from `first` on; 0 where there is none.
[[nodiscard]] double next_to(std::span<const double> values, Index first, Index k,
                             const TruncatedOptions& options);

}  // namespace eckart::truncated
