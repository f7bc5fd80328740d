// What frequent directions say of the rows so far: intervals of values, and of what the leading vectors leave out.

#include <cmath>

#include <eckart/error.hpp>

#include "streams/directions_inner.hpp"
#include "streams/rows.hpp"

namespace eckart {

using streams::decomposition_memory;
using streams::svd_options;

template <Scalar T>
DirectionsOfRows<T> FrequentDirections<T>::result(Index k, const std::stop_token& stop) const {
  const Inner& in = *inner_;
  if (k < 0) {
    throw InvalidArgument("k = " + std::to_string(k) + " directions");
  }
  DirectionsOfRows<T> out;
  out.rows = in.rows;
  out.frobenius_norm = in.squares.norm();
  out.shrinkage = in.shrinkage.norm();
  out.rounding = in.rounding;
  const MatrixView<const W> m = sketch();
  const Index found = std::min(m.rows(), m.cols());
  k = std::min({k, found, in.options.sketch_rows});
  Workspace work;
  streams::Decomposition<W> d{{}, MatrixView<W>(nullptr, 0, in.cols, Layout::row_major), 0};
  if (found > 0) {
    const SvdOptions how = svd_options(k, in.options.threads, stop);
    work = Workspace(decomposition_memory<W>(m.rows(), m.cols(), how));
    d = streams::decompose<W>(m, work, how);
    out.rounding += d.rounding;
  }
  out.Vh = streams::narrowed<T>(d.vh, Layout::row_major);

  const double delta = out.shrinkage, error = out.rounding;
  double kept = 0, rest = 0;  // sums of squares, as shares of ||A||_F^2
  for (Index i = 0; i < found; ++i) {
    const double s = d.s[static_cast<std::size_t>(i)], share = s / out.frobenius_norm;
    (i < k ? kept : rest) += share * share;
    if (i < k) {
      out.at_least.push_back(std::max(0.0, s - error));
      out.at_most.push_back(std::hypot(s, delta) + error);
      out.s.push_back(std::min(std::hypot(s, delta * std::sqrt(0.5)), out.at_most.back()));
    }
  }
  const double next = k < found ? d.s[static_cast<std::size_t>(k)] : 0.0;
  // The vectors that are returned are rounded to T.
  const auto directions = static_cast<double>(k), n = static_cast<double>(in.cols);
  const double rounded = std::sqrt(directions) * out.frobenius_norm *
                         (std::same_as<Real<T>, double> ? 0.0 : double{epsilon<T>});
  out.spectral_at_least = std::max(0.0, next - error - rounded);
  out.spectral_at_most = std::hypot(next, delta) + error + rounded;
  if (out.frobenius_norm == 0) {
    return out;
  }
  // With P = I - V V^H, and A and D as in the head of this file,
  //   ||A P||_F^2 = ||B P||_F^2 + tr(P D P) = ||A||_F^2 - ||B V||_F^2 - tr(V^H D V),
  // where 0 <= D <= Delta I and tr D = ||A||_F^2 - ||B||_F^2: of each bound the better one. The first is the one for small rests.
  const double e = error / out.frobenius_norm, share = delta / out.frobenius_norm;
  const double slack =
      2 * e * std::sqrt(directions) + directions * e * e + (n + 32) * 16 * epsilon<double>;
  const double in_d = std::min(directions * share * share, std::max(0.0, 1 - kept - rest) + slack);
  const double most =
      std::min(std::sqrt(rest + (n - directions) * share * share) + std::sqrt(n) * e,
               std::sqrt(std::max(0.0, 1 - kept) + slack));
  const double least = std::max(std::sqrt(rest) - std::sqrt(n) * e,
                                std::sqrt(std::max(0.0, 1 - kept - in_d - slack)));
  out.left_out_at_most = out.frobenius_norm * most + rounded;
  out.left_out_at_least = std::max(0.0, out.frobenius_norm * least - rounded);
  return out;
}

#define ECKART_INSTANTIATE(T) \
  template DirectionsOfRows<T> FrequentDirections<T>::result(Index, const std::stop_token&) const;
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
