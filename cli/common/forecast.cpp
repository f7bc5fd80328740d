#include "common/forecast.hpp"

#include <algorithm>

#include "blas/machine.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"

namespace eckart::cli {
namespace {

// Shares of the product's rate, measured on square matrices of order 1000 and 2000 with two threads. The values cost the
// reduction to bidiagonal form, half of whose flops are matrix-vector products that wait for memory; the vectors are products.
constexpr double share_of_values = 0.07;
constexpr double share_of_vectors = 0.4;

Index columns_of_u(Vectors u, Index m, Index k) {
  return u == Vectors::none ? 0 : u == Vectors::thin ? k : m;
}

}  // namespace

template <Scalar T>
Forecast forecast(Index m, Index n, const Needs& needs, const SvdOptions& options) {
  SvdOptions with_vectors = options;
  with_vectors.u = needs.u;
  with_vectors.v = needs.v;
  SvdOptions values_only = options;
  values_only.u = Vectors::none;
  values_only.v = Vectors::none;
  const Index k = std::min(m, n);
  const auto entries = [](const char* name, Index rows, Index cols) {
    Index count = 0;
    if (__builtin_mul_overflow(rows, cols, &count)) {
      throw SizeLimit(std::string(name) + " of " + std::to_string(rows) + " x " +
                      std::to_string(cols) + " exceeds the 64-bit address space");
    }
    return MemoryPlan::block<T>(name, count);
  };
  return {MemoryPlan::all_of(
              "command",
              {entries("input", m, n), MemoryPlan::block<Real<T>>("singular values", k),
               entries("U", m, columns_of_u(needs.u, m, k)),
               entries("Vh", columns_of_u(needs.v, n, k), n), svd_memory<T>(m, n, with_vectors),
               MemoryPlan::block<T>(needs.result, needs.result_entries)}),
          svd_flops<T>(m, n, values_only), svd_flops<T>(m, n, with_vectors)};
}

template Forecast forecast<float>(Index, Index, const Needs&, const SvdOptions&);
template Forecast forecast<double>(Index, Index, const Needs&, const SvdOptions&);
template Forecast forecast<std::complex<float>>(Index, Index, const Needs&, const SvdOptions&);
template Forecast forecast<std::complex<double>>(Index, Index, const Needs&, const SvdOptions&);

ExitCode show_forecast(const Console& console, const InputOptions& input,
                       const NumericalOptions& numerical, const OutputOptions& output,
                       const std::function<Needs(Index, Index)>& needs) {
  const io::Description d = io::describe(input.path, input.reading);
  const SvdOptions options = svd_options(numerical, console);
  const int threads =
      Execution{.threads = options.threads, .stop = {}, .progress = {}}.thread_count();
  with_type(element_type_of(d.computed_type), [&]<Scalar T>() {
    const Forecast plan = forecast<T>(d.rows, d.cols, needs(d.rows, d.cols), options);
    const double rate = blas::measured_gemm_rate<T>(threads);
    const double seconds = plan.flops_of_values / (rate * share_of_values) +
                           (plan.flops - plan.flops_of_values) / (rate * share_of_vectors);
    const std::uint64_t limit = memory_limit(numerical.max_memory);
    const bool fits = plan.memory.bytes() <= limit;
    const std::vector<report::Fact> facts = {
        {"input", shown_name(input.path) + ", " + report::format_count(d.rows) + " x " +
                      report::format_count(d.cols) + ", " + d.stored_type + ", computed as " +
                      d.computed_type},
        {"flops", report::format_number(plan.flops, 3)},
        {"memory", report::format_bytes(plan.memory.bytes()) + " at the peak; " +
                       report::format_bytes(limit) +
                       (numerical.max_memory != 0 ? " are allowed" : " are there") +
                       (fits ? "" : ": does not fit")},
        {"GEMM", report::format_number(rate / 1e9, 3) + " Gflop/s, measured, " +
                     report::counted(threads, "thread", "threads")},
        {"time", "about " + report::format_seconds(seconds)},
        {"plan", plan.memory.to_string()},
    };
    print_outcome(console, output, report::fact_list(facts, console.style()),
                  {{"schema", "eckart.forecast/1"},
                   {"file", input.path},
                   {"shape", {d.rows, d.cols}},
                   {"dtype", d.computed_type},
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
