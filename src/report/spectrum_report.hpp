#pragma once

// What a decomposition is reported as, and the page that shows it.
//
// SpectrumReport is a plain value that the terminal (terminal.hpp), the JSON (json.hpp) and the
// page below are all made from, so the three never disagree. It holds no matrix. What follows from
// the singular values alone, such as energy and errors of rank-k approximations, is not passed in:
// the analysis room says it of spectrum_of(report).
//
// The page is one HTML file: no scripts but a few lines of its own, no fonts, no requests, which
// its own Content-Security-Policy forbids. All text that came from a file is escaped.
//
// Cost: O(k) for k values; the page holds at most `table_limit` rows of the table and a bounded
// number of points per chart, so its size does not grow with the matrix: below 1 MB besides the
// images.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <eckart/spectrum.hpp>
#include <eckart/svd.hpp>
#include <eckart/types.hpp>

namespace eckart::report {

/// What the rank rule found: values above `threshold` count.
struct RankFacts {
  Index rank = 0;
  double threshold = 0;      // max(atol, rtol * s_1)
  double rtol = 0;           // max(m, n) * eps unless the user chose
  double atol = 0;           // 0 unless the user chose
  Index near_threshold = 0;  // values within a factor 10 of the threshold, on either side
};

/// One rung of the ladder that was tried; see eckart::Attempt.
struct AttemptFacts {
  std::string driver;
  bool converged = true;
  AuditReport audit;
  std::string failure;  // empty when it passed
};

/// One singular triplet's vectors. Either may be empty.
struct VectorPair {
  std::vector<double> left;   // m entries of u_i
  std::vector<double> right;  // n entries of v_i
};

/// A rank-k approximation of an image.
struct Approximation {
  Index k = 0;
  std::vector<std::uint8_t> png;
};

struct SpectrumReport {
  std::string title;  // the page's headline; empty: the file's name
  std::string file;   // as the user named it; empty when there is none
  Index rows = 0, cols = 0;
  std::string dtype;           // "float32", "float64", "complex64", "complex128"
  std::vector<double> values;  // all min(m, n) singular values, descending
  Index kept = 0;              // triplets that were written out (-k); 0: all
  RankFacts rank;

  AuditReport audit;            // of the result returned
  double audit_threshold = 10;  // a figure above it fails
  bool has_u = false;           // whether U was computed; figures of absent factors are not shown
  bool has_v = false;
  std::vector<AttemptFacts> attempts;
  std::string path;  // SvdReport::path()
  std::vector<StageTime> stages;
  double seconds = 0;
  int threads = 1;
  std::uint64_t workspace_bytes = 0;

  std::vector<VectorPair> vectors;        // of the first triplets, in order; for the page
  bool vectors_are_moduli = false;        // complex matrix: |u_i|, |v_i|
  std::vector<std::string> column_names;  // of a table, for the right vectors: none or n of them

  std::vector<std::uint8_t> original_png;     // images alone
  std::vector<Approximation> approximations;  // k ascending
};

/// The report of a decomposition, without rank, title, file, dtype, vectors and images, which the
/// caller adds. `values` are widened to double exactly.
template <Scalar T>
[[nodiscard]] SpectrumReport from_svd(const Svd<T>& svd) {
  SpectrumReport r;
  r.rows = svd.report.rows;
  r.cols = svd.report.cols;
  r.values.assign(svd.s.begin(), svd.s.end());
  r.audit = svd.report.audit;
  r.has_u = svd.U.rows() > 0 && svd.U.cols() > 0;
  r.has_v = svd.Vh.rows() > 0 && svd.Vh.cols() > 0;
  for (const Attempt& attempt : svd.report.attempts) {
    r.attempts.push_back(
        {to_string(attempt.driver), attempt.converged, attempt.audit, attempt.failure});
  }
  r.path = svd.report.path();
  r.stages = svd.report.stages;
  r.seconds = svd.report.seconds;
  r.threads = svd.report.threads;
  r.workspace_bytes = svd.report.workspace_bytes;
  return r;
}

/// The values with their shape, for eckart/low_rank.hpp and eckart/thresholds.hpp. Throws
/// InvalidArgument when they are not min(rows, cols) finite, descending values.
[[nodiscard]] Spectrum spectrum_of(const SpectrumReport& report);

/// log10(s_1 / s_min), which does not overflow where the condition number does; infinite for a
/// singular matrix, nothing for an empty or zero one.
[[nodiscard]] std::optional<double> log10_condition(std::span<const double> values);

/// Rows of the table of values that the page holds at most; it says how many it leaves out.
inline constexpr std::size_t table_limit = 2000;

/// The page.
[[nodiscard]] std::string to_html(const SpectrumReport& report);

}  // namespace eckart::report
