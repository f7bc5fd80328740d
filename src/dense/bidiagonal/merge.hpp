#pragma once

// One merge of divide and conquer: from the decompositions of two blocks to that of the bidiagonal matrix that holds both.
//
// Steps 1 to 3 of arrow.hpp (the coupling row, deflation, roots and weights of the secular equation), and between and after them
//
//   4. The kept columns of diag(U1, 1, U2) go to a packed copy, ordered by where their entries are,
//        | upper  full           |  nl rows
//        |        full  z  lower |  nr + 1 rows        (z: the column of the new row)
//      so that blocks of zeros are not multiplied; the deflated ones move to the end of the node, once.
//   5. The left vectors of M in the same order of rows, and two products into the columns 0 .. k - 1 of U. The same for V.
//   6. The order of all values, without moving columns (step 4 of arrow.hpp).
//
// Cost: at most 2 n^3 flops of products without deflation, n^3 for U and n^3 for V; about 8 passes of k^2 divisions.

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

#include "dense/bidiagonal/arrow.hpp"

namespace eckart::dense {

/// Memory of one merge; each array belongs to the block alone. Counts for a block of n rows.
template <RealScalar R>
struct MergeMemory : ArrowMemory<R> {
  R* row_pole;    // n
  R* row_weight;  // n
  R* packed;      // n (n / 2 + 2)
  R* vectors;     // n n
};

/// With u n x n and v n x n or (n + 1) x (n + 1).
template <RealScalar R>
struct MergeProblem : ArrowProblem<R> {
  Index wanted;  // columns of U and V that are wanted, those of the largest values
};

/// Returns false when the secular equation was not solved.
template <RealScalar R>
[[nodiscard]] bool merge(const Execution& execution, const MergeProblem<R>& problem,
                         const MergeKernels<R>& kernels, const MergeMemory<R>& memory);

}  // namespace eckart::dense
