// Frequent directions before and after they run: options, memory, and states.

#include <cmath>
#include <limits>

#include <eckart/error.hpp>

#include "streams/directions_inner.hpp"
#include "streams/rows.hpp"
#include "streams/state_parts.hpp"

namespace eckart {
namespace {

constexpr Index usual_rows = 256;
// Entries of a block of rows: some of the second level of cache, and a hundred times more than a small svd() costs beside its products.
constexpr Index block_entries = 400 * 1024;
constexpr Index longest_block = 8192;
// So many times more rows than columns: svd() has one method for them.
constexpr Index tall = 4;

// Columns and rows of a sketch, and rows of a block: what a state may tell of.
constexpr Index most_in_state = Index{1} << 40;
constexpr double most_bytes = 0x1p44;

/// Throws InvalidArgument for sizes that no machine has the memory for, so no stream was ever of them.
template <class W>
FrequentDirectionsOptions options_in(const StreamState& state) {
  const FrequentDirectionsOptions options{
      .sketch_rows = state.count("sketch_rows", 1, most_in_state),
      .block = state.count("block", 1, most_in_state)};
  const auto rows = static_cast<double>(options.sketch_rows + options.block),
             cols = static_cast<double>(state.count("cols", 1, most_in_state));
  if (rows * cols * sizeof(W) > most_bytes) {
    throw InvalidArgument("the state of the stream: a sketch of " +
                          std::to_string(options.sketch_rows) + " rows, with " +
                          std::to_string(options.block) +
                          " that wait, takes more memory than there is in any machine");
  }
  return options;
}

}  // namespace

FrequentDirectionsOptions streams::completed(Index cols, FrequentDirectionsOptions options) {
  if (cols < 1) {
    throw InvalidArgument("a stream of rows with " + std::to_string(cols) +
                          " columns; there must be one at least");
  }
  if (options.sketch_rows < 0 || options.block < 0 || options.threads < 0) {
    throw InvalidArgument("sketch_rows, block and threads are 0, for the usual, or positive");
  }
  if (options.sketch_rows > most_in_state || options.block > most_in_state) {
    throw InvalidArgument("sketch_rows and block are " + std::to_string(most_in_state) +
                          " at the most");
  }
  if (options.sketch_rows == 0) {
    options.sketch_rows = std::min(cols, usual_rows);
  }
  if (options.block == 0) {
    options.block = std::max(options.sketch_rows, std::min(longest_block, block_entries / cols));
  }
  return options;
}

template <Scalar T>
StreamState FrequentDirections<T>::state() const {
  const Inner& in = *inner_;
  StreamState state = streams::begin_state<T>(StreamKind::frequent_directions);
  state.put_count("cols", in.cols);
  state.put_count("sketch_rows", in.options.sketch_rows);
  state.put_count("block", in.options.block);
  state.put_count("rows", in.rows);
  streams::put_sum(state, "squares", in.squares);
  streams::put_sum(state, "shrinkage", in.shrinkage);
  state.put("rounding", in.rounding);
  state.put("sketch", Matrix<W>(sketch(), Layout::row_major));
  return state;
}

template <Scalar T>
FrequentDirections<T>::FrequentDirections(const StreamState& state,
                                          const FrequentDirectionsOptions& options) {
  streams::require_state<T>(state, StreamKind::frequent_directions);
  const Index cols = state.count("cols", 1, most_in_state);
  FrequentDirectionsOptions restored = options_in<W>(state);
  restored.threads = options.threads;
  restored.stop = options.stop;
  const MatrixView<const W> sketch = state.view<W>("sketch", -1, cols);
  if (sketch.rows() > restored.sketch_rows + restored.block) {
    throw InvalidArgument("the state of the stream: the sketch has " +
                          std::to_string(sketch.rows()) + " rows, more than it can hold");
  }
  inner_ = std::make_unique<Inner>(cols, restored);
  Inner& in = *inner_;
  in.rows = state.count("rows", 0, std::numeric_limits<Index>::max());
  in.squares = streams::sum_of(state, "squares");
  in.shrinkage = streams::sum_of(state, "shrinkage");
  in.rounding = streams::magnitude_of(state, "rounding");
  in.filled = sketch.rows();
  streams::widen_rows<W>(sketch, in.view().top_rows(in.filled));
}

template <Scalar T>
MemoryPlan FrequentDirections<T>::memory(Index cols, const FrequentDirectionsOptions& options,
                                         Index k) {
  const FrequentDirectionsOptions how = streams::completed(cols, options);
  const Index count = how.sketch_rows + how.block;
  const auto decomposition = [&](Index m, Index leading) {
    return streams::decomposition_memory<W>(
        m, cols, streams::svd_options(std::min({leading, m, cols}), how.threads));
  };
  const MemoryPlan rows = MemoryPlan::block<W>("sketch and rows that wait", count, cols);
  const MemoryPlan shrinkage = decomposition(count, how.sketch_rows);
  if (k <= 0) {
    return MemoryPlan::all_of("frequent directions", {rows, shrinkage});
  }
  // A result may be asked for at any time, and fewer rows can take more: another method is the fastest for them. Far more rows than
  // columns always go through their triangular factor, in memory that grows with them.
  const Index directions = std::min(k, how.sketch_rows);
  MemoryPlan result = decomposition(count, directions);
  for (Index m = 1; m < std::min(count, tall * cols); ++m) {
    const MemoryPlan plan = decomposition(m, directions);
    result = plan.bytes() > result.bytes() ? plan : result;
  }
  return MemoryPlan::all_of(
      "frequent directions",
      {rows, shrinkage,
       MemoryPlan::any_of(
           "what is asked of it",
           {MemoryPlan::all_of(
                "result",
                {result, MemoryPlan::block<T>("directions", std::min(directions, cols), cols)}),
            MemoryPlan::block<W>("state", count, cols)})});
}

template <Scalar T>
MemoryPlan FrequentDirections<T>::memory(const StreamState& state, Index k) {
  return memory(state.count("cols", 1, most_in_state), options_in<W>(state), k);
}

#define ECKART_INSTANTIATE(T)                                                                \
  template StreamState FrequentDirections<T>::state() const;                                 \
  template FrequentDirections<T>::FrequentDirections(const StreamState&,                     \
                                                     const FrequentDirectionsOptions&);      \
  template MemoryPlan FrequentDirections<T>::memory(Index, const FrequentDirectionsOptions&, \
                                                    Index);                                  \
  template MemoryPlan FrequentDirections<T>::memory(const StreamState&, Index);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
