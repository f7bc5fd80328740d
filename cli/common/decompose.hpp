#pragma once

// The way of every verb that decomposes: plan the memory, compute, name the file of a bad entry.

#include <eckart/svd.hpp>

#include "common/forecast.hpp"
#include "common/matrix_input.hpp"

namespace eckart::cli {

/// Stages, path and audit to standard error under --verbose.
void narrate(const Console& console, const SvdReport& report);

/// Singular values without vectors.
inline constexpr Needs values_alone{
    .u = Vectors::none, .v = Vectors::none, .result_entries = 0, .result = "result"};

/// What every verb of one matrix does first: reads it, and calls body(matrix, description) for its type; or, under --dry-run,
/// prints the forecast of `needs(rows, columns)`.
template <class Body>
ExitCode with_matrix(const Console& console, const InputOptions& input,
                     const NumericalOptions& numerical, const OutputOptions& output,
                     const std::function<Needs(Index, Index)>& needs, Body&& body) {
  check_output(output);
  if (numerical.dry_run) {
    return show_forecast(console, input, numerical, output, needs);
  }
  const io::MatrixFile file = read_input(input, numerical.max_memory);
  return std::visit([&](const auto& a) { return body(a, file.description); }, file.matrix);
}

/// The SVD of a matrix that was read from `input`, with the vectors that `needs` names. Throws OutOfMemory before anything is
/// allocated when the plan exceeds the limit.
template <Scalar T>
[[nodiscard]] Svd<T> decompose(const Console& console, const InputOptions& input,
                               const Matrix<T>& a, const Needs& needs,
                               const NumericalOptions& numerical) {
  const auto compute = [&] {
    SvdOptions options = svd_options(numerical, console);
    require_memory(forecast<T>(a.rows(), a.cols(), needs, options).memory, numerical.max_memory);
    options.u = needs.u;
    options.v = needs.v;
    return svd<T>(a, options);
  };  // the progress line ends with the options, before anything else is printed
  Svd<T> d = naming_bad_entries(input, a, compute);
  narrate(console, d.report);
  return d;
}

}  // namespace eckart::cli
