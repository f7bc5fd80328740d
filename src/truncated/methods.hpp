#pragma once

// The methods of truncated_svd(): each takes a Search and gives what it Found. The driver asks one of them, and measures and judges
// what it gives in the same way, whoever gave it.
//
//   find_by_lanczos     block Lanczos with thick restart                   iteration.hpp
//   find_in_range       a random Krylov space that grows, no restart       range_finder.hpp
//   find_in_whole       A written out and decomposed                       svd()
//   find_by_inverse     the smallest, or those nearest to a value          shift_invert.hpp

#include <optional>
#include <string>

#include <eckart/truncated_svd.hpp>

#include "dense/stage_clock.hpp"
#include "truncated/certificate.hpp"
#include "truncated/iteration.hpp"
#include "truncated/residuals.hpp"

namespace eckart::truncated {

/// What is wanted, and how it may be found; `execution`, `a` and what else is referred to outlive it.
template <Scalar T>
struct Search {
  const Execution& execution;
  const dense::StageClock& timed;
  const Operator<T>& a;
  const Truncation& rule;
  const TruncatedOptions& options;
  IterationOptions iteration;  // with ||A||_F where it is known
  Index largest_basis = 0;     // of a random space
  Checkpoints<T> checkpoints = {};
};

/// Upper bounds that a method has beside those that follow from ||A||_F and the values; wrong with a probability of `failure`.
struct Bounds {
  double norm = 0;  // ||A||_F
  double next = 0;  // any value that is left out
  double failure = 0;
};

template <Scalar T>
struct Found {
  Matrix<T> u;  // m x k
  std::vector<Real<T>> s;
  Matrix<T> v;  // n x k
  std::string bound_by;
  std::optional<NoiseCut> cut = {};
  std::string
      shortfall;  // empty where a rule was decided, and all that decides it is within the tolerance
  double next_value = 0;
  std::optional<double> frobenius_norm;  // where it came up on the way
  std::optional<Bounds> bounds;
  KnownResiduals known_residuals;
  // Of triplets that are not the largest: what they were found by, how sure it is that none is missing, sigma_1 as it was seen, vectors that
  // an inverse was applied to.
  std::string found_by;
  std::string
      by_products_because;  // where an inverse was planned, and products alone were what was possible
  Certificate certificate;
  double largest_value = 0;
  Index solves = 0;
  bool one_sided = false;
  Index block = 0, basis = 0;
  int restarts = 0;
  std::uint64_t workspace_bytes = 0;
};

/// Vectors that A or A^H were applied to are added to `products` by each of them, whatever comes of it.
///
/// Nothing where the rules ask for more triplets than it can look for, and `may_give_up`.
template <Scalar T>
[[nodiscard]] std::optional<Found<T>> find_by_lanczos(const Search<T>& search, bool may_give_up,
                                                      Index& products);
/// Nothing where the basis reached its limit first, and `may_give_up`.
template <Scalar T>
[[nodiscard]] std::optional<Found<T>> find_in_range(const Search<T>& search, bool may_give_up,
                                                    Index& products);
template <Scalar T>
[[nodiscard]] Found<T> find_in_whole(const Search<T>& search, Index& products);

}  // namespace eckart::truncated
