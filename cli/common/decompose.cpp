#include "common/decompose.hpp"

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

}  // namespace eckart::cli
