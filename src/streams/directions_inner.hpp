#pragma once

// What a FrequentDirections is, and the small decomposition that its shrinkages and its results have in common.

#include <algorithm>
#include <span>

#include <eckart/frequent_directions.hpp>
#include <eckart/svd.hpp>

#include "core/sums.hpp"
#include "streams/rounding.hpp"

namespace eckart {
namespace streams {

/// Fills in what is 0. Throws InvalidArgument for what makes no sense.
[[nodiscard]] FrequentDirectionsOptions completed(Index cols, FrequentDirectionsOptions options);

/// Values, and so many leading right vectors.
[[nodiscard]] inline SvdOptions svd_options(Index leading, int threads,
                                            const std::stop_token& stop = {}) {
  return {.u = Vectors::none,
          .v = leading > 0 ? Vectors::thin : Vectors::none,
          .leading = leading,
          .threads = threads,
          .stop = stop};
}

/// Of m x n rows: their values, `leading` right vectors, and what it takes to find them.
template <class W>
MemoryPlan decomposition_memory(Index m, Index n, const SvdOptions& how) {
  return MemoryPlan::all_of("decomposition", {MemoryPlan::block<double>("values", std::min(m, n)),
                                              MemoryPlan::block<W>("right vectors", how.leading, n),
                                              svd_memory<W>(m, n, how)});
}

template <class W>
struct Decomposition {
  std::span<double> s;
  MatrixView<W> vh;  // leading x n, row-major
  double rounding;
};

/// Its views are of `work`, which holds decomposition_memory().
template <class W>
Decomposition<W> decompose(MatrixView<const W> m, Workspace& work, const SvdOptions& how) {
  const std::span<double> s = work.take<double>(std::min(m.rows(), m.cols()));
  const MatrixView<W> vh(work.take<W>(how.leading * m.cols()).data(), how.leading, m.cols(),
                         Layout::row_major);
  const SvdReport report = svd_into<W>(m, s, {}, how.leading > 0 ? vh : MatrixView<W>(), work, how);
  return {s, vh, rounding_of(report, s[0])};
}

}  // namespace streams

template <Scalar T>
struct FrequentDirections<T>::Inner {
  Inner(Index n, const FrequentDirectionsOptions& given)
      : cols(n),
        options(streams::completed(n, given)),
        buffer(
            Matrix<W>::uninitialized(options.sketch_rows + options.block, n, Layout::row_major)) {}

  [[nodiscard]] MatrixView<W> view() { return buffer.view(); }

  /// Calls put(first, place) for `count` rows that come, a piece at a time, `place` the rows of the buffer that are next. A piece that
  /// finds no room is put after step 2; what was put stays when that throws.
  template <class Put>
  void receive(Index count, const Put& put);
  void shrink();

  Index cols;
  FrequentDirectionsOptions options;
  Matrix<W> buffer;  // (l + b) x n, row-major; the first `filled` rows count
  Index filled = 0;
  Index rows = 0;
  core::SumOfSquares squares;    // ||A||_F^2
  core::SumOfSquares shrinkage;  // Delta
  double rounding = 0;
  Workspace work;
};

}  // namespace eckart
