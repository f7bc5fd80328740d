#include "common/stream_directions.hpp"

#include <algorithm>

#include <eckart/error.hpp>

#include "common/memory_limit.hpp"

namespace eckart::cli {
namespace {

// A long row as bytes or text in a buffer that grew for it, and its entries: so many times what these take.
constexpr Index row_on_its_way = 8;
// What the process has besides: program, buffers, one batch of short rows.
constexpr std::uint64_t beside_the_stream = std::uint64_t{20} << 20;

// A result is planned for every number of rows up to a few times the columns, which takes seconds where there are so many bytes of them:
// the stream without a result is looked at first then.
constexpr std::uint64_t vast = std::uint64_t{64} << 30;

constexpr const char* but_for_rounding = "certain but for rounding";
constexpr const char* measured = "measured through random vectors";

void require_fit(Index cols, Index sketch_rows, std::optional<Index> rank) {
  if (!rank) {
    return;
  }
  if (*rank > cols) {
    throw InvalidArgument("--rank " + std::to_string(*rank) + " exceeds the " +
                          std::to_string(cols) + " columns of the rows");
  }
  if (sketch_rows > 0 && sketch_rows < *rank) {
    throw InvalidArgument("--sketch-rows " + std::to_string(sketch_rows) + " is less than --rank " +
                          std::to_string(*rank));
  }
}

/// `plan_of(k)`: the stream's memory with a result of rank k, or without one.
template <Scalar T, class PlanOf>
void require_stream_memory(const PlanOf& plan_of, Index cols, const StreamSettings& settings) {
  const auto require = [&](Index rank) {
    require_memory(MemoryPlan::all_of(
                       "stream", {plan_of(rank),
                                  MemoryPlan::block<T>("a row on its way", row_on_its_way, cols),
                                  MemoryPlan::block<char>("beside", beside_the_stream)}),
                   settings.max_memory, "fewer --sketch-rows, in a new stream, take less");
  };
  if (plan_of(0).bytes() > vast) {
    require(0);
  }
  require(settings.wanted());
}

}  // namespace

template <Scalar T>
FrequentDirections<T> open_directions(Index cols, const StreamSettings& settings) {
  require_fit(cols, settings.sketch_rows, settings.rank);
  constexpr Index usual = 256;
  const FrequentDirectionsOptions options{
      .sketch_rows = settings.sketch_rows > 0
                         ? settings.sketch_rows
                         : std::min(cols, std::max(usual, 2 * settings.wanted())),
      .threads = settings.threads,
      .stop = settings.stop};
  require_stream_memory<T>(
      [&](Index rank) { return FrequentDirections<T>::memory(cols, options, rank); }, cols,
      settings);
  return FrequentDirections<T>(cols, options);
}

template <Scalar T>
FrequentDirections<T> open_directions(Index cols, const StreamSettings& settings,
                                      const StreamState& state, const std::string& name) {
  const auto of_the_state = [&name](const auto& read) {
    try {
      return read();
    } catch (const InvalidArgument& error) {
      throw FormatError(name + ": " + error.what());
    }
  };
  const FrequentDirectionsOptions options{.threads = settings.threads, .stop = settings.stop};
  require_stream_memory<T>(
      [&](Index rank) {
        return of_the_state([&] { return FrequentDirections<T>::memory(state, rank); });
      },
      cols, settings);
  FrequentDirections<T> stream =
      of_the_state([&] { return FrequentDirections<T>(state, options); });
  if (stream.cols() != cols) {
    throw InvalidArgument("rows of " + std::to_string(cols) + " entries; the stream of " + name +
                          " has rows of " + std::to_string(stream.cols()));
  }
  if (settings.sketch_rows > 0 && settings.sketch_rows != stream.sketch_rows()) {
    throw InvalidArgument("--sketch-rows " + std::to_string(settings.sketch_rows) +
                          " where the stream began with " + std::to_string(stream.sketch_rows()));
  }
  require_fit(cols, stream.sketch_rows(), settings.rank);
  return stream;
}

template <Scalar T>
std::vector<StreamFigure> figures_of(const DirectionsOfRows<T>& d) {
  return {{"left_out", "left out, Frobenius", d.left_out_at_least, d.left_out_at_most,
           but_for_rounding},
          {"left_out_spectral", "left out, spectral", d.spectral_at_least, d.spectral_at_most,
           but_for_rounding},
          {"shrinkage", "shrinkage", 0, d.shrinkage, but_for_rounding},
          {"rounding", "rounding", 0, d.rounding, measured}};
}

#define ECKART_INSTANTIATE(T)                                                                \
  template FrequentDirections<T> open_directions<T>(Index, const StreamSettings&);           \
  template FrequentDirections<T> open_directions<T>(Index, const StreamSettings&,            \
                                                    const StreamState&, const std::string&); \
  template std::vector<StreamFigure> figures_of<T>(const DirectionsOfRows<T>&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::cli
