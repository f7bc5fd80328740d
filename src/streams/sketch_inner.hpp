#pragma once

// What a SinglePassSketch is: four sketches, and the units they are in. The heads of single_pass_sketch.cpp and sketch_lines.cpp have the steps.

#include <algorithm>
#include <cmath>

#include <eckart/execution.hpp>
#include <eckart/single_pass_sketch.hpp>

#include "streams/long_sketch.hpp"
#include "streams/test_vectors.hpp"

namespace eckart {

template <Scalar T>
struct SinglePassSketch<T>::Inner {
  Inner(Index m, Index n, const SketchOptions& given);

  [[nodiscard]] Index rows() const noexcept { return y.count(); }
  [[nodiscard]] Index cols() const noexcept { return x.count(); }
  [[nodiscard]] Execution execution() const {
    return {.threads = options.threads, .stop = options.stop, .progress = {}};
  }
  void grow(Index m, Index n);

  /// Something whose largest part is 2^-binary times one in [1/2, 1) fits into the units.
  [[nodiscard]] bool fits(std::int64_t binary) const noexcept;
  /// Makes room in the units for such a thing.
  void fit(std::int64_t binary) noexcept;
  /// All sketches times 2^shift.
  void shift(std::int64_t by) noexcept;
  /// Counts something of that length in units of 2^-binary, which took `terms` additions of every sum at the most.
  void count(std::int64_t binary, double length, Index terms) noexcept;

  /// Lines, b x n: rows first, first + 1, ... of A, or, turned, its columns; they are finite. A grows where they are not there yet.
  void add_lines(bool are_rows, Index first, MatrixView<const T> lines);
  void add_core_line(bool is_row, streams::SignedPlace p, const W* line) noexcept;
  /// Something was added to those rows, or columns, first ... behind - 1, all of them as long as the other side is.
  void meet(bool are_rows, Index first, Index behind) noexcept;

  SketchOptions options;
  streams::LongSketch<W> x;  // X^T, r' x n: a column of X is one of it
  streams::LongSketch<W> y;  // Y^T, r' x m: a row of Y is a column of it
  streams::LongSketch<W> w;  // W, q x n
  Matrix<W> z;               // Z^T, s x s
  // A = weight 2^-exponent (what the sketches are of), weight in [1/2, 1].
  std::int64_t exponent = 0;
  double weight = 1;
  double came =
      0;  // the squares of the lengths of all updates, summed, in the units of the sketches; 0: all are empty
  double terms = 0;  // additions of a sum, at the most
  // Nothing was ever added where something had been: `came` is ||A||_F^2 then. Nothing is beyond the first rows_met x cols_met.
  bool disjoint = true;
  Index rows_met = 0, cols_met = 0;
  streams::SignTable of_rows, of_cols;
};

namespace streams {

/// Throws InvalidArgument for options that make no sense; fills in what is 0.
template <Scalar T>
[[nodiscard]] SketchOptions completed(SketchOptions options);

/// 2^exponent x, whatever the exponent.
[[nodiscard]] inline double times_power(double x, std::int64_t exponent) noexcept {
  constexpr std::int64_t most = 5000;
  return std::ldexp(x, static_cast<int>(std::clamp(exponent, -most, most)));
}

}  // namespace streams
}  // namespace eckart
