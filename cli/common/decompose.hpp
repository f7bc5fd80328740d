#pragma once

// The way of every verb that decomposes a matrix:
//
//   1. check what is to be written, open the input, check that the options about it apply
//   2. --dry-run ends here: the forecast, from the header
//   3. read the matrix; check its shape against the output's format
//   4. the verb's own part, which calls decompose() and writes and prints what it makes of the factors
//
// A verb tells what is its own: its options, what it needs, and step 4.

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <eckart/svd.hpp>

#include "common/applicable.hpp"
#include "common/forecast.hpp"
#include "common/matrix_input.hpp"
#include "verbs.hpp"

namespace eckart::cli {

/// Stages, path and audit to standard error under --verbose.
void narrate(const Console& console, const SvdReport& report);

/// What a verb needs that asks for singular values alone.
[[nodiscard]] Needs values_alone();

/// Throws InvalidArgument for a -k above the number of singular values.
void require_rank(Index k, Index rows, Index cols);

/// Step 1.
[[nodiscard]] MatrixSource open_input(const DecompositionOptions& options, const Needs& needs);

/// What step 4 has besides the matrix and the options.
struct Opened {
  const Console& console;
  const MatrixSource& source;
  const io::Description& description;
};

/// The SVD of a matrix that was read from `opened.source`, with the vectors that `needs` names. Throws OutOfMemory before
/// anything is allocated when the plan exceeds the limit.
template <Scalar T>
[[nodiscard]] Svd<T> decompose(const Opened& opened, const NumericalOptions& numerical,
                               const Matrix<T>& a, const Needs& needs) {
  const auto compute = [&] {
    SvdOptions options = svd_options(numerical, opened.console);
    require_memory(forecast<T>(a.rows(), a.cols(), needs, options).memory, numerical.max_memory,
                   needs.way_out);
    options.u = needs.u;
    options.v = needs.v;
    return svd<T>(a, options);
  };  // the progress line ends with the options, before anything else is printed
  Svd<T> d = naming_bad_entries(opened.source, a, compute);
  narrate(opened.console, d.report);
  return d;
}

/// Steps 2 to 4 for one matrix: `needs(rows, columns)` is what the verb needs, body(opened, matrix) is step 4.
template <class Body>
ExitCode with_matrix(const Console& console, const DecompositionOptions& options,
                     MatrixSource& source, const std::function<Needs(Index, Index)>& needs,
                     Body&& body) {
  if (options.numerical.dry_run) {
    const io::Description d = source.describe();
    return show_forecast(console, options, d, needs(d.rows, d.cols));
  }
  const io::MatrixFile file = source.read();
  note_channel(console, source.name(), options.input.reading.channel, file.description);
  return std::visit(
      [&]<Scalar T>(const Matrix<T>& a) {
        check_shapes(options.output, needs(a.rows(), a.cols()).written, ComplexScalar<T>);
        return body(Opened{console, source, file.description}, a);
      },
      file.matrix);
}

/// A verb of this way, with the options that all of them have. `options` derives from DecompositionOptions;
/// needs(options, rows, columns) and body(options, opened, matrix) are as above; check(options) throws for options that
/// contradict each other.
template <class Options, class NeedsOf, class Body>
Verb decomposing_verb(CLI::App* verb, const std::shared_ptr<Options>& options, NeedsOf needs,
                      Body body, void (*check)(const Options&) = nullptr) {
  add_decomposition_options(*verb, *options);
  return {verb, [options, needs, body, check] {
            const Console console(options->general);
            if (check != nullptr) {
              check(*options);
            }
            MatrixSource source = open_input(*options, needs(*options, 1, 1));
            return with_matrix(
                console, *options, source, [&](Index m, Index n) { return needs(*options, m, n); },
                [&](const Opened& opened, const auto& a) { return body(*options, opened, a); });
          }};
}

}  // namespace eckart::cli
