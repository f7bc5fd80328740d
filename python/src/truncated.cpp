// truncated_svd(a, rules, ...) -> (U, s, Vh, facts): the leading triplets of an operator, and the report as the keyword arguments of
// eckart.TruncatedReport.

#include <cstdint>
#include <optional>

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>

#include <eckart/truncated_svd.hpp>

#include "bindings.hpp"
#include "operators.hpp"
#include "results.hpp"
#include "run.hpp"

namespace eckart::python {
namespace {

nb::object or_none(const std::optional<double>& x) {
  return x ? nb::cast(*x) : nb::none();
}

nb::dict facts_of(const TruncatedReport& report) {
  nb::dict facts, stages;
  nb::list residuals;
  for (const double r : report.residuals) {
    residuals.append(r);
  }
  for (const StageTime& stage : report.stages) {
    const nb::str name(stage.stage.c_str());
    stages[name] = stage.seconds + (stages.contains(name) ? nb::cast<double>(stages[name]) : 0.0);
  }
  facts["rows"] = report.rows;
  facts["cols"] = report.cols;
  facts["method"] = to_string(report.method);
  facts["reason"] = report.reason.c_str();
  facts["operator"] = report.operator_description.c_str();
  facts["which"] = to_string(report.which);
  facts["target"] = report.target;
  facts["found_by"] = report.found_by.c_str();
  facts["certified"] = report.certified;
  facts["certified_from"] = report.certified_from;
  facts["certified_to"] = report.certified_to;
  facts["certainty"] = report.certainty.c_str();
  facts["largest_value"] = report.largest_value;
  facts["solves"] = report.solves;
  facts["bound_by"] = report.bound_by.c_str();
  facts["noise"] = or_none(report.noise);
  facts["threshold"] = or_none(report.threshold);
  facts["converged"] = report.converged;
  facts["shortfall"] = report.shortfall.c_str();
  facts["residuals"] = residuals;
  facts["within_tolerance"] = report.within_tolerance;
  facts["tolerance"] = report.tolerance;
  facts["orthogonality_u"] = report.orthogonality_u;
  facts["orthogonality_v"] = report.orthogonality_v;
  facts["frobenius_norm"] = or_none(report.frobenius_norm);
  facts["left_out"] = or_none(report.left_out);
  facts["norm_at_most"] = or_none(report.norm_at_most);
  facts["left_out_at_most"] = or_none(report.left_out_at_most);
  facts["next_value"] = report.next_value;
  facts["next_at_most"] = or_none(report.next_at_most);
  facts["failure_probability"] = report.failure_probability;
  facts["block"] = report.block;
  facts["basis"] = report.basis;
  facts["one_sided"] = report.one_sided;
  facts["restarts"] = report.restarts;
  facts["products"] = report.products;
  facts["stages"] = stages;
  facts["seconds"] = report.seconds;
  facts["workspace_bytes"] = report.workspace_bytes;
  facts["threads"] = report.threads;
  return facts;
}

struct Rules {
  std::optional<Index> rank;
  std::optional<double> energy, relative_error, relative_spectral, error, spectral, noise;
  bool unknown_noise = false;
};

Truncation together(const Rules& rules) {
  Truncation all;
  const auto take = [&]<class X, class Make>(const std::optional<X>& x, const Make& make) {
    if (x) {
      all = all & make(*x);
    }
  };
  take(rules.rank, [](Index k) { return rank(k); });
  take(rules.energy, [](double share) { return energy(share); });
  take(rules.relative_error, [](double x) { return relative_error(x); });
  take(rules.relative_spectral, [](double x) { return relative_error(x, Norm::spectral); });
  take(rules.error, [](double x) { return absolute_error(x); });
  take(rules.spectral, [](double x) { return above(x); });
  take(rules.noise, [](double noise) { return hard_threshold(noise); });
  return rules.unknown_noise ? all & hard_threshold() : all;
}

nb::tuple truncated(const HeldOperator& a, const Rules& rules, int method, int which, double target,
                    double tolerance, Index block, Index basis, int restarts,
                    double failure_probability, std::uint64_t max_memory, int threads,
                    std::uint64_t seed, nb::handle progress) {
  const Truncation rule = together(rules);
  TruncatedOptions options = {.method = static_cast<TruncatedMethod>(method),
                              .which = static_cast<Which>(which),
                              .target = target,
                              .tolerance = tolerance,
                              .block = block,
                              .basis = basis,
                              .restarts = restarts,
                              .failure_probability = failure_probability,
                              .max_memory = max_memory,
                              .threads = threads,
                              .stop = {},
                              .progress = {},
                              .seed = seed};
  return std::visit(
      [&]<class T>(const Operator<T>& op) {
        const TruncatedPlan plan = plan_truncated_svd<T>(op, rule, options);
        const MethodEstimate* estimate = plan.estimate(plan.method);
        TruncatedSvd<T> top;
        run(threads, estimate != nullptr ? estimate->flops : 0.0, progress,
            [&](const Execution& execution) {
              options.threads = execution.threads;
              options.stop = execution.stop;
              options.progress = execution.progress;
              top = truncated_svd<T>(op, rule, options);
            });
        const nb::dict facts = facts_of(top.report);
        return nb::make_tuple(to_numpy(std::move(top.U)), to_numpy(std::move(top.s)),
                              to_numpy(std::move(top.Vh)), facts);
      },
      a.value);
}

}  // namespace

void bind_truncated(nb::module_& m) {
  using nb::literals::operator""_a;
  nb::class_<Rules>(m, "Rules")
      .def(nb::init<>())
      .def_rw("rank", &Rules::rank)
      .def_rw("energy", &Rules::energy)
      .def_rw("relative_error", &Rules::relative_error)
      .def_rw("relative_spectral", &Rules::relative_spectral)
      .def_rw("error", &Rules::error)
      .def_rw("spectral", &Rules::spectral)
      .def_rw("noise", &Rules::noise)
      .def_rw("unknown_noise", &Rules::unknown_noise);
  m.def("truncated_svd", &truncated, "a"_a, "rules"_a, "method"_a, "which"_a, "target"_a,
        "tolerance"_a, "block"_a, "basis"_a, "restarts"_a, "failure_probability"_a, "max_memory"_a,
        "threads"_a, "seed"_a, "progress"_a.none());
}

}  // namespace eckart::python
