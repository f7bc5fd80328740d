#include "common/leading.hpp"

#include <algorithm>

#include <eckart/table_operator.hpp>

#include "blas/machine.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"

namespace eckart::cli {
namespace {

std::string shape_text(const io::Description& d) {
  return report::format_count(d.rows) + " x " + report::format_count(d.cols) + ", " +
         d.stored_type +
         (d.entries ? ", " + report::counted(*d.entries, "entry", "entries") + " at most"
                    : std::string()) +
         ", computed as " + d.computed_type;
}

/// Every method with what it would take.
std::string table_of(const TruncatedPlan& plan, double rate, const report::TerminalStyle& style) {
  report::Table table;
  table.add_column("method", report::Align::left);
  for (const char* heading : {"time", "memory", "flops", "readings of A"}) {
    table.add_column(heading);
  }
  std::string obstacles;
  for (const MethodEstimate& e : plan.estimates) {
    if (e.obstacle == Obstacle::none) {
      table.add_row({to_string(e.method), report::format_seconds(e.product_flops / rate),
                     report::format_bytes(e.memory.bytes()), report::format_number(e.flops, 3),
                     report::format_number(e.passes, 3)});
    } else {
      obstacles += std::string(to_string(e.method)) + " cannot: " + e.obstacle_text + "\n";
    }
  }
  return table.text(style) + obstacles;
}

nlohmann::ordered_json json_of(const MethodEstimate& e, double rate) {
  const bool possible = e.obstacle == Obstacle::none;
  return {{"method", to_string(e.method)},
          {"possible", possible},
          {"obstacle",
           possible ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(e.obstacle_text)},
          {"flops", e.flops},
          {"passes", e.passes},
          {"memory_bytes", e.memory.bytes()},
          {"seconds", e.product_flops / rate}};
}

}  // namespace

ExitCode show_truncated_forecast(const Console& console, const DecompositionOptions& command,
                                 const TruncationOptions& truncation, const MatrixSource& source) {
  const io::Description d = source.describe();
  const std::uint64_t limit = memory_limit(command.numerical.max_memory);
  const bool in_file = stays_in_file(source, limit);
  with_type(element_type_of(d.computed_type), [&]<Scalar T>() {
    const MemoryPlan input = in_file ? file_memory(source, limit) : input_memory<T>(d);
    const Operator<T> a = in_file ? outlined_file<T>(source, limit) : outlined<T>(d);
    const TruncatedOptions options = truncated_options(
        truncation, command.numerical, console, limit > input.bytes() ? limit - input.bytes() : 1);
    const int threads =
        Execution{.threads = options.threads, .stop = {}, .progress = {}}.thread_count();
    const TruncatedPlan plan = plan_truncated_svd<T>(a, rule_of(truncation), options);
    const double rate = blas::measured_gemm_rate<T>(threads);
    MethodEstimate chosen;
    if (const MethodEstimate* const known = plan.estimate(plan.method)) {
      chosen = *known;
    }
    const std::uint64_t bytes = input.bytes() + chosen.memory.bytes();
    const bool fits = bytes <= limit && chosen.obstacle == Obstacle::none;
    const std::string triplets =
        report::format_count(plan.target) +
        (plan.most > plan.target ? " at first, more as the rules need them: figures are for these"
                                 : std::string());
    std::vector<report::Fact> facts = {
        {"input", shown_name(command.input.path) + ", " + shape_text(d)},
        {"triplets", triplets},
        {"method", to_string(plan.method)},
        {"because", plan.reason},
        {"memory", report::format_bytes(bytes) + " at the peak, " +
                       report::format_bytes(input.bytes()) + " of it the input; " +
                       report::format_bytes(limit) +
                       (command.numerical.max_memory != 0 ? " are allowed" : " are there") +
                       (fits ? "" : ": does not fit")},
        {"GEMM", report::format_number(rate / 1e9, 3) + " Gflop/s, measured, " +
                     report::counted(threads, "thread", "threads")},
        {"time", "about " + report::format_seconds(chosen.product_flops / rate) +
                     "; it depends on how the values fall off"},
    };
    const bool has_numbers = in_file && source.is_table_in_file();
    const std::string folder = folder_for_numbers(source, command.output.path);
    if (has_numbers) {
      facts.push_back({"on disk", report::format_bytes(table_bytes(d)) + " in " + folder +
                                      " for the numbers of the table, until the run ends"});
    }
    nlohmann::ordered_json methods = nlohmann::ordered_json::array();
    for (const MethodEstimate& e : plan.estimates) {
      methods.push_back(json_of(e, rate));
    }
    print_outcome(console, command.output,
                  report::fact_list(facts, console.style()) + "\n" +
                      table_of(plan, rate, console.style()) + "\n" + chosen.memory.to_string() +
                      "\n",
                  {{"schema", "eckart.forecast/1"},
                   {"file", shown_name(command.input.path)},
                   {"shape", {d.rows, d.cols}},
                   {"dtype", d.computed_type},
                   {"matrices", 1},
                   {"flops", chosen.flops},
                   {"memory_bytes", bytes},
                   {"memory_limit", limit},
                   {"disk_bytes", has_numbers ? table_bytes(d) : 0},
                   {"fits", fits},
                   {"gemm_flops", rate},
                   {"threads", threads},
                   {"seconds", chosen.product_flops / rate},
                   {"triplets", plan.target},
                   {"method", to_string(plan.method)},
                   {"reason", plan.reason},
                   {"methods", methods}});
  });
  return ExitCode::ok;
}

void narrate(const Console& console, const TruncatedReport& report) {
  for (const StageTime& stage : report.stages) {
    console.detail("  " + stage.stage + ": " + report::format_seconds(stage.seconds));
  }
  console.detail("workspace: " + report::format_bytes(report.workspace_bytes) + ", " +
                 report::counted(report.threads, "thread", "threads"));
}

void note_unsaved(const Console& console, const TruncationOptions& truncation,
                  TruncatedMethod method) {
  if (!truncation.checkpoint.empty() && method != TruncatedMethod::lanczos) {
    console.note("eckart: note: nothing is saved in " + truncation.checkpoint + ": the method is " +
                 to_string(method) + "; --method lanczos is one that can be left");
  }
}

std::uint64_t memory_beside(const MemoryPlan& input, std::uint64_t max_memory) {
  require_memory(input, max_memory, "the input alone takes it");
  return std::max<std::uint64_t>(memory_limit(max_memory) - input.bytes(), 1);
}

void require_possible(const TruncatedPlan& plan, bool sparse) {
  const MethodEstimate* const chosen = plan.estimate(plan.method);
  if (chosen == nullptr || chosen->obstacle == Obstacle::none) {
    return;
  }
  const MethodEstimate& e = *chosen;
  std::string text = std::string("method ") + to_string(plan.method) + ": " + e.obstacle_text;
  if (e.obstacle == Obstacle::memory) {
    text += " beside the input";
  }
  if (plan.is_only_way) {
    text += "; " + plan.reason;
  }
  if (e.obstacle == Obstacle::unfit) {
    throw InvalidArgument(
        text + "; use --method dense" +
        (plan.method == TruncatedMethod::shift_invert ? "" : " or fewer triplets"));
  }
  text += "; ask for fewer triplets";
  if (!sparse) {
    text += ", allow more with --max-memory, or let eckart stream read the matrix row by row";
  }
  throw Error(ErrorKind::out_of_memory, text);
}

}  // namespace eckart::cli
