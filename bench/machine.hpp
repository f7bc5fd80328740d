#pragma once

// The limits of the machine, measured in the same run as the contestants: what no decomposition can beat.

#include <string>
#include <vector>

namespace eckart::bench {

/// C (n x n) += A (n x k) B (k x n), double, one thread, in flops a second.
struct ProductRate {
  long n = 0, k = 0;
  double flops_per_second = 0;
};

struct Machine {
  std::string processor, simd;
  int threads = 1;
  double peak = 0;  // flops a second of one thread, double
  double bandwidth =
      0;  // bytes a second read and written by one thread from and to memory: a <- b + s c
  std::vector<ProductRate> products;  // GEMM by inner size
};

[[nodiscard]] Machine measure_machine(bool quick);

}  // namespace eckart::bench
