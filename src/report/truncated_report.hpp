#pragma once

// What a truncated decomposition is reported as: the leading triplets of a matrix whose other values nobody computed.
//
// TruncatedFacts is a plain value, as SpectrumReport is of a whole decomposition. Nothing that needs the other values is said: no
// rank, no condition, no tail of a spectrum. What is said of them is a bound, and stands as one. Energies and errors are there where
// ||A||_F is known.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <eckart/truncated_svd.hpp>

#include "report/spectrum_report.hpp"
#include "report/terminal.hpp"

namespace eckart::report {

struct TruncatedFacts {
  std::string file;   // as the user named it
  std::string dtype;  // "float32", "float64", "complex64", "complex128"
  std::string
      rule;  // that decided, as the user spelled it: "--energy"; empty: in the library's words
  std::vector<double> values;
  TruncatedReport report;  // its residuals are one a value

  std::vector<VectorPair> vectors;        // of the first triplets; for the page
  bool vectors_are_moduli = false;        // complex matrix: |u_i|, |v_i|
  std::vector<std::string> column_names;  // of a table: none or n of them
};

/// The facts without file, dtype and vectors, which the caller adds.
template <Scalar T>
[[nodiscard]] TruncatedFacts from_truncated(const TruncatedSvd<T>& d) {
  TruncatedFacts facts;
  facts.values.assign(d.s.begin(), d.s.end());
  facts.report = d.report;
  return facts;
}

inline constexpr const char* truncated_schema = "eckart.truncated/1";

/// schema, file, shape [m, n], dtype, operator, which, values, kept, bound_by, shortfall, converged, within_tolerance, tolerance, residuals,
/// method, reason, frobenius_norm, norm_at_most, left_out, left_out_at_most, energy, next_value, next_at_most, failure_probability,
/// orthogonality_u, orthogonality_v, block, basis, restarts, products, threads, seconds, stages, workspace_bytes. What is not known is
/// null. Where not the largest values were asked for also target (of `nearest`), found_by, certified, certified_from, certified_to, certainty,
/// largest_value, solves.
[[nodiscard]] nlohmann::ordered_json to_json(const TruncatedFacts& facts);

/// What `eckart svd -k` prints: the values with their residuals, what bound, what is left out, and a plot of what is known.
[[nodiscard]] std::string summary(const TruncatedFacts& facts, const TerminalStyle& style,
                                  int rows = 20);

/// The page.
[[nodiscard]] std::string to_html(const TruncatedFacts& facts);

/// "the largest", "the smallest", "those nearest to 0.5": with what is to come before and after.
[[nodiscard]] std::string which_in_words(const TruncatedFacts& facts);

/// The share of ||A||_F^2 that the first i values hold, i = 1 ... k; empty where ||A||_F is not known, or 0, or they are not the largest.
[[nodiscard]] std::vector<double> energy_up_to(const TruncatedFacts& facts);

/// The largest residual over its value; of a value of 0 nothing is asked.
[[nodiscard]] double largest_relative_residual(const TruncatedFacts& facts);

/// ", but with probability 1e-06" where a bound may be wrong; else empty.
[[nodiscard]] std::string doubt_in_words(const TruncatedFacts& facts);

/// "bound by --energy", "all there are", "no rule was decided".
[[nodiscard]] std::string bound_in_words(const TruncatedFacts& facts);

}  // namespace eckart::report
