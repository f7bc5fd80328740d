#pragma once

// One step of a bulge chase (bulge_chase.hpp) on the processor's vectors.
//
//   O (b x c; in the first step of a sweep its one row is done already) above D (c x c), c <= b, in the same columns
//
//   1. y = conj(tau) O^H u,  u and tau those of Q(s, k-1)       first row of O less y, conjugated: v, tau' of P(s, k)
//   2. w = O v - u (y, v)                                       O <- O - u y^H - w tau' v^H
//   3. w = D v, first column of D less tau' w: u', tau''        D <- D - u' z^H - w tau' v^H,  z^H = conj(tau'') u'^H (D - w tau' v^H)
//
// (y^H stands for the row of the numbers y.) So O and D are read three times and written once, where four reflectors one after
// the other would read them eight times and write them four; the third reading of O, and the second and third of D, are of a
// tile of columns that is still in the innermost cache. 16 b c real or 64 b c complex flops.
//
// Complex columns are what std::complex makes of them, real and imaginary parts in turn, and are worked on as real columns of
// twice the length: with i u beside u, re(u^H x) and im(u^H x) are the real inner products (u, x) and (i u, x), and
// x - u y = x - u re(y) - (i u) im(y). No product needs a shuffle.
//
// All loads and stores of O and D are of aligned vectors: a window begins at the aligned row at or above its first, ends at the
// one at or below its last, and the vectors u and w are zero in the rows that do not belong to it, which are therefore left as
// they are. Reflectors are made as LAPACK's larfg makes them, with sums of squares that may not underflow to a value without
// precision: where they are out of a safe range, the column is scaled by a power of two first.

#include "core/simd.hpp"

namespace eckart::dense {

template <Scalar T>
struct ChaseStep {
  Real<T>* corner = nullptr;  // first row and column of O
  Index stride = 0;           // reals from a column to the next, a multiple of 64 bytes
  Index rows = 0;             // of O
  Index size = 0;             // c
  bool head = false;          // the first step of a sweep

  // u of Q(s, k-1) and of Q(s, k), each chase_vector_reals() long, and their tau.
  const Real<T>* before = nullptr;
  T before_tau{};
  Real<T>* after = nullptr;
  T after_tau{};

  // Where v and u' are kept, padded with zeros to `kept` entries; or null.
  T* keep_right = nullptr;
  T* keep_left = nullptr;
  Index kept = 0;
  T right_tau{};

  Real<T>* scratch = nullptr;  // chase_scratch_reals()
};

/// Reals in one vector of a step (for complex types u and i u together) and in its scratch, for a band of b.
template <Scalar T>
[[nodiscard]] Index chase_vector_reals(Index band) noexcept;
template <Scalar T>
[[nodiscard]] Index chase_scratch_reals(Index band) noexcept;

/// The step compiled for one kind of processor. It sets after, after_tau, right_tau and what is kept.
template <Scalar T>
using ChaseKernel = void (*)(ChaseStep<T>* step, Index band) noexcept;
template <Scalar T>
[[nodiscard]] ChaseKernel<T> chase_kernel(Processor processor = this_processor()) noexcept;

}  // namespace eckart::dense
