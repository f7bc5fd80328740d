#include "blas/machine.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/random.hpp>

#include "blas/gemm.hpp"

namespace eckart::blas {
namespace {

constexpr double least_seconds = 0.1;
constexpr int least_products = 3;

}  // namespace

std::string processor_name() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown processor";
}

template <Scalar T>
double measured_gemm_rate(int threads) {
  using Clock = std::chrono::steady_clock;
  Matrix<T> a(gemm_size, gemm_size), b(gemm_size, gemm_size), c(gemm_size, gemm_size);
  fill_normal<T>(a, Random(1));
  fill_normal<T>(b, Random(2));
  const Execution execution{.threads = threads, .stop = {}, .progress = {}};
  const auto n = static_cast<double>(gemm_size);
  const double flops = (ComplexScalar<T> ? 8.0 : 2.0) * n * n * n;
  double fastest = 1e300;
  double total = 0;
  // The first product wakes threads and caches, the best one counts.
  for (int product = 0; product < least_products || total < least_seconds; ++product) {
    const auto start = Clock::now();
    gemm<T>(execution, Op::none, Op::none, T{1}, a, b, T{0}, c);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    fastest = std::min(fastest, seconds);
    total += seconds;
  }
  return flops / fastest;
}

template double measured_gemm_rate<float>(int);
template double measured_gemm_rate<double>(int);
template double measured_gemm_rate<std::complex<float>>(int);
template double measured_gemm_rate<std::complex<double>>(int);

}  // namespace eckart::blas
