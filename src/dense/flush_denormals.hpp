#pragma once

// While it lives, this thread's processor rounds results below the smallest normal number to 0 and
// reads such operands as 0.
//
// Arithmetic with denormal numbers is a hundred times slower than any other, and factoring an
// exactly rank-deficient matrix produces them in masses: each step leaves rounding errors eps times
// smaller than the step before, down to 1e-308 (a 200 x 200 matrix of zeros and ones of rank 2: 28
// ms of pivoted QR with, 1 ms without). For a matrix whose largest entry is about 1 they carry no
// information. Elsewhere than on x86 this does nothing.
//
// Nor with a BLAS that decides about its threads itself: they keep their own setting, half of a product would be flushed and half
// not, and a column that is zero to one half is divided by its norm in the other (600 x 20 with columns of 1e-308: NaN).

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "blas/threads.hpp"

namespace eckart::dense {

class FlushDenormals {
 public:
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;
#if defined(__SSE2__)
  FlushDenormals() noexcept : control_(_mm_getcsr()) {
    constexpr unsigned flush_to_zero = 1U << 15, denormals_are_zero = 1U << 6;
    if (blas::controls_threads()) {
      _mm_setcsr(control_ | flush_to_zero | denormals_are_zero);
    }
  }
  ~FlushDenormals() { _mm_setcsr(control_); }

 private:
  unsigned control_;
#else
  FlushDenormals() noexcept {}
  ~FlushDenormals() {}
#endif
};

}  // namespace eckart::dense
