#pragma once

// What BLAS the engine runs on, as `eckart info` and `eckart --version` show it.

#include <string>

namespace eckart::blas {

struct Info {
  std::string choice;   // the CMake option: openblas, mkl, blis, system, custom
  std::string library;  // path of the shared library that dgemm came from
  std::string version;  // as the library says it: "OpenBLAS 0.3.34 ..."; empty when it does not say
  std::string kernel;   // the processor kernel that it chose; empty when it does not say
  int integer_bits = 0;           // 32 (LP64) or 64 (ILP64)
  bool is_private = false;        // a copy of our own, whose thread count nobody else sees
  bool controls_threads = false;  // Eckart runs it with one thread and splits the work itself
};

[[nodiscard]] Info info();

/// Products of the four types against sums of exact small integers: false when the library computes
/// wrongly, as OpenBLAS 0.3.4 to 0.3.12 did on some AVX-512 processors. A few milliseconds.
[[nodiscard]] bool self_test();

}  // namespace eckart::blas
