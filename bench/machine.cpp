#include "machine.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/random.hpp>

#include "blas/gemm.hpp"
#include "blas/machine.hpp"
#include "blas/peak.hpp"

namespace eckart::bench {
namespace {

template <class Work>
double best_seconds(int rounds, Work work) {
  double best = 1e300;
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(
        best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

// a <- b + s c on arrays far larger than any cache (McCalpin's STREAM triad): two reads and a write.
double triad_bandwidth(Index length, int rounds) {
  const auto size = static_cast<std::size_t>(length);
  std::vector<double> a(size), b(size, 1.0), c(size, 2.0);
  const double seconds = best_seconds(rounds, [&] {
    for (std::size_t i = 0; i < size; ++i) {
      a[i] = b[i] + 3.0 * c[i];
    }
  });
  return 3.0 * sizeof(double) * static_cast<double>(length) / seconds;
}

}  // namespace

Machine measure_machine(bool quick) {
  Machine machine;
  machine.processor = blas::processor_name();
  machine.simd = blas::simd_name();
  machine.threads = Execution{}.thread_count();
  machine.peak = blas::measured_peak(1);
  machine.bandwidth = triad_bandwidth(quick ? 8'000'000 : 32'000'000, 5);
  const Index n = quick ? 512 : 2048;
  for (const Index k : {Index{16}, Index{32}, Index{64}, Index{128}, n}) {
    Matrix<double> a(n, k), b(k, n), c(n, n);
    fill_normal(a.view(), Random(1));
    fill_normal(b.view(), Random(2));
    const double seconds = best_seconds(
        5, [&] { blas::gemm<double>(blas::Op::none, blas::Op::none, 1.0, a, b, 1.0, c.view()); });
    machine.products.push_back(
        {static_cast<long>(n), static_cast<long>(k),
         2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(k) / seconds});
  }
  return machine;
}

}  // namespace eckart::bench
