// eckart_bench: how fast, in units that mean the same on every machine, and how right.
//
// 1. The machine's limits: peak of the vector units, memory bandwidth, GEMM by inner size.
// 2. For each problem everyone runs in turn (race.hpp) on copies of the same matrix, together with the product that is the
//    unit: for square problems n x n x n, one GEMM; for tall ones A^T A. Times are given in seconds and in units.
// 3. Each run with more than one thread is a process of its own (alone.hpp).
// 4. Each result's errors are computed with the same formulas (decomposition.hpp), after the timing.
//
// The results go to JSON; bench/render.py makes docs/benchmarks.md of it.

#include <chrono>
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>
#include <eckart/svd.hpp>

#include "alone.hpp"
#include "blas/info.hpp"
#include "contestants.hpp"
#include "machine.hpp"
#include "race.hpp"

namespace eckart::bench {
namespace {

using Json = nlohmann::ordered_json;

// Rounds of a problem however long it takes: with the warm-up, three runs of everyone.
constexpr int least_rounds = 2;

struct Settings {
  std::vector<std::string> lapack;
  std::string faer, output = "benchmark.json", only;
  bool quick = false;
  double budget = 2;  // seconds a problem, at least
};

struct ProblemClass {
  std::string name;  // a heading of docs/benchmarks.md
  std::string type;
  std::vector<Problem> problems;
  std::string kind = "normal";  // of the gallery, with its parameters
};

template <Scalar T>
constexpr const char* type_name = "double";
template <>
constexpr const char* type_name<float> = "float";
template <>
constexpr const char* type_name<std::complex<float>> = "complex float";
template <>
constexpr const char* type_name<std::complex<double>> = "complex double";

std::vector<ProblemClass> problem_classes(bool quick, int all_threads) {
  const auto squares = [](const std::vector<Index>& sizes, bool vectors, int threads) {
    std::vector<Problem> problems;
    for (const Index n : sizes) {
      problems.push_back({n, n, vectors, threads});
    }
    return problems;
  };
  const std::vector<Index> sizes = quick
                                       ? std::vector<Index>{32, 128}
                                       : std::vector<Index>{16, 32, 64, 128, 256, 512, 1024, 2048};
  const std::vector<Index> large =
      quick ? std::vector<Index>{128} : std::vector<Index>{512, 1024, 2048};
  const std::vector<Index> medium = quick ? std::vector<Index>{128} : std::vector<Index>{512, 1024};
  const std::vector<Index> typed =
      quick ? std::vector<Index>{32} : std::vector<Index>{64, 256, 1024};
  const std::vector<std::pair<Index, Index>> tall =
      quick ? std::vector<std::pair<Index, Index>>{{2000, 20}}
            : std::vector<std::pair<Index, Index>>{{200'000, 100}, {1'000'000, 32}, {20'000, 500}};
  std::vector<ProblemClass> classes = {
      {"Square, thin vectors, 1 thread", "double", squares(sizes, true, 1)},
      {"Square, values alone, 1 thread", "double", squares(sizes, false, 1)},
      {"Tall, thin vectors, 1 thread", "double", {}},
      {"Tall, values alone, 1 thread", "double", {}},
      {fmt::format("Square, thin vectors, {} threads", all_threads), "double",
       squares(large, true, all_threads)},
      {fmt::format("Square, values alone, {} threads", all_threads), "double",
       squares(large, false, all_threads)},
  };
  for (const auto& [m, n] : tall) {
    classes[2].problems.push_back({m, n, true, 1});
    classes[3].problems.push_back({m, n, false, 1});
  }
  for (const char* type : {"float", "complex float", "complex double"}) {
    classes.push_back(
        {fmt::format("Square, thin vectors, 1 thread, {}", type), type, squares(typed, true, 1)});
    classes.push_back(
        {fmt::format("Square, values alone, 1 thread, {}", type), type, squares(typed, false, 1)});
  }
  // Spectra that deflate much, little, and not at all; reflectors=4 makes U and V cheap.
  for (const char* kind :
       {"svd_geo cond=1e12 reflectors=4", "svd_cluster1 cond=1e6 reflectors=4"}) {
    classes.push_back({fmt::format("Square, thin vectors, 1 thread, {}", kind), "double",
                       squares(medium, true, 1), kind});
  }
  for (const char* type : {"double", "complex double", "float"}) {
    for (const bool vectors : {true, false}) {
      classes.push_back({fmt::format("Smallest, {}, 1 thread, {}",
                                     vectors ? "thin vectors" : "values alone", type),
                         type, squares({2, 4, 6, 8}, vectors, 1)});
    }
  }
  classes.push_back({"Wide, thin vectors, 1 thread", "double", {}});
  for (const auto& [m, n] : tall) {
    classes.back().problems.push_back({n, m, true, 1});
  }
  return classes;
}

// The unit of a problem: for a square one C = A B, for a tall one the Gram matrix A^H A.
template <Scalar T>
double seconds_of_unit(blas::ConstView<T> a, Matrix<T>& product, int threads, int count) {
  const Execution execution{.threads = threads, .stop = {}, .progress = {}};
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) {
    const bool is_wide = a.rows() < a.cols();
    blas::gemm<T>(execution, is_wide ? blas::Op::none : blas::Op::adjoint,
                  is_wide ? blas::Op::adjoint : blas::Op::none, T(1), a, a, T(0), product.view());
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// KIND [NAME=VALUE...] with the size of the problem put behind the kind.
std::string spec_of(const std::string& kind, const Problem& problem) {
  const std::size_t end = std::min(kind.find(' '), kind.size());
  return fmt::format("{} {}x{}{}", kind.substr(0, end), problem.m, problem.n, kind.substr(end));
}

template <Scalar T>
Json run_problem(const std::string& kind, const Problem& problem, const Peers& peers,
                 const Settings& settings) {
  const Matrix<T> a = generate<T>(spec_of(kind, problem));
  const Index shorter = std::min(problem.m, problem.n);
  Matrix<T> product(shorter, shorter);
  const auto field = contestants<T>(peers, problem);
  std::vector<Decomposition<T>> results(field.size());

  const bool has_threads = problem.threads > 1;
  const auto measured = [&](const std::function<double(int)>& run) -> std::function<double(int)> {
    if (!has_threads) {
      return run;
    }
    return [run](int count) {
      return alone([&] {
        run(1);  // starts its threads
        return run(count);
      });
    };
  };
  const auto run_contestant = [&](std::size_t i, int count) {
    double seconds = 0;
    for (int run = 0; run < count; ++run) {
      Matrix<T> copy = a;
      const auto start = std::chrono::steady_clock::now();
      field[i].run(copy.view(), problem, results[i]);
      seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    return seconds;
  };
  std::vector<std::function<double(int)>> runs = {
      measured([&](int count) { return seconds_of_unit(a, product, problem.threads, count); })};
  for (std::size_t i = 0; i < field.size(); ++i) {
    runs.push_back(measured([&, i](int count) { return run_contestant(i, count); }));
  }
  const std::vector<Timing> timings =
      race(runs, settings.budget, settings.quick ? 1 : least_rounds);

  // Values are judged by Jacobi's where that takes seconds, else by our own audited ones.
  SvdOptions reference;
  reference.driver = shorter <= 512 ? Driver::jacobi : Driver::automatic;
  reference.threads = 1;  // this process starts none: alone.hpp
  const std::vector<Real<T>> exact = singular_values(a, reference);
  const double unit = timings.front().best;
  Json record = {
      {"m", problem.m},
      {"n", problem.n},
      {"vectors", problem.vectors},
      {"threads", problem.threads},
      {"unit", {{"what", problem.m == problem.n ? "GEMM" : "A^T A"}, {"seconds", unit}}}};
  for (std::size_t i = 0; i < field.size(); ++i) {
    const Errors errors = has_threads ? alone([&] {
      run_contestant(i, 1);
      return errors_of<T>(a, results[i], exact);
    })
                                      : errors_of<T>(a, results[i], exact);
    const Timing& timing = timings[i + 1];
    record["contestants"].push_back({{"name", field[i].name},
                                     {"seconds", timing.best},
                                     {"median", timing.median},
                                     {"units", timing.best / unit},
                                     {"residual", errors.residual},
                                     {"orthogonality", errors.orthogonality},
                                     {"values", errors.values}});
    fmt::print(
        "  {:>8} x {:<6} {:<24} {:10.3f} ms {:8.2f} {}  residual {:.2f}  orthogonality {:.2f}  "
        "values {:.2f}\n",
        problem.m, problem.n, field[i].name, 1e3 * timing.best, timing.best / unit,
        problem.m == problem.n ? "GEMMs" : "x A^T A", errors.residual, errors.orthogonality,
        errors.values);
  }
  std::cout << std::flush;
  return record;
}

Json run_problem_of_type(const std::string& type, const std::string& kind, const Problem& problem,
                         const Peers& peers, const Settings& settings) {
  if (type == type_name<float>) {
    return run_problem<float>(kind, problem, peers, settings);
  }
  if (type == type_name<std::complex<float>>) {
    return run_problem<std::complex<float>>(kind, problem, peers, settings);
  }
  if (type == type_name<std::complex<double>>) {
    return run_problem<std::complex<double>>(kind, problem, peers, settings);
  }
  return run_problem<double>(kind, problem, peers, settings);
}

Json describe(const Machine& machine, const Peers& peers) {
  const blas::Info blas = blas::info();
  Json json = {{"processor", machine.processor},
               {"simd", machine.simd},
               {"threads", machine.threads},
               {"peak_gflops", machine.peak / 1e9},
               {"bandwidth_gbytes", machine.bandwidth / 1e9},
               {"blas", blas.version}};
  for (const ProductRate& rate : machine.products) {
    json["gemm"].push_back({{"n", rate.n}, {"k", rate.k}, {"gflops", rate.flops_per_second / 1e9}});
  }
  for (const auto& library : peers.lapack) {
    json["peers"].push_back(library->name());
  }
  return json;
}

void run(const Settings& settings) {
  const Peers peers = load_peers(settings.lapack, settings.faer);
  const Machine machine = measure_machine(settings.quick);
  Json report = {{"schema", "eckart.bench/1"}, {"machine", describe(machine, peers)}};
  fmt::print("{}, {}: peak {:.1f} Gflop/s, memory {:.1f} GB/s\n", machine.processor, machine.simd,
             machine.peak / 1e9, machine.bandwidth / 1e9);
  for (const ProductRate& rate : machine.products) {
    fmt::print("  GEMM {} x {} x {}: {:.1f} Gflop/s\n", rate.n, rate.k, rate.n,
               rate.flops_per_second / 1e9);
  }
  for (const ProblemClass& problem_class : problem_classes(settings.quick, machine.threads)) {
    if (problem_class.name.find(settings.only) == std::string::npos) {
      continue;
    }
    fmt::print("{}\n", problem_class.name);
    Json records;
    for (const Problem& problem : problem_class.problems) {
      records.push_back(
          run_problem_of_type(problem_class.type, problem_class.kind, problem, peers, settings));
    }
    report["classes"].push_back({{"name", problem_class.name}, {"problems", records}});
    std::ofstream(settings.output) << report.dump(2) << '\n';
  }
}

}  // namespace
}  // namespace eckart::bench

int main(int argc, char** argv) {
  eckart::bench::Settings settings;
  CLI::App app(
      "Times Eckart against its peers, in units of matrix products, with the errors of each");
  app.add_option("--lapack", settings.lapack,
                 "a peer's library: the wheel scipy-openblas64 or MKL's libmkl_rt");
  app.add_option("--faer", settings.faer, "libeckart_faer.so, built from bench/faer");
  app.add_option("-o,--output", settings.output, "where the JSON goes")->capture_default_str();
  app.add_option("--only", settings.only, "only the problem classes whose name contains this");
  app.add_option("--seconds", settings.budget, "time for a problem")->capture_default_str();
  app.add_flag("--quick", settings.quick,
               "small problems, one round: a test of the benchmark itself");
  CLI11_PARSE(app, argc, argv);
  try {
    eckart::bench::run(settings);
  } catch (const std::exception& error) {
    std::cerr << "eckart_bench: " << error.what() << '\n';
    return 1;
  }
}
