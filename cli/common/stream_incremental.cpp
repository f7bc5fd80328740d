// How `eckart stream` uses the incremental decomposition: rows alone, appended, older ones forgotten where that is asked for. Left
// vectors, which grow with the rows, are kept on request.

#include <algorithm>

#include <eckart/incremental_svd.hpp>

#include "common/stream_method.hpp"

namespace eckart::cli {
namespace {

template <Scalar T>
class Incremental : public StreamMethod<T> {
 public:
  Incremental(IncrementalSvd<T>&& stream, Index kept, const StreamSettings& settings)
      : stream_(std::move(stream)), kept_(kept), settings_(settings) {}

  void append(MatrixView<const T> rows) override {
    require_room(rows.rows());
    if (!settings_.forget) {
      stream_.append_rows(rows);
      return;
    }
    require_finite<T>(rows, stream_.rows());
    IncrementalSvd<T> next(stream_);
    for (Index i = 0; i < rows.rows(); ++i) {
      next.forget(*settings_.forget);
      next.append_rows(rows.block(i, 0, 1, rows.cols()));
    }
    stream_ = std::move(next);
  }
  [[nodiscard]] Index rows() const noexcept override { return stream_.rows(); }
  [[nodiscard]] Index cols() const noexcept override { return stream_.cols(); }
  [[nodiscard]] StreamState state() const override { return stream_.state(); }

  [[nodiscard]] StreamResult<T> result(const std::stop_token&) const override {
    UpdatedSvd<T> d = stream_.result(settings_.wanted());
    return {
        .s = {d.s.begin(), d.s.end()},
        .at_least = d.at_least,
        .at_most = d.at_most,
        .U = std::move(d.U),
        .Vh = std::move(d.Vh),
        .frobenius_norm = {},
        .figures = {
            {"left_out", "left out, Frobenius", 0, d.left_out_at_most, but_for_rounding},
            {"left_out_spectral", "left out, spectral", 0, d.spectral_at_most, but_for_rounding},
            {"truncation", "truncation", 0, d.truncation, but_for_rounding},
            {"rounding", "rounding", 0, d.rounding, measured_by_probes}}};
  }

  /// Throws OutOfMemory where so many more rows do not fit.
  void require_room(Index more) const {
    // Without U the rows matter as far as there are fewer of them than columns.
    const Index n = stream_.cols(), m = settings_.with_u() ? std::max(stream_.rows() + more, n) : n;
    const IncrementalOptions options{.rank = kept_,
                                     .block = stream_.block(),
                                     .u = settings_.with_u() ? Vectors::thin : Vectors::none,
                                     .threads = settings_.threads};
    require_stream_memory<T>(
        MemoryPlan::all_of("incremental",
                           {IncrementalSvd<T>::memory(m, n, options),
                            MemoryPlan::block<typename IncrementalSvd<T>::W>(
                                "result or state", 2 * (n + (settings_.with_u() ? m : 0)),
                                kept_ + options.block)}),
        n, settings_);
  }

 private:
  IncrementalSvd<T> stream_;
  Index kept_;
  StreamSettings settings_;
};

}  // namespace

template <Scalar T>
std::unique_ptr<StreamMethod<T>> open_incremental(Index cols, const StreamSettings& settings,
                                                  const StreamState* state,
                                                  const std::string& name) {
  IncrementalOptions options{.rank = settings.sketch_rows,
                             .u = settings.with_u() ? Vectors::thin : Vectors::none,
                             .threads = settings.threads,
                             .stop = settings.stop};
  if (state != nullptr) {
    const auto [kept, with_u] = of_the_state(name, [&] {
      return std::pair(state->count("rank", 0, Index{1} << 40), state->count("with_u", 0, 1) == 1);
    });
    IncrementalSvd<T> stream =
        of_the_state(name, [&] { return IncrementalSvd<T>(*state, options); });
    require_same_stream(cols, stream.cols(), settings, kept, name);
    if (with_u != settings.with_u()) {
      throw InvalidArgument(name + (with_u ? " has left vectors: --u thin goes on with it"
                                           : " has no left vectors, which --u thin asks for; they "
                                             "are kept from the first row on, or never"));
    }
    auto method =
        std::make_unique<Incremental<T>>(std::move(stream), kept > 0 ? kept : cols, settings);
    method->require_room(0);
    return method;
  }
  require_fit(cols, settings.sketch_rows, settings.rank);
  if (options.rank == 0) {
    options.rank = std::min(cols, 2 * settings.wanted());
  }
  auto method =
      std::make_unique<Incremental<T>>(IncrementalSvd<T>(0, cols, options), options.rank, settings);
  method->require_room(0);
  return method;
}

#define ECKART_INSTANTIATE(T)                                    \
  template std::unique_ptr<StreamMethod<T>> open_incremental<T>( \
      Index, const StreamSettings&, const StreamState*, const std::string&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::cli
