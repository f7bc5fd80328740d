#pragma once

// The JSON object of a decomposition, schema "eckart.svd/1".
//
//   schema, file, shape [m, n], dtype, values, kept, rank, rank_threshold, rank_near_threshold,
//   condition, energy_rank
//   {"0.9", "0.99", "0.999"}, residual, orthogonality_u, orthogonality_v, path, threads, seconds,
//   stages [{stage, seconds}], attempts [{driver, converged, audit, failure}], audit {residual,
//   orthogonality_u, orthogonality_v, norm, sorted, counts_agree, fooled, threshold, passed}, workspace_bytes
//
// Numbers carry as many digits as bring back the same double. JSON has neither infinity nor NaN:
// the condition of a singular matrix or one beyond 1e308, and the figures of a factor that was not
// computed are null. Fields may be added to a schema version, never removed or changed in meaning.

#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "report/spectrum_report.hpp"

namespace eckart::report {

inline constexpr const char* svd_schema = "eckart.svd/1";

[[nodiscard]] nlohmann::ordered_json to_json(const SpectrumReport& report);

/// A number, or null for what JSON cannot write or what is not known.
[[nodiscard]] nlohmann::ordered_json json_number(std::optional<double> value);

/// [{stage, seconds}].
[[nodiscard]] nlohmann::ordered_json json_stages(const std::vector<StageTime>& stages);

/// Text of a JSON value: bytes of file names that are not UTF-8 become U+FFFD. `indent` < 0: one
/// line.
[[nodiscard]] std::string to_text(const nlohmann::ordered_json& json, int indent = 2);

}  // namespace eckart::report
