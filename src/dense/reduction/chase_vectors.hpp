#pragma once

// The orthogonal factors of a bulge chase, applied:  C <- Q2 C,  C <- P2 C, or their adjoints; C n x c.
//
// With H(s, k) for Q(s, k) or P(s, k) of bulge_chase.hpp, both factors are products in the order of the chase:
//
//   H = prod_s prod_k H(s, k),   s ascending from left to right; the H(s, k) of one s work on disjoint rows and commute
//
// Method: blocks of reflectors as matrix products (Bischof, Sun, Lang 1994; Haidar, Kurzak, Luszczek 2013). The reflectors of g
// consecutive sweeps s0 ... s0 + g - 1 at one k are, each a row below the one before, a parallelogram V of (b + g - 1) x g; they
// make one diamond  H(s0, k) ... H(s0 + g - 1, k) = I - V S V^H  (Schreiber and Van Loan 1989).
//
// Order of the diamonds. Let s < s'. H(s, k) and H(s', k') share rows only if s' + 1 + k' b <= s + (k + 1) b, so only if k' <= k;
// all others commute. So the product is the same in every order that keeps H(s, k) left of H(s', k') for s < s' and k' <= k, and
//
//   prod_k prod_s H(s, k),   k descending, s ascending from left to right
//
// is one, of all sweeps or of any number of consecutive ones. Hence C <- H C takes blocks of `together` sweeps from the last to
// the first; in a block k = 0, 1, ...; for each k the groups from the last to the first, a diamond each; and H^H C takes all in
// the opposite order, each with S^H. The diamonds of one k move through V, which lies in this order, and up C by g rows each, so
// that a block passes through C once, over a window of b + `together` rows that stays in cache.
//
// Columns of C do not meet: a strip of them takes all diamonds before the next strip, and threads share the strips. A strip is
// copied row by row into tiles that fit a core's own cache, V is read where the chase left it (chase_vectors_kernels.hpp), and the
// triangles S are made once for all strips.
//
// Cost: 2 n^2 c flops a side (complex: 8) times 1 + (g + 10) / (4 b) or so for the diamonds' corners; n^2 g / (2 b) entries for
// the triangles. g = 1, for few columns, needs no triangle. What becomes of a column depends on g alone, not on the columns beside it. Normwise backward stable.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

#include "blas/gemm.hpp"
#include "dense/reduction/bulge_chase.hpp"

namespace eckart::dense {

struct ChaseVectorsOptions {
  Index diamond = 0;     // sweeps of a group, g; 0: as measured
  Index together = 128;  // sweeps that pass through C together, rounded up to whole groups
  Index few = 16;        // so many columns or fewer take reflectors one by one: g = 1
  Processor processor = this_processor();
};

/// c (n x c, column-major) <- Q2 c (Op::none) or Q2^H c (Op::adjoint). Stops and reports progress at every strip.
template <Scalar T>
void apply_chase_left(const Execution& execution, blas::Op op, const Chase<T>& chase,
                      MatrixView<T> c, const ChaseVectorsOptions& options, Workspace& work);

/// c (n x c, column-major) <- P2 c (Op::none) or P2^H c (Op::adjoint).
template <Scalar T>
void apply_chase_right(const Execution& execution, blas::Op op, const Chase<T>& chase,
                       MatrixView<T> c, const ChaseVectorsOptions& options, Workspace& work);

/// For either of them, on c columns with so many threads (Execution::thread_count()).
template <Scalar T>
[[nodiscard]] MemoryPlan apply_chase_memory(Index n, Index band, Index c, Index threads,
                                            const ChaseVectorsOptions& options);

}  // namespace eckart::dense
