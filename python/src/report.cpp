#include "report.hpp"

#include <algorithm>
#include <utility>

#include "bindings.hpp"

namespace eckart::python {
namespace {

void take_worse(AuditReport& worst, const AuditReport& other) {
  worst.residual = std::max(worst.residual, other.residual);
  worst.orthogonality_u = std::max(worst.orthogonality_u, other.orthogonality_u);
  worst.orthogonality_v = std::max(worst.orthogonality_v, other.orthogonality_v);
  worst.norm = std::max(worst.norm, other.norm);
  worst.fooled = std::max(worst.fooled, other.fooled);
  worst.sorted = worst.sorted && other.sorted;
  worst.counts_agree = worst.counts_agree && other.counts_agree;
  worst.passed = worst.passed && other.passed;
}

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

void Report::add(SvdReport&& report) {
  if (matrices_ == 0) {
    worst_ = report.audit;
  } else {
    take_worse(worst_, report.audit);
  }
  ++matrices_;
  ++by_driver_[static_cast<std::size_t>(report.driver)];
  climbed_ += report.attempts.size() > 1;
  seconds_ += report.seconds;
  last_ = std::move(report);
}

void Report::add(const Report& other) {
  if (matrices_ == 0) {
    *this = other;
    return;
  }
  take_worse(worst_, other.worst_);
  matrices_ += other.matrices_;
  climbed_ += other.climbed_;
  seconds_ += other.seconds_;
  std::transform(by_driver_.begin(), by_driver_.end(), other.by_driver_.begin(), by_driver_.begin(),
                 std::plus<>());
  last_ = other.last_;
}

nb::dict Report::facts() const {
  nb::dict facts, stages, drivers;
  for (const StageTime& stage : last_.stages) {
    const nb::str name(stage.stage.c_str());
    stages[name] = stage.seconds + (stages.contains(name) ? nb::cast<double>(stages[name]) : 0.0);
  }
  for (std::size_t d = 0; d < by_driver_.size(); ++d) {
    if (by_driver_[d] > 0) {
      drivers[to_string(static_cast<Driver>(d))] = by_driver_[d];
    }
  }
  facts["rows"] = last_.rows;
  facts["cols"] = last_.cols;
  facts["matrices"] = matrices_;
  facts["driver"] = to_string(last_.driver);
  facts["drivers"] = drivers;
  facts["climbed"] = climbed_;
  facts["path"] = last_.path().c_str();
  facts["attempts"] = facts_of(last_.attempts);
  facts["audit"] = facts_of(worst_);
  facts["scale_exponent"] = last_.scale_exponent;
  facts["transposed"] = last_.transposed;
  facts["qr_first"] = last_.qr_first;
  facts["qr_method"] = last_.qr_method.c_str();
  facts["two_stage"] = last_.two_stage;
  facts["stages"] = stages;
  facts["seconds"] = seconds_;
  facts["values_alone"] = last_.values_alone;
  facts["workspace_bytes"] = last_.workspace_bytes;
  facts["threads"] = last_.threads;
  return facts;
}

void bind_report(nb::module_& m) {
  nb::class_<Report>(m, "Report").def("facts", &Report::facts);
}

}  // namespace eckart::python
