#pragma once

// A block W of b vectors becomes orthonormal, and orthogonal to a basis:
//
//   W = Z C + Q R        W  m x b    Z  m x p orthonormal    C  p x b    Q  m x b    R  b x b upper triangular
//
// Block Gram-Schmidt with Cholesky QR inside, repeated until nothing changes ("twice is enough": Giraud, Langou, Rozloznik, The
// loss of orthogonality in the Gram-Schmidt orthogonalization process, Comput. Math. Appl. 50, 2005). A round:
//
//   0. before the first one, where W is known to be a combination of the last columns of Z but for a new direction, as in a Lanczos
//      recurrence: W <- W minus its part in those alone
//   1. C' = Z^H W,  W <- W - Z C'
//   2. W^H W = R'^H R' (Cholesky),  W <- W R'^-1;  C <- C + C' R,  R <- R' R
//   3. done when no column became shorter than half in this round: then it lost no digits (Daniel, Gragg, Kaufman, Stewart, Math.
//      Comp. 30, 1976). The first round is the last only after 0, or where there is no Z: else C' is as large as W, and errors of
//      Z's orthogonality would grow with it from block to block
//
// All of it is matrix products: 4 m b (p + b) flops a round, two rounds as a rule, one after 0. Where the columns of W are so dependent that
// Cholesky would lose them, step 2 goes column by column (modified Gram-Schmidt). A column of which nothing is left beyond
// `negligible` gets a zero on R's diagonal and a random direction orthogonal to everything as its vector, so that the factors are
// orthonormal always and W = Z C + Q R holds to `negligible`.

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/random.hpp>
#include <eckart/workspace.hpp>

namespace eckart::truncated {

/// `w` becomes Q; c (p x b) and r (b x b) are written whole. p + b <= m. `random` gives the directions that replace what is
/// missing. `coupled`: step 0 takes so many columns; 0 leaves it out. Returns how many had to be replaced.
template <Scalar T>
Index orthogonalize(const Execution& execution, MatrixView<const T> z, MatrixView<T> w,
                    MatrixView<T> c, MatrixView<T> r, Real<T> negligible, const Random& random,
                    Workspace& work, Index coupled = 0);

template <Scalar T>
[[nodiscard]] MemoryPlan orthogonalize_memory(Index p, Index b);

/// The columns of x alone: orthonormal, each in the span of itself and those before it. Allocates its working memory.
template <Scalar T>
void make_orthonormal(const Execution& execution, MatrixView<T> x, const Random& random);

/// X^H X of many rows and few columns, pieces of the rows shared over the threads: a BLAS shares out the few entries of the result.
template <Scalar T>
[[nodiscard]] Matrix<T> gram(const Execution& execution, MatrixView<const T> x);

}  // namespace eckart::truncated
