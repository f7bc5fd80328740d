#pragma once

// What the machine can do, measured in the moment: the unit in which times are estimated and compared.

#include <string>

#include <eckart/types.hpp>

namespace eckart::blas {

/// "Intel(R) Xeon(R) Processor @ 2.80GHz"; "unknown processor" where the system does not say.
[[nodiscard]] std::string processor_name();

/// Flops a second of C <- A B with this BLAS on `threads` threads: the best of a few products of `gemm_size`, about a tenth of
/// a second in all. Complex flops are counted as real ones (8 for a multiply-add).
inline constexpr Index gemm_size = 768;
template <Scalar T>
[[nodiscard]] double measured_gemm_rate(int threads);

}  // namespace eckart::blas
