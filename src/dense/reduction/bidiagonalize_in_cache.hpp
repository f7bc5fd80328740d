#pragma once

// Reduction to bidiagonal form of a matrix that fits in the cache of a core:  A = Q B P^H  as in bidiagonalize.hpp.
//
// One pass over the matrix a step. Step i has left the update  A <- A - v y^H - x w^H  undone; step i + 1 makes it on its way:
//
//   1. column i + 1 is updated alone, and gives the reflector v' (and d);
//   2. for every further column a_j, while it is in registers and the nearest cache:
//        a_j <- a_j - v conj(y_j) - x conj(w_j),   y'_j = tau a_j^H v',   r_j = conj(a_ij) - y'_j,   x' <- x' + a_j r_j;
//   3. r, the conjugated row after the left reflector, gives w' = scale (r - beta e_1) (and e), and since A acts on r - beta e_1
//        x' <- tau_p [ scale (x' - beta a_1) - v' (y'^H w') ],
//      in which  |x' - beta a_1| <= ||A|| ||r - beta e_1|| <= ||A|| / |scale|  up to rounding: nothing cancels that was not small
//      beside ||A||. Where r is so small that products underflow, x' = A w' is computed anew from w'.
//
// Everything is one function without calls, on a copy of A in columns padded to whole cache lines: for n = 16 to 128 the calls
// of a BLAS would cost more than the work. 4 m n^2 - 4/3 n^3 flops, 8 for every entry read and written once; memory for the
// copy and a few vectors. Accuracy as in bidiagonalize.hpp.

#include <eckart/workspace.hpp>

#include "core/simd.hpp"
#include "dense/reduction/bidiagonalize.hpp"

namespace eckart::dense {

/// On the calling thread alone, without a look at the stop token: for matrices of at most a few hundred columns.
template <Scalar T>
void bidiagonalize_in_cache(Bidiagonal<T> b, Workspace& work,
                            Processor processor = this_processor());
template <Scalar T>
[[nodiscard]] MemoryPlan bidiagonalize_in_cache_memory(Index m, Index n);

}  // namespace eckart::dense
