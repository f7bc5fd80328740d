#include "common/decompose.hpp"

#include <algorithm>

#include "report/text.hpp"

namespace eckart::cli {

void narrate(const Console& console, const SvdReport& report) {
  console.detail("path: " + report.path());
  for (const StageTime& stage : report.stages) {
    console.detail("  " + stage.stage + ": " + report::format_seconds(stage.seconds));
  }
  for (const Attempt& attempt : report.attempts) {
    if (!attempt.failure.empty()) {
      console.detail("  " + std::string(to_string(attempt.driver)) + " failed: " + attempt.failure);
    }
  }
  console.detail("workspace: " + report::format_bytes(report.workspace_bytes) + ", " +
                 report::counted(report.threads, "thread", "threads"));
}

Needs values_alone() {
  return {.u = Vectors::none, .v = Vectors::none, .written = {{"S"}}};
}

void require_rank(Index k, Index rows, Index cols) {
  if (k > std::min(rows, cols)) {
    throw InvalidArgument("-k " + std::to_string(k) + " exceeds the " +
                          std::to_string(std::min(rows, cols)) + " singular values of a " +
                          std::to_string(rows) + " x " + std::to_string(cols) + " matrix");
  }
}

MatrixSource open_input(const DecompositionOptions& options, const Needs& needs) {
  check_output(options.output, needs.written);
  MatrixSource source(options.input, options.numerical.max_memory);
  require_applicable(*options.input.verb, {{source.name(), source.format()}});
  return source;
}

}  // namespace eckart::cli
