#include "blas/peak.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include <eckart/execution.hpp>

namespace eckart::blas {
namespace {

constexpr int chains = 12;
constexpr int passes = 5;
constexpr std::int64_t iterations = 1 << 19;

// A vector of N doubles in GCC's and clang's own notation: the operations below become single instructions.
template <int N>
struct VectorOf {
  using type __attribute__((vector_size(N * sizeof(double)))) = double;
};

/// The kernel; returns the flops done. The target attribute of its caller decides the instructions, so it must be inlined.
template <int N>
[[gnu::always_inline]] inline double multiply_add(std::int64_t count, double* sink) {
  using V = typename VectorOf<N>::type;
  V a[chains];
  const V x = V{} + 0.999999;
  const V y = V{} + 1e-6;
  for (int c = 0; c < chains; ++c) {
    a[c] = V{} + 1.0 / (c + 1);
  }
  for (std::int64_t i = 0; i < count; ++i) {
#pragma GCC unroll 12
    for (int c = 0; c < chains; ++c) {
      a[c] = a[c] * x + y;
    }
  }
  V sum = a[0];
  for (int c = 1; c < chains; ++c) {
    sum += a[c];
  }
  *sink = sum[0];
  return 2.0 * N * chains * static_cast<double>(count);
}

#if defined(__x86_64__)
[[gnu::target("avx512f")]] double kernel_avx512(std::int64_t count, double* sink) {
  return multiply_add<8>(count, sink);
}
[[gnu::target("avx2,fma")]] double kernel_avx2(std::int64_t count, double* sink) {
  return multiply_add<4>(count, sink);
}
#endif
double kernel_baseline(std::int64_t count, double* sink) {
  return multiply_add<2>(count, sink);
}

struct Kernel {
  const char* name;
  double (*run)(std::int64_t count, double* sink);
};

Kernel widest_kernel() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    return {"AVX-512", kernel_avx512};
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return {"AVX2 + FMA", kernel_avx2};
  }
#endif
  return {"baseline", kernel_baseline};
}

}  // namespace

std::string simd_name() {
  return widest_kernel().name;
}

double measured_peak(int threads) {
  const Kernel kernel = widest_kernel();
  std::vector<double> sinks(static_cast<std::size_t>(threads));
  const Execution execution{.threads = threads, .stop = {}, .progress = {}};
  double best = 0;
  for (int pass = 0; pass < passes; ++pass) {
    const auto start = std::chrono::steady_clock::now();
    parallel_for(execution, threads,
                 [&](Index i) { kernel.run(iterations, &sinks[static_cast<std::size_t>(i)]); });
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    double unused = 0;
    const double flops_of_one = kernel.run(1, &unused) * static_cast<double>(iterations);
    best = std::max(best, flops_of_one * threads / seconds);
  }
  return best;
}

}  // namespace eckart::blas
