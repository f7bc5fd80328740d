#include "common/stream_method.hpp"

#include <algorithm>

#include <eckart/error.hpp>
#include <eckart/frequent_directions.hpp>

namespace eckart::cli {
namespace {

constexpr const char* for_certain = "for certain";

/// Rows of the sketch when the command line does not say: twice the rank, and no fewer than the library takes.
FrequentDirectionsOptions options_of(Index cols, const StreamSettings& settings) {
  constexpr Index usual = 256;
  return {.sketch_rows = settings.sketch_rows > 0
                             ? settings.sketch_rows
                             : std::min(cols, std::max(usual, 2 * settings.rank)),
          .threads = settings.threads,
          .stop = settings.stop};
}

template <Scalar T>
class Directions final : public StreamMethod<T> {
 public:
  Directions(Index cols, const StreamSettings& settings)
      : rank_(settings.rank),
        threads_(settings.threads),
        stream_(cols, options_of(cols, settings)) {}
  Directions(const StreamState& state, const StreamSettings& settings)
      : rank_(settings.rank),
        threads_(settings.threads),
        stream_(state, {.threads = settings.threads, .stop = settings.stop}) {}

  void append(MatrixView<const T> rows) override { stream_.append(rows); }
  [[nodiscard]] Index rows() const override { return stream_.rows(); }
  [[nodiscard]] Index cols() const override { return stream_.cols(); }
  [[nodiscard]] StreamState state() const override { return stream_.state(); }

  [[nodiscard]] StreamResult<T> result() const override {
    const FrequentDirections<T> unstoppable(stream_.state(), {.threads = threads_});
    DirectionsOfRows<T> d = unstoppable.result(rank_);
    return {.values = std::move(d.s),
            .Vh = std::move(d.Vh),
            .at_least = std::move(d.at_least),
            .at_most = std::move(d.at_most),
            .frobenius_norm = d.frobenius_norm,
            .figures = {{"left_out", "left out, Frobenius", d.left_out_at_least, d.left_out_at_most,
                         for_certain},
                        {"left_out_spectral", "left out, spectral", d.spectral_at_least,
                         d.spectral_at_most, for_certain},
                        {"shrinkage", "shrinkage", 0, d.shrinkage, for_certain},
                        {"rounding", "rounding", 0, d.rounding, for_certain}}};
  }

 private:
  Index rank_;
  int threads_;
  FrequentDirections<T> stream_;
};

void require_fit(Index cols, const StreamSettings& settings) {
  if (settings.rank > cols) {
    throw InvalidArgument("--rank " + std::to_string(settings.rank) + " exceeds the " +
                          std::to_string(cols) + " columns of the rows");
  }
  if (settings.sketch_rows > 0 && settings.sketch_rows < settings.rank) {
    throw InvalidArgument("--sketch-rows " + std::to_string(settings.sketch_rows) +
                          " is less than --rank " + std::to_string(settings.rank));
  }
}

}  // namespace

template <Scalar T>
std::unique_ptr<StreamMethod<T>> new_stream(Index cols, const StreamSettings& settings) {
  require_fit(cols, settings);
  return std::make_unique<Directions<T>>(cols, settings);
}

template <Scalar T>
std::unique_ptr<StreamMethod<T>> resumed_stream(const StreamState& state,
                                                const StreamSettings& settings) {
  auto stream = std::make_unique<Directions<T>>(state, settings);
  StreamSettings checked = settings;
  const Index had = state.count("sketch_rows", 1, Index{1} << 40);
  if (settings.sketch_rows > 0 && settings.sketch_rows != had) {
    throw InvalidArgument("--sketch-rows " + std::to_string(settings.sketch_rows) +
                          " where the stream began with " + std::to_string(had));
  }
  checked.sketch_rows = had;
  require_fit(stream->cols(), checked);
  return stream;
}

template <Scalar T>
MemoryPlan stream_memory(Index cols, const StreamSettings& settings) {
  return FrequentDirections<T>::memory(cols, options_of(cols, settings));
}

#define ECKART_INSTANTIATE(T)                                                            \
  template std::unique_ptr<StreamMethod<T>> new_stream<T>(Index, const StreamSettings&); \
  template std::unique_ptr<StreamMethod<T>> resumed_stream<T>(const StreamState&,        \
                                                              const StreamSettings&);    \
  template MemoryPlan stream_memory<T>(Index, const StreamSettings&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::cli
