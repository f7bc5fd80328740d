#pragma once

// Reduction to bidiagonal form in one stage:  A = Q B P^H,  A m x n, m >= n, B n x n real upper bidiagonal with diagonal d,
// superdiagonal e. Column i gives the reflector v_i of Q, row i the reflector w_i of P,
//
//   A_{i+1} = (I - conj(tau) v v^H) A_i (I - tau_p w w^H) = A_i - v y^H - x w^H,   y = tau A_i^H v,   x = tau_p (A_i - v y^H) w.
//
// Method: Golub and Kahan 1965, blocked as in Dongarra, Hammarling and Sorensen 1989 (LAPACK's gebrd), with both products of a
// step fused into one pass over the matrix as in Howell, Demmel, Fulton, Hammarling and Marmol, Cache efficient
// bidiagonalization using BLAS 2.5 operators, ACM TOMS 34(3), 2008. Inside a panel A stays as it is, and what is to be
// subtracted from it is kept as  M N^H,  M = [v_0 x_0 v_1 x_1 ...] (m x 2q),  N = [y_0 w_0 y_1 w_1 ...] (n x 2q). Step i:
//
//   1. x_{i-1} is completed, and with it the column:  a_i - M conj(N(i, :));  it gives v, tau, d.
//   2. s = M^H v.
//   3. The pass, in pieces of columns j > i that the threads share, each with an x of its own:
//        y_j = tau (a_j^H v - N(j, :) s),   r_j = conj(a_ij) - N(j, :) conj(M(i, :)) - y_j,   x <- x + a_j r_j:
//      row i after the left reflector, conjugated, is known entry by entry as soon as a_j has been multiplied by v, and a_j is
//      then still in the cache for the second product, which LAPACK makes in a second pass.
//   4. r gives w = scale (r - beta e_1), tau_p, e. A w = scale (x - beta a_{i+1}), where nothing cancels that was not small beside
//      ||A|| (see bidiagonalize_in_cache.hpp), also where r is small.
//   5. t = N^H w;  x = tau_p (A w - M t), made in step 1 of the next column, where M is read anyway.
//   6. After a panel: A <- A - M N^H, one product of inner size 2 panel.
//
// What is left when it fits into the cache of a core is done by bidiagonalize_in_cache.
//
// Cost: 4 m n^2 - 4/3 n^3 flops (four times that for complex), half of them in the passes, which read each entry of the rest of
// A once a step: n = 2048 in double 23 GB in all. The products with M and N add about 12 panel (m + n) n. Memory: M, N and a few
// vectors. Accuracy: backward stable: B is that of A + E, ||E|| of order m eps ||A||_F. It succeeds for every finite scaled matrix;
// the driver checks that B is finite. Stops and reports progress at every panel. Bit-identical for any number of threads.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

#include "blas/gemm.hpp"
#include "core/simd.hpp"

namespace eckart::dense {

/// The reduction of one matrix: Q's reflectors stand in the columns of `a` below the diagonal, P's, conjugated, in its rows right
/// of the superdiagonal, as LAPACK's gebrd leaves them.
template <Scalar T>
struct Bidiagonal {
  MatrixView<T> a;
  std::span<Real<T>> d;  // n
  std::span<Real<T>> e;  // n - 1
  std::span<T> tau_q;    // n
  std::span<T> tau_p;    // n, the last one 0
};

/// Where the methods change over. The defaults are measured (EPYC of 2023, AVX-512, 1 MiB of second and 32 MiB of third cache a core,
/// double): in cache wins up to n = 400, panels of 16 to 32 columns differ by less than a tenth.
struct BidiagonalizeOptions {
  Index panel = 24;                  // columns and rows of a panel
  std::uint64_t cache = 1280 << 10;  // bytes: a rest of A of at most this size is reduced in cache
  Index piece = 1 << 19;             // bytes of A that a piece of a pass reads
  Index rows = 1024;                 // entries of a vector, or rows of M or N, in a piece
  Processor processor = this_processor();
};

template <Scalar T>
void bidiagonalize(const Execution& execution, Bidiagonal<T> b, const BidiagonalizeOptions& options,
                   Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan bidiagonalize_memory(Index m, Index n,
                                              const BidiagonalizeOptions& options);

/// The reference: the same with LAPACK's labrd and gebd2, in panels of `panel` columns.
template <Scalar T>
void bidiagonalize_lapack(const Execution& execution, Bidiagonal<T> b, Index panel,
                          Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan bidiagonalize_lapack_memory(Index m, Index n, Index panel);

}  // namespace eckart::dense
