#pragma once

// Reduction to a band, the first of two stages:  A = Q1 [B; 0] P1^H,  A m x n, m >= n, B n x n upper triangular with b
// superdiagonals.
//
// Method: block Householder (Grosser and Lang, Efficient parallel reduction to bidiagonal form, Parallel Comput. 25, 1999), its two
// updates merged into one. With b columns done, the rest of A is an mr x b panel and C = [C1; C2], b and mr - b rows, r columns:
//
// 1. Panel:  panel = Q R,  Q = I - V T V^H.                                        R is B's diagonal block
// 2. Z = C^H V T  (r x b),  so that  Q^H C = C - V Z^H.
// 3. C1 <- C1 - V1 Z^H,  V = [V1; V2].
// 4. Rows:  C1 = [L 0] P^H,  P = I - W S W^H, by QR of C1^H.                       L is B's block beside the diagonal
// 5. X = (C2 W - V2 (Z^H W)) S  (mr - b x b),  so that  (C2 - V2 Z^H) P = C2 - V2 Z^H - X W^H.
// 6. C2 <- C2 - [V2 X] [Z W]^H.
//
// The order of the text book applies Q and then P and passes over C six times in a step (read, read, write twice); here C is read
// in 2 and 5 and read and written in 6: four passes, and the product of 6 has twice the inner size.
//
// Cost: 4 m n^2 - 4/3 n^3 flops (four times that for complex), all in products but the panels' (6 b n (m - n/3)) and n^2 b times a
// few. Memory: 2 b (m + n) entries for [V X] and [Z W], b (m + n) for products before T and S and for packing.
//
// Applying Q1 or P1: the blocks with their T as they are (packed_reflectors.hpp).
//
// Storage. V stands in the columns of A below its diagonal, W^H in its rows right of the band, T and S, b x n each, aside: nothing is
// formed again when Q1 and P1 are applied.
//
// Accuracy: B is the band of A + E, ||E|| of order m eps ||A||_F, for every finite scaled matrix: nothing here fails. NaN goes through.
// Stops and reports progress at every panel; between the products of a panel it looks at the stop token.

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

#include "blas/gemm.hpp"
#include "dense/reduction/panel_qr.hpp"

namespace eckart::dense {

struct BandOptions {
  Index band = 0;  // b; 0: band_width() chooses
  PanelOptions panel = {};
};

/// The band that options.band asks for, or the one that serves n best; never beyond n - 1, but at least 1.
template <Scalar T>
[[nodiscard]] Index band_width(Index n, const BandOptions& options);

/// The reduction of one matrix. Step i of the method begins at column j = i b and keeps T in t_left and S in t_right, both at
/// columns j, j + 1, ...
template <Scalar T>
struct BandReduction {
  MatrixView<T> a;        // m x n, column-major
  MatrixView<T> t_left;   // b x n
  MatrixView<T> t_right;  // b x n
  Index band = 1;         // b >= 1
};

/// reduction.a holds A before and B, V and W^H after. reduction.band rules; options.band is not looked at.
template <Scalar T>
void reduce_to_band(const Execution& execution, BandReduction<T> reduction,
                    const BandOptions& options, Workspace& work);
template <Scalar T>
[[nodiscard]] MemoryPlan reduce_to_band_memory(Index m, Index n, Index band,
                                               const BandOptions& options);

/// band(i, j) <- B(i, j) for 0 <= j - i <= b: those entries of the view are written and no others.
template <Scalar T>
void copy_band(const BandReduction<T>& reduction, MatrixView<T> band);

/// c (m x cols) <- op(Q1) c and c (n x cols) <- op(P1) c; op is none or adjoint. 4 m n cols - 2 n^2 cols flops, in strips of
/// columns that the threads share.
template <Scalar T>
void apply_band_left(const Execution& execution, blas::Op op, const BandReduction<T>& reduction,
                     MatrixView<T> c, Workspace& work);
template <Scalar T>
void apply_band_right(const Execution& execution, blas::Op op, const BandReduction<T>& reduction,
                      MatrixView<T> c, Workspace& work);
/// Enough for either on `cols` columns, with so many threads (Execution::thread_count()).
template <Scalar T>
[[nodiscard]] MemoryPlan apply_band_memory(Index m, Index n, Index cols, Index band, Index threads);

}  // namespace eckart::dense
