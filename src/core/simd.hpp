#pragma once

// Vectors of the processor, chosen when the program runs.
//
// An inner loop is written once, as a struct with a member  run<bytes>(...)  on vectors of `bytes` bytes, in GCC's and clang's
// own notation (a Pack adds, multiplies and compares lane by lane). `compiled` makes a function of it for each kind of
// processor and picks one:
//
//   struct Dot {
//     template <int bytes>
//     [[gnu::always_inline]] static double run(const double* x, const double* y, Index n) noexcept { ... }
//   };
//   const auto dot = compiled<Dot, double(const double*, const double*, Index)>(this_processor());
//
// The body takes the instructions of the function that it is inlined into, so it, and all that it calls with a Pack, must be
// always_inline; packs never cross a call. The choice depends on the processor alone, so results on one machine do not change
// from run to run. Elsewhere than on x86-64 the base is all there is.

#include <eckart/types.hpp>

#if defined(__x86_64__)
#define ECKART_TARGET(features) __attribute__((target(features)))
#else
#define ECKART_TARGET(features)
#endif

namespace eckart {

/// AVX-512 (F, DQ, VL) with 64-byte vectors; AVX2 and FMA with 32; what the compiler assumes by itself with 16.
enum class Processor { base, fma, avx512 };

/// The most capable processor that this one can stand for.
[[nodiscard]] Processor this_processor() noexcept;

/// A vector of `bytes` bytes in memory aligned to as many.
template <class R, int bytes>
using Pack __attribute__((vector_size(bytes), may_alias)) = R;

/// The same anywhere in memory.
template <class R, int bytes>
using LoosePack __attribute__((vector_size(bytes), may_alias, aligned(alignof(R)))) = R;

template <class R, int bytes>
inline constexpr Index lanes = bytes / static_cast<Index>(sizeof(R));

template <int bytes, class R>
[[gnu::always_inline]] inline Pack<R, bytes> load(const R* from) noexcept {
  return *reinterpret_cast<const LoosePack<R, bytes>*>(from);
}

template <class R, class V>
[[gnu::always_inline]] inline void store(R* to, const V& v) noexcept {
  *reinterpret_cast<LoosePack<R, static_cast<int>(sizeof(V))>*>(to) = v;
}

/// The sum of the lanes by halves: the same order for every way to compile it.
template <class R, int bytes>
[[gnu::always_inline]] inline R sum_of_lanes(const Pack<R, bytes>& v) noexcept {
  R part[lanes<R, bytes>];
  store(part, v);
  for (Index half = lanes<R, bytes> / 2; half > 0; half /= 2) {
    for (Index l = 0; l < half; ++l) {
      part[l] += part[l + half];
    }
  }
  return part[0];
}

template <class Body, class Signature>
struct Compiled;

/// Body::run<bytes> as a function for each kind of processor. (A member of a template may carry a target; a template may not.)
template <class Body, class Result, class... Arguments>
struct Compiled<Body, Result(Arguments...)> {
  using Function = Result (*)(Arguments...) noexcept;

  ECKART_TARGET("avx512f,avx512dq,avx512vl,avx2,fma")
  static Result avx512(Arguments... arguments) noexcept {
    return Body::template run<64>(arguments...);
  }
  ECKART_TARGET("avx2,fma")
  static Result fma(Arguments... arguments) noexcept {
    return Body::template run<32>(arguments...);
  }
  static Result base(Arguments... arguments) noexcept {
    return Body::template run<16>(arguments...);
  }
};

template <class Body, class Signature>
[[nodiscard]] typename Compiled<Body, Signature>::Function compiled(
    Processor processor = this_processor()) noexcept {
  using All = Compiled<Body, Signature>;
  switch (processor) {
    case Processor::avx512:
      return &All::avx512;
    case Processor::fma:
      return &All::fma;
    case Processor::base:
      break;
  }
  return &All::base;
}

}  // namespace eckart
