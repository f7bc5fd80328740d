#include "common/stream_method.hpp"

#include <fmt/format.h>

#include "common/memory_limit.hpp"

namespace eckart::cli {
namespace {

// A long row as bytes or text in a buffer that grew for it, and its entries: so many times what these take.
constexpr Index row_on_its_way = 8;
// What the process has besides: program, buffers, one batch of short rows.
constexpr std::uint64_t beside_the_stream = std::uint64_t{20} << 20;
// The tool's own number in a state: the library's streams are told to forget.
constexpr const char* forget_name = "forget";

void require(bool fits, const std::string& what) {
  if (!fits) {
    throw InvalidArgument(what);
  }
}

}  // namespace

const char* word_of(StreamKind method) noexcept {
  switch (method) {
    case StreamKind::frequent_directions:
      return "frequent-directions";
    case StreamKind::sketch:
      return "sketch";
    case StreamKind::incremental:
      break;
  }
  return "incremental";
}

void require_meaning(const StreamSettings& settings) {
  const StreamKind method = settings.method;
  const std::string is = std::string("; the method is ") + word_of(method);
  require(!settings.forget || method != StreamKind::frequent_directions,
          "--forget is for --method incremental and sketch" + is +
              ", whose bounds hold for all rows alike");
  require(!settings.seed || method == StreamKind::sketch,
          "--seed is for --method sketch" + is + ", which draws no random numbers");
  require(method != StreamKind::frequent_directions || !settings.with_u(),
          "--u thin is for --method incremental and sketch" + is +
              ", which knows of right vectors alone");
}

void put_forgetting(StreamState& state, const StreamSettings& settings) {
  if (settings.method != StreamKind::frequent_directions) {
    state.put(forget_name, settings.forget.value_or(1));
  }
}

void keep_forgetting(StreamSettings& settings, const StreamState& state, const std::string& name) {
  if (settings.method == StreamKind::frequent_directions || !state.has(forget_name)) {
    return;
  }
  const double factor = of_the_state(name, [&] {
    const double f = state.number(forget_name);
    require(f > 0 && f <= 1, std::string("the state of the stream: '") + forget_name +
                                 "' is no factor within (0, 1]");
    return f;
  });
  require(settings.forget.value_or(factor) == factor,
          fmt::format("--forget {} where the stream of {} {}; leave it out to go on as it began",
                      settings.forget.value_or(1), name,
                      factor < 1 ? fmt::format("began with {}", factor) : "began without"));
  settings.forget = factor < 1 ? std::optional(factor) : std::nullopt;
}

void require_fit(Index cols, Index sketch_rows, std::optional<Index> rank) {
  if (!rank) {
    return;
  }
  require(*rank <= cols, "--rank " + std::to_string(*rank) + " exceeds the " +
                             std::to_string(cols) + " columns of the rows");
  require(sketch_rows == 0 || sketch_rows >= *rank, "--sketch-rows " + std::to_string(sketch_rows) +
                                                        " is less than --rank " +
                                                        std::to_string(*rank));
}

void require_same_stream(Index cols, Index stream_cols, const StreamSettings& settings,
                         Index stream_rows_of_sketch, const std::string& name) {
  require(stream_cols == cols, "rows of " + std::to_string(cols) + " entries; the stream of " +
                                   name + " has rows of " + std::to_string(stream_cols));
  require(settings.sketch_rows == 0 || settings.sketch_rows == stream_rows_of_sketch,
          "--sketch-rows " + std::to_string(settings.sketch_rows) +
              " where the stream began with " + std::to_string(stream_rows_of_sketch));
  require_fit(cols, stream_rows_of_sketch, settings.rank);
}

template <Scalar T>
void require_stream_memory(const MemoryPlan& plan, Index cols, const StreamSettings& settings) {
  const bool grows = settings.method == StreamKind::sketch || settings.with_u();
  require_memory(
      MemoryPlan::all_of("stream",
                         {plan, MemoryPlan::block<T>("a row on its way", row_on_its_way, cols),
                          MemoryPlan::block<char>("beside", beside_the_stream)}),
      settings.max_memory,
      grows ? "it grows with the rows, for their left vectors; in a new stream fewer --sketch-rows "
              "take less, and --method frequent-directions the same for any number of rows"
            : "fewer --sketch-rows, in a new stream, take less");
}

template <Scalar T>
void require_finite(MatrixView<const T> rows, Index first) {
  for (Index i = 0; i < rows.rows(); ++i) {
    for (Index j = 0; j < rows.cols(); ++j) {
      if (!is_finite(rows(i, j))) {
        throw NonFinite(first + i, j, name_of_non_finite(rows(i, j)));
      }
    }
  }
}

template <Scalar T>
std::unique_ptr<StreamMethod<T>> open_method(Index cols, const StreamSettings& settings,
                                             const StreamState* state, const std::string& name) {
  switch (settings.method) {
    case StreamKind::frequent_directions:
      return open_directions<T>(cols, settings, state, name);
    case StreamKind::sketch:
      return open_sketch<T>(cols, settings, state, name);
    case StreamKind::incremental:
      break;
  }
  return open_incremental<T>(cols, settings, state, name);
}

#define ECKART_INSTANTIATE(T)                                                              \
  template void require_stream_memory<T>(const MemoryPlan&, Index, const StreamSettings&); \
  template void require_finite<T>(MatrixView<const T>, Index);                             \
  template std::unique_ptr<StreamMethod<T>> open_method<T>(                                \
      Index, const StreamSettings&, const StreamState*, const std::string&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::cli
