#include "report.hpp"

#include "bindings.hpp"

namespace eckart::python {
namespace {

nb::dict facts_of(const AuditReport& audit) {
  nb::dict facts;
  facts["residual"] = audit.residual;
  facts["orthogonality_u"] = audit.orthogonality_u;
  facts["orthogonality_v"] = audit.orthogonality_v;
  facts["norm"] = audit.norm;
  facts["sorted"] = audit.sorted;
  facts["counts_agree"] = audit.counts_agree;
  facts["fooled"] = audit.fooled;
  facts["passed"] = audit.passed;
  return facts;
}

nb::list facts_of(const std::vector<Attempt>& attempts) {
  nb::list list;
  for (const Attempt& attempt : attempts) {
    nb::dict facts;
    facts["driver"] = to_string(attempt.driver);
    facts["converged"] = attempt.converged;
    facts["audit"] = facts_of(attempt.audit);
    facts["failure"] = attempt.failure.c_str();
    list.append(facts);
  }
  return list;
}

}  // namespace

nb::dict Report::facts() const {
  const SvdReport& last = all_.last;
  nb::dict facts, stages, drivers;
  for (const StageTime& stage : last.stages) {
    const nb::str name(stage.stage.c_str());
    stages[name] = stage.seconds + (stages.contains(name) ? nb::cast<double>(stages[name]) : 0.0);
  }
  for (std::size_t d = 0; d < all_.by_driver.size(); ++d) {
    if (all_.by_driver[d] > 0) {
      drivers[to_string(static_cast<Driver>(d))] = all_.by_driver[d];
    }
  }
  facts["rows"] = last.rows;
  facts["cols"] = last.cols;
  facts["matrices"] = all_.matrices;
  facts["driver"] = to_string(last.driver);
  facts["drivers"] = drivers;
  facts["climbed"] = all_.climbed;
  facts["path"] = last.path().c_str();
  facts["attempts"] = facts_of(last.attempts);
  facts["audit"] = facts_of(all_.audit);
  facts["scale_exponent"] = last.scale_exponent;
  facts["transposed"] = last.transposed;
  facts["qr_first"] = last.qr_first;
  facts["qr_method"] = last.qr_method.c_str();
  facts["two_stage"] = last.two_stage;
  facts["stages"] = stages;
  facts["seconds"] = all_.seconds;
  facts["values_alone"] = last.values_alone;
  facts["workspace_bytes"] = last.workspace_bytes;
  facts["threads"] = last.threads;
  return facts;
}

void bind_report(nb::module_& m) {
  nb::class_<Report>(m, "Report").def("facts", &Report::facts);
}

}  // namespace eckart::python
