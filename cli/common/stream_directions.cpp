// How `eckart stream` uses frequent directions.

#include <algorithm>

#include <eckart/frequent_directions.hpp>

#include "common/stream_method.hpp"

namespace eckart::cli {
namespace {

// A result is planned for every number of rows up to a few times the columns, which takes seconds where there are so many bytes of them:
// the stream without a result is looked at first then.
constexpr std::uint64_t vast = std::uint64_t{64} << 30;

/// `plan_of(k)`: the stream's memory with a result of rank k, or without one.
template <Scalar T, class PlanOf>
void require_room(const PlanOf& plan_of, Index cols, const StreamSettings& settings) {
  if (plan_of(0).bytes() > vast) {
    require_stream_memory<T>(plan_of(0), cols, settings);
  }
  require_stream_memory<T>(plan_of(settings.wanted()), cols, settings);
}

template <Scalar T>
class Directions : public StreamMethod<T> {
 public:
  Directions(FrequentDirections<T>&& stream, Index k) : stream_(std::move(stream)), k_(k) {}

  void append(MatrixView<const T> rows) override { stream_.append(rows); }
  [[nodiscard]] Index rows() const noexcept override { return stream_.rows(); }
  [[nodiscard]] Index cols() const noexcept override { return stream_.cols(); }
  [[nodiscard]] StreamState state() const override { return stream_.state(); }

  [[nodiscard]] StreamResult<T> result(const std::stop_token& stop) const override {
    DirectionsOfRows<T> d = stream_.result(k_, stop);
    return {.s = d.s,
            .at_least = d.at_least,
            .at_most = d.at_most,
            .U = {},
            .Vh = std::move(d.Vh),
            .frobenius_norm = d.frobenius_norm,
            .figures = {{"left_out", "left out, Frobenius", d.left_out_at_least, d.left_out_at_most,
                         but_for_rounding},
                        {"left_out_spectral", "left out, spectral", d.spectral_at_least,
                         d.spectral_at_most, but_for_rounding},
                        {"shrinkage", "shrinkage", 0, d.shrinkage, but_for_rounding},
                        {"rounding", "rounding", 0, d.rounding, measured_by_probes}}};
  }

 private:
  FrequentDirections<T> stream_;
  Index k_;
};

}  // namespace

template <Scalar T>
std::unique_ptr<StreamMethod<T>> open_directions(Index cols, const StreamSettings& settings,
                                                 const StreamState* state,
                                                 const std::string& name) {
  FrequentDirectionsOptions options{.threads = settings.threads, .stop = settings.stop};
  if (state != nullptr) {
    require_room<T>(
        [&](Index rank) {
          return of_the_state(name, [&] { return FrequentDirections<T>::memory(*state, rank); });
        },
        cols, settings);
    FrequentDirections<T> stream =
        of_the_state(name, [&] { return FrequentDirections<T>(*state, options); });
    require_same_stream(cols, stream.cols(), settings, stream.sketch_rows(), name);
    return std::make_unique<Directions<T>>(std::move(stream), settings.wanted());
  }
  require_fit(cols, settings.sketch_rows, settings.rank);
  constexpr Index usual = 256;
  options.sketch_rows = settings.sketch_rows > 0
                            ? settings.sketch_rows
                            : std::min(cols, std::max(usual, 2 * settings.wanted()));
  require_room<T>([&](Index rank) { return FrequentDirections<T>::memory(cols, options, rank); },
                  cols, settings);
  return std::make_unique<Directions<T>>(FrequentDirections<T>(cols, options), settings.wanted());
}

#define ECKART_INSTANTIATE(T)                                   \
  template std::unique_ptr<StreamMethod<T>> open_directions<T>( \
      Index, const StreamSettings&, const StreamState*, const std::string&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::cli
