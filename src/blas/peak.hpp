#pragma once

// The processor's own peak: how many multiply-adds a second its vector units can do, measured and not looked up, since clock
// and port count differ between processors that call themselves by one name.
//
//   1. `chains` independent accumulators a_i <- a_i * x + y live in registers. A fused multiply-add takes about four cycles
//      and up to two start in each, so eight chains keep the units full; twelve leave a margin and still fit in sixteen
//      registers.
//   2. One pass does `chains` * width * 2 flops an iteration, no memory touched. The best of several short passes counts: an
//      interruption can only slow a pass down.
//   3. The kernel is compiled three times, for AVX-512, AVX2 with FMA, and the compiler's baseline (whose multiply and add are
//      two instructions), and the widest that the processor has is run. With more threads each runs its own, at the same time.
//
// Cost: about 30 ms. Accuracy: a few percent; a shared machine shows less than it has.

#include <string>

namespace eckart::blas {

/// "AVX-512", "AVX2 + FMA", "baseline": the widest instructions that this processor and the measurement know.
[[nodiscard]] std::string simd_name();

/// Flops a second in double precision, all of `threads` at once. Single precision has twice as many.
[[nodiscard]] double measured_peak(int threads);

}  // namespace eckart::blas
