#include "common/forecast.hpp"

#include <algorithm>

#include "blas/machine.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"

namespace eckart::cli {
namespace {

// Shares of the product's rate, measured on square matrices of order 1000 and 2000 with one thread. The values cost the
// reduction to bidiagonal form, half of whose flops are matrix-vector products that wait for memory; the vectors are products, and
// deflation saves some of them.
constexpr double share_of_values = 0.3;
constexpr double share_of_vectors = 0.8;

Index columns_of_u(Vectors u, Index m, Index k) {
  return u == Vectors::none ? 0 : u == Vectors::thin ? k : m;
}

}  // namespace

SvdOptions options_for(const Needs& needs, SvdOptions options) {
  options.u = needs.u;
  options.v = needs.v;
  options.leading = needs.leading;
  return options;
}

template <Scalar T>
Forecast forecast(Index m, Index n, const Needs& needs, const SvdOptions& options) {
  const SvdOptions with_vectors = options_for(needs, options);
  SvdOptions values_only = options;
  values_only.u = Vectors::none;
  values_only.v = Vectors::none;
  const Index count = std::min(m, n),
              k = needs.leading > 0 ? std::min(needs.leading, count) : count;
  const auto entries = [](const char* name, Index rows, Index cols) {
    return MemoryPlan::block<T>(name, rows, cols);
  };
  const auto matrices = static_cast<double>(needs.matrices);
  Index result_entries = 0;
  for (const auto& [rows, cols] : needs.results) {
    Index size = 0;
    if (__builtin_mul_overflow(rows, cols, &size) ||
        __builtin_add_overflow(result_entries, size, &result_entries)) {
      throw SizeLimit(std::string(needs.result) + " of " + std::to_string(rows) + " x " +
                      std::to_string(cols) + " exceeds the 64-bit address space");
    }
  }
  return {MemoryPlan::all_of("command", {entries("input", m, n * needs.matrices),
                                         MemoryPlan::block<Real<T>>("singular values", count),
                                         entries("U", m, columns_of_u(needs.u, m, k)),
                                         entries("Vh", columns_of_u(needs.v, n, k), n),
                                         svd_memory<T>(m, n, with_vectors),
                                         entries(needs.result, result_entries, 1)}),
          matrices * svd_flops<T>(m, n, values_only), matrices * svd_flops<T>(m, n, with_vectors)};
}

template Forecast forecast<float>(Index, Index, const Needs&, const SvdOptions&);
template Forecast forecast<double>(Index, Index, const Needs&, const SvdOptions&);
template Forecast forecast<std::complex<float>>(Index, Index, const Needs&, const SvdOptions&);
template Forecast forecast<std::complex<double>>(Index, Index, const Needs&, const SvdOptions&);

void add_decomposition_options(CLI::App& verb, DecompositionOptions& options) {
  add_json_option(verb, options.output);
  add_numerical_options(verb, options.numerical);
  add_general_options(verb, options.general);
}

ExitCode show_forecast(const Console& console, const DecompositionOptions& command,
                       const io::Description& d, const Needs& needs) {
  const SvdOptions options = svd_options(command.numerical, console);
  const int threads =
      Execution{.threads = options.threads, .stop = {}, .progress = {}}.thread_count();
  with_type(element_type_of(d.computed_type), [&]<Scalar T>() {
    const Forecast plan = forecast<T>(d.rows, d.cols, needs, options);
    const double rate = blas::measured_gemm_rate<T>(threads);
    const double seconds = plan.flops_of_values / (rate * share_of_values) +
                           (plan.flops - plan.flops_of_values) / (rate * share_of_vectors);
    const std::uint64_t limit = memory_limit(command.numerical.max_memory);
    const bool fits = plan.memory.bytes() <= limit;
    std::vector<report::Fact> facts = {
        {"input",
         shown_name(command.input.path) + ", " + report::format_count(d.rows) + " x " +
             report::format_count(d.cols) + ", " + d.stored_type + ", computed as " +
             d.computed_type +
             (needs.matrices > 1 ? ", " + std::to_string(needs.matrices) + " channels one by one"
                                 : std::string())},
        {"flops", report::format_number(plan.flops, 3)},
        {"memory", report::format_bytes(plan.memory.bytes()) + " at the peak; " +
                       report::format_bytes(limit) +
                       (command.numerical.max_memory != 0 ? " are allowed" : " are there") +
                       (fits ? "" : ": does not fit")},
        {"GEMM", report::format_number(rate / 1e9, 3) + " Gflop/s, measured, " +
                     report::counted(threads, "thread", "threads")},
        {"time", "about " + report::format_seconds(seconds)},
    };
    if (!fits) {
      facts.push_back({"instead", needs.way_out});
    }
    facts.push_back({"plan", plan.memory.to_string()});
    print_outcome(console, command.output, report::fact_list(facts, console.style()),
                  {{"schema", "eckart.forecast/1"},
                   {"file", shown_name(command.input.path)},
                   {"shape", {d.rows, d.cols}},
                   {"dtype", d.computed_type},
                   {"matrices", needs.matrices},
                   {"flops", plan.flops},
                   {"memory_bytes", plan.memory.bytes()},
                   {"memory_limit", limit},
                   {"fits", fits},
                   {"gemm_flops", rate},
                   {"threads", threads},
                   {"seconds", seconds}});
  });
  return ExitCode::ok;
}

}  // namespace eckart::cli
