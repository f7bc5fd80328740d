#pragma once

// How `eckart stream` uses frequent directions: what the command line says of them, and their results in words. Another method of streams
// would have a file like this one.

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <eckart/frequent_directions.hpp>

namespace eckart::cli {

struct StreamSettings {
  // None: usual_rank, fewer where the rows or the sketch have not so many.
  std::optional<Index> rank = {};
  Index sketch_rows = 0;  // 0: twice the rank, and no fewer than the library takes
  int threads = 0;
  std::uint64_t max_memory = 0;
  std::stop_token stop = {};

  static constexpr Index usual_rank = 10;
  /// What a result is asked for; it has no more than there are.
  [[nodiscard]] Index wanted() const noexcept { return rank.value_or(usual_rank); }
};

/// A new stream of rows of so many columns, or one that goes on from a state, `name` the state's file. Throws InvalidArgument for settings
/// that do not fit the rows or the state, FormatError for a state that makes no sense, OutOfMemory where stream, result and state do
/// not fit into max_memory.
template <Scalar T>
[[nodiscard]] FrequentDirections<T> open_directions(Index cols, const StreamSettings& settings);
template <Scalar T>
[[nodiscard]] FrequentDirections<T> open_directions(Index cols, const StreamSettings& settings,
                                                    const StreamState& state,
                                                    const std::string& name);

/// A figure of a result: its name for programs and for people, an interval or a bound, and how sure that is, in the words of
/// docs/streams.md.
struct StreamFigure {
  const char* key;
  const char* label;
  double least, most;
  const char* sureness;
};

template <Scalar T>
[[nodiscard]] std::vector<StreamFigure> figures_of(const DirectionsOfRows<T>& result);

}  // namespace eckart::cli
