#pragma once

// The discrete Fourier transform  y_k = sum_j x_j exp(-2 pi i j k / N),  by kissfft; fft.cpp alone knows it.
//
// There is no inverse: F^-1 x = conj(F conj(x)) / N, and who needs it has a pass over x to conjugate in anyway.
//
// Cost: about 5 N log2 N flops; a table of N roots of unity. Error: a few eps log2 N, relative in the 2-norm.

#include <complex>
#include <memory>

#include <eckart/types.hpp>

#include "core/simd.hpp"

namespace eckart {

/// The smallest N >= least, and >= 2, without prime factors above 5.
[[nodiscard]] Index fast_fft_size(Index least);

/// A transform of one size. It may be used by several threads at once.
template <RealScalar R>
class Fft {
 public:
  /// `size` from fast_fft_size(). Throws OutOfMemory.
  explicit Fft(Index size, Processor processor = this_processor());
  ~Fft();
  Fft(const Fft&) = delete;
  Fft& operator=(const Fft&) = delete;

  /// y <- F x. x and y do not overlap.
  void transform(const std::complex<R>* x, std::complex<R>* y) const;

 private:
  struct Plan;
  template <class Kissfft>
  struct PlanOf;
  std::unique_ptr<const Plan> plan_;
};

}  // namespace eckart
