// How `eckart stream` uses the single-pass sketch: rows alone, appended; what is known of their left side grows with them.

#include <algorithm>

#include <fmt/format.h>

#include <eckart/single_pass_sketch.hpp>

#include "common/stream_method.hpp"
#include "report/text.hpp"

namespace eckart::cli {
namespace {

// Of the library: the entries of a column of its test matrices are as many.
constexpr Index least_rows = 8;
constexpr double failure = 1e-6;
// An error that is called worse than another: by more than estimates of the same probes differ by chance, and not that of rounding.
constexpr double worse = 1.02, beyond_rounding = 10;
constexpr const char* but_for_chance = "all at once, but with a probability of 1e-6";

template <Scalar T>
class Sketch : public StreamMethod<T> {
 public:
  Sketch(SinglePassSketch<T>&& stream, const StreamSettings& settings)
      : stream_(std::move(stream)), settings_(settings) {}

  void append(MatrixView<const T> rows) override {
    require_room(rows.rows());
    if (!settings_.forget) {
      stream_.append_rows(rows);
      return;
    }
    require_finite<T>(rows, stream_.rows());
    for (Index i = 0; i < rows.rows(); ++i) {
      stream_.scale(*settings_.forget);
      try {
        stream_.append_rows(rows.block(i, 0, 1, rows.cols()));
      } catch (...) {
        stream_.scale(1 / *settings_.forget);
        throw;
      }
    }
  }
  [[nodiscard]] Index rows() const noexcept override { return stream_.rows(); }
  [[nodiscard]] Index cols() const noexcept override { return stream_.cols(); }
  [[nodiscard]] StreamState state() const override { return stream_.state(); }

  [[nodiscard]] StreamResult<T> result(const std::stop_token& stop) const override {
    SketchedSvd<T> d = stream_.result(settings_.wanted(), failure, stop);
    return {.s = {d.s.begin(), d.s.end()},
            .at_least = d.at_least,
            .at_most = d.at_most,
            .U = settings_.with_u() ? std::move(d.U) : Matrix<T>(),
            .Vh = std::move(d.Vh),
            .frobenius_norm = d.frobenius_norm,
            .figures = {{"norm", "which lies in", d.norm_at_least, d.norm_at_most, but_for_chance},
                        {"left_out", "left out, Frobenius", d.left_out_at_least, d.left_out_at_most,
                         but_for_chance, d.left_out},
                        {"left_out_spectral", "left out, spectral", 0, d.spectral_at_most,
                         but_for_chance},
                        {"rounding", "rounding", 0, d.rounding,
                         "by the model of independent rounding errors"}},
            .numbers = {{"failure_probability", d.failure_probability}},
            .lists = {{"errors", d.errors},
                      {"tail_at_least", d.tail_at_least},
                      {"tail_at_most", d.tail_at_most}},
            .warning = warning_of(d)};
  }

  /// Throws OutOfMemory where so many more rows do not fit.
  void require_room(Index more) const {
    require_stream_memory<T>(SinglePassSketch<T>::memory(stream_.rows() + more, stream_.cols(),
                                                         {.range = stream_.sizes().range,
                                                          .core = stream_.sizes().core,
                                                          .probes = stream_.probes()},
                                                         settings_.wanted()),
                             stream_.cols(), settings_);
  }

 private:
  /// Triplets that leave out more than fewer of them do are those of the sketch, not of the rows.
  [[nodiscard]] std::string warning_of(const SketchedSvd<T>& d) const {
    const auto k = static_cast<std::ptrdiff_t>(d.s.size());
    const auto best = std::min_element(d.errors.begin(), d.errors.begin() + k + 1);
    const double least = *best, error = *(d.errors.begin() + k);
    if (error <= worse * least || error <= beyond_rounding * d.rounding) {
      return {};
    }
    return fmt::format(
        "{} of the sketch, about {} left out, are worse than {}, {}: the values fall too slowly "
        "for "
        "it; --method incremental --u thin, frequent-directions for V alone, or more --sketch-rows "
        "than {} come nearer",
        report::counted(k, "triplet", "triplets"), report::format_number(error),
        best == d.errors.begin() ? "none" : std::to_string(best - d.errors.begin()),
        report::format_number(least), stream_.sizes().range);
  }

  SinglePassSketch<T> stream_;
  StreamSettings settings_;
};

}  // namespace

template <Scalar T>
std::unique_ptr<StreamMethod<T>> open_sketch(Index cols, const StreamSettings& settings,
                                             const StreamState* state, const std::string& name) {
  SketchOptions options{.rank = settings.wanted(),
                        .range = settings.sketch_rows,
                        .threads = settings.threads,
                        .stop = settings.stop};
  if (state != nullptr) {
    SinglePassSketch<T> stream =
        of_the_state(name, [&] { return SinglePassSketch<T>(*state, options); });
    require_same_stream(cols, stream.cols(), settings, stream.sizes().range, name);
    if (settings.seed && *settings.seed != stream.seed()) {
      throw InvalidArgument("--seed " + std::to_string(*settings.seed) +
                            " where the stream began with " + std::to_string(stream.seed()));
    }
    auto method = std::make_unique<Sketch<T>>(std::move(stream), settings);
    method->require_room(0);
    return method;
  }
  require_fit(cols, settings.sketch_rows, settings.rank);
  if (settings.sketch_rows > 0 && settings.sketch_rows < least_rows) {
    throw InvalidArgument("--sketch-rows " + std::to_string(settings.sketch_rows) +
                          "; --method sketch takes " + std::to_string(least_rows) + " at least");
  }
  options.seed = settings.seed.value_or(options.seed);
  require_stream_memory<T>(SinglePassSketch<T>::memory(0, cols, options, settings.wanted()), cols,
                           settings);
  return std::make_unique<Sketch<T>>(SinglePassSketch<T>(0, cols, options), settings);
}

#define ECKART_INSTANTIATE(T)                               \
  template std::unique_ptr<StreamMethod<T>> open_sketch<T>( \
      Index, const StreamSettings&, const StreamState*, const std::string&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::cli
