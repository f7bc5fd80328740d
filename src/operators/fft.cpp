// kissfft's C++ template behind fft.hpp: mixed radix, out of place, no state but the table of roots for the factors 2, 3, 4 and 5.

#include "operators/fft.hpp"

#include <new>

#include <kissfft/kissfft.hh>

#include <eckart/error.hpp>

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
  kissfft<R> forward;
};

template <RealScalar R>
Fft<R>::Fft(Index size) {
  try {
    plan_ = std::make_unique<const Plan>(kissfft<R>(static_cast<std::size_t>(size), false));
  } catch (const std::bad_alloc&) {
    throw OutOfMemory("an FFT", static_cast<std::uint64_t>(size) * sizeof(std::complex<R>));
  }
}

template <RealScalar R>
Fft<R>::~Fft() = default;

template <RealScalar R>
void Fft<R>::transform(const std::complex<R>* x, std::complex<R>* y) const {
  plan_->forward.transform(x, y);
}

template class Fft<float>;
template class Fft<double>;

}  // namespace eckart
