#pragma once

#include <string>

namespace eckart::cli {

/// The version of the tool: "0.1.0".
[[nodiscard]] std::string version();

/// What --version prints: version, BLAS, threads, SIMD.
[[nodiscard]] std::string version_text();

/// "OpenBLAS 0.3.34, kernel SkylakeX, 64-bit integers, private copy".
[[nodiscard]] std::string blas_text();

}  // namespace eckart::cli
