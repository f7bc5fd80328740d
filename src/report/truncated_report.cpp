// The facts of a truncated decomposition as JSON, and what follows from them.

#include "report/truncated_report.hpp"

#include <algorithm>
#include <cmath>

#include "report/json.hpp"
#include "report/text.hpp"

namespace eckart::report {

namespace {

using Json = nlohmann::ordered_json;

Json text(const std::string& words) {
  return words.empty() ? Json(nullptr) : Json(words);
}

}  // namespace

std::vector<double> energy_up_to(const TruncatedFacts& facts) {
  const bool leading = facts.report.which == Which::largest;
  const double norm = leading ? facts.report.frobenius_norm.value_or(0) : 0;
  std::vector<double> energy;
  double sum = 0;
  for (std::size_t i = 0; norm > 0 && i < facts.values.size(); ++i) {
    sum += (facts.values[i] / norm) * (facts.values[i] / norm);
    energy.push_back(std::min(sum, 1.0));
  }
  return energy;
}

std::string which_in_words(const TruncatedFacts& facts) {
  const TruncatedReport& r = facts.report;
  return r.which == Which::nearest ? "nearest to " + format_number(r.target, 6)
                                   : to_string(r.which);
}

double largest_relative_residual(const TruncatedFacts& facts) {
  double largest = 0;
  for (std::size_t i = 0; i < facts.values.size(); ++i) {
    if (facts.values[i] > 0) {
      largest = std::max(largest, facts.report.residuals[i] / facts.values[i]);
    }
  }
  return largest;
}

std::string doubt_in_words(const TruncatedFacts& facts) {
  const double failure = facts.report.failure_probability;
  return failure > 0 ? ", but with probability " + format_number(failure, 2) : "";
}

std::string bound_in_words(const TruncatedFacts& facts) {
  const std::string& rule = facts.report.bound_by;
  return rule.empty()    ? "no rule was decided"
         : rule == "all" ? "all there are"
                         : "bound by " + (facts.rule.empty() ? "the " + rule : facts.rule);
}

Json to_json(const TruncatedFacts& facts) {
  const TruncatedReport& r = facts.report;
  Json json;
  json["schema"] = truncated_schema;
  json["file"] = text(facts.file);
  json["shape"] = {r.rows, r.cols};
  json["dtype"] = facts.dtype;
  json["operator"] = r.operator_description;
  json["which"] = to_string(r.which);
  if (r.which == Which::nearest) {
    json["target"] = json_number(r.target);
  }
  json["values"] = Json::array();
  json["residuals"] = Json::array();
  for (std::size_t i = 0; i < facts.values.size(); ++i) {
    json["values"].push_back(json_number(facts.values[i]));
    json["residuals"].push_back(json_number(r.residuals[i]));
  }
  json["kept"] = facts.values.size();
  json["bound_by"] = text(r.bound_by);
  if (r.threshold) {
    json["noise"] = json_number(r.noise);
    json["threshold"] = json_number(r.threshold);
  }
  json["shortfall"] = text(r.shortfall);
  json["converged"] = r.converged;
  json["within_tolerance"] = r.within_tolerance;
  json["tolerance"] = r.tolerance;
  json["method"] = to_string(r.method);
  json["reason"] = text(r.reason);
  json["frobenius_norm"] = json_number(r.frobenius_norm);
  json["norm_at_most"] = json_number(r.norm_at_most);
  json["left_out"] = json_number(r.left_out);
  json["left_out_at_most"] = json_number(r.left_out_at_most);
  const std::vector<double> energy = energy_up_to(facts);
  json["energy"] = energy.empty() ? Json(nullptr) : Json(energy.back());
  if (r.which != Which::largest) {
    json["found_by"] = r.found_by;
    json["certified"] = r.certified;
    json["certified_from"] = r.certified ? json_number(r.certified_from) : Json(nullptr);
    json["certified_to"] = r.certified ? json_number(r.certified_to) : Json(nullptr);
    json["certainty"] = r.certainty;
    json["largest_value"] = json_number(r.largest_value);
    json["solves"] = r.solves;
  }
  json["next_value"] = json_number(r.next_value);
  json["next_at_most"] = json_number(r.next_at_most);
  json["failure_probability"] = json_number(r.failure_probability);
  json["orthogonality_u"] = json_number(r.orthogonality_u);
  json["orthogonality_v"] = json_number(r.orthogonality_v);
  json["block"] = r.block;
  json["basis"] = r.basis;
  json["restarts"] = r.restarts;
  json["products"] = r.products;
  json["threads"] = r.threads;
  json["seconds"] = json_number(r.seconds);
  json["stages"] = json_stages(r.stages);
  json["workspace_bytes"] = r.workspace_bytes;
  return json;
}

}  // namespace eckart::report
