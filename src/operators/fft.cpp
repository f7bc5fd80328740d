// kissfft's C++ template behind fft.hpp: mixed radix, out of place, no state but the table of roots for the factors 2, 3, 4 and 5.
//
// It is compiled twice by GCC on x86-64, for the base processor and for AVX2 with FMA, which takes a fifth off the time; src/core/simd.hpp
// has the reasons for a choice when the program runs.

#include "operators/fft.hpp"

#include <algorithm>
#include <new>

#include <eckart/error.hpp>

// Names of our own: a program may hold another release of kissfft.
#define kissfft kissfft_base
#include <kissfft/kissfft.hh>
#undef kissfft
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#undef KISSFFT_CLASS_HH
#define kissfft kissfft_fma
#include <kissfft/kissfft.hh>
#undef kissfft
#pragma GCC pop_options
#else
template <class R>
using kissfft_fma = kissfft_base<R>;
#endif

namespace eckart {

Index fast_fft_size(Index least) {
  least = std::max<Index>(least, 2);
  Index best = 2;
  while (best < least) {
    best *= 2;
  }
  for (Index fives = 1; fives < best; fives *= 5) {
    for (Index threes = fives; threes < best; threes *= 3) {
      Index size = threes;
      while (size < least) {
        size *= 2;
      }
      best = std::min(best, size);
    }
  }
  return best;
}

template <RealScalar R>
struct Fft<R>::Plan {
  virtual ~Plan() = default;
  virtual void transform(const std::complex<R>* x, std::complex<R>* y) const = 0;
};

template <RealScalar R>
template <class Kissfft>
struct Fft<R>::PlanOf final : Plan {
  explicit PlanOf(Index size) : forward(static_cast<std::size_t>(size), false) {}
  void transform(const std::complex<R>* x, std::complex<R>* y) const override {
    forward.transform(x, y);
  }
  Kissfft forward;
};

template <RealScalar R>
Fft<R>::Fft(Index size, Processor processor) {
  try {
    if (processor == Processor::base) {
      plan_ = std::make_unique<const PlanOf<kissfft_base<R>>>(size);
    } else {
      plan_ = std::make_unique<const PlanOf<kissfft_fma<R>>>(size);
    }
  } catch (const std::bad_alloc&) {
    throw OutOfMemory("an FFT", static_cast<std::uint64_t>(size) * sizeof(std::complex<R>));
  }
}

template <RealScalar R>
Fft<R>::~Fft() = default;

template <RealScalar R>
void Fft<R>::transform(const std::complex<R>* x, std::complex<R>* y) const {
  plan_->transform(x, y);
}

template class Fft<float>;
template class Fft<double>;

}  // namespace eckart
