#pragma once

// Singular values and vectors of a real upper bidiagonal matrix by implicit QR iteration.
//
//   B(d, e) = L diag(s) R^T   (n x n);   U <- U L,   V <- V R,   s descending
//
// Method. Golub and Kahan's sweeps with the shift of the 2 x 2 block at the end; where a shift would cost the small values their
// relative accuracy, the sweep without shift of Demmel and Kahan (SIAM J. Sci. Stat. Comput. 11(5), 1990), which has that
// accuracy. A block whose large entries are at the lower end is swept upwards. The rotations of several sweeps are kept and go
// through the columns of U and V together, in vectors (rotation_kernels.hpp; Van Zee, van de Geijn and Quintana-Orti, ACM TOMS
// 40(3), 2014).
//
//   1. Find the lowest block without a zero beside its diagonal; choose its direction.
//   2. Set to zero what is negligible beside the diagonal.
//        relative: against every small value that it could change (Demmel and Kahan, convergence criteria 1 and 2)
//        absolute: against eps max(|d|, |e|); enough, and faster, inside divide and conquer
//   3. A block of 2 is solved at once: one-sided Jacobi gives the right rotation, the larger column the left one.
//   4. Otherwise choose the shift and sweep, keeping the rotations; when `sweeps_together` are kept, or the direction changes,
//      apply them.
//   5. Signs into V, then sort.
//
// Cost: about 2 sweeps a value; 12 n^3 flops for both sides, at the speed of the wave, and about 2 n^2 times the latency of making
// two rotations one after the other (60 ns): for n below 64 that is most of it.
// Measured (double, one thread of an EPYC of 2023, both sides; in brackets LAPACK's bdsqr): n = 16: 10 us (20), 32: 42 (91 - 100),
// 64: 0.2 ms (0.7), 128: 1.05 (4.5 - 5.0), 256: 6.6 (93 - 110).
// Accuracy: relative, values to a few n eps each; absolute, n eps |B|. Vectors orthogonal to a few n eps.
// Fails when `sweeps_per_value * n` sweeps were not enough, and at once on NaN: returns false. A stop that is requested
// throws Cancelled within `sweeps_together` sweeps.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

namespace eckart::dense {

struct BidiagonalQrOptions {
  bool relative = true;  // small values to relative accuracy; see step 2
  Index sweeps_together =
      16;  // sweeps whose rotations are applied together; a multiple of fused_sequences
  Index sweeps_per_value = 12;  // 2 are usual
};

/// Entries of R that bidiagonal_qr() needs for an n x n matrix.
[[nodiscard]] Index bidiagonal_qr_scratch(Index n, const BidiagonalQrOptions& options = {});

/// d: the diagonal on entry, the descending values on exit. e: n - 1 entries, destroyed. u, v: n columns of unit row stride, any
/// number of rows; empty: not wanted.
template <RealScalar R>
[[nodiscard]] bool bidiagonal_qr(const Execution& execution, std::span<R> d, std::span<R> e,
                                 MatrixView<R> u, MatrixView<R> v, std::span<R> scratch,
                                 const BidiagonalQrOptions& options = {});

}  // namespace eckart::dense
