#include "report/json.hpp"

#include <cmath>

#include <eckart/thresholds.hpp>

namespace eckart::report {

namespace {

using Json = nlohmann::ordered_json;

Json audit_json(const AuditReport& audit, bool has_u, bool has_v) {
  return {{"residual", json_number(audit.residual)},
          {"orthogonality_u", has_u ? json_number(audit.orthogonality_u) : Json(nullptr)},
          {"orthogonality_v", has_v ? json_number(audit.orthogonality_v) : Json(nullptr)},
          {"norm", json_number(audit.norm)},
          {"sorted", audit.sorted},
          {"counts_agree", has_u || has_v ? Json(nullptr) : Json(audit.counts_agree)},
          {"fooled", json_number(audit.fooled)},
          {"passed", audit.passed}};
}

}  // namespace

Json json_number(std::optional<double> value) {
  return value && std::isfinite(*value) ? Json(*value) : Json(nullptr);
}

Json json_stages(const std::vector<StageTime>& stages) {
  Json list = Json::array();
  for (const StageTime& stage : stages) {
    list.push_back({{"stage", stage.stage}, {"seconds", json_number(stage.seconds)}});
  }
  return list;
}

Json to_json(const SpectrumReport& r) {
  Json json;
  json["schema"] = svd_schema;
  json["file"] = r.file.empty() ? Json(nullptr) : Json(r.file);
  json["shape"] = {r.rows, r.cols};
  json["dtype"] = r.dtype;
  json["values"] = Json::array();
  for (const double value : r.values) {
    json["values"].push_back(json_number(value));
  }
  json["kept"] = r.kept > 0 ? r.kept : static_cast<Index>(r.values.size());
  json["rank"] = r.rank.rank;
  json["rank_threshold"] = json_number(r.rank.threshold);
  json["rank_near_threshold"] = r.rank.near_threshold;

  const std::optional<double> condition = log10_condition(r.values);
  json["condition"] = condition ? json_number(r.values.front() / r.values.back()) : Json(nullptr);
  const Spectrum spectrum = spectrum_of(r);
  for (const auto& [name, share] : {std::pair{"0.9", 0.9}, {"0.99", 0.99}, {"0.999", 0.999}}) {
    json["energy_rank"][name] = energy_rank(spectrum, share);
  }

  const Json audit = audit_json(r.audit, r.has_u, r.has_v);
  json["residual"] = audit["residual"];
  json["orthogonality_u"] = audit["orthogonality_u"];
  json["orthogonality_v"] = audit["orthogonality_v"];
  json["path"] = r.path;
  json["threads"] = r.threads;
  json["seconds"] = json_number(r.seconds);
  json["stages"] = json_stages(r.stages);
  json["attempts"] = Json::array();
  for (const AttemptFacts& attempt : r.attempts) {
    json["attempts"].push_back(
        {{"driver", attempt.driver},
         {"converged", attempt.converged},
         {"audit", audit_json(attempt.audit, r.has_u, r.has_v)},
         {"failure", attempt.failure.empty() ? Json(nullptr) : Json(attempt.failure)}});
  }
  json["audit"] = audit;
  json["audit"]["threshold"] = json_number(r.audit_threshold);
  json["workspace_bytes"] = r.workspace_bytes;
  return json;
}

std::string to_text(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace eckart::report
