#pragma once

// The orthogonal factors of a bulge chase, applied:  C <- Q2 C,  C <- P2 C, or their adjoints; C n x c.

#include <span>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/workspace.hpp>

#include "blas/gemm.hpp"
#include "dense/bulge_chase.hpp"

namespace eckart::dense {

struct ChaseVectorsOptions {
  Index diamond = 0;  // sweeps whose reflectors are applied together; 0: as measured
  Index few = 16;     // so many columns or fewer take reflectors one by one
};

/// c (n x c, column-major) <- Q2 c (Op::none) or Q2^H c (Op::adjoint).
template <Scalar T>
void apply_chase_left(const Execution& execution, blas::Op op, const Chase<T>& chase,
                      MatrixView<T> c, const ChaseVectorsOptions& options, Workspace& work);

/// c (n x c, column-major) <- P2 c (Op::none) or P2^H c (Op::adjoint).
template <Scalar T>
void apply_chase_right(const Execution& execution, blas::Op op, const Chase<T>& chase,
                       MatrixView<T> c, const ChaseVectorsOptions& options, Workspace& work);

/// For either of them, on c columns.
template <Scalar T>
[[nodiscard]] MemoryPlan apply_chase_memory(Index n, Index band, Index c,
                                            const ChaseVectorsOptions& options);

}  // namespace eckart::dense
